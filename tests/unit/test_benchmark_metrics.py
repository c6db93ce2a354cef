"""What the redaction benchmark computes, by value: its metrics, where tokens stood, what survives, when a target is met."""

from __future__ import annotations

import pytest

from benchmarks.redaction.conversations import Raw, fields_of
from benchmarks.redaction.logs import hidden_characters, is_bad, squeezed, survivors
from benchmarks.redaction.metrics import ALL, count, f2, is_caught, mask
from benchmarks.redaction.ours import aligned
from benchmarks.redaction.peers import hidden, without
from benchmarks.redaction.spoiling import wrong_calls
from benchmarks.redaction.targets import TARGETS, Target, judged
from goldworks.conversations.records import Message, Turn
from goldworks.redaction import Document, Field


def test_f2_weighs_recall_four_times() -> None:
    assert f2(0.5, 1.0) == pytest.approx(5 * 0.5 / (4 * 0.5 + 1.0))
    assert f2(1.0, 0.5) == pytest.approx(2.5 / 4.5)
    assert f2(0.0, 0.0) == 0.0
    assert f2(None, 1.0) is None


def test_a_span_is_caught_at_ninety_percent_of_its_letters_and_digits() -> None:
    text = "call 555-123-4567 now"
    start, end = 5, 17
    assert is_caught(text, mask(len(text), [(5, 16, "X")]), start, end), "9 of 10 digits"
    assert not is_caught(text, mask(len(text), [(5, 15, "X")]), start, end), "8 of 10 digits"
    assert is_caught(text, mask(len(text), [(5, 8, "A"), (9, 12, "B"), (13, 17, "C")]), start, end), "hyphens do not count"


def test_recall_takes_any_type_and_precision_its_own() -> None:
    text = "Rosa 12345 x"
    table = count([text], [[(0, 4, "PERSON"), (5, 10, "PHONE")]], [[(0, 4, "PLACE"), (5, 8, "PHONE"), (11, 12, "PHONE")]])
    person, phone, place, everything = table["PERSON"], table["PHONE"], table["PLACE"], table[ALL]
    assert (person.span_recall, person.span_precision) == (1.0, None), "gone, though not as a person"
    assert (place.span_recall, place.span_precision, place.precision) == (None, 0.0, 0.0)
    assert (phone.span_recall, phone.recall) == (0.0, 3 / 5)
    assert (phone.span_precision, phone.precision) == (1 / 2, 3 / 4)
    assert (everything.precision, everything.recall) == (7 / 8, 7 / 9)
    assert (everything.span_precision, everything.span_recall) == (2 / 3, 1 / 2)
    assert everything.f2 == pytest.approx(f2(7 / 8, 7 / 9))


def test_characters_under_two_findings_count_once() -> None:
    table = count(["Rosa Lind"], [[(0, 9, "PERSON")]], [[(0, 4, "PERSON"), (0, 9, "PERSON")]])
    assert (table[ALL].found_chars, table[ALL].caught_chars, table["PERSON"].found_chars) == (8, 8, 8)


@pytest.mark.parametrize(
    ("text", "redacted", "values", "expected"),
    [
        ("no value", "no value", {}, []),
        ("I am Rosa.", "I am <PERSON_1>.", {}, [(5, 9, "PERSON")]),
        (
            "Rosa Lind r@x.org!",
            "<PERSON_1> <EMAIL_ADDRESS_1>!",
            {"<PERSON_1>": "Rosa Lind"},
            [(0, 9, "PERSON"), (10, 17, "EMAIL_ADDRESS")],
        ),
        ("<PERSON_1> wrote to Rosa", "<PERSON_1> wrote to <PERSON_2>", {}, [(20, 24, "PERSON")]),
        ("Rosa and Lind", "<PERSON_1> and <PERSON_2>", {"<PERSON_1>": "Rosamunde"}, [(0, 4, "PERSON"), (9, 13, "PERSON")]),
    ],
)
def test_tokens_are_put_back_to_the_stretches_they_stand_for(
    text: str, redacted: str, values: dict[str, str], expected: list[tuple[int, int, str]]
) -> None:
    assert aligned(text, redacted, values) == expected


