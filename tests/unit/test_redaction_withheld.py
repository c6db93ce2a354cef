"""What cannot be redacted is withheld with its reason, alone, and never passed through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from goldworks.errors import GoldworksError
from goldworks.intake.workers import Workers
from goldworks.redaction import Document, Field, RedactedDocument, Redactor, load_redactor, propagation, scanning
from goldworks.redaction.propagation import Needle, Needles
from goldworks.redaction.records import Span
from goldworks.settings import PROJECT_ROOT

POLICY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"


@pytest.fixture
def redactor() -> Redactor:
    return load_redactor(POLICY, b"\x08" * 32, "off")


def nested(depth: int) -> Any:
    value: Any = "rosa@posteo.example"
    for _ in range(depth):
        value = [value]
    return value


def redact(redactor: Redactor, *values: Any) -> RedactedDocument:
    fields = tuple(Field(f"m{i}", "tool", "tool_result", value) for i, value in enumerate(values))
    return redactor.redact([Document("c", fields)])[0]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (nested(500), "too_deep"),
        ({"a": 2**64, "mail": "rosa@posteo.example"}, "not_json"),
        ({"a": -(2**63) - 1}, "not_json"),
        ({7: "rosa@posteo.example"}, "not_json"),
        ({"a": b"rosa@posteo.example"}, "not_json"),
        ("rosa@posteo.example " * 300_000, "too_long"),
    ],
)
def test_a_field_that_cannot_be_stored_safely_is_withheld_alone(redactor: Redactor, value: Any, reason: str):
    before, withheld, after = redact(redactor, "write to rosa@posteo.example", value, {"to": "rosa@posteo.example"}).fields
    assert (withheld.value, withheld.is_withheld, withheld.entities) == (f"<WITHHELD:{reason}>", True, ())
    assert before.value == "write to <EMAIL_ADDRESS_1>"
    assert after.value == {"to": "<EMAIL_ADDRESS_1>"}


@pytest.mark.parametrize("value", ["\ud800 rosa@posteo.example \udfff", {"\udc00": "a\ud800b"}, ["\x00\x1a", "\u200b"]])
def test_halves_of_surrogate_pairs_are_replaced_and_the_rest_redacted(redactor: Redactor, value: Any):
    (field,) = redact(redactor, value).fields
    assert not field.is_withheld
    assert "posteo" not in msgspec.json.encode(field).decode()  # and it can be encoded


def test_a_key_that_tells_of_a_value_which_nobody_can_see_withholds_nothing(redactor: Redactor):
    (field,) = redact(redactor, {"email": "\x1a", "phone": "\u200b"}).fields
    assert (field.value, field.entities) == ({"email": "\x1a", "phone": "\u200b"}, ())


def test_a_text_whose_search_fails_is_withheld_and_nothing_of_it_is_in_the_marker(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch
):
    normalise = scanning.normalise

    def failing(text: str) -> Any:
        if "otter" in text:
            raise ValueError(f"cannot read {text}")
        return normalise(text)

    monkeypatch.setattr(scanning, "normalise", failing)
    documents = [
        Document("bad", (Field("m1", "user", "text", "otter a@x.example"), Field("m2", "user", "text", "b@x.example"))),
        Document("good", (Field("m1", "user", "text", "c@x.example"),)),
    ]
    bad, good = redactor.redact(documents)
    assert [(field.value, field.is_withheld) for field in bad.fields] == [
        ("<WITHHELD:error>", True),
        ("<EMAIL_ADDRESS_1>", False),
    ]
    assert [field.value for field in good.fields] == ["<EMAIL_ADDRESS_1>"]


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> bool:
        raise ValueError("otter")

    monkeypatch.setattr(scanning.RedactionPolicy, "is_allowed", failing)


def test_a_redactor_that_fails_at_many_fields_stops_the_intake_and_says_where(monkeypatch: pytest.MonkeyPatch):
    broken(monkeypatch)
    texts = [f"write to rosa{number}@posteo.example" for number in range(21)] + ["nothing here"] * 379
    fields = [Field(f"m{number}", "user", "text", text) for number, text in enumerate(texts)]
    documents = [Document(field.owner, (field,)) for field in fields]
    with Workers(0, POLICY, b"\x08" * 32, "off") as workers:
        with pytest.raises(GoldworksError) as raised:
            workers.redact(documents)
        assert "21 of 400 fields, 21 times with ValueError at scanning.py:" in str(raised.value)
        assert "otter" not in str(raised.value)
        assert "rosa" not in str(raised.value)
        done = workers.redact(documents[1:])  # as many as an odd log may hold
    assert [one.fields[0].value for one in done[:20]] == ["<WITHHELD:error>"] * 20


def test_a_conversation_that_never_comes_to_rest_is_withheld(redactor: Redactor, monkeypatch: pytest.MonkeyPatch):
    """As when a rule found something in every text that it was given: then nothing can be said of what is left."""

    def restless(self: scanning.Scanner, texts: Iterator[tuple[str, str]]) -> dict[tuple[str, str], tuple[Span, ...]]:
        letters = {item: max(at for at, ch in enumerate(item[0]) if ch.islower()) for item in texts}
        return {item: (Span(at, at + 1, "X", "x", "pattern", 1.0, item[0][at]),) for item, at in letters.items()}

    monkeypatch.setattr(scanning.Scanner, "scan", restless)
    (field,) = redact(redactor, "abcdefghijklmnopqrstuvwxyz").fields
    assert field.value == "<WITHHELD:unstable>"


def test_more_matches_than_a_text_can_have_are_not_worked_through(redactor: Redactor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scanning, "_MOST_MATCHES", -500)
    crowded = "call 312-555-0199 " * 20
    monkeypatch.setattr(scanning.Scanner, "_remember", lambda *_: None)
    many, few = redact(redactor, crowded, "x" * 600 + " rosa@posteo.example").fields
    assert many.value == "<WITHHELD:too_much_work>"
    assert few.value == "x" * 600 + " <EMAIL_ADDRESS_1>"
    assert [leak.rule for leak in redactor.find_leaks([crowded])] == ["too_much_work"]


def test_a_text_made_to_hold_a_value_everywhere_is_withheld(redactor: Redactor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(propagation, "MOST_PLACES", 100)
    secret, told = "my password is 7777", "7 " * 200
    first, second = redact(redactor, secret, told).fields
    assert first.value == "my password is <PASSWORD_1>"
    assert second.value == "<WITHHELD:too_much_work>"
    stored = (Field("old", "user", "text", told),)
    document = redactor.redact([Document("c", (Field("m", "user", "text", secret),), stored=stored)])[0]
    assert [field.value for field in document.rewritten] == ["<WITHHELD:too_much_work>"]


def test_many_values_are_looked_up_as_a_few_are_looked_for():
    forms = [f"{letter}{number}x" for letter in "abé王" for number in range(40)] + ["王", "小明", "a1"]
    text = "".join(forms[::3]) + "zzz" + "a1x" * 3 + "王"
    few = {(at, form) for form in forms for at in range(len(text)) if text.startswith(form, at)}
    needles = Needles()
    for form in forms:
        needles.append(Needle(form, form))
    here = needles.within(text)
    assert [needle.form for needle in here] == [form for form in forms if form in text]
    assert {(at, needle.form) for at, needle in needles.places(text, here)} == few


def test_a_long_manifest_is_read_once_and_not_once_a_line(redactor: Redactor):
    lines = 30_000
    (field,) = redact(redactor, "  a: aaaaaaa1\n" * lines + "kind: Secret\n").fields
    assert field.value.count("<PASSWORD_1>") == lines
