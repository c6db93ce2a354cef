"""What a target says to a case, as the journal and `evals.answers` keep it: always redacted."""

from __future__ import annotations

from typing import Any

import msgspec


class Call(msgspec.Struct, frozen=True):
    """A tool call of an answer. `arguments` is any JSON value, decoded when the model gave it as a JSON string."""

    name: str
    arguments: Any = None


class Question(msgspec.Struct, frozen=True):
    """What a target is asked: a case without its expected outcome.

    `messages` are {role, text, tool_calls, tool_call_id, tool_result} (those that are set), `passages` {id, text}, `tools`
    {name, description, parameters}. `seed` differs per case and repeat and is the same in every run with the same seed.
    """

    case_id: str
    messages: tuple[dict[str, Any], ...]
    passages: tuple[dict[str, Any], ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    seed: int = 0
    conversation_id: str | None = None
    trace_id: str | None = None


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
