"""What goes into the redactor and what comes out. `Field`, `Document` and `stored` hold raw text: they live in memory only."""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.access.sealing import Sealed


class Field(msgspec.Struct, frozen=True):
    """One raw field of a conversation.

    `owner` is the message id (for feedback the trace id); `name` one of text, tool_calls, tool_result, passages,
    feedback_comment; `value` a string or any JSON value. Names of people are looked for when `is_prose`; every other layer
    always works.
    """

    owner: str
    role: str
    name: str
    value: Any
    is_prose: bool = True


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value recognised on an earlier day, of which only keyed hashes are left.

    `lengths` are those of its squeezed forms where they are known, so that few windows of a text need to be hashed.
    """

    token: str
    type: str
    value_hash: str
    variant_hashes: tuple[str, ...]
    variant_words: int
    lengths: tuple[int, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """One conversation: its new fields in arrival order, what is known of it, and its fields stored earlier (redacted)."""

    conversation_id: str
    fields: tuple[Field, ...]
    known: tuple[Known, ...] = ()
    stored: tuple[Field, ...] = ()


class Entity(msgspec.Struct, frozen=True, gc=False):
    """One redacted value, without the value.

    `field` is the field's name and the path inside its JSON (`tool_result.user.email`, `passages.2.text`; an object key that
    was redacted itself ends in `#key`). `start` and `end` are code points of the token in the redacted leaf string; a
    redacted number became 0, and its entity says 0 and 1.
    """

    owner: str
    role: str
    field: str
    start: int
    end: int
    token: str
    type: str
    rule: str
    layer: str
    score: float
    value_hash: str
    variant_hashes: tuple[str, ...]
    variant_words: int


class RedactedField(msgspec.Struct, frozen=True):
    """A field after redaction. A withheld one has the value `<WITHHELD:reason>`, whatever its type was."""

    owner: str
    name: str
    value: Any
    entities: tuple[Entity, ...]
    is_withheld: bool = False


class RedactedDocument(msgspec.Struct, frozen=True):
    """`fields` in the order of the document's; `rewritten` are those of its `stored` in which a value was found only now.

    `sealed` are the values found for the first time, encrypted, where there is a vault; `failures` say of each field that was
    withheld for an error which one it was and where in the program, without what it said.
    """

    conversation_id: str
    fields: tuple[RedactedField, ...]
    rewritten: tuple[RedactedField, ...] = ()
    sealed: tuple[Sealed, ...] = ()
    failures: tuple[str, ...] = ()


class Leak(msgspec.Struct, frozen=True):
    """What is still recognised in text `index` (0-based): where, never the value. Code points."""

    index: int
    type: str
    rule: str
    start: int
    end: int


class Span(msgspec.Struct, frozen=True, gc=False):
    """A recognised stretch of one string, code points, with the text it stands for (decoded, joined): internal."""

    start: int
    end: int
    type: str
    rule: str
    layer: str
    score: float
    value: str
