"""The record types that every log dialect is read into. They hold raw text: they live in memory only.

`read_file` (see `reading`) yields one `Line` per line of a file; a line holds turns, or the reason it cannot be used, or
nothing at all.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Role = Literal["system", "user", "assistant", "tool"]


class ToolCall(msgspec.Struct, frozen=True):
    """A call the assistant asked for. `arguments` is any JSON value, decoded when the log held it as a string."""

    name: str
    arguments: Any = None
    id: str | None = None


class Message(msgspec.Struct, frozen=True):
    """One message of a history. A tool message answers `tool_call_id` with `tool_result` (any JSON value)."""

    role: Role
    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    tool_name: str | None = None
    tool_result: Any = None


class Passage(msgspec.Struct, frozen=True):
    """A retrieved passage."""

    id: str | None = None
    score: float | None = None
    text: str | None = None


class Retrieval(msgspec.Struct, frozen=True):
    """A retrieval span: its query and passages. No passages at all is `()`."""

    span_id: str
    query: str | None = None
    passages: tuple[Passage, ...] = ()
    started_at: int | None = None


class ToolRun(msgspec.Struct, frozen=True):
    """A tool span: what was executed, apart from what the messages say of it."""

    span_id: str
    name: str
    call_id: str | None = None
    arguments: Any = None
    result: Any = None
    is_error: bool = False
    started_at: int | None = None
    ended_at: int | None = None


class Feedback(msgspec.Struct, frozen=True):
    """What the user said of a turn. `score` in -1..1."""

    score: float | None = None
    comment: str | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says of one turn (trace). Times are integer microseconds since the epoch, UTC.

    `chat_span_id` is None when the line brought only tool or retrieval spans of the turn; then `history` and `reply` are
    empty. `history` is everything the model was given, system message first; `reply` what it answered (usually one message).
    """

    trace_id: str
    conversation_id: str
    chat_span_id: str | None = None
    service: str | None = None
    environment: str | None = None
    release: str | None = None
    prompt_version: str | None = None
    model: str | None = None
    provider: str | None = None
    retrieval_version: str | None = None
    tool_schema_version: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    channel: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    finish_reason: str | None = None
    error_type: str | None = None
    history: tuple[Message, ...] = ()
    reply: tuple[Message, ...] = ()
    retrievals: tuple[Retrieval, ...] = ()
    tool_runs: tuple[ToolRun, ...] = ()
    feedback: Feedback | None = None

    @property
    def span_ids(self) -> tuple[str, ...]:
        """Every span of the turn on this line, the chat span first."""
        chat = (self.chat_span_id,) if self.chat_span_id is not None else ()
        return (*chat, *(r.span_id for r in self.retrievals), *(t.span_id for t in self.tool_runs))


class Unusable(msgspec.Struct, frozen=True):
    """Why a line cannot be used: a `reason` of `reading.REASONS`, and where in the line, without any value of it."""

    reason: str
    detail: str | None = None


class Line(msgspec.Struct, frozen=True):
    """One line of a log file: `turns`, or `unusable`, or neither when it is blank.

    `number` is 1-based and `byte_offset` counts from the start of the decompressed file; `raw` is the line without its line end
    and is dropped by the intake once hashed.
    """

    number: int
    byte_offset: int
    length_bytes: int
    turns: tuple[Turn, ...] = ()
    unusable: Unusable | None = None
    raw: bytes = b""

    @property
    def is_empty(self) -> bool:
        """A blank line: neither turns nor a reason."""
        return not self.turns and self.unusable is None
