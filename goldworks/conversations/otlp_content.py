"""What was said, out of the attributes and events of one chat span: messages, reply, finish reason, feedback.

Current names of the GenAI conventions, and the older ones: `gen_ai.prompt` / `gen_ai.completion` (whole or with indices) and
one span event per message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from goldworks.conversations.damage import convert_error, decode
from goldworks.conversations.messages import MESSAGES, MessageIn, PartIn, convert_messages, to_records
from goldworks.conversations.otlp_envelope import AnyValue, Attributes, Event, by_key, plain, plain_body
from goldworks.conversations.records import Feedback, Message
from goldworks.conversations.values import amount, json_value

INPUT, OUTPUT, SYSTEM = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"
OLD_INPUT, OLD_OUTPUT = "gen_ai.prompt", "gen_ai.completion"
CONTENT_EVENTS = {"gen_ai.client.inference.operation.details", "gen_ai.content.prompt", "gen_ai.content.completion"}
MESSAGE_EVENTS = {f"gen_ai.{role}.message": role for role in ("system", "user", "assistant", "tool")}
CHOICE_EVENT = "gen_ai.choice"
EVALUATION_EVENT = "gen_ai.evaluation.result"

_FEEDBACK_NAME = re.compile(r"feedback|thumb|rating|satisf|csat", re.IGNORECASE)
_LABELS = {
    **dict.fromkeys(("up", "thumbs_up", "thumb_up", "positive", "good", "like", "liked", "helpful", "yes"), 1.0),
    **dict.fromkeys(("down", "thumbs_down", "thumb_down", "negative", "bad", "dislike", "disliked", "unhelpful", "no"), -1.0),
    "neutral": 0.0,
}
_PARTS: msgspec.json.Decoder[list[PartIn | str] | str] = msgspec.json.Decoder(list[PartIn | str] | str)


class Said(msgspec.Struct, frozen=True):
    """What one chat span says."""

    history: tuple[Message, ...]
    reply: tuple[Message, ...]
    finish_reason: str | None


def with_content_events(attributes: Attributes, events: Sequence[Event]) -> Attributes:
    """`attributes` and below them those of events that carry a span's content."""
    for event in events:
        if event.name in CONTENT_EVENTS:
            attributes = {**by_key(event.attributes), **attributes}
    return attributes


def has_content(attributes: Attributes, events: Sequence[Event]) -> bool:
    """Whether a span carries messages at all."""
    if any(key in attributes for key in (INPUT, OUTPUT, OLD_INPUT, OLD_OUTPUT)):
        return True
    return any(event.name in MESSAGE_EVENTS or event.name == CHOICE_EVENT for event in events) or any(
        key.startswith((f"{OLD_INPUT}.0.", f"{OLD_OUTPUT}.0.")) for key in attributes
    )


def said(attributes: Attributes, events: Sequence[Event], where: str) -> Said:
    """History, reply and finish reason of a chat span at key path `where`. Raises `UnusableLine`."""
    asked = _messages(attributes, (INPUT, OLD_INPUT), where, "user")
    answered = _messages(attributes, (OUTPUT, OLD_OUTPUT), where, "assistant")
    if asked is None and events:
        asked = _event_messages(events, where)
    if answered is None and events:
        answered = _choices(events, where)
    history = to_records(asked or (), f"{where}[{INPUT}]")
    instructions = _instructions(attributes.get(SYSTEM), where)
    if instructions and (not history or history[0] != instructions[0]):
        history = (*instructions, *history)
    reply = to_records(answered or (), f"{where}[{OUTPUT}]", "assistant")
    return Said(history, reply, next((m.finish_reason for m in answered or () if m.finish_reason), None))


def feedback(attributes: Attributes, events: Sequence[Event], where: str) -> Feedback | None:
    """The user's feedback: `app.feedback.score` and `.comment`, else an evaluation event whose name says feedback.

    A judge's or a metric's evaluation is not the user's word and is left alone. A score outside -1..1 has no known scale
    and is None. Raises `UnusableLine`.
    """
    score = plain(attributes.get("app.feedback.score"))
    comment = plain(attributes.get("app.feedback.comment"))
    if score is not None or comment is not None:
        return make_feedback(score, None, comment, f"{where}[app.feedback.score]")
    for event in events:
        if event.name == EVALUATION_EVENT:
            found = by_key(event.attributes)
            about = plain(found.get("gen_ai.evaluation.name"))
            if about is None or (isinstance(about, str) and _FEEDBACK_NAME.search(about)):
                return make_feedback(
                    plain(found.get("gen_ai.evaluation.score.value")),
                    plain(found.get("gen_ai.evaluation.score.label")),
                    plain(found.get("gen_ai.evaluation.explanation")),
                    f"{where}[{EVALUATION_EVENT}]",
                )
    return None


