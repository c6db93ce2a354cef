"""One day's lines sorted out: which brought something new, where each message stands in its conversation, which messages
are new. Works on raw text in memory; hands it to `boundary` and keeps nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import orjson

from goldworks.conversations.records import Message, Retrieval, ToolRun, Turn
from goldworks.digests import keyed_digest
from goldworks.intake.history import Conversation, Node
from goldworks.intake.reading import DAY_US, ReadFile

SafeId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that had not been stored: its place, its content, and the turn that brought it first."""

    node: Node
    role: str
    content: Message | Retrieval | ToolRun
    trace_id: str
    source: str
    line: int
    occurred_at: int | None


@dataclass(slots=True)
class NewTurn:
    """A turn of which a line brought new spans."""

    source: str
    line: int
    turn: Turn
    span_ids: list[str]
    has_chat: bool
    system_id: str | None = None
    request_id: str | None = None
    reply_id: str | None = None
    retrieved: int | None = None


@dataclass(slots=True)
class Lines:
    """How one file's lines were counted: lines = records + duplicates + quarantined + empty + suppressed."""

    file: ReadFile
    records: int = 0
    duplicates: int = 0
    suppressed: int = 0
    late: int = 0


@dataclass(slots=True)
class Sorted:
    """A day, sorted out. `messages` is by conversation, in order of arrival."""

    lines: list[Lines] = field(default_factory=list[Lines])
    turns: list[NewTurn] = field(default_factory=list[NewTurn])
    messages: dict[str, list[NewMessage]] = field(default_factory=dict[str, list[NewMessage]])


def sort_day(
    files: Sequence[ReadFile],
    spans: set[tuple[str, str]],
    stored: Mapping[str, Sequence[Mapping[str, Any]]],
    key: bytes,
    safe: SafeId,
    day_start_us: int,
    dropped: Callable[[Turn], bool] = lambda _: False,
) -> Sorted:
    """Sort out the files of one day, given in order of their source.

    `spans` are (trace, span) pairs of earlier days; `stored` the `logs.messages` rows of earlier days by conversation.
    `safe` maps an id to one that holds no personal data (it is applied to every id that is kept). Turns that are `dropped`
    leave nothing behind but the count of lines of which nothing is kept.
    """
    fresh: set[tuple[str, str]] = set()
    result = Sorted()
    trees = _Trees(stored, key, safe)
    for file in files:
        counted = Lines(file)
        result.lines.append(counted)
        by_line: dict[int, list[Any]] = {}
        for read_turn in file.turns:
            by_line.setdefault(read_turn.line, []).append(read_turn)
        for line, read_turns in by_line.items():
            kept, is_suppressed = 0, False
            for read_turn in read_turns:
                turn = _with_safe_ids(read_turn.turn, safe)
                if dropped(turn):
                    is_suppressed = True
                    continue
                pairs = dict.fromkeys((turn.trace_id, span) for span in turn.span_ids)
                new = [span for trace, span in pairs if (trace, span) not in spans and (trace, span) not in fresh]
                if not new:
                    continue
                kept += 1
                fresh.update((turn.trace_id, span) for span in new)
                found = NewTurn(file.source, line, turn, new, turn.chat_span_id in new)
                result.turns.append(found)
                if found.has_chat:
                    trees.add_chat(found, file, read_turn.history, read_turn.reply, result.messages)
            counted.records += bool(kept)
            counted.suppressed += not kept and is_suppressed
            counted.duplicates += not kept and not is_suppressed
            counted.late += bool(kept) and any((t.turn.ended_at or day_start_us) < day_start_us for t in read_turns)
    for found in result.turns:
        trees.add_retrievals(found, result.messages)
        trees.add_tool_runs(found, result.messages)
    return result


