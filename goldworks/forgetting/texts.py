"""Stored texts without the values of an order: rows in, the rows that change out. The redactor finds them by their hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import orjson

from goldworks.redaction.records import Document, Field, Known, RedactedDocument, RedactedField

Row = Mapping[str, Any]
Values = Mapping[str, tuple[Known, ...]]
"""What is known of each unit: a conversation, or a case that comes from none."""

JSON_COLUMNS = frozenset({"tool_calls", "tool_result", "outcome"})

EMPTY = {"tool_calls": "[]", "outcome": "null"}
"""What stands in a column instead of a value that had to be withheld, where a text would be no such value."""


class Redacts(Protocol):
    """The part of a redactor that is needed here."""

    def redact(self, documents: Sequence[Document]) -> Sequence[RedactedDocument]:
        """The documents, redacted, in their order."""
        ...


def known_of(values: Values, units: Iterable[str | None]) -> tuple[Known, ...]:
    """All that is known of any of these units, each value once."""
    found = {known.value_hash: known for unit in units if unit for known in values.get(unit, ())}
    return tuple(found[value_hash] for value_hash in sorted(found))


def changed(
    rows: Sequence[Row], columns: Sequence[str], known: Callable[[Row], tuple[Known, ...]], redactor: Redacts
) -> dict[int, dict[str, Any]]:
    """The rows that change, by their index, each with its new texts. `columns` hold text, or JSON that may hold some.

    A text that cannot be redacted is withheld.
    """
    documents: list[Document] = []
    indices: list[int] = []
    for index, row in enumerate(rows):
        values = known(row)
        fields = tuple(field for name in columns if row[name] is not None and (field := _field(row, name)) is not None)
        if values and fields:
            documents.append(Document(str(index), fields, values))
            indices.append(index)
    found: dict[int, dict[str, Any]] = {}
    for index, done in zip(indices, redactor.redact(documents), strict=True):
        texts = {one.name: encoded(one) for one in done.fields if one.entities or one.is_withheld}
        if texts:
            found[index] = {**rows[index], **texts}
    return found


def _field(row: Row, name: str) -> Field | None:
    value = orjson.loads(row[name]) if name in JSON_COLUMNS else row[name]
    return Field(name, "assistant", name, value, False) if value not in ("", [], {}) else None


def encoded(field: RedactedField) -> str:
    """A redacted field as its column holds it."""
    if field.is_withheld and field.name in EMPTY:
        return EMPTY[field.name]
    return orjson.dumps(field.value).decode() if field.name in JSON_COLUMNS else field.value