def make_feedback(score: Any, label: Any, comment: Any, where: str) -> Feedback | None:
    """Feedback from a number in -1..1 or a label such as `up` or `thumbs_down`; None when neither nor a comment is there."""
    value = _LABELS.get(label.strip().lower().replace("-", "_")) if isinstance(label, str) else None
    if value is None and isinstance(score, str) and score.strip().lower() in _LABELS:
        value = _LABELS[score.strip().lower()]
    elif value is None:
        number = amount(float(score) if isinstance(score, bool) else score, where)
        value = number if number is not None and -1 <= number <= 1 else None
    text = comment if isinstance(comment, str) and comment else None
    return Feedback(value, text) if value is not None or text is not None else None


def _messages(attributes: Attributes, names: tuple[str, str], where: str, role: str) -> list[MessageIn] | None:
    for key in names:
        value = attributes.get(key)
        if value is not None:
            return _as_messages(value, f"{where}[{key}]", role)
    return _indexed(attributes, f"{names[1]}.", where)


def _as_messages(value: AnyValue, where: str, role: str) -> list[MessageIn]:
    text = value.string_value
    if text is None:
        return convert_messages(plain(value) or [], where)
    if text[:1] not in ("[", "{"):
        text = text.strip()
        if text[:1] not in ("[", "{"):
            return [MessageIn(role=role, content=text)] if text else []  # the old attributes held bare text
    found = decode(MESSAGES, text, where)
    return found if isinstance(found, list) else [found]


def _indexed(attributes: Attributes, prefix: str, where: str) -> list[MessageIn] | None:
    """Messages spread over attributes such as `gen_ai.prompt.0.role` and `gen_ai.prompt.0.tool_calls.1.name`."""
    found: dict[int, dict[str, Any]] = {}
    for key, value in attributes.items():
        if not key.startswith(prefix):
            continue
        index, _, rest = key[len(prefix) :].partition(".")
        if not (index.isdecimal() and rest):
            continue
        message = found.setdefault(int(index), {})
        if rest.startswith("tool_calls."):
            number, _, field = rest[len("tool_calls.") :].partition(".")
            message.setdefault("tool_calls", {}).setdefault(number, {})[field] = plain(value)
        else:
            message[rest] = json_value(plain(value)) if rest == "content" else plain(value)
    if not found:
        return None
    for message in found.values():
        if "tool_calls" in message:
            message["tool_calls"] = list(message["tool_calls"].values())
    return convert_messages([found[index] for index in sorted(found)], f"{where}[{prefix}*]")


def _event_messages(events: Sequence[Event], where: str) -> list[MessageIn] | None:
    messages: list[Any] = []
    for event in events:
        role = MESSAGE_EVENTS.get(event.name or "")
        if role is not None:
            fields = _fields(event, where)
            if role == "tool":
                fields.setdefault("tool_call_id", fields.get("id"))
            messages.append({"role": role, **fields})
    return convert_messages(messages, f"{where}.events") if messages else None


def _choices(events: Sequence[Event], where: str) -> list[MessageIn] | None:
    """The first choice; further ones are alternatives that nobody was shown."""
    for event in events:
        if event.name == CHOICE_EVENT:
            fields = _fields(event, where)
            inner = json_value(fields.get("message"))
            message = inner if isinstance(inner, dict) else {"content": inner if inner is not None else fields.get("content")}
            calls = message.get("tool_calls", fields.get("tool_calls"))
            choice = {**message, "tool_calls": json_value(calls), "finish_reason": fields.get("finish_reason")}
            return convert_messages([choice], f"{where}.events")
    return None


def _fields(event: Event, where: str) -> dict[str, Any]:
    fields = {key: plain(value) for key, value in by_key(event.attributes).items()}
    body = json_value(fields.get("gen_ai.event.content")) if event.body is None else plain_body(event.body, f"{where}.events")
    if isinstance(body, dict):
        fields |= body
    elif isinstance(body, str):
        fields["content"] = body
    for key in ("content", "tool_calls"):
        if isinstance(fields.get(key), str):
            fields[key] = _decoded_list(fields[key])
        if isinstance(fields.get(key), dict) and key == "content":
            fields[key] = msgspec.json.encode(fields[key]).decode()
    return fields


def _decoded_list(text: str) -> Any:
    found = json_value(text)
    return found if isinstance(found, list) else text


def _instructions(value: AnyValue | None, where: str) -> tuple[Message, ...]:
    if value is None:
        return ()
    at = f"{where}[{SYSTEM}]"
    text = value.string_value
    if text is None:
        try:
            parts = msgspec.convert(plain(value) or [], type=list[PartIn | str] | str)
        except msgspec.ValidationError as error:
            raise convert_error(error, at) from None
    else:
        parts = decode(_PARTS, text, at) if text.lstrip()[:1] == "[" else text
    return to_records([MessageIn(role="system", content=parts)], at) if parts else ()
