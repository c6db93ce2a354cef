"""The boundary between raw and stored: new messages go through the redactor and come out as rows. Nothing raw leaves here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from goldworks.access.key_ring import IdentityKeys
from goldworks.conversations.records import Message, Retrieval, ToolRun
from goldworks.intake.sorting import NewMessage, NewTurn, SafeId, Sorted
from goldworks.redaction import Document, Entity, Field, Known, RedactedDocument, RedactedField

Row = dict[str, Any]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST_US = 253_402_300_799_000_000
"""End of the year 9999: the latest time that Python and Delta agree on."""


def documents(
    day: Sorted,
    stored: Mapping[str, Sequence[Row]],
    comments: Mapping[str, Sequence[Row]],
    known: Mapping[str, Sequence[Row]],
    names_in: Collection[str],
) -> list[Document]:
    """One document per conversation that brought something to redact.

    `stored`, `comments`, `known`: rows of `logs.messages`, `logs.turns` and `logs.entities` of earlier days, by conversation.
    """
    feedback: dict[str, list[Field]] = {}
    for turn in day.turns:
        said = turn.turn.feedback
        if said and said.comment and turn.has_chat:
            field = Field(turn.turn.trace_id, "feedback", "feedback_comment", said.comment, "feedback" in names_in)
            feedback.setdefault(turn.turn.conversation_id, []).append(field)
    found: list[Document] = []
    for conversation_id in {**day.messages, **feedback}:
        messages = day.messages.get(conversation_id, ())
        fields = [field for message in messages for field in _fields(message, names_in)]
        fields += feedback.get(conversation_id, ())
        if fields:
            earlier = [field for row in stored.get(conversation_id, ()) for field in stored_fields(row)]
            earlier += [
                Field(row["trace_id"], "feedback", "feedback_comment", row["feedback_comment"])
                for row in comments.get(conversation_id, ())
            ]
            found.append(Document(conversation_id, tuple(fields), _known(known.get(conversation_id, ())), tuple(earlier)))
    return found


def stored_fields(row: Row) -> list[Field]:
    """The redacted fields of a stored `logs.messages` row."""
    owner, role = row["message_id"], row["role"]
    fields = [Field(owner, role, "text", row["text"])] if row["text"] else []
    fields += [Field(owner, role, n, orjson.loads(row[n])) for n in ("tool_calls", "tool_result") if row[n] is not None]
    if row["passages"]:
        fields.append(Field(owner, role, "passages", row["passages"], False))
    return fields


def message_rows(day: str, sorted_day: Sorted, redacted: Iterable[RedactedDocument], safe: SafeId) -> list[Row]:
    """Rows of `logs.messages`, in order of arrival within each conversation."""
    by_owner: dict[str, dict[str, RedactedField]] = {}
    for document in redacted:
        for field in document.fields:
            by_owner.setdefault(field.owner, {})[field.name] = field
    rows: list[Row] = []
    for conversation_id, messages in sorted_day.messages.items():
        for message in messages:
            fields = by_owner.get(message.node.message_id, {})
            rows.append(
                {
                    "arrived_on": day,
                    "source": message.source,
                    "line": message.line,
                    "conversation_id": conversation_id,
                    "message_id": message.node.message_id,
                    "parent_id": message.node.parent_id,
                    "message_index": message.node.index,
                    "content_hash": message.node.content_hash,
                    "role": message.role,
                    "trace_id": message.trace_id,
                    "occurred_at": timestamp(message.occurred_at),
                    "tool_call_id": _safely(_call_id(message.content), safe),
                    "tool_name": _safely(_tool_name(message.content), safe),
                    "is_withheld": any(field.is_withheld for field in fields.values()),
                    "entities": sum(len(field.entities) for field in fields.values()),
                    **{name: encode_field(name, fields[name].value) for name in TEXT_FIELDS if name in fields},
                }
            )
    return rows


TEXT_FIELDS = ("text", "tool_calls", "tool_result", "passages")


def encode_field(name: str, value: Any) -> Any:
    """A redacted field as its column holds it: text as it is, JSON values encoded, passages as structs."""
    if name in ("text", "feedback_comment"):
        return value
    if name == "passages":
        if isinstance(value, str):  # withheld as a whole
            return [{"id": None, "score": None, "text": value}]
        return [{"id": _text(p.get("id")), "score": p.get("score"), "text": p.get("text")} for p in value]
    return orjson.dumps(value).decode()


def entity_row(day: str, conversation_id: str, entity: Entity, revealed_on: str, policy_version: str) -> Row:
    """A row of `logs.entities`."""
    return {
        "arrived_on": day,
        "conversation_id": conversation_id,
        "message_id": entity.owner,
        "role": entity.role,
        "field": entity.field,
        "start": entity.start,
        "end": entity.end,
        "token": entity.token,
        "type": entity.type,
        "rule": entity.rule,
        "layer": entity.layer,
        "score": entity.score,
        "value_hash": entity.value_hash,
        "variant_hashes": list(entity.variant_hashes),
        "variant_words": entity.variant_words,
        "revealed_on": revealed_on,
        "policy_version": policy_version,
    }


def turn_rows(day: str, turns: Iterable[NewTurn], redacted: Iterable[RedactedDocument], identities: IdentityKeys) -> list[Row]:
    """Rows of `logs.turns`."""
    comments = {f.owner: f.value for d in redacted for f in d.fields if f.name == "feedback_comment"}
    rows: list[Row] = []
    for found in turns:
        turn = found.turn
        runs = [run for run in turn.tool_runs if run.span_id in found.span_ids]
        latency = None
        if found.has_chat and turn.started_at is not None and turn.ended_at is not None and turn.ended_at >= turn.started_at:
            latency = (turn.ended_at - turn.started_at) / 1000
        rows.append(
            {
                "arrived_on": day,
                "source": found.source,
                "line": found.line,
                "trace_id": turn.trace_id,
                "conversation_id": turn.conversation_id,
                "span_ids": found.span_ids,
                "has_chat": found.has_chat,
                "service": turn.service or "unknown",
                **{name: getattr(turn, name) for name in COPIED},
                "user_hash": identities.digest("user", turn.user_id) if turn.user_id else None,
                "session_hash": identities.digest("session", turn.session_id) if turn.session_id else None,
                "started_at": timestamp(turn.started_at),
                "ended_at": timestamp(turn.ended_at),
                "latency_ms": latency,
                "tool_calls": len(runs),
                "tool_errors": sum(run.is_error for run in runs),
                "retrieved": found.retrieved,
                "system_id": found.system_id,
                "request_id": found.request_id,
                "reply_id": found.reply_id,
                "feedback_score": turn.feedback.score if turn.feedback and found.has_chat else None,
                "feedback_comment": comments.get(turn.trace_id) if found.has_chat else None,
            }
        )
    return rows


COPIED = (
    "environment",
    "release",
    "prompt_version",
    "model",
    "provider",
    "retrieval_version",
    "tool_schema_version",
    "channel",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "finish_reason",
    "error_type",
)


def timestamp(microseconds: int | None) -> dt.datetime | None:
    """A time for a column; None when absent or outside what a calendar holds."""
    if microseconds is None or not 0 <= microseconds <= LAST_US:
        return None
    return EPOCH + dt.timedelta(microseconds=microseconds)


def _fields(message: NewMessage, names_in: Collection[str]) -> list[Field]:
    owner, role, content = message.node.message_id, message.role, message.content
    prose = role in names_in
    if isinstance(content, Retrieval):
        fields = [Field(owner, role, "text", content.query, prose)] if content.query else []
        if content.passages:
            fields.append(Field(owner, role, "passages", msgspec.to_builtins(content.passages), "passage" in names_in))
        return fields
    if isinstance(content, ToolRun):
        call = [{"id": content.call_id, "name": content.name, "arguments": content.arguments}]
        return [Field(owner, role, "tool_calls", call, prose), Field(owner, role, "tool_result", content.result, prose)]
    fields = [Field(owner, role, "text", content.text, prose)] if content.text else []
    if content.tool_calls:
        calls = [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in content.tool_calls]
        fields.append(Field(owner, role, "tool_calls", calls, prose))
    if role == "tool":
        fields.append(Field(owner, role, "tool_result", content.tool_result, prose))
    return fields


def _known(rows: Sequence[Row]) -> tuple[Known, ...]:
    known = {
        row["value_hash"]: Known(row["token"], row["type"], row["value_hash"], tuple(row["variant_hashes"]), row["variant_words"])
        for row in rows
    }
    return tuple(known[value_hash] for value_hash in sorted(known))


def _call_id(content: Message | Retrieval | ToolRun) -> str | None:
    return content.tool_call_id if isinstance(content, Message) else content.call_id if isinstance(content, ToolRun) else None


def _tool_name(content: Message | Retrieval | ToolRun) -> str | None:
    return content.tool_name if isinstance(content, Message) else content.name if isinstance(content, ToolRun) else None


def _safely(value: str | None, safe: SafeId) -> str | None:
    return None if value is None else safe(value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
