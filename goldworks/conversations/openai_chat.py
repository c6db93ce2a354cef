"""The dialect of OpenAI-compatible endpoints: one request with its response per line. Chat Completions; Responses through
`openai_responses`.

The request's keys stand at the top, below `request`, or (when only responses are logged) are absent; the response stands
below `response` or at the top. What the application adds stands in `metadata`: service, release, environment,
conversation_id or thread_id, session_id, prompt_version, retrieval_version, tool_schema_version, channel, feedback.
- The record's id is the trace and the chat span. A record without one is `wrong_types`.
- `previous_response_id` alone names no conversation: the chain starts in another record, perhaps in a lost one.
- Of several choices the first is the reply; the others were alternatives.
- A record without a response whose messages end with the assistant (the fine-tuning form) has that message as its reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from goldworks.conversations.damage import UnusableLine, decode, wrong_type
from goldworks.conversations.messages import MessageIn, to_records
from goldworks.conversations.openai_responses import ItemIn, item_records, item_retrievals
from goldworks.conversations.otlp_content import make_feedback
from goldworks.conversations.records import Feedback, Message, Turn
from goldworks.conversations.values import amount, count, epoch, name

NAME = "openai_chat"


class ChoiceIn(msgspec.Struct, gc=False):
    """One choice of a response; `text` in the oldest form."""

    index: int | None = None
    finish_reason: str | None = None
    message: MessageIn | None = None
    text: str | None = None


class UsageIn(msgspec.Struct, gc=False):
    """Token counts under the names of both interfaces. `cost` is what some gateways add, in US dollars."""

    prompt_tokens: int | float | None = None
    completion_tokens: int | float | None = None
    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cost: float | None = None


class FeedbackIn(msgspec.Struct, gc=False):
    """What the user said, as the application noted it."""

    score: float | str | None = None
    thumbs: str | None = None
    comment: str | None = None


class MetadataIn(msgspec.Struct, gc=False):
    """What the application adds to a record."""

    service: str | None = None
    release: str | int | float | None = None
    environment: str | None = None
    conversation_id: str | int | None = None
    thread_id: str | int | None = None
    session_id: str | int | None = None
    user_id: str | int | None = None
    prompt_version: str | int | float | None = None
    retrieval_version: str | int | float | None = None
    tool_schema_version: str | int | float | None = None
    channel: str | None = None
    provider: str | None = None
    cost_usd: float | None = None
    feedback: FeedbackIn | None = None


class ConversationIn(msgspec.Struct, gc=False):
    """The conversation a response belongs to."""

    id: str | None = None


class ErrorIn(msgspec.Struct, gc=False):
    """An error; its message is not read, for it may quote the request."""

    type: str | None = None
    code: str | int | None = None


class IncompleteIn(msgspec.Struct, gc=False):
    """Why a response of the Responses interface stopped early."""

    reason: str | None = None


class Body(msgspec.Struct, gc=False):
    """A record, its request or its response: all keys, each optional, for a record may be any of them at once."""

    id: str | int | None = None
    created: int | float | None = None
    created_at: int | float | None = None
    completed_at: int | float | None = None
    model: str | None = None
    user: str | int | None = None
    provider: str | None = None
    metadata: MetadataIn | None = None
    conversation: ConversationIn | str | None = None
    messages: list[MessageIn] | None = None
    prompt: str | None = None
    instructions: str | list[ItemIn] | None = None
    input: str | list[ItemIn] | None = None
    choices: list[ChoiceIn] | None = None
    output: list[ItemIn] | None = None
    usage: UsageIn | None = None
    status: str | None = None
    incomplete_details: IncompleteIn | None = None
    error: ErrorIn | str | None = None
    request: Body | None = None
    response: Body | None = None


_BODY: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)
_NOTHING = Body()


def recognises(value: Any) -> bool:
    """Whether a decoded line is of this dialect."""
    if not isinstance(value, dict):
        return False
    return any(_looks_right(part) for part in (value, value.get("request"), value.get("response")))


def _looks_right(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return value.get("object") in ("chat.completion", "response") or "messages" in value or "choices" in value


def parse(line: bytes) -> tuple[Turn, ...]:
    """The one turn of a line. Raises `UnusableLine`."""
    record = decode(_BODY, line)
    request, response = record.request or _NOTHING, record.response or _NOTHING
    parts = (record, request, response)
    history, reply = _said(parts)
    if not history and not reply and all(p.choices is None and p.output is None and p.messages is None for p in parts):
        raise UnusableLine("not_a_turn", "neither messages nor a response")
    record_id = _first([name(p.id, "$.id") for p in (record, response, request)])
    if record_id is None:
        raise wrong_type("$.id", "absent")
    metadata = [p.metadata for p in parts if p.metadata is not None]
    conversation = _conversation(parts, metadata)
    if conversation is None:
        raise UnusableLine("missing_conversation_id", "$.metadata.conversation_id")
    usage = _first([p.usage for p in (response, record)]) or UsageIn()
    started = _first([_created(record, "$"), _created(request, "$.request"), _created(response, "$.response")])
    ended = epoch(response.completed_at or record.completed_at, 1, "$.completed_at") or _created(response, "$.response")
    return (
        Turn(
            trace_id=record_id,
            conversation_id=conversation,
            chat_span_id=record_id,
            service=_named([m.service for m in metadata]),
            environment=_named([m.environment for m in metadata]),
            release=_named([m.release for m in metadata]),
            prompt_version=_named([m.prompt_version for m in metadata]),
            retrieval_version=_named([m.retrieval_version for m in metadata]),
            tool_schema_version=_named([m.tool_schema_version for m in metadata]),
            channel=_named([m.channel for m in metadata]),
            session_id=_named([m.session_id for m in metadata]),
            user_id=_named([*(p.user for p in parts), *(m.user_id for m in metadata)]),
            model=_named([response.model, record.model, request.model]),
            provider=_named([record.provider, response.provider, *(m.provider for m in metadata)]),
            started_at=started,
            ended_at=ended,
            input_tokens=count(_first([usage.prompt_tokens, usage.input_tokens]), "$.usage"),
            output_tokens=count(_first([usage.completion_tokens, usage.output_tokens]), "$.usage"),
            cost_usd=amount(_first([usage.cost, *(m.cost_usd for m in metadata)]), "$.usage.cost"),
            finish_reason=_finish_reason(parts),
            error_type=_error_type(parts),
            history=history,
            reply=reply,
            retrievals=item_retrievals([*(record.output or ()), *(response.output or ())], record_id),
            feedback=_feedback(metadata),
        ),
    )


def _said(parts: Sequence[Body]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    record, request, response = parts
    asked = record if record.messages is not None or record.input is not None or record.prompt is not None else request
    at = "$" if asked is record else "$.request"
    history = to_records(asked.messages or (), f"{at}.messages")
    if asked.input is not None:
        history += item_records(asked.input, f"{at}.input")
    if asked.prompt is not None:
        history += (Message("user", asked.prompt),)
    for part in (asked, response):
        system = item_records(part.instructions, "$.instructions", "system") if part.instructions else ()
        if system and system[0] not in history:
            history = (*system, *history)
    answered = response if response.choices is not None or response.output is not None else record
    if answered.choices:
        reply = _choice(answered.choices, "$.response.choices" if answered is response else "$.choices")
    elif answered.output:
        reply = item_records(answered.output, "$.response.output" if answered is response else "$.output", "assistant")
    elif record.response is None and record.choices is None and history and history[-1].role == "assistant":
        history, reply = history[:-1], history[-1:]
    else:
        reply = ()
    return history, reply


def _choice(choices: Sequence[ChoiceIn], where: str) -> tuple[Message, ...]:
    first = min(choices, key=lambda choice: choice.index or 0)
    if first.message is None:
        return (Message("assistant", first.text),) if first.text is not None else ()
    return to_records([first.message], where, "assistant")


def _conversation(parts: Sequence[Body], metadata: Sequence[MetadataIn]) -> str | None:
    found = _named([*(m.conversation_id for m in metadata), *(m.thread_id for m in metadata)])
    if found is not None:
        return found
    ids = [p.conversation.id if isinstance(p.conversation, ConversationIn) else p.conversation for p in parts]
    return _named(ids)


def _created(part: Body, where: str) -> int | None:
    return epoch(part.created if part.created is not None else part.created_at, 1, f"{where}.created")


def _finish_reason(parts: Sequence[Body]) -> str | None:
    for part in parts:
        if part.choices:
            return min(part.choices, key=lambda choice: choice.index or 0).finish_reason
        if part.output is not None:
            return part.incomplete_details.reason if part.incomplete_details else part.status
    return None


def _error_type(parts: Sequence[Body]) -> str | None:
    for part in parts:
        if isinstance(part.error, ErrorIn):
            return name(part.error.code if part.error.code is not None else part.error.type, "$.error") or "error"
        if part.error:
            return "error"
    return None


def _feedback(metadata: Sequence[MetadataIn]) -> Feedback | None:
    given = _first([m.feedback for m in metadata])
    return make_feedback(given.score, given.thumbs, given.comment, "$.metadata.feedback") if given is not None else None


def _named(values: Sequence[Any]) -> str | None:
    return _first([name(value, "$.metadata") for value in values])


def _first(values: Sequence[Any]) -> Any:
    return next((value for value in values if value is not None), None)
