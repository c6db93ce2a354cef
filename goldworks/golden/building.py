"""Production cases from chosen turns: what the assistant was given, read from `logs.messages` as it is stored, redacted.

The case asks for the assistant's next step after the user's message: system message, history, question. Tool calls that the
assistant made in the turn itself are what a good assistant would do, so they are no input. Passages that were retrieved in the
turn are. The expected outcome stays empty: the recorded reply is not known to be right until a person says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from goldworks.golden.case import Case, CaseCall, CaseMessage, CasePassage, CaseTool, case_of, production_id
from goldworks.golden.strata import intent, known_failures
from goldworks.lake import Lake
from goldworks.use_cases import UseCase

Row = Mapping[str, Any]
MESSAGE_COLUMNS = (
    "conversation_id",
    "message_id",
    "parent_id",
    "message_index",
    "role",
    "text",
    "tool_calls",
    "tool_call_id",
    "tool_result",
    "passages",
    "trace_id",
    "is_withheld",
)


class Messages:
    """The stored messages of some conversations."""

    def __init__(self, lake: Lake, conversations: Iterable[str]) -> None:
        wanted = sorted(set(conversations))
        where = [("conversation_id", "in", wanted)]
        rows = lake.rows("logs.messages", MESSAGE_COLUMNS, where) if wanted else []
        self._by_id = {row["message_id"]: row for row in rows}
        self._retrievals: dict[tuple[str, str], list[Row]] = {}
        for row in sorted(rows, key=lambda row: (row["message_index"], row["message_id"])):
            if row["role"] == "retrieval":
                self._retrievals.setdefault((row["conversation_id"], row["trace_id"]), []).append(row)

    def inputs_of(self, turn: Row) -> list[str]:
        """Ids of the messages that a turn's case is made of: system message, history, question, retrievals."""
        chain: list[str] = []
        here: str | None = turn["question_id"]
        while here is not None:
            chain.append(here)
            here = self._by_id[here]["parent_id"]
        retrievals = self._retrievals.get((turn["conversation_id"], turn["trace_id"]), [])
        system = [turn["system_id"]] if turn["system_id"] in self._by_id else []
        return [*system, *reversed(chain), *(row["message_id"] for row in retrievals)]

    def read(self, ids: Sequence[str]) -> tuple[tuple[CaseMessage, ...], tuple[CasePassage, ...]] | None:
        """The messages and passages of a case made of `ids`; None when one is gone or withheld."""
        rows = [self._by_id.get(one) for one in ids]
        found = [row for row in rows if row is not None and not row["is_withheld"]]
        if len(found) < len(rows):
            return None
        passages = [p for row in found if row["role"] == "retrieval" for p in row["passages"] or ()]
        distinct = {(p["id"], p["text"]): CasePassage(id=p["id"], text=p["text"]) for p in passages}
        return tuple(_message(row) for row in found if row["role"] != "retrieval"), tuple(distinct.values())


def build_case(turn: Row, use_case: UseCase, tools: Iterable[str], messages: Messages, key: bytes) -> Case | None:
    """The case of a turn of the pool; None when its messages cannot be read as a case."""
    parents = messages.inputs_of(turn)
    read = messages.read(parents)
    if read is None:
        return None
    return Case(
        case_id=production_id(key, turn["conversation_id"], turn["trace_id"]),
        use_case=use_case.name,
        tier=use_case.tier,
        origin="production",
        intent=intent(turn["tool_names"], turn["question"]),
        tags=known_failures(turn),
        messages=read[0],
        passages=read[1],
        tools=tuple(CaseTool(name=name) for name in tools),
        parents=tuple(parents),
        conversation_id=turn["conversation_id"],
        source=turn["source"],
        line=turn["line"],
        trace_id=turn["trace_id"],
        release=turn["release"],
    )


def read_again(row: Row, messages: Messages) -> Case:
    """The case of a candidate's row, its texts as the log holds them now: a value may have been recognised since."""
    case = case_of(row)
    read = messages.read(case.parents)
    return case if read is None else msgspec.structs.replace(case, messages=read[0], passages=read[1])


def _message(row: Row) -> CaseMessage:
    calls = [] if row["tool_calls"] is None or row["role"] == "tool" else orjson.loads(row["tool_calls"])
    return CaseMessage(
        role=row["role"],
        text=row["text"],
        tool_calls=tuple(CaseCall(name=c.get("name") or "", arguments=c.get("arguments"), id=c.get("id")) for c in calls),
        tool_call_id=row["tool_call_id"],
        tool_result=None if row["tool_result"] is None else orjson.loads(row["tool_result"]),
    )