class _Trees:
    """The message trees of the day's conversations."""

    def __init__(self, stored: Mapping[str, Sequence[Mapping[str, Any]]], key: bytes, safe: SafeId) -> None:
        self._stored = stored
        self._key = key
        self._safe = safe
        self._trees: dict[str, Conversation] = {}
        self._extra: dict[str, set[str]] = {}
        self._calls: dict[str, dict[str, str | None]] = {}

    def tree(self, conversation_id: str) -> Conversation:
        tree = self._trees.get(conversation_id)
        if tree is None:
            tree = self._trees[conversation_id] = Conversation(conversation_id, self._key)
            extra = self._extra[conversation_id] = set()
            calls = self._calls[conversation_id] = dict[str, str | None]()
            for row in self._stored.get(conversation_id, ()):
                is_run = row["role"] == "tool" and row["tool_calls"] is not None
                if row["role"] in ("system", "retrieval") or is_run:
                    extra.add(row["message_id"])
                else:
                    tree.remember(Node(row["message_id"], row["parent_id"], row["message_index"], row["content_hash"]))
                if row["tool_call_id"]:
                    calls.setdefault(row["tool_call_id"], row["tool_name"])
                if row["tool_calls"]:
                    calls.update((call["id"], call.get("name")) for call in _calls(row["tool_calls"]) if call.get("id"))
        return tree

    def add_chat(
        self,
        found: NewTurn,
        file: ReadFile,
        history: Sequence[int],
        reply: Sequence[int],
        into: dict[str, list[NewMessage]],
    ) -> None:
        turn = found.turn
        tree = self.tree(turn.conversation_id)
        messages = [file.messages[index] for index in history]
        while messages and messages[0].message.role == "system":
            system = messages.pop(0)
            node = tree.system(system.content_hash)
            found.system_id = node.message_id
            if node.message_id not in self._extra[turn.conversation_id]:
                self._extra[turn.conversation_id].add(node.message_id)
                self._new(into, found, node, system.message.role, system.message, turn.started_at)
        answers = [file.messages[index] for index in reply]
        nodes = tree.place([m.content_hash for m in (*messages, *answers)])
        for position, (node, read) in enumerate(zip(nodes, (*messages, *answers), strict=True)):
            if node.message_id in tree.nodes:
                continue
            tree.remember(node)
            message = self._named(turn, read.message)
            is_reply = position >= len(messages)
            self._new(into, found, node, message.role, message, turn.ended_at if is_reply else turn.started_at)
        if messages:
            found.request_id = nodes[len(messages) - 1].message_id
        if answers:
            found.reply_id = nodes[-1].message_id

    def _named(self, turn: Turn, message: Message) -> Message:
        """The message with safe ids, noting its calls; a tool's message gets the name of the tool whose call it answers."""
        calls = self._calls[turn.conversation_id]
        if message.tool_calls:
            safe = tuple(_safe_struct(call, ("id",), self._safe) for call in message.tool_calls)
            calls.update((call.id, call.name) for call in safe if call.id)
            message = msgspec.structs.replace(message, tool_calls=safe)
        if message.tool_call_id is None:
            return message
        call_id = self._safe(message.tool_call_id)
        runs = (run.name for run in turn.tool_runs if run.call_id == call_id)
        calls[call_id] = message.tool_name or calls.get(call_id) or next(runs, None)
        return msgspec.structs.replace(message, tool_call_id=call_id, tool_name=calls[call_id])

    def add_retrievals(self, found: NewTurn, into: dict[str, list[NewMessage]]) -> None:
        turn = found.turn
        new = [retrieval for retrieval in turn.retrievals if retrieval.span_id in found.span_ids]
        if new:
            found.retrieved = sum(len(retrieval.passages) for retrieval in new)
        for retrieval in new:
            node = self._beside(found, "retrieval", retrieval.span_id)
            self._new(into, found, node, "retrieval", retrieval, retrieval.started_at or turn.started_at)

    def add_tool_runs(self, found: NewTurn, into: dict[str, list[NewMessage]]) -> None:
        """Tool spans whose call no message tells of: an application that does not log its messages."""
        turn = found.turn
        self.tree(turn.conversation_id)
        for run in turn.tool_runs:
            if run.span_id in found.span_ids and not (run.call_id and run.call_id in self._calls[turn.conversation_id]):
                node = self._beside(found, "tool_run", run.span_id)
                self._new(into, found, node, "tool", run, run.started_at or turn.started_at)

    def _beside(self, found: NewTurn, kind: str, span_id: str) -> Node:
        """A node that hangs at the turn's request but is no part of the history."""
        tree = self.tree(found.turn.conversation_id)
        parent = tree.nodes.get(found.request_id) if found.request_id else None
        message_id = keyed_digest(self._key, kind, tree.conversation_id, found.turn.trace_id, span_id)
        index = parent.index + 1 if parent else 0
        return Node(message_id, parent.message_id if parent else None, index, message_id)

    @staticmethod
    def _new(
        into: dict[str, list[NewMessage]], found: NewTurn, node: Node, role: str, content: Any, occurred_at: int | None
    ) -> None:
        message = NewMessage(node, role, content, found.turn.trace_id, found.source, found.line, occurred_at)
        into.setdefault(found.turn.conversation_id, []).append(message)


def without_quarantine(lines: Lines) -> Lines:
    """The same with its unusable lines counted as suppressed."""
    file = msgspec.structs.replace(lines.file, quarantine=[])
    return replace(lines, file=file, suppressed=lines.suppressed + len(lines.file.quarantine))


def day_start(day: str) -> int:
    """Start of a UTC day (ISO date) in microseconds since the epoch."""
    return dt.date.fromisoformat(day).toordinal() * DAY_US - dt.date(1970, 1, 1).toordinal() * DAY_US


IDS = (
    "trace_id",
    "conversation_id",
    "chat_span_id",
    "service",
    "environment",
    "release",
    "prompt_version",
    "model",
    "provider",
    "retrieval_version",
    "tool_schema_version",
    "channel",
    "finish_reason",
    "error_type",
)
"""Fields of a turn that are stored as they are, and so must be ids and nothing else."""


def _with_safe_ids(turn: Turn, safe: SafeId) -> Turn:
    changed = {name: safe(value) for name in IDS if (value := getattr(turn, name)) is not None and safe(value) != value}
    runs = tuple(_safe_struct(run, ("span_id", "name", "call_id"), safe) for run in turn.tool_runs)
    retrievals = tuple(_safe_struct(found, ("span_id",), safe) for found in turn.retrievals)
    if changed or runs != turn.tool_runs or retrievals != turn.retrievals:
        return msgspec.structs.replace(turn, **changed, tool_runs=runs, retrievals=retrievals)
    return turn


def _safe_struct(value: Any, names: Iterable[str], safe: SafeId) -> Any:
    changed = {n: safe(old) for n in names if (old := getattr(value, n)) is not None and safe(old) != old}
    return msgspec.structs.replace(value, **changed) if changed else value


def _calls(encoded: str) -> list[dict[str, Any]]:
    calls = orjson.loads(encoded)
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
