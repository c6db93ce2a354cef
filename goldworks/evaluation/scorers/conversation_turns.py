"""A recorded conversation, cut into turns, and what its tools gave back. Pure: no target, no run.

A turn starts with a user's message; users' messages that follow each other start one turn. What stands before the first one
leads in, and belongs to no turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldworks.digests import canonical
from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers.comparators import whole
from goldworks.evaluation.scorers.tool_names import plain_name

MOST_DIVERGING_RATE = 0.2
"""Share of conversations that may diverge before nothing can be concluded from a replay, unless its target says otherwise."""

Message = Mapping[str, Any]
NOT_RECORDED = object()
"""What a call gives back that the recording does not know."""


def turn_numbers(roles: Sequence[str]) -> list[int]:
    """The 0-based turn of each message; -1 before the first user's."""
    found: list[int] = []
    turn = -1
    for index, role in enumerate(roles):
        if role == "user" and (index == 0 or roles[index - 1] != "user"):
            turn += 1
        found.append(turn)
    return found


def call_key(name: str, arguments: Any) -> bytes:
    """What makes two calls the same: the tool (`.` and `_` alike) and canonical JSON of the arguments, 2 and 2.0 alike."""
    return canonical([plain_name(name), whole({} if arguments is None else arguments)])


class Recording:
    """A recorded conversation."""

    def __init__(self, messages: Sequence[Message]) -> None:
        """`messages` are {role, text, tool_calls, tool_call_id, tool_result}, those that are set."""
        self.turns: list[list[Message]] = []
        self.lead: list[Message] = []
        for turn, message in zip(turn_numbers([m["role"] for m in messages]), messages, strict=True):
            if turn < 0:
                self.lead.append(message)
                continue
            if turn == len(self.turns):
                self.turns.append([])
            self.turns[turn].append(message)
        self.calls = [call for turn, messages in enumerate(self.turns) for call in _calls(messages, turn)]

    def asked(self, turn: int) -> list[Message]:
        """The users' messages that start a turn, and system messages among them."""
        found: list[Message] = []
        for message in self.turns[turn]:
            if message["role"] not in ("user", "system"):
                break
            found.append(message)
        return found

    def before(self, turn: int) -> list[Message]:
        """Everything that was said and done before a turn."""
        return [*self.lead, *(message for messages in self.turns[:turn] for message in messages)]

    @property
    def keys(self) -> set[bytes]:
        """Every call that was recorded; see `call_key`."""
        return {call_key(call.name, call.arguments) for call in self.calls}


class Cassette:
    """Gives back what the recording's tools gave, call by call."""

    def __init__(self, recording: Recording) -> None:
        self._results: dict[bytes, list[tuple[int, Any]]] = {}
        for call in recording.calls:
            if call.result is not NOT_RECORDED:
                self._results.setdefault(call_key(call.name, call.arguments), []).append((call.turn, call.result))
        self._given: dict[tuple[bytes, int], int] = {}

    def result(self, call: Call, turn: int) -> Any:
        """What a call in a turn gives back, or `NOT_RECORDED`.

        Recorded several times, the n-th call of a turn gives the n-th result of this turn, or its last; a call that was recorded
        only in other turns gives the last result before, or else the first after.
        """
        key = call_key(call.name, call.arguments)
        recorded = self._results.get(key)
        if not recorded:
            return NOT_RECORDED
        here = [result for when, result in recorded if when == turn]
        if here:
            number = self._given.get((key, turn), 0)
            self._given[key, turn] = number + 1
            return here[min(number, len(here) - 1)]
        before = [result for when, result in recorded if when < turn]
        return before[-1] if before else recorded[0][1]


def _calls(messages: Sequence[Message], turn: int) -> Iterator[Call]:
    """The calls of a turn with their results: by the id of the call, or, without ids, in their order."""
    by_id = {m["tool_call_id"]: m for m in messages if m["role"] == "tool" and m.get("tool_call_id")}
    in_order = iter([m for m in messages if m["role"] == "tool" and not m.get("tool_call_id")])
    for message in messages:
        for call in message.get("tool_calls") or ():
            answer = by_id.get(call.get("id")) or next(in_order, None)
            yield Call(call["name"], call.get("arguments"), NOT_RECORDED if answer is None else result_in(answer), turn)


def result_in(message: Message) -> Any:
    """What a tool's message says: its result, or its text."""
    result = message.get("tool_result")
    return message.get("text") if result is None else result
