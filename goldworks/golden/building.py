"""Production cases from chosen turns: what the assistant was given, read from `logs.messages` as it is stored, redacted.

The case asks for the assistant's next step after the user's message: system message, history, question. Tool calls that the
assistant made in the turn itself are what a good assistant would do, so they are no input. Passages that were retrieved in the
turn are. The expected outcome stays empty: the recorded reply is not known to be right until a person says so.

A case of a whole conversation holds everything up to the last reply, to be replayed; its passages know the turn they belong to.
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

    def inputs_of(self, turn: Row, unit: str = "turn") -> list[str]:
        """Ids of the messages that a turn's case is made of: system message, history, question, retrievals.

        Of a whole `conversation` that ends with the turn also what the assistant did in it, and the retrievals of all its turns.
        """
        chain: list[str] = []
        here: str | None = turn["question_id" if unit == "turn" else "reply_id"]
        while here is not None:
            chain.append(here)
            here = self._by_id[here]["parent_id"]
        traces = (
            [turn["trace_id"]] if unit == "turn" else list(dict.fromkeys(self._by_id[i]["trace_id"] for i in reversed(chain)))
        )
        retrievals = [row for trace in traces for row in self._retrievals.get((turn["conversation_id"], trace), [])]
        system = [turn["system_id"]] if turn["system_id"] in self._by_id else []
        return [*system, *reversed(chain), *(row["message_id"] for row in retrievals)]

    def read(self, ids: Sequence[str]) -> tuple[tuple[CaseMessage, ...], tuple[CasePassage, ...]] | None:
        """The messages and passages of a case made of `ids`; None when one is gone or withheld."""
        rows = [self._by_id.get(one) for one in ids]
        found = [row for row in rows if row is not None and not row["is_withheld"]]
        if len(found) < len(rows):
            return None
        spoken = [row for row in found if row["role"] != "retrieval"]
        turn_of = _turns(spoken) if spoken and spoken[-1]["role"] == "assistant" else {}
        passages = [
            (p, turn_of.get(row["trace_id"])) for row in found if row["role"] == "retrieval" for p in row["passages"] or ()
        ]
        distinct = {(p["id"], p["text"], turn): CasePassage(id=p["id"], text=p["text"], turn=turn) for p, turn in passages}
        return tuple(map(_message, spoken)), tuple(distinct.values())


def _turns(spoken: Sequence[Row]) -> dict[str, int]:
    """The 0-based turn of each trace in a whole conversation."""
    found: dict[str, int] = {}
    turn = -1
    for index, row in enumerate(spoken):
        turn += row["role"] == "user" and (index == 0 or spoken[index - 1]["role"] != "user")
        found.setdefault(row["trace_id"], max(turn, 0))
    return found


def build_case(turn: Row, use_case: UseCase, tools: Iterable[CaseTool], messages: Messages, key: bytes) -> Case | None:
    """The case of a turn of the pool, or of the conversation that ends with it; None when its messages cannot be read as one."""
    unit = use_case.plan.unit
    parents = messages.inputs_of(turn, unit)
    read = messages.read(parents)
    if read is None:
        return None
    return Case(
        case_id=production_id(key, turn["conversation_id"], turn["trace_id"] if unit == "turn" else unit),
        use_case=use_case.name,
        tier=use_case.tier,
        origin="production",
        intent=intent(turn["tool_names"], turn["question"]),
        tags=known_failures(turn),
        messages=read[0],
        passages=read[1],
        tools=tuple(tools),
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
