"""The dialect of everything else: any JSON object per line, read through a mapping (`expectations/mappings/`).

A Langfuse or LangSmith export, a company's own log. One line is at most one turn; its tool calls are those of its messages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec

from goldworks.conversations.damage import UnusableLine, decode_any, wrong_type
from goldworks.conversations.mapping import FeedbackFields, LogMapping, MessageFields, PassageFields, evaluate, load_mapping
from goldworks.conversations.messages import ROLES, convert_messages, to_records
from goldworks.conversations.otlp_content import make_feedback
from goldworks.conversations.records import Feedback, Message, Passage, Retrieval, Turn
from goldworks.conversations.values import amount, count, epoch, iso_time, json_value, name

__all__ = ["NAME", "decode_line", "is_turn", "items_of", "load_mapping", "parser"]

NAME = "mapped"

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_NAMES = (
    "service",
    "environment",
    "release",
    "prompt_version",
    "model",
    "provider",
    "retrieval_version",
    "tool_schema_version",
    "user_id",
    "session_id",
    "channel",
    "finish_reason",
    "error_type",
)


def parser(mapping: LogMapping) -> Callable[[bytes], tuple[Turn, ...]]:
    """The function that reads one line through `mapping`; it raises `UnusableLine`."""

    def parse(line: bytes) -> tuple[Turn, ...]:
        return (_turn(decode_line(line, mapping), mapping),)

    return parse


def decode_line(line: bytes, mapping: LogMapping) -> dict[str, Any]:
    """A line as plain JSON, `json_keys` decoded. Raises `UnusableLine`."""
    value = decode_any(line)
    if not isinstance(value, dict):
        raise wrong_type("$", "not an object")
    return {**value, **{key: json_value(value[key]) for key in mapping.json_keys if key in value}}


def is_turn(value: Any, mapping: LogMapping) -> bool:
    """Whether `only_if` admits a decoded line. Raises `UnusableLine`."""
    if mapping.only_if is None:
        return True
    return evaluate(mapping.only_if, value, "only_if") not in (None, False, "", [], {})


def items_of(expression: str, value: Any, field: str) -> list[Any]:
    """What `expression` finds as a list: nothing, one thing, a list, or any of these as a JSON text."""
    found = json_value(evaluate(expression, value, field))
    if found is None or found == "":
        return []
    return cast("list[Any]", found) if isinstance(found, list) else [found]


def _turn(value: Any, mapping: LogMapping) -> Turn:
    if not is_turn(value, mapping):
        raise UnusableLine("not_a_turn", "only_if")
    where = mapping.turn
    trace_id = _name(where.trace_id, value, "trace_id")
    if trace_id is None:
        raise wrong_type("trace_id", "absent")
    conversation_id = _name(where.conversation_id, value, "conversation_id")
    if conversation_id is None:
        raise UnusableLine("missing_conversation_id", "conversation_id")
    names: dict[str, Any] = {field: _name(getattr(where, field), value, field) for field in _NAMES}
    return Turn(
        trace_id=trace_id,
        conversation_id=conversation_id,
        chat_span_id=_name(where.chat_span_id, value, "chat_span_id") or trace_id,
        started_at=_time(mapping, mapping.times.started_at, value, "started_at"),
        ended_at=_time(mapping, mapping.times.ended_at, value, "ended_at"),
        input_tokens=count(_value(where.input_tokens, value, "input_tokens"), "input_tokens"),
        output_tokens=count(_value(where.output_tokens, value, "output_tokens"), "output_tokens"),
        cost_usd=amount(_value(where.cost_usd, value, "cost_usd"), "cost_usd"),
        history=_messages(mapping.history, value, "history"),
        reply=_messages(mapping.reply, value, "reply"),
        retrievals=_retrievals(mapping.passages, value, trace_id),
        feedback=_feedback(mapping.feedback, value),
        **names,
    )


def _messages(fields: MessageFields | None, value: Any, field: str) -> tuple[Message, ...]:
    if fields is None:
        return ()
    found = [_message(fields, item, f"{field}[{i}]") for i, item in enumerate(items_of(fields.items, value, f"{field}.items"))]
    return to_records(convert_messages(found, field), field, fields.default_role)


def _message(fields: MessageFields, item: Any, where: str) -> dict[str, Any]:
    """One message as the plain form that `convert_messages` takes."""
    if isinstance(item, str):
        return {"role": fields.default_role, "content": item}
    if not isinstance(item, dict):
        raise wrong_type(where, "neither a message nor a text")
    role = evaluate(fields.role, item, f"{where}.role")
    text = evaluate(fields.text, item, f"{where}.text")
    calls = [_call(fields, call, f"{where}.tool_calls") for call in items_of(fields.tool_calls, item, f"{where}.tool_calls")]
    if role is None and text is None and not calls:
        raise wrong_type(where, "neither role, text nor tool calls found")
    if role is not None and not isinstance(role, str):
        raise wrong_type(f"{where}.role", "not a text")
    if isinstance(text, dict) and "type" not in text:
        text = msgspec.json.encode(text).decode()  # a structured answer: its JSON is what the user's program was given
    return {
        "role": fields.roles.get(role, role) if role is not None and role not in ROLES else role,
        "content": text,
        "tool_calls": calls,
        "tool_call_id": evaluate(fields.tool_call_id, item, f"{where}.tool_call_id"),
        "name": evaluate(fields.tool_name, item, f"{where}.tool_name"),
    }


def _call(fields: MessageFields, call: Any, where: str) -> dict[str, Any]:
    return {
        "id": evaluate(fields.call_id, call, where),
        "name": evaluate(fields.call_name, call, where),
        "arguments": evaluate(fields.call_arguments, call, where),
    }


def _retrievals(fields: PassageFields | None, value: Any, trace_id: str) -> tuple[Retrieval, ...]:
    """One retrieval for the line; none when the line holds no list of passages at all."""
    if fields is None or evaluate(fields.items, value, "passages.items") is None:
        return ()
    passages = tuple(
        _passage(fields, item, f"passages[{index}]") for index, item in enumerate(items_of(fields.items, value, "passages.items"))
    )
    return (Retrieval(f"{trace_id}/passages", _name(fields.query, value, "passages.query"), passages),)


def _passage(fields: PassageFields, item: Any, where: str) -> Passage:
    if isinstance(item, str):
        return Passage(text=item)
    text = evaluate(fields.text, item, f"{where}.text")
    if text is not None and not isinstance(text, str):
        raise wrong_type(f"{where}.text", "not a text")
    score = amount(evaluate(fields.score, item, f"{where}.score"), f"{where}.score")
    return Passage(name(evaluate(fields.id, item, f"{where}.id"), f"{where}.id"), score, text)


def _feedback(fields: FeedbackFields | None, value: Any) -> Feedback | None:
    if fields is None:
        return None
    return make_feedback(
        _value(fields.score, value, "feedback.score"),
        _value(fields.label, value, "feedback.label"),
        _value(fields.comment, value, "feedback.comment"),
        "feedback.score",
    )


def _time(mapping: LogMapping, expression: str | None, value: Any, field: str) -> int | None:
    found = _value(expression, value, field)
    if mapping.times.format == "iso8601":
        return iso_time(found, field)
    return epoch(found, _PER_SECOND[mapping.times.format], field)


def _name(expression: str | None, value: Any, field: str) -> str | None:
    return name(_value(expression, value, field), field)


def _value(expression: str | None, value: Any, field: str) -> Any:
    return evaluate(expression, value, field) if expression is not None else None
