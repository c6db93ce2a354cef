"""The sample logs as the intake would redact them, but in memory: raw documents, one for each conversation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson

from benchmarks.redaction import ours
from goldworks.conversations.reading import LogFile
from goldworks.conversations.records import Turn
from goldworks.redaction import Document, Field, RedactedDocument

EMPTY = (None, "", (), [])


class Raw(msgspec.Struct):
    """A conversation as its lines told it: each distinct field once, in order of arrival, and its turns."""

    document: Document
    turns: list[Turn]


def read(logs: Path) -> list[Raw]:
    """Raw conversations below a folder of logs, in order of their first line."""
    turns: dict[str, list[Turn]] = {}
    for path in sorted(logs.rglob("*.jsonl.gz"), key=lambda path: (path.name, str(path))):
        for line in LogFile(str(path)):
            for turn in line.turns:
                turns.setdefault(turn.conversation_id, []).append(turn)
    return [Raw(Document(name, tuple(fields_of(found))), found) for name, found in turns.items()]


def fields_of(turns: list[Turn]) -> list[Field]:
    """What a conversation says, each distinct content once: a turn repeats the history before it."""
    found: dict[tuple[str, str, bytes], Field] = {}

    def add(role: str, name: str, value: Any, is_prose: bool) -> None:
        if value not in EMPTY:
            key = role, name, orjson.dumps(value)
            found.setdefault(key, Field(str(len(found)), role, name, value, is_prose))

    for turn in turns:
        for message in (*turn.history, *turn.reply):
            is_prose = message.role in ("user", "assistant")
            add(message.role, "text", message.text, is_prose)
            add(message.role, "tool_calls", plain(message.tool_calls), is_prose)
            add(message.role, "tool_result", plain(message.tool_result), False)
        for retrieval in turn.retrievals:
            add("retrieval", "text", retrieval.query, True)
            add("retrieval", "passages", plain(retrieval.passages), False)
        for run in turn.tool_runs:
            add("tool", "tool_calls", plain(run.arguments), False)
            add("tool", "tool_result", plain(run.result), False)
        if turn.feedback and turn.feedback.comment:
            add("feedback", "feedback_comment", turn.feedback.comment, True)
    return list(found.values())


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return msgspec.to_builtins(value, str_keys=True)


def twin(raw: Raw, done: RedactedDocument) -> Callable[[str, str, Any], Any]:
    """What a content of the conversation (role, name, value) became. Withheld content is its marker."""
    contents = {
        (one.role, one.name, orjson.dumps(one.value)): became.value
        for one, became in zip(raw.document.fields, done.fields, strict=True)
    }

    def became(role: str, name: str, value: Any) -> Any:
        if value in EMPTY:
            return value
        return contents[role, name, orjson.dumps(plain(value))]

    return became


def redacted(raws: list[Raw], names: Any = "policy") -> list[RedactedDocument]:
    """The conversations redacted, in order."""
    return ours.redact(ours.fast_redactor(names), [raw.document for raw in raws])
