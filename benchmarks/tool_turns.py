"""Turns of raw logs as cases and answers, for the benchmark of the scorers of tool calls. Raw text stays in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from goldworks.conversations.reading import LogFile
from goldworks.conversations.records import Message, Turn
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.conversation_turns import NOT_RECORDED, Recording
from goldworks.golden.case import Case, CaseMessage, CaseTool


@dataclass(frozen=True, slots=True)
class Logged:
    """A turn with tool calls: what the assistant was given, and what it did, each call with its result."""

    release: str
    trace_id: str
    case: Case
    answer: Answer


def logged_turns(logs: Path, tools: Mapping[str, Sequence[CaseTool]]) -> Iterator[Logged]:
    """Every turn with tool calls of the services in `tools`, each trace once, in the order of the files."""
    seen: set[str] = set()
    for turn in _turns(logs):
        declared = tools.get(turn.service or "")
        if declared is None or turn.chat_span_id is None or turn.trace_id in seen:
            continue
        seen.add(turn.trace_id)
        found = _logged(turn, declared)
        if found is not None:
            yield found


def _turns(logs: Path) -> Iterator[Turn]:
    """Every turn of a log file, or of a folder of them."""
    files = [logs] if logs.is_file() else sorted(path for path in logs.rglob("*.jsonl*") if path.is_file())
    for path in files:
        for line in LogFile(str(path)):
            yield from line.turns


def _logged(turn: Turn, tools: Sequence[CaseTool]) -> Logged | None:
    recording = Recording([_plain(message) for message in turn.history])
    here = [call for call in recording.calls if call.turn == len(recording.turns) - 1]
    if not here:
        return None
    calls = tuple(
        msgspec.structs.replace(call, turn=0, result=None if call.result is NOT_RECORDED else call.result) for call in here
    )
    last = len(recording.turns) - 1
    messages = msgspec.convert([*recording.before(last), *recording.asked(last)], tuple[CaseMessage, ...])
    case = Case(
        case_id=turn.trace_id,
        use_case=turn.service or "",
        tier="T2",
        origin="production",
        messages=messages,
        tools=tuple(tools),
        conversation_id=turn.conversation_id,
    )
    answer = Answer(turn.trace_id, 0, text=None, tool_calls=calls, conversation_id=turn.conversation_id)
    return Logged(turn.release or "unknown", turn.trace_id, case, answer)


def _plain(message: Message) -> dict[str, Any]:
    """A message of a log as a case has it."""
    found = {"role": message.role, "text": message.text, "tool_call_id": message.tool_call_id, "tool_result": message.tool_result}
    calls = [{"name": call.name, "arguments": call.arguments, "id": call.id} for call in message.tool_calls]
    return {**{key: value for key, value in found.items() if value is not None}, **({"tool_calls": calls} if calls else {})}


def whole_conversations(logs: Path, service: str, at_least: int = 2) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(conversation id, all its messages with the last reply) of conversations of at least so many turns, by the longest one."""
    longest: dict[str, Turn] = {}
    for turn in _turns(logs):
        known = longest.get(turn.conversation_id)
        if turn.service == service and (known is None or len(turn.history) > len(known.history)):
            longest[turn.conversation_id] = turn
    for conversation_id, turn in sorted(longest.items()):
        messages = [_plain(message) for message in (*turn.history, *turn.reply)]
        if sum(message["role"] == "user" for message in messages) >= at_least:
            yield conversation_id, messages
