"""The dialect of OpenTelemetry: one OTLP/JSON TracesData object per line, GenAI semantic conventions.

A line may hold many resources, scopes, spans and traces; each trace with a chat, tool or retrieval span becomes one `Turn`.
The spans of a trace may lie on several lines or in several files: a line with only tool or retrieval spans gives a turn
without a chat span.
- A line in which any such trace lacks its conversation id is unusable as a whole: nothing may be half lost.
- Of several chat spans of a trace on one line (an agent loop calls the model once per step) the one that ends last is the
  turn's chat span: its history holds what the earlier ones said. Tokens and cost are summed over all of them, the start is
  the earliest. The ids of the earlier ones are not kept; what only they said is not either.
- `invoke_agent` counts as the chat span when it carries messages and its trace has no chat span on the line. Spans of other
  operations (embeddings, create_agent, ...) are no turns; a line with nothing else is `not_a_turn`.
- Times are kept as they are, also when they run backwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from goldworks.conversations.damage import UnusableLine, convert_error, decode, wrong_type
from goldworks.conversations.messages import UNNAMED_TOOL
from goldworks.conversations.otlp_content import feedback, has_content, said, with_content_events
from goldworks.conversations.otlp_envelope import TRACES, Attributes, Event, Span, by_key, plain
from goldworks.conversations.records import Passage, Retrieval, ToolRun, Turn
from goldworks.conversations.values import amount, count, epoch, json_value, name

NAME = "otlp"

Kind = Literal["chat", "agent", "tool", "retrieval", "other"]

KINDS: dict[str, Kind] = {
    "chat": "chat",
    "text_completion": "chat",
    "completion": "chat",
    "generate_content": "chat",
    "invoke_agent": "agent",
    "execute_tool": "tool",
    "retrieval": "retrieval",
}

CONVERSATION = ("gen_ai.conversation.id",)
SERVICE = ("service.name",)
ENVIRONMENT = ("deployment.environment.name", "deployment.environment")
RELEASE = ("service.version", "gen_ai.agent.version", "app.version")
PROMPT_VERSION = ("app.prompt.version", "gen_ai.prompt.version")
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
RETRIEVAL_VERSION = ("app.retrieval.config_version", "app.retrieval.version")
TOOL_SCHEMA_VERSION = ("app.tool_schema.version",)
USER = ("user.id", "enduser.id")
SESSION = ("session.id",)
CHANNEL = ("app.channel",)
INPUT_TOKENS = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
OUTPUT_TOKENS = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
COST = ("app.cost_usd", "gen_ai.usage.cost")


class DocumentIn(msgspec.Struct, gc=False):
    """A retrieved document as emitters write it."""

    id: str | int | None = None
    score: float | str | None = None
    content: str | None = None
    text: str | None = None
    page_content: str | None = None


_DOCUMENTS: msgspec.json.Decoder[list[DocumentIn | str]] = msgspec.json.Decoder(list[DocumentIn | str])


class SeenSpan(msgspec.Struct, gc=False):
    """A span with its attributes by key, what it is, and where in the line it stands."""

    span: Span
    attributes: Attributes
    resource: Attributes
    kind: Kind
    where: str

    @property
    def events(self) -> Sequence[Event]:
        """Its events."""
        return self.span.events or ()


def recognises(value: Any) -> bool:
    """Whether a decoded line is of this dialect."""
    return isinstance(value, dict) and "resourceSpans" in value


def parse(line: bytes) -> tuple[Turn, ...]:
    """The turns of one line. Raises `UnusableLine`."""
    data = decode(TRACES, line)
    traces: dict[str, list[SeenSpan]] = {}
    for i, resource_spans in enumerate(data.resource_spans or ()):
        resource = by_key(resource_spans.resource.attributes) if resource_spans.resource else {}
        for j, scope_spans in enumerate(resource_spans.scope_spans or ()):
            for k, span in enumerate(scope_spans.spans or ()):
                where = f"$.resourceSpans[{i}].scopeSpans[{j}].spans[{k}]"
                seen = _seen(span, resource, where)
                if not span.trace_id:
                    raise wrong_type(f"{where}.traceId", "absent")
                traces.setdefault(span.trace_id, []).append(seen)
    turns = tuple(turn for spans in traces.values() if (turn := _turn(spans)) is not None)
    if not turns:
        raise UnusableLine("not_a_turn", "no chat, tool or retrieval span")
    return turns


def _seen(span: Span, resource: Attributes, where: str) -> SeenSpan:
    attributes = by_key(span.attributes)
    if span.events:
        attributes = with_content_events(attributes, span.events)
    operation = attributes.get("gen_ai.operation.name")
    if operation is not None and operation.string_value is not None:
        kind = KINDS.get(operation.string_value) or KINDS.get(operation.string_value.lower(), "other")
    elif "gen_ai.tool.name" in attributes:
        kind = "tool"
    elif has_content(attributes, span.events or ()):  # the oldest emitters name no operation
        kind = "chat"
    else:
        kind = "other"
    return SeenSpan(span, attributes, resource, kind, where)


def _turn(spans: list[SeenSpan]) -> Turn | None:
    chats = [seen for seen in spans if seen.kind == "chat"]
    if not chats:
        chats = [seen for seen in spans if seen.kind == "agent" and has_content(seen.attributes, seen.events)]
    tools = [seen for seen in spans if seen.kind == "tool"]
    retrievals = [seen for seen in spans if seen.kind == "retrieval"]
    if not (chats or tools or retrievals):
        return None
    ends = [_time(seen, "end") or 0 for seen in chats]
    chat = chats[max(range(len(chats)), key=lambda index: (ends[index], index))] if chats else None
    order = [chat, *(seen for seen in spans if seen is not chat)] if chat else spans
    conversation = _name(order, CONVERSATION)
    if conversation is None:
        raise UnusableLine("missing_conversation_id", f"{order[0].where}.attributes[gen_ai.conversation.id]")
    fields: dict[str, Any] = {}
    if chat is not None:
        heard = said(chat.attributes, chat.events, f"{chat.where}.attributes")
        fields = {
            "chat_span_id": _span_id(chat),
            "started_at": min((t for seen in chats if (t := _time(seen, "start")) is not None), default=None),
            "ended_at": _time(chat, "end"),
            "input_tokens": _total([_number(seen, INPUT_TOKENS, count) for seen in chats]),
            "output_tokens": _total([_number(seen, OUTPUT_TOKENS, count) for seen in chats]),
            "cost_usd": _total([_number(seen, COST, amount) for seen in chats]),
            "finish_reason": _finish_reason(chat) or heard.finish_reason,
            "error_type": _error_type(chat),
            "history": heard.history,
            "reply": heard.reply,
            "feedback": feedback(chat.attributes, chat.events, f"{chat.where}.attributes"),
            "model": _name([chat], MODEL),
            "provider": _name([chat], PROVIDER),
        }
    return Turn(
        trace_id=spans[0].span.trace_id or "",
        conversation_id=conversation,
        service=_name(order, SERVICE),
        environment=_name(order, ENVIRONMENT),
        release=_name(order, RELEASE),
        prompt_version=_name(order, PROMPT_VERSION),
        retrieval_version=_name(order, RETRIEVAL_VERSION),
        tool_schema_version=_name(order, TOOL_SCHEMA_VERSION),
        user_id=_name(order, USER),
        session_id=_name(order, SESSION),
        channel=_name(order, CHANNEL),
        retrievals=tuple(_retrieval(seen) for seen in retrievals),
        tool_runs=tuple(_tool_run(seen) for seen in tools),
        **fields,
    )


def _tool_run(seen: SeenSpan) -> ToolRun:
    spoken = (seen.span.name or "").removeprefix("execute_tool").strip()
    return ToolRun(
        span_id=_span_id(seen),
        name=_name([seen], ("gen_ai.tool.name",)) or spoken or UNNAMED_TOOL,
        call_id=_name([seen], ("gen_ai.tool.call.id",)),
        arguments=json_value(plain(seen.attributes.get("gen_ai.tool.call.arguments"))),
        result=json_value(plain(seen.attributes.get("gen_ai.tool.call.result"))),
        is_error=_error_type(seen) is not None,
        started_at=_time(seen, "start"),
        ended_at=_time(seen, "end"),
    )


def _retrieval(seen: SeenSpan) -> Retrieval:
    where = f"{seen.where}.attributes[gen_ai.retrieval.documents]"
    value = seen.attributes.get("gen_ai.retrieval.documents")
    if value is not None and value.string_value is not None:
        documents = decode(_DOCUMENTS, value.string_value, where) if value.string_value.strip() else []
    else:
        try:
            documents = msgspec.convert(plain(value) or [], type=list[DocumentIn | str])
        except msgspec.ValidationError as error:
            raise convert_error(error, where) from None
    return Retrieval(
        span_id=_span_id(seen),
        query=_name([seen], ("gen_ai.retrieval.query.text",)),
        passages=tuple(_passage(document, f"{where}[{index}]") for index, document in enumerate(documents)),
        started_at=_time(seen, "start"),
    )


def _passage(document: DocumentIn | str, where: str) -> Passage:
    if isinstance(document, str):
        return Passage(text=document)
    text = next((t for t in (document.content, document.text, document.page_content) if t is not None), None)
    return Passage(name(document.id, where), amount(document.score, f"{where}.score"), text)


def _name(order: Sequence[SeenSpan], keys: tuple[str, ...]) -> str | None:
    """The first of `keys` that a span in `order`, or its resource, gives."""
    for key in keys:
        for seen in order:
            value = seen.attributes.get(key) or seen.resource.get(key)
            if value is not None:
                found = value.string_value or name(plain(value), f"{seen.where}.attributes[{key}]")
                if found is not None:
                    return found
    return None


def _number(seen: SeenSpan, keys: tuple[str, ...], convert: Any) -> Any:
    for key in keys:
        value = seen.attributes.get(key)
        if value is not None:
            return convert(plain(value), f"{seen.where}.attributes[{key}]")
    return None


def _total(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _span_id(seen: SeenSpan) -> str:
    if not seen.span.span_id:
        raise wrong_type(f"{seen.where}.spanId", "absent")
    return seen.span.span_id


def _time(seen: SeenSpan, which: Literal["start", "end"]) -> int | None:
    if which == "start":
        return epoch(seen.span.start_time_unix_nano, 1_000_000_000, f"{seen.where}.startTimeUnixNano")
    return epoch(seen.span.end_time_unix_nano, 1_000_000_000, f"{seen.where}.endTimeUnixNano")


def _finish_reason(chat: SeenSpan) -> str | None:
    found = plain(chat.attributes.get("gen_ai.response.finish_reasons"))
    if isinstance(found, str):
        found = json_value(found)
    if isinstance(found, list):
        found = next((reason for reason in found if reason), None)
    return found if isinstance(found, str) and found else None


def _error_type(seen: SeenSpan) -> str | None:
    """`error.type`, or `_OTHER` (the conventions' own word) for a failed span that does not say."""
    found = _name([seen], ("error.type",))
    if found is None and seen.span.status is not None and seen.span.status.is_error:
        return "_OTHER"
    return found
