"""Redaction of what is no log: a text, or JSON values one a line. Nothing is stored; `pipelines` reads and writes the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from goldworks.redaction.records import Document, Entity, Field, RedactedField
from goldworks.redaction.redactor import Redactor

BLOCK_CHARACTERS = 200_000
"""A text is worked on in blocks of whole lines of about this size; its values and tokens are those of one conversation."""
BATCH = 200
"""JSON values redacted at once."""


class Explained(msgspec.Struct, frozen=True):
    """One redacted value: where its token stands in the output, and who found it. Never the value.

    `line` is 1-based. In a text `start` and `end` are 0-based code points within the line; in a JSON value they are those within
    the string at `path`.
    """

    line: int
    path: str
    start: int
    end: int
    token: str
    layer: str
    rule: str
    score: float


class Plain(msgspec.Struct, frozen=True):
    """A redacted text or JSON value. `is_withheld`: it, or a block of it, could not be processed."""

    value: Any
    explained: tuple[Explained, ...]
    is_withheld: bool


def redact_text(redactor: Redactor, text: str) -> Plain:
    """A text as one conversation: the same value has the same token throughout."""
    fields = tuple(Field(str(index), "user", "text", block) for index, block in enumerate(_blocks(text)))
    done = redactor.redact([Document("text", fields)])[0].fields
    explained: list[Explained] = []
    line = 1
    for field in done:
        explained += _in_lines(field, line)
        line += field.value.count("\n")
    return Plain("".join(_kept_lines(done, fields)), tuple(explained), any(field.is_withheld for field in done))


def redact_values(redactor: Redactor, values: Iterable[Any], *, is_one: bool = False) -> Iterator[Plain]:
    """JSON values, each a conversation of its own (or all together one), in order, with their types kept."""
    batch: list[Any] = []
    line = 1
    for value in values:
        batch.append(value)
        if not is_one and len(batch) == BATCH:
            yield from _redact_batch(redactor, batch, line, is_one)
            line += len(batch)
            batch = []
    yield from _redact_batch(redactor, batch, line, is_one)


def _redact_batch(redactor: Redactor, values: Sequence[Any], line: int, is_one: bool) -> Iterator[Plain]:
    fields = [Field(str(index), "user", "json", value) for index, value in enumerate(values)]
    groups = [tuple(fields)] if is_one else [(field,) for field in fields]
    done = redactor.redact([Document(str(index), group) for index, group in enumerate(groups) if group])
    for number, field in enumerate((field for document in done for field in document.fields), start=line):
        explained = tuple(_explained(entity, number, entity.field.partition(".")[2]) for entity in field.entities)
        yield Plain(field.value, explained, field.is_withheld)


def _blocks(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", min(at + BLOCK_CHARACTERS, len(text))) + 1 or len(text)
        yield text[at:end]
        at = end


def _kept_lines(done: Sequence[RedactedField], fields: Sequence[Field]) -> Iterator[str]:
    """The blocks; a withheld one keeps the line break it ended with."""
    for field, before in zip(done, fields, strict=True):
        yield field.value + ("\n" if field.is_withheld and before.value.endswith("\n") else "")


def _in_lines(field: RedactedField, first: int) -> Iterator[Explained]:
    line, begin = first, 0
    for entity in sorted(field.entities, key=lambda entity: entity.start):
        passed = field.value.count("\n", begin, entity.start)
        if passed:
            line += passed
            begin = field.value.rindex("\n", begin, entity.start) + 1
        yield _explained(entity, line, "", begin)


def _explained(entity: Entity, line: int, path: str, begin: int = 0) -> Explained:
    start, end = entity.start - begin, entity.end - begin
    return Explained(line, path, start, end, entity.token, entity.layer, entity.rule, entity.score)
