"""What a reviewer is shown of an item: the conversation before it, the passages, the answer. Read from the lake, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from goldworks.lake import Lake
from goldworks.review.anchors import load_anchors
from goldworks.review.rubric import Rubric

Row = dict[str, Any]
MESSAGE = ("message_id", "parent_id", "role", "text", "tool_calls", "tool_name", "tool_result", "is_withheld")
WITHHELD = "[withheld: it could not be redacted]"


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """An item as it is shown. Which release it comes from, and why it was drawn, is not told."""

    conversation: tuple[Said, ...]
    passages: tuple[str, ...]
    answer: str


def materials(lake: Lake, tasks: Iterable[Row], rubric: Rubric, expectations: Path) -> dict[str, Material]:
    """Material by task id. A task whose item was erased, or whose text was deleted for its age, is not there."""
    wanted = list(tasks)
    found: dict[str, Material] = {}
    anchors = load_anchors(expectations, rubric)
    for task in wanted:
        anchor = anchors.get(task["item_id"])
        if anchor is not None:
            found[task["task_id"]] = Material((Said("user", anchor.question),), anchor.passages, anchor.answer)
    for kind, read in (("turn", _turns), ("answer", _answers)):
        of_kind = [task for task in wanted if task["item_kind"] == kind]
        texts = read(lake, of_kind) if of_kind else {}
        found |= {task["task_id"]: texts[task["item_id"]] for task in of_kind if task["item_id"] in texts}
    return found


def _turns(lake: Lake, tasks: Iterable[Row]) -> dict[str, Material]:
    traces = sorted({task["trace_id"] for task in tasks})
    columns = ("trace_id", "conversation_id", "reply_id", "has_chat")
    turns = {row["trace_id"]: row for row in lake.rows("logs.turns", columns, [("trace_id", "in", traces)]) if row["reply_id"]}
    conversations = sorted({row["conversation_id"] for row in turns.values()})
    rows = lake.rows("logs.messages", (*MESSAGE, "passages", "trace_id"), [("conversation_id", "in", conversations)])
    messages = {row["message_id"]: row for row in rows}
    passages: dict[str, list[str]] = {}
    for row in rows:
        if row["role"] == "retrieval":
            passages.setdefault(row["trace_id"], []).extend(one["text"] or "" for one in row["passages"] or ())
    found: dict[str, Material] = {}
    for trace_id, turn in turns.items():
        chain: list[Row] = []
        at = messages.get(turn["reply_id"])
        while at is not None and len(chain) < len(messages):
            chain.append(at)
            at = messages.get(at["parent_id"] or "")
        if chain:
            before = tuple(Said(row["role"], _words(row)) for row in reversed(chain[1:]))
            found[trace_id] = Material(before, tuple(passages.get(trace_id, ())), _words(chain[0]))
    return found


def _answers(lake: Lake, tasks: Iterable[Row]) -> dict[str, Material]:
    wanted = list(tasks)
    found: dict[str, Material] = {}
    for run_id in sorted({task["run_id"] for task in wanted}):
        version = lake.rows("evals.runs", ["version_id"], [("run_id", "=", run_id)])
        of_run = [task for task in wanted if task["run_id"] == run_id]
        ids = sorted({task["case_id"] for task in of_run})
        where = [("version_id", "=", version[0]["version_id"] if version else ""), ("case_id", "in", ids)]
        cases = {row["case_id"]: row for row in lake.rows("golden.cases", ["case_id", "messages", "passages"], where)}
        columns = ("case_id", "repeat", "text", "tool_calls", "error")
        answers = lake.rows("evals.answers", columns, [("run_id", "=", run_id), ("case_id", "in", ids)])
        said = {(row["case_id"], row["repeat"]): row for row in answers if not row["error"]}
        for task in of_run:
            case, answer = cases.get(task["case_id"]), said.get((task["case_id"], task["repeat"]))
            if case and answer:
                found[task["item_id"]] = Material(_of_case(case["messages"]), _texts(case["passages"]), _words(answer))
    return found


def _of_case(messages: str | None) -> tuple[Said, ...]:
    return tuple(Said(one.get("role", ""), _words(one)) for one in orjson.loads(messages or "[]"))


def _texts(passages: str | None) -> tuple[str, ...]:
    return tuple(one.get("text") or "" for one in orjson.loads(passages or "[]"))


def _words(row: Mapping[str, Any]) -> str:
    """Text, calls and results of a message, one below the other."""
    if row.get("is_withheld"):
        return WITHHELD
    parts = [row.get("text") or "", *_calls(row.get("tool_calls"))]
    if row.get("tool_result"):
        parts.append(f"{row.get('tool_name') or 'tool'} returned: {_json(row['tool_result'])}")
    return "\n".join(part for part in parts if part)


def _calls(calls: Any) -> Iterable[str]:
    for call in orjson.loads(calls) if isinstance(calls, str) else calls or ():
        yield f"[{call.get('name')} {_json(call.get('arguments'))}]"


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
