"""One log file, read in a worker process into what the intake needs of it: turns, and each distinct message once.

A record repeats the whole history of its conversation; here a history becomes a list of indices into the file's distinct
messages, so that what crosses the process boundary grows with the conversation and not with its square.
"""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.conversations.mapped import load_mapping
from goldworks.conversations.reading import LogFile
from goldworks.conversations.records import Message, Turn
from goldworks.digests import keyed_digest

DAY_US = 86_400_000_000


class ReadJob(msgspec.Struct, frozen=True):
    """What a worker is asked to read. `key` hashes contents; `mapping` is the path of a mapping file."""

    location: str
    source: str
    dialect: str | None
    mapping: str | None
    key: bytes


class ReadTurn(msgspec.Struct, frozen=True):
    """A turn of line `line` with its history and reply as indices into `ReadFile.messages`."""

    line: int
    turn: Turn
    history: list[int]
    reply: list[int]


class Quarantined(msgspec.Struct, frozen=True):
    """A line that cannot be used; never its text."""

    line: int
    byte_offset: int
    length_bytes: int
    reason: str
    detail: str | None
    line_hash: str


class ReadMessage(msgspec.Struct, frozen=True):
    """A distinct message and the keyed hash of its content."""

    content_hash: str
    message: Message


class ReadFile(msgspec.Struct, frozen=True):
    """Everything one file holds. Raw text: memory only."""

    source: str
    dialect: str
    sha256: str
    size_bytes: int
    lines: int
    empty: int
    is_incomplete: bool
    quarantine: list[Quarantined]
    turns: list[ReadTurn]
    messages: list[ReadMessage]


def read(job: ReadJob) -> ReadFile:
    """Read one file. Never raises for what stands in it; an unreadable location raises `OSError`."""
    mapping = load_mapping(job.mapping) if job.mapping else None
    dialect = None if job.dialect in (None, "detect") else job.dialect
    file = LogFile(job.location, dialect=dialect, mapping=mapping)
    distinct = _Distinct(job.key)
    quarantine: list[Quarantined] = []
    turns: list[ReadTurn] = []
    lines = empty = 0
    for line in file:
        lines += 1
        if line.unusable is not None:
            quarantine.append(
                Quarantined(
                    line.number,
                    line.byte_offset,
                    line.length_bytes,
                    line.unusable.reason,
                    line.unusable.detail,
                    keyed_digest(job.key, "line", line.raw),
                )
            )
        elif line.is_empty:
            empty += 1
        for turn in line.turns:
            bare = msgspec.structs.replace(turn, history=(), reply=())
            turns.append(ReadTurn(line.number, bare, distinct.indices(turn.history), distinct.indices(turn.reply)))
    return ReadFile(
        source=job.source,
        dialect=file.dialect,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        lines=lines,
        empty=empty,
        is_incomplete=file.is_incomplete,
        quarantine=quarantine,
        turns=turns,
        messages=distinct.messages,
    )


class _Distinct:
    """Messages in order of first appearance, each once."""

    def __init__(self, key: bytes) -> None:
        self.messages: list[ReadMessage] = []
        self._key = key
        self._index: dict[bytes, int] = {}
        self._encoder = msgspec.json.Encoder(order="deterministic")

    def indices(self, messages: tuple[Message, ...]) -> list[int]:
        return [self._add(message) for message in messages]

    def _add(self, message: Message) -> int:
        content = self._encoder.encode(_identity(message))
        index = self._index.get(content)
        if index is None:
            index = self._index[content] = len(self.messages)
            self.messages.append(ReadMessage(keyed_digest(self._key, "message", content), message))
        return index


def _identity(message: Message) -> Any:
    """What makes two messages the same: everything but a tool message's name, which some records leave out."""
    return (message.role, message.text, message.tool_calls, message.tool_call_id, message.tool_result)
