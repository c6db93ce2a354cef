"""How a recorded conversation is replayed: turn by turn, its tools and retrievals answered from the recording.

At each turn the candidate is given what was said so far and the user's next message, with the passages that were retrieved then.
What it calls is answered by what the recording holds for the same call (see `Cassette`), and it is asked again, until it calls
nothing more. A call that was not recorded is a divergence: it is noted, sent nowhere, and ends the turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from goldworks.evaluation.answers import Call, NoAnswer, Outcome, Question, Reply
from goldworks.evaluation.scorers.conversation_turns import NOT_RECORDED, Cassette, Message, Recording, call_key
from goldworks.evaluation.targets.protocol import Session


class ReplaySession:
    """Conversations replayed against an open candidate."""

    def __init__(self, candidate: Session, history: Literal["recorded", "own"] = "recorded", most_steps: int = 20) -> None:
        self._candidate = candidate
        self._history = history
        self._most_steps = most_steps

    def covers(self, question: Question) -> bool:
        """Whether there is something to replay: a message of the user."""
        return any(message["role"] == "user" for message in question.messages)

    async def ask(self, question: Question) -> Reply:
        """Replay the conversation. Raises `NoAnswer` when the candidate does not answer, whatever came before."""
        recording = Recording(question.messages)
        play = _Play(question, self._candidate, Cassette(recording), recording.keys, self._most_steps)
        said = list(recording.lead)
        for turn in range(len(recording.turns)):
            so_far = recording.before(turn) if self._history == "recorded" else said
            done = await play.turn(turn, [*so_far, *recording.asked(turn)])
            said = done.messages
            if done.has_diverged and self._history == "own":
                break
        return play.reply()


class _Turn(msgspec.Struct):
    """A turn that was played: all messages up to its end."""

    messages: list[Message]
    has_diverged: bool = False


class _Play:
    """One conversation in the making."""

    def __init__(self, question: Question, candidate: Session, cassette: Cassette, recorded: set[bytes], most_steps: int) -> None:
        self._question = question
        self._candidate = candidate
        self._cassette = cassette
        self._recorded = recorded
        self._most_steps = most_steps
        self._replies: list[Reply] = []
        self._calls: list[Call] = []
        self._texts: list[str | None] = []
        self._divergences: list[str] = []
        self._state: list[Any] = []
        self._state_before: Any = None

    async def turn(self, turn: int, messages: list[Message]) -> _Turn:
        """Ask until the candidate calls nothing more, calls what was not recorded, or has been asked often enough."""
        played = _Turn(list(messages))
        text: str | None = None
        for step in range(self._most_steps):
            reply = await self._ask(turn, played.messages)
            text = reply.text
            told = _told(f"replay_{turn}_{step}", reply)
            played.messages.append(told)
            answers = [self._result(call, turn) for call in reply.tool_calls]
            self._calls += [_made(call, turn, answer) for call, answer in zip(reply.tool_calls, answers, strict=True)]
            played.has_diverged = any(answer is NOT_RECORDED for answer in answers)
            if played.has_diverged or all(call.result is not None for call in reply.tool_calls):
                break
            played.messages += [
                {"role": "tool", "tool_call_id": call["id"], "tool_result": answer}
                for call, answer in zip(told["tool_calls"], answers, strict=True)
            ]
            text = None  # until it is asked again, nothing was said
        self._texts.append(text)
        return played

    def reply(self) -> Reply:
        """The whole conversation as one answer: the last turn's text, all calls, what it took."""
        outcome = Outcome(
            turns=tuple(self._texts),
            state=self._state[-1] if self._state else None,
            divergences=tuple(self._divergences),
            state_before=self._state_before,
        )
        taken: dict[str, Any] = {
            name: _sum([getattr(reply, name) for reply in self._replies])
            for name in ("input_tokens", "output_tokens", "cost_usd", "latency_ms")
        }
        attempts = sum(reply.attempts for reply in self._replies)
        return Reply(self._texts[-1], tuple(self._calls), attempts=attempts, outcome=outcome, **taken)

    async def _ask(self, turn: int, messages: Sequence[Message]) -> Reply:
        passages = tuple(passage for passage in self._question.passages if passage.get("turn") in (None, turn))
        given = tuple(dict(message) for message in messages)
        try:
            reply = await self._candidate.ask(msgspec.structs.replace(self._question, messages=given, passages=passages))
        except NoAnswer as failure:
            attempts = sum(reply.attempts for reply in self._replies)
            raise NoAnswer(failure.error, attempts + failure.attempts) from None
        if reply.outcome is not None and reply.outcome.state is not None:
            if not self._state:
                self._state_before = reply.outcome.state_before
            self._state.append(reply.outcome.state)
        self._replies.append(reply)
        return reply

    def _result(self, call: Call, turn: int) -> Any:
        """What a call gives back. One that the candidate ran itself keeps its result, and must have been recorded too."""
        if call.result is None:
            found = self._cassette.result(call, turn)
        else:
            found = call.result if call_key(call.name, call.arguments) in self._recorded else NOT_RECORDED
        if found is NOT_RECORDED:
            self._divergences.append(call.name)
        return found


def _told(prefix: str, reply: Reply) -> dict[str, Any]:
    """A reply as the message that it is in the history, its calls with ids of their own."""
    message: dict[str, Any] = {"role": "assistant"}
    if reply.text is not None:
        message["text"] = reply.text
    calls = [
        {"id": f"{prefix}_{number}", "name": call.name, "arguments": call.arguments}
        for number, call in enumerate(reply.tool_calls)
    ]
    return {**message, "tool_calls": calls} if calls else message


def _made(call: Call, turn: int, answer: Any) -> Call:
    return Call(call.name, call.arguments, call.result if answer is NOT_RECORDED else answer, turn)


def _sum(values: Sequence[Any]) -> Any:
    """The sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
