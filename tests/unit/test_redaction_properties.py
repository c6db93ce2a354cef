"""Properties over generated conversations: nothing crashes, JSON stays JSON, twice is once, batches do not matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldworks.intake.workers import Workers
from goldworks.redaction import Document, Field, RedactedDocument, load_redactor
from goldworks.redaction.tokens import TOKEN
from goldworks.settings import PROJECT_ROOT

POLICY, KEY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml", b"\x07" * 32
REDACTOR = load_redactor(POLICY, KEY, "off")
LIMITS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

VALUES = [
    "rosa@posteo.example", "Rosa Lindqvist", "312-555-0199", "+44 20 7946 0018", "4111 1111 1111 1111", "Blue*Otter9",
    "sk-proj-Hh83nXq0LmPz71RtVw9cYb2D", "77 Old Mill Road, Leeds LS1 4AP", "198.51.100.23", "DE89370400440532013000",
    "219-09-9999",
    "https://u:pa55word@host.example/x?token=Zx81kPq03LmA", "rosa at posteo dot example", "X4820193", "1990-04-01",
    "ORD-5521-993817",
    "five five five zero one nine nine "
    "four", "cm9zYUBwb3N0ZW8uZXhhbXBsZQ==", "rosa%40posteo.example", "王小明", "<PERSON_1>", "<WITHHELD:error>",
    "rosa.lindq\nvist@posteo.example", "DE8937040044\n0532013000", "AIzarse1CyBhyuZrml5Y2Y2\n8GueCjOWalRxygYl",
    "4111\x1f1111\u20281111\x851111",
]  # fmt: skip
GLUE = [
    " ", ", ", "\n", ": ", "my password is ", "my name is ", "password=", "call ", "card ", "Dear ", " at ", " dot ", "@",
    "-", ".", "%20",
    "\u200b", "passport ", "ssn ", "token: ", "it is ", "12 ", "a", "Bearer ", "born on ", "<", ">", '"', "é", "\ud800",
    "\x1a", "\x00", "👩‍👩‍👧",
]  # fmt: skip

texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(VALUES), st.sampled_from(GLUE)), min_size=1, max_size=9).map("".join),
    st.text(max_size=60),
    st.text(st.characters(codec=None), max_size=30),
)
keys = st.sampled_from(
    ["name", "email", "phone", "user", "price", "password", "value", "zip", "rosa@posteo.example", "Rosa Lindqvist", "x"]
)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(allow_nan=False, allow_infinity=False),
        st.just(3125550199),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=6,
)
fields = st.one_of(
    texts.map(lambda text: ("text", text)),
    json_values.map(lambda value: ("tool_result", value)),
)
documents = st.lists(fields, min_size=1, max_size=4).map(
    lambda items: Document("c", tuple(Field(f"m{i}", "user", name, value) for i, (name, value) in enumerate(items)))
)


PLANTED = [
    ("my password is {}", "Blue*Otter9"),
    ("write to {} please", "rosa.lindqvist@posteo.example"),
    ("My name is {}.", "Rosa Lindqvist"),
    ("call me on {}", "312-555-0199"),
    ("card {} was charged", "4111 1111 1111 1111"),
    ("IBAN {} please", "DE89370400440532013000"),
    ("ship it to {}. Thanks", "77 Old Mill Road"),
    ("Account: {}", "7305518264"),
    ("db:\n  password: {}\n", "$ecret1!x"),
    ("id,dob\n1,{}\n", "1990-04-01"),
    ('<patient name="{}">', "Ayodele Brandner"),
    ("Authorization: {}", "3f7a90c1-58d2-4be6-9a04-c1d27e5b8f36"),
]
"""What says of a value what it is, and the value."""
PLACES = ["again: {}", "{}", "({}) and {}", "{}\nnext line", "see {}, {}", "a: {}; b"]


@st.composite
def planted(draw: st.DrawFn) -> tuple[Document, list[str]]:
    """A conversation of several fields: each value is told in one and stands bare in others, text or JSON, before it or after."""
    chosen = draw(st.lists(st.sampled_from(PLANTED), min_size=1, max_size=3, unique=True))
    said: list[str] = [cue.format(value) for cue, value in chosen]
    for _, value in chosen:
        said += [place.replace("{}", value) for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3))]
    found: list[Field] = []
    for text in draw(st.permutations(said)):
        kind = draw(st.sampled_from(["text", "list", "object"]))
        value = {"text": text, "list": [text, 7], "object": {"note": text, "ok": True}}[kind]
        found.append(Field(f"m{len(found)}", "user", "text" if kind == "text" else "tool_result", value))
    return Document("c", tuple(found)), [value for _, value in chosen]


def redact(*items: Document) -> list[RedactedDocument]:
    return REDACTOR.redact(items)


@pytest.fixture(scope="module")
def crews() -> Iterator[list[Workers]]:
    """Redacting with no process beside this one, with one, and with two."""
    with ExitStack() as stack:
        yield [stack.enter_context(Workers(count, POLICY, KEY, "off")) for count in (0, 1, 2)]


def is_sendable(document: Document) -> bool:
    """Whether a process can send it to another: reading has mended half surrogates before."""
    try:
        msgspec.msgpack.encode(document)
    except UnicodeEncodeError:
        return False
    return True


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def leaf(value: Any, path: list[str]) -> Any:
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


@LIMITS
@given(documents)
def test_it_never_fails_and_json_keeps_its_shape(document: Document):
    (done,) = redact(document)
    msgspec.msgpack.encode(done)  # can be written: no half surrogates
    for before, after in zip(document.fields, done.fields, strict=True):
        assert not after.is_withheld
        assert shape(after.value) == shape(before.value)
        json.loads(json.dumps(after.value))


@LIMITS
@given(documents)
def test_redacting_twice_is_redacting_once(document: Document):
    (once,) = redact(document)
    (twice,) = redact(again(document, once))
    assert [field.value for field in twice.fields] == [field.value for field in once.fields]
    assert not any(field.entities for field in twice.fields)


def again(document: Document, done: RedactedDocument) -> Document:
    """The document with what became of its fields."""
    fields = zip(document.fields, done.fields, strict=True)
    return msgspec.structs.replace(document, fields=tuple(msgspec.structs.replace(f, value=g.value) for f, g in fields))


@LIMITS
@given(planted())
def test_what_is_planted_in_several_fields_leaves_all_and_once_is_enough(case: tuple[Document, list[str]]):
    document, values = case
    (once,) = redact(document)
    written = [json.dumps(field.value, ensure_ascii=False) for field in once.fields]
    assert not [value for value in values for text in written if value in text]
    assert all(TOKEN.search(text) for text in written)
    (twice,) = redact(again(document, once))
    assert [field.value for field in twice.fields] == [field.value for field in once.fields]
    assert not any(field.entities for field in twice.fields)
    assert redact(again(document, twice))[0].fields == twice.fields


@LIMITS
@given(st.lists(documents, min_size=2, max_size=4))
def test_a_result_depends_on_its_document_alone(batch: list[Document]):
    assert redact(*batch) == [redact(document)[0] for document in batch]


@settings(LIMITS, max_examples=25)
@given(st.lists(documents.filter(is_sendable), min_size=1, max_size=9), st.integers(1, 4))
def test_neither_the_number_of_workers_nor_the_grouping_changes_a_result(crews: list[Workers], batch: list[Document], size: int):
    alone = [redact(document)[0] for document in batch]
    groups = [batch[at : at + size] for at in range(0, len(batch), size)]
    for crew in crews:
        assert crew.redact(batch) == alone
        assert [done for group in groups for done in crew.redact(group)] == alone


@LIMITS
@given(documents)
def test_every_entity_points_at_its_token(document: Document):
    (done,) = redact(document)
    for field in done.fields:
        for entity in field.entities:
            if ".example" in entity.field or entity.field.endswith("#key"):
                continue  # a path with a dot in it leads nowhere
            value = leaf(field.value, entity.field.split(".")[1:])
            if isinstance(value, str):
                assert value[entity.start : entity.end] == entity.token
            else:
                assert (value, entity.start, entity.end) == (0, 0, 1)


@settings(LIMITS, max_examples=15)
@given(st.lists(documents, min_size=4, max_size=8))
def test_threads_may_share_a_redactor(batch: list[Document]):
    alone = [redact(document) for document in batch]
    REDACTOR._scanner._cache.clear()
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(redact, batch)] == alone