def test_a_redacted_text_of_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not come from"):
        aligned("Rosa is here", "<PERSON_1> was here", {})


def test_a_planted_value_survives_wherever_it_stands_in_its_conversation() -> None:
    def planted(conversation: str, entity: str, text: str, is_pii: bool = True, variant: str = "plain") -> dict[str, object]:
        return {
            "conversation_id": conversation, "entity": entity, "text": text, "is_pii": is_pii, "variant": variant,
            "line_state": "ok",
        }  # fmt: skip

    texts = {"a": squeezed("call 555-\n0199 now"), "b": squeezed("order 17 of <PERSON_1>")}
    truth = [
        planted("a", "PHONE_NUMBER", "555-01\u200b99", variant="zero_width"),
        planted("b", "PERSON", "Rosa"),
        planted("b", "ORDER_ID", "order 17", is_pii=False),
        planted("b", "NON_LUHN_NUMBER", "4111", is_pii=False),
        planted("gone", "EMAIL_ADDRESS", "ORDER 17"),
        planted("a", "IBAN", "555", is_pii=True) | {"line_state": "damaged"},
    ]
    found = survivors(texts, truth)
    assert [(one.group, one.stands, is_bad(one)) for one in found] == [
        ("disguised", True, True),
        ("names_addresses", False, False),
        ("look_alike", True, False),
        ("not_luhn", False, True),
        ("plain", True, True),
    ]


def test_characters_that_are_gone() -> None:
    assert hidden_characters("I am Rosa Lind.", "I am <PERSON_1>.") == 9
    assert hidden_characters("nothing", "nothing") == 0
    assert hidden_characters("<PERSON_1> met Rosa", "<PERSON_1> met <PERSON_2>") == 4, "a token in the text hides nothing"


@pytest.mark.parametrize(
    ("limit", "is_least", "value", "word"),
    [(0.9, True, 0.9, "met"), (0.9, True, 0.89, "MISSED"), (0.02, False, 0.02, "met"), (0.0, False, 0.001, "MISSED")],
)
def test_targets_are_met_at_their_limit(limit: float, is_least: bool, value: float, word: str) -> None:
    line = judged(Target("what", limit, is_least, lambda figures: figures["it"]), {"it": value})
    assert line is not None
    assert line[3] == word


def test_a_target_whose_part_did_not_run_has_no_line() -> None:
    assert all(judged(target, {}) is None for target in TARGETS)
    assert judged(Target("what", 0.5, True, lambda figures: figures["it"]), {"it": None}) is None


def test_a_wrong_call_differs_in_one_argument_that_another_conversation_gave() -> None:
    def raw(name: str, city: str) -> Raw:
        call = {"name": "find", "arguments": {"city": city}}
        return Raw(Document(name, (Field("0", "assistant", "tool_calls", [call]),)), [])

    wrong = wrong_calls([raw("a", "Oslo"), raw("b", "Rome"), raw("c", "Oslo")])
    assert wrong["a"] == [([{"name": "find", "arguments": {"city": "Oslo"}}], [{"name": "find", "arguments": {"city": "Rome"}}])]
    assert wrong["b"][0][1] == [{"name": "find", "arguments": {"city": "Oslo"}}]


def test_a_conversation_holds_each_content_once() -> None:
    hello = Message("user", "hello")
    turns = [
        Turn(trace_id="1", conversation_id="a", history=(hello,), reply=(Message("assistant", "hi"),)),
        Turn(trace_id="2", conversation_id="a", history=(hello, Message("assistant", "hi"), Message("user", "bye"))),
    ]
    assert [(one.role, one.value) for one in fields_of(turns)] == [("user", "hello"), ("assistant", "hi"), ("user", "bye")]


def test_what_a_peer_finds_is_taken_out_and_nothing_is_joined() -> None:
    assert without("call 555 now", [(5, 8, "PHONE"), (6, 8, "DATE")]) == "call \ufffc now"
    assert without("nothing", []) == "nothing"
    assert hidden("call 555 now", [(5, 8, "PHONE"), (6, 8, "DATE")]) == 3
