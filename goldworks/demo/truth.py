"""What is known about the sample logs, because they were made: planted values, damage, and which turns were flawed.

Goldworks itself never reads it; tests, benchmarks and the demo's approvals do. Written as `<name>.jsonl` beside the logs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from goldworks.errors import InputError


class Planted(msgspec.Struct, frozen=True):
    """A value planted where it first stands. `is_pii` false: a look-alike that must stay.

    `field` is message_text, tool_call_arguments, tool_call_result or feedback_comment; `key` the JSON key of the value.
    """

    conversation_id: str
    trace_id: str
    field: str
    key: str | None
    entity: str
    text: str
    is_pii: bool
    variant: str


class Damaged(msgspec.Struct, frozen=True):
    """Something done to a line (1-based, after decompression; None when the whole file is meant)."""

    file: str
    line: int | None
    kind: str
    conversation_id: str | None = None
    trace_id: str | None = None
    detail: dict[str, Any] = {}


class KnownTurn(msgspec.Struct, frozen=True):
    """A turn as it was answered, and the right answer: `calls` for the order agent, `facts` for the documents assistant.

    `is_unanswerable`: no page answers what was asked. `flaw` is None when the logged answer is right.
    """

    conversation_id: str
    trace_id: str
    service: str
    release: str
    day: str
    dialect: str
    question_id: str | None = None
    facts: tuple[str, ...] = ()
    calls: tuple[dict[str, Any], ...] = ()
    is_unanswerable: bool = False
    flaw: str | None = None


class KnownFile(msgspec.Struct, frozen=True):
    """A log file: its lines, and how many of them each kind of damage or none made of it."""

    file: str
    lines: int
    records: int
    duplicates: int
    quarantined: int
    empty: int


class Truth(msgspec.Struct, frozen=True):
    """Everything that is known."""

    planted: tuple[Planted, ...]
    dirt: tuple[Damaged, ...]
    turns: tuple[KnownTurn, ...]
    files: tuple[KnownFile, ...]

    def write(self, folder: Path) -> None:
        """Write one `.jsonl` per part into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.__struct_fields__:
            lines = [msgspec.json.encode(item) for item in getattr(self, name)]
            (folder / f"{name}.jsonl").write_bytes(b"\n".join(lines) + b"\n")


def read_truth(folder: Path) -> Truth:
    """The truth that `Truth.write` wrote. Raises `InputError` when it is not there."""
    try:
        parts = {name: (folder / f"{name}.jsonl").read_bytes() for name in Truth.__struct_fields__}
    except FileNotFoundError as error:
        raise InputError(f"{error.filename}: no such file", remedy="write the sample logs again: goldworks demo") from None
    return msgspec.convert(
        {name: [msgspec.json.decode(line) for line in data.splitlines()] for name, data in parts.items()}, Truth
    )
