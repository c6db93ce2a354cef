"""A value found anywhere in a conversation is redacted everywhere in it, on every day, under one token."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldworks.digests import keyed_digest
from goldworks.errors import PolicyError
from goldworks.redaction import Document, Entity, Field, Known, RedactedDocument, Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT

KEY = b"\x06" * 32
POLICY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(POLICY, KEY, "off")


def said(redactor: Redactor, *values: object, **more: object) -> RedactedDocument:
    names = {str: "text", list: "passages", dict: "tool_result"}
    fields = tuple(Field(f"m{i}", "user", names[type(value)], value) for i, value in enumerate(values))
    return redactor.redact([Document("c", fields, **more)])[0]


def values(document: RedactedDocument) -> list[object]:
    return [field.value for field in document.fields]


VARIANTS = [
    ("my password is Blue*Otter9", "try Blue*Otter9 again", "Blue*Otter9"),
    ("my name is Rosa Lindqvist", "Thanks ROSA LINDQVIST", "ROSA"),
    ("my name is Rosa Lindqvist", "thanks rosa  lindqvist", "lindqvist"),
    ("my name is Rosa Lindqvist", "Welcome, Rosa!", "Rosa"),
    ("my name is Rosa Lindqvist", "Ms Lindqvist's order", "Lindqvist"),
    ("my name is Rosa Lindqvist", "Lindqvist, Rosa", "Lindqvist"),
    ("my name is Rosa Lindqvist", "user rosalindqvist77", "rosalindqvist"),
    ("my name is Rosa Lindqvist", "Rosa\nLindqvist", "Lindqvist"),
    ("my name is Rosa Lindqvist", "R\u200bosa Lind\u200bqvist", "qvist"),
    ("my name is Rosa Lindqvist", "name%3DRosa%20Lindqvist", "Lindqvist"),
    ("my name is Rosa Lindqvist", "Um9zYSBMaW5kcXZpc3Q=", "Um9zYSBMaW5kcXZpc3Q"),
    ("my name is José Núñez", "Thanks, Jose Nunez", "Nunez"),
    ("my name is José Núñez", "Thanks, NUÑEZ", "NUÑEZ"),
    ("my name is José Núñez", 'Thanks, "Jos\\u00e9 N\\u00fa\\u00f1ez"', "Jos"),
    ("mail rosa@posteo.example", "so rosa\\u0040posteo.example", "posteo"),
    ("my name is Jose Nunez", "Thanks, José Nu\u0301ñez", "José"),
    ("my name is Łukasz Żak", "Thanks, Lukasz Zak", "Lukasz"),
    ("ich heiße Jörg Müller", "Thanks, Jorg Muller", "Muller"),
    ("ich heiße Jörg Müller", "Thanks, Mr Mueller", "Mueller"),
    ("ich heiße Jörg Müller", "to joergmueller77", "mueller"),
    ("call +1 312-555-0199", "ring 3125550199", "3125550199"),
    ("call 312-555-0199", "ring 31 25 55 01 99", "31 25 55 01 99"),
    ("mail rosa@posteo.example", "so rosa at posteo dot example", "posteo"),
    ("mail rosa@posteo.example", "ROSA@POSTEO.EXAMPLE", "POSTEO"),
    ("I live at 77 Old Mill Road", "to 77 old mill road then", "old mill"),
    ("Ich wohne in der Jägerstraße 14", "an die Jagerstrasse-14", "Jager"),
]


@pytest.mark.parametrize(("first", "second", "gone"), VARIANTS)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_value_goes_everywhere_in_its_variants(redactor: Redactor, first: str, second: str, gone: str, is_first: bool):
    order = (first, second) if is_first else (second, first)
    document = said(redactor, *order)
    assert gone in second
    assert not any(gone in str(value) for value in values(document))
    tokens = {entity.token for field in document.fields for entity in field.entities}
    assert len(tokens) == 1, "one value, one token"


def test_it_reaches_every_kind_of_field(redactor: Redactor):
    fields = (
        Field("m1", "user", "text", "my password is Blue*Otter9"),
        Field(
            "m2",
            "assistant",
            "tool_calls",
            [{"id": "1", "name": "login", "arguments": {"note": "Blue*Otter9", "Blue*Otter9": 1}}],
        ),
        Field("m3", "tool", "tool_result", {"echo": ["Blue*Otter9"]}),
        Field("m4", "retrieval", "passages", [{"id": "p", "score": 0.5, "text": "see Blue*Otter9"}], False),
        Field("t1", "feedback", "feedback_comment", "Blue*Otter9 did not work"),
    )
    (document,) = redactor.redact([Document("c", fields)])
    assert "Otter9" not in str(document)
    assert document.fields[3].value == [{"id": "p", "score": 0.5, "text": "see <PASSWORD_1>"}]
    placed = {entity.field for field in document.fields for entity in field.entities}
    assert placed == {
        "text", "tool_calls.0.arguments.note", "tool_calls.0.arguments.<PASSWORD_1>#key", "tool_result.echo.0",
        "passages.0.text", "feedback_comment",
    }  # fmt: skip


def test_common_words_that_are_names_stay_in_lower_case(redactor: Redactor):
    document = said(redactor, "my name is Will May", "In may it will arrive, Will.")
    assert values(document)[1] == "In may it will arrive, <PERSON_1>."


def test_tokens_are_numbered_by_first_appearance_and_taken_ones_are_left_out(redactor: Redactor):
    document = said(redactor, "a@x.example then b@x.example then A@X.example", "was <EMAIL_ADDRESS_4>, c@x.example")
    assert values(document) == [
        "<EMAIL_ADDRESS_5> then <EMAIL_ADDRESS_6> then <EMAIL_ADDRESS_5>",
        "was <EMAIL_ADDRESS_4>, <EMAIL_ADDRESS_7>",
    ]


def test_entities_tell_where_tokens_stand_and_never_the_value(redactor: Redactor):
    document = said(redactor, "é a@x.example b@x.example", {"to": {"phone": 3125550199}})
    first, second = document.fields
    assert [first.value[e.start : e.end] for e in first.entities] == ["<EMAIL_ADDRESS_1>", "<EMAIL_ADDRESS_2>"]
    (number,) = second.entities
    assert (number.field, number.start, number.end, second.value) == ("tool_result.to.phone", 0, 1, {"to": {"phone": 0}})
    assert first.entities[0].value_hash == keyed_digest(KEY, "EMAIL_ADDRESS", "axexample")


def known(entity: Entity) -> Known:
    return Known(entity.token, entity.type, entity.value_hash, entity.variant_hashes, entity.variant_words)


@pytest.mark.parametrize(
    ("first", "later", "gone"),
    [
        ("my password is Blue*Otter9", "does Blue*Otter9 work now?", "Otter9"),
        ("my name is Rosa Lindqvist", "hi, rosa lindqvist here", "lindqvist"),
        ("my name is Rosa Lindqvist", "thanks, Lindqvist", "Lindqvist"),
        ("I live at 77 Old Mill Road", "77 old mill road again", "mill"),
        ("mail rosa@posteo.example", "rosa@posteo.example", "posteo"),
        ("call +1 312-555-0199", "it was 3125550199", "3125550199"),
    ],
)
def test_a_value_of_an_earlier_day_is_known_by_its_hashes(redactor: Redactor, first: str, later: str, gone: str):
    (entity,) = said(redactor, first).fields[0].entities
    document = said(redactor, later, known=(known(entity),))
    assert gone not in str(document)
    assert [e.token for e in document.fields[0].entities] == [entity.token]


def test_what_is_found_today_is_removed_from_what_was_stored(redactor: Redactor):
    stored = (Field("old", "user", "text", "the word is Blue*Otter9, <PERSON_1>"), Field("older", "user", "text", "hello"))
    document = said(redactor, "my password is Blue*Otter9", stored=stored)
    (rewritten,) = document.rewritten
    assert (rewritten.owner, rewritten.value) == ("old", "the word is <PASSWORD_1>, <PERSON_1>")
    (entity,) = rewritten.entities
    assert rewritten.value[entity.start : entity.end] == entity.token == document.fields[0].entities[0].token


def test_names_of_the_model_are_found_in_prose_and_carried_on():
    names = load_redactor(POLICY, KEY, "policy")
    fields = (
        Field("m1", "user", "text", "Yesterday I spoke with Margaret Thornton about the delivery."),
        Field("m2", "system", "text", "Margaret Thornton is the owner.", False),
        Field("m3", "assistant", "text", "The Config file and JFK are fine."),
    )
    document = names.redact([Document("c", fields)])[0]
    assert values(document) == [
        "Yesterday I spoke with <PERSON_1> about the delivery.",
        "<PERSON_1> is the owner.",
        "The Config file and JFK are fine.",
    ]


def changed(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "redaction.yml"
    text = POLICY.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


OWN = """own_patterns:
  - {name: staff, type: STAFF_NUMBER, pattern: '\\bS-\\d{6}\\b', must_match: [S-123456], must_not_match: [S-12]}
