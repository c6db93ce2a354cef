"""A turn of the sample as a log line: OTLP/JSON with GenAI attributes, or a request with its response in OpenAI's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from goldworks.demo.play import Exchange
from goldworks.demo.shop import TOOL_SCHEMA_VERSION, TOOLS

MODELS = {"harbor-docs": "harbor-extract", "harbor-orders": "harbor-rules"}
PROMPT_VERSIONS = {"d1": "docs-prompt-1", "d2": "docs-prompt-2", "1.0": "orders-prompt-1", "1.1": "orders-prompt-2"}
RETRIEVAL_VERSION = "bm25-1"


def line_of(exchange: Exchange, *, is_legacy: bool = False, has_result_key: bool = False) -> bytes:
    """The log line of a turn, without its line end.

    `is_legacy`: with the attribute names of older emitters. `has_result_key`: tool responses under `result`. OTLP only.
    """
    if exchange.dialect == "otlp":
        return orjson.dumps(_otlp(exchange, is_legacy, "result" if has_result_key else "response"))
    return orjson.dumps(_openai_chat(exchange))


def tokens(text: str) -> int:
    """A rough count of tokens: words times 1.3."""
    return round(len(text.split()) * 1.3) + 1


def _read(exchange: Exchange) -> int:
    return sum(tokens(str(message.get("text") or message.get("tool_result") or "")) for message in exchange.messages)


def _cost(exchange: Exchange) -> float:
    return round((_read(exchange) * 0.2 + tokens(exchange.reply) * 0.8) / 1_000_000, 9)


def _otlp(exchange: Exchange, is_legacy: bool, result_key: str) -> dict[str, Any]:
    chat_id = exchange.trace_id[:16]
    model = MODELS[exchange.service]
    common = {
        "gen_ai.conversation.id": exchange.conversation_id,
        "user.id": exchange.user_id,
        "session.id": exchange.session_id,
    }
    chat: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system" if is_legacy else "gen_ai.provider.name": "self-hosted",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        **common,
        "gen_ai.prompt.name": exchange.service,
        "app.prompt.version": PROMPT_VERSIONS[exchange.release],
        "app.channel": exchange.channel,
        "gen_ai.input.messages": orjson.dumps([_parts(message, result_key) for message in exchange.messages]).decode(),
        "gen_ai.output.messages": orjson.dumps(
            [{"role": "assistant", "parts": [{"type": "text", "content": exchange.reply}], "finish_reason": "stop"}]
        ).decode(),
        "gen_ai.usage.prompt_tokens" if is_legacy else "gen_ai.usage.input_tokens": _read(exchange),
        "gen_ai.usage.completion_tokens" if is_legacy else "gen_ai.usage.output_tokens": tokens(exchange.reply),
        "gen_ai.response.finish_reasons": ["stop"],
        "app.cost_usd": _cost(exchange),
    }
    if exchange.service == "harbor-orders":
        chat["app.tool_schema.version"] = TOOL_SCHEMA_VERSION
        chat["gen_ai.tool.definitions"] = orjson.dumps([{"type": "function", **tool} for tool in TOOLS]).decode()
    if exchange.query is not None:
        chat["app.retrieval.config_version"] = RETRIEVAL_VERSION
    if exchange.feedback_score is not None:
        chat["app.feedback.score"] = exchange.feedback_score
    if exchange.feedback_comment is not None:
        chat["app.feedback.comment"] = exchange.feedback_comment
    spans = [_span(exchange, chat_id, None, f"chat {model}", 3, (0.0, 1.0), chat)]
    if exchange.query is not None:
        documents = [{"id": hit.passage.id, "score": hit.score, "content": hit.passage.text} for hit in exchange.hits]
        found = {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": "harbor-pages",
            "gen_ai.retrieval.query.text": exchange.query,
            "gen_ai.retrieval.documents": orjson.dumps(documents).decode(),
            "app.retrieval.config_version": RETRIEVAL_VERSION,
            **common,
        }
        spans.append(_span(exchange, exchange.trace_id[16:], chat_id, "retrieval harbor-pages", 3, (0.05, 0.3), found))
    share = 0.9 / max(1, len(exchange.steps))
    for number, (call_id, call, result) in enumerate(exchange.steps):
        ran = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.name,
            "gen_ai.tool.type": "function",
            "gen_ai.tool.call.id": call_id,
            "gen_ai.tool.call.arguments": orjson.dumps(call.arguments).decode(),
            "gen_ai.tool.call.result": orjson.dumps(result).decode(),
            **common,
        }
        if "error" in result:
            ran["error.type"] = "invalid_arguments"
        times = (0.05 + number * share, 0.05 + (number + 0.8) * share)
        spans.append(_span(exchange, f"{call_id[5:]}{number:04x}", chat_id, f"execute_tool {call.name}", 1, times, ran))
    resource = {
        "service.name": exchange.service,
        "service.version": exchange.release,
        "deployment.environment.name": "production",
        "service.instance.id": f"{exchange.service}-0",
    }
    scope = {"scope": {"name": "harbor.genai", "version": "1.0.0"}, "spans": spans}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _span(
    exchange: Exchange,
    span_id: str,
    parent_id: str | None,
    name: str,
    kind: int,
    part: tuple[float, float],
    attributes: Mapping[str, Any],
) -> dict[str, Any]:
    """A span over `part` (shares) of the turn's time."""
    length = exchange.ended_ns - exchange.started_ns
    start, end = (exchange.started_ns + int(share * length) // 1000 * 1000 for share in part)
    parent = {} if parent_id is None else {"parentSpanId": parent_id}
    return {
        "traceId": exchange.trace_id,
        "spanId": span_id,
        **parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(exchange.ended_ns if part[1] == 1.0 else end),
        "attributes": _attributes(attributes),
        "status": {"code": 2} if "error.type" in attributes else {},
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _any_value(value)} for key, value in values.items()]


