"""What a target says to a case, as the journal and `evals.answers` keep it: always redacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from goldworks.digests import canonical


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool call of an answer. `arguments` is any JSON value, decoded when the model gave it as a JSON string.

    `result` is what the tool returned, when the target went on with it; `turn` the 0-based turn of a replayed conversation.
    """

    name: str
    arguments: Any = None
    result: Any = None
    turn: int = 0


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a target tells beside its last words and its calls, as far as it has it.

    `turns`: the texts of all turns, in order, when a conversation was replayed; `contexts`: passages {id, text} that it fetched
    itself; `state`: its environment when it was done, any JSON value, and `state_before` when it began (None: it was empty);
    `divergences`: names of the tools that it called otherwise than the recording knows, once a call.
    """

    turns: tuple[str | None, ...] = ()
    contexts: tuple[dict[str, Any], ...] = ()
    state: Any = None
    divergences: tuple[str, ...] = ()
    state_before: Any = None


class Question(msgspec.Struct, frozen=True):
    """What a target is asked: a case without its expected outcome.

    `messages` are {role, text, tool_calls, tool_call_id, tool_result} (those that are set), `passages` {id, text}, `tools`
    {name, description, parameters}. `seed` differs per case and repeat and is the same in every run with the same seed. `secret`
    is what an attack has planted in the system message: a target with a system prompt of its own adds it there.
    """

    case_id: str
    messages: tuple[dict[str, Any], ...]
    passages: tuple[dict[str, Any], ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    seed: int = 0
    conversation_id: str | None = None
    trace_id: str | None = None
    secret: str | None = None

    @property
    def is_recording(self) -> bool:
        """Whether it holds a whole conversation, down to the assistant's last word: nothing to answer, only to replay."""
        return bool(self.messages) and self.messages[-1]["role"] == "assistant"


class Reply(msgspec.Struct, frozen=True):
    """What a target answered, not yet redacted. `attempts` counts the calls made for it."""

    text: str | None = None
    tool_calls: tuple[Call, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    latency_ms: float | None = None
    attempts: int = 1
    conversation_id: str | None = None
    trace_id: str | None = None
    outcome: Outcome | None = None
    first_token_ms: float | None = None


EXPIRED = "expired"
"""Stands as `error` of an ok answer whose text was deleted for its age: its scores stay, but it cannot be scored anew."""


class Answer(msgspec.Struct, frozen=True):
    """One row of `evals.answers` before it has a run: `status` ok, or error with the class of the infrastructure error."""

    case_id: str
    repeat: int
    status: str = "ok"
    error: str | None = None
    text: str | None = None
    tool_calls: tuple[Call, ...] = ()
    latency_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    attempts: int = 1
    cluster_id: str | None = None
    conversation_id: str | None = None
    trace_id: str | None = None
    outcome: Outcome | None = None
    first_token_ms: float | None = None

    @property
    def is_ok(self) -> bool:
        """Whether there is an answer to score."""
        return self.status == "ok"


class NoAnswer(Exception):
    """An infrastructure error: the target gave no answer. `error` is its class, never text of the conversation."""

    def __init__(self, error: str, attempts: int = 1) -> None:
        self.error = error
        self.attempts = attempts
        super().__init__(error)


TEXTS = ("text", "tool_calls", "outcome")
"""Columns of `evals.answers` that hold text of conversations: plain text, then JSON."""


def row_of(answer: Answer) -> dict[str, Any]:
    """The columns of `evals.answers`, but the run."""
    row = {name: getattr(answer, name) for name in Answer.__struct_fields__}
    row["tool_calls"] = canonical(msgspec.to_builtins(answer.tool_calls)).decode() if answer.tool_calls else None
    row["outcome"] = canonical(msgspec.to_builtins(answer.outcome)).decode() if answer.outcome is not None else None
    return row


def answer_of(row: Mapping[str, Any]) -> Answer:
    """The answer in a row of `evals.answers`; other columns are ignored. An outcome that was withheld is none."""
    values = {name: row[name] for name in Answer.__struct_fields__}
    values["tool_calls"] = msgspec.json.decode(row["tool_calls"] or "[]", type=tuple[Call, ...])
    values["outcome"] = msgspec.json.decode(row["outcome"] or "null", type=Outcome | None)
    return Answer(**values)