"""


def test_a_users_own_pattern_works_and_its_examples_are_tried(tmp_path: Path):
    path = changed(tmp_path, "own_patterns: []\n", OWN)
    assert values(said(load_redactor(path, KEY, "off"), "ask S-778899", "778899 S-778899"))[0] == "ask <STAFF_NUMBER_1>"
    with pytest.raises(PolicyError, match="staff: does not match its own example 'S-1'"):
        load_redactor(changed(tmp_path, "own_patterns: []\n", OWN.replace("S-123456", "S-1")), KEY, "off")
    with pytest.raises(PolicyError, match="staff: matches 'S-123457', which it must not"):
        load_redactor(changed(tmp_path, "own_patterns: []\n", OWN.replace("S-12]", "S-123457]")), KEY, "off")
    with pytest.raises(PolicyError, match="staff: not a regular expression of RE2"):
        load_redactor(changed(tmp_path, "own_patterns: []\n", OWN.replace("\\d{6}", "(?=x)")), KEY, "off")


def test_an_unknown_rule_and_a_wrong_score_are_refused(tmp_path: Path):
    with pytest.raises(PolicyError, match=r"rules\.emial: unknown rule"):
        load_redactor(changed(tmp_path, "  email: 0.98", "  emial: 0.98"), KEY, "off")
    with pytest.raises(PolicyError, match=r"rules\.email: 98"):
        load_redactor(changed(tmp_path, "  email: 0.98", "  email: 98"), KEY, "off")


def test_an_allowed_value_stays(tmp_path: Path):
    redactor = load_redactor(changed(tmp_path, "allow: [", "allow: [help@shop.example, "), KEY, "off")
    assert values(said(redactor, "Help@shop.example or me@shop.example")) == ["Help@shop.example or <EMAIL_ADDRESS_1>"]


def test_a_name_beside_an_address_made_from_it_stays_a_name(redactor: Redactor):
    text = "my name is Rosa Lindqvist, rosa@posteo.example. Rosa Lindqvist"
    (done,) = redactor.redact([Document("c", (Field("m", "user", "text", text),))])
    assert done.fields[0].value == "my name is <PERSON_1>, <EMAIL_ADDRESS_1>. <PERSON_1>"