def _any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(item) for item in value]}}
    return {"stringValue": value}


def _parts(message: Mapping[str, Any], result_key: str) -> dict[str, Any]:
    """A message in the parts form."""
    if message["role"] == "tool":
        part = {"type": "tool_call_response", "id": message["tool_call_id"], result_key: message["tool_result"]}
        return {"role": "tool", "parts": [part]}
    parts: list[dict[str, Any]] = [
        {"type": "tool_call", "id": call_id, "name": call.name, "arguments": call.arguments}
        for call_id, call in message.get("tool_calls") or ()
    ]
    if message.get("text") is not None:
        parts.insert(0, {"type": "text", "content": message["text"]})
    return {"role": message["role"], "parts": parts}


def _openai_chat(exchange: Exchange) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "service": exchange.service,
        "release": exchange.release,
        "environment": "production",
        "conversation_id": exchange.conversation_id,
        "session_id": exchange.session_id,
        "prompt_version": PROMPT_VERSIONS[exchange.release],
        "tool_schema_version": TOOL_SCHEMA_VERSION,
        "channel": exchange.channel,
    }
    if exchange.feedback_score is not None:
        metadata["feedback"] = {"score": exchange.feedback_score, "comment": exchange.feedback_comment}
    model = MODELS[exchange.service]
    read, written = _read(exchange), tokens(exchange.reply)
    return {
        "id": exchange.trace_id,
        "created": exchange.started_ns // 1_000_000_000,
        "model": model,
        "user": exchange.user_id,
        "metadata": metadata,
        "messages": [_chat_message(message) for message in exchange.messages],
        "tools": [{"type": "function", "function": tool} for tool in TOOLS],
        "response": {
            "id": exchange.trace_id,
            "object": "chat.completion",
            "created": exchange.ended_ns // 1_000_000_000,
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": exchange.reply, "refusal": None},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        },
    }


def _chat_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message in OpenAI's form: calls and results are JSON strings."""
    if message["role"] == "tool":
        result = orjson.dumps(message["tool_result"]).decode()
        return {"role": "tool", "tool_call_id": message["tool_call_id"], "content": result}
    found: dict[str, Any] = {"role": message["role"], "content": message.get("text")}
    if calls := message.get("tool_calls"):
        found["tool_calls"] = [
            {
                "id": call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": orjson.dumps(call.arguments).decode()},
            }
            for call_id, call in calls
        ]
    return found
