"""Entities of a stored text after a later day put tokens into it."""

from __future__ import annotations

from typing import Any

from goldworks.intake.reveal import merge_offsets


def row(leaf: str, token: str, nth: int = 0) -> dict[str, Any]:
    start = -1
    for _ in range(nth + 1):
        start = leaf.index(token, start + 1)
    return {"token": token, "start": start, "end": start + len(token)}


def test_old_tokens_move_and_what_was_typed_like_a_token_is_none():
    before = "<PERSON_1> wrote Blue*Otter9 to <EMAIL_ADDRESS_2>, <PHONE_NUMBER_1>"
    after = before.replace("Blue*Otter9", "<PASSWORD_1>")
    old = [row(before, "<EMAIL_ADDRESS_2>"), row(before, "<PHONE_NUMBER_1>")]  # <PERSON_1> was typed by somebody
    merged = merge_offsets(after, old, [row(after, "<PASSWORD_1>")])
    assert [one["token"] for one in merged] == ["<PASSWORD_1>", "<EMAIL_ADDRESS_2>", "<PHONE_NUMBER_1>"]
    assert all(after[one["start"] : one["end"]] == one["token"] for one in merged)


def test_a_run_that_was_interrupted_finds_its_own_rows_and_changes_nothing():
    before = "<PERSON_1> wrote Blue*Otter9 and Blue*Otter9 to <EMAIL_ADDRESS_2>"
    after = before.replace("Blue*Otter9", "<PASSWORD_1>")
    new = [row(after, "<PASSWORD_1>"), row(after, "<PASSWORD_1>", 1)]
    merged = merge_offsets(after, [row(before, "<EMAIL_ADDRESS_2>")], new)
    assert len(merged) == 3
    assert merge_offsets(after, merged, new) == merged


def test_one_value_known_and_placed_again_keeps_a_row_for_each_place():
    before = "mail rosa@posteo.example or <EMAIL_ADDRESS_1>"
    after = before.replace("rosa@posteo.example", "<EMAIL_ADDRESS_1>")
    merged = merge_offsets(after, [row(before, "<EMAIL_ADDRESS_1>")], [row(after, "<EMAIL_ADDRESS_1>")])
    assert [(one["start"], one["end"]) for one in merged] == [(5, 22), (26, 43)]
