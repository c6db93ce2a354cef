"""One record of every dialect with every field that it knows, for tests that put something into each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

CALL = {
    "id": "call-1",
    "type": "function",
    "function": {"name": "find", "arguments": json.dumps({"what": "lamp", "tags": ["a"]})},
}


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": k, "value": {"stringValue": v if isinstance(v, str) else json.dumps(v)}} for k, v in values.items()]


def _otlp(spans: list[dict[str, Any]]) -> dict[str, Any]:
    resource = {"service.name": "shop", "service.version": "1.0", "deployment.environment.name": "production"}
    scope = {"scope": {"name": "tracer", "version": "1"}, "spans": spans}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _span(number: int, attributes: dict[str, Any], events: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "traceId": "ab" * 16,
        "spanId": f"{number:016x}",
        "parentSpanId": "0" * 16,
        "name": "span",
        "startTimeUnixNano": "1793000000000000000",
        "endTimeUnixNano": "1793000001000000000",
        "status": {"code": 2, "message": "failed"},
        "attributes": _attributes({"gen_ai.conversation.id": "conv-1", **attributes}),
        "events": events or [],
    }


def _event(name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "timeUnixNano": "1793000000500000000", "attributes": _attributes(attributes)}


CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "acme",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-1",
    "gen_ai.response.id": "r-1",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": "5",
    "user.id": "u1",
    "session.id": "s1",
    "error.type": "timeout",
    "app.prompt.version": "p1",
    "app.tool_schema.version": "t1",
    "app.retrieval.config_version": "r1",
    "app.channel": "web",
    "app.feedback.score": "-1",
    "app.feedback.comment": "bad",
}
OTLP = _otlp(
    [
        _span(
            1,
            {
                **CHAT,
                "gen_ai.system_instructions": [{"type": "text", "content": "be brief"}],
                "gen_ai.input.messages": [
                    {"role": "user", "name": "u", "parts": [{"type": "text", "content": "a lamp"}]},
                    {
                        "role": "assistant",
                        "parts": [{"type": "tool_call", "id": "c1", "name": "find", "arguments": {"what": "lamp", "of": ["a"]}}],
                    },
                    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"found": ["b"]}}]},
                    {"role": "user", "parts": [{"type": "uri", "modality": "image", "uri": "https://x.example/a.png"}]},
                ],
                "gen_ai.output.messages": [
                    {
                        "role": "assistant",
                        "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "here"}],
                        "finish_reason": "stop",
                    }
                ],
            },
            [
                _event(
                    "gen_ai.evaluation.result",
                    {
                        "gen_ai.evaluation.name": "feedback",
                        "gen_ai.evaluation.score.label": "bad",
                        "gen_ai.evaluation.explanation": "slow",
                    },
                ),
                _event("exception", {"exception.message": "m", "exception.stacktrace": "s"}),
            ],
        ),
        _span(
            2,
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "find",
                "gen_ai.tool.call.id": "c1",
                "gen_ai.tool.description": "finds",
                "gen_ai.tool.call.arguments": {"what": "lamp", "deep": {"er": ["x"]}},
                "gen_ai.tool.call.result": {"found": ["b"]},
            },
        ),
        _span(
            3,
            {
                "gen_ai.operation.name": "retrieval",
                "gen_ai.retrieval.query.text": "lamp",
                "gen_ai.retrieval.documents": [{"id": "d1", "score": 0.5, "content": "about lamps", "title": "t"}],
            },
        ),
    ]
)
OTLP_EVENTS = _otlp(
    [
        _span(
            1,
            CHAT,
            [
                _event("gen_ai.system.message", {"content": "be brief", "role": "system"}),
                _event("gen_ai.user.message", {"content": "a lamp", "role": "user"}),
                _event("gen_ai.assistant.message", {"tool_calls": [CALL], "role": "assistant"}),
                _event("gen_ai.tool.message", {"content": "found", "id": "call-1", "role": "tool"}),
                _event("gen_ai.choice", {"message": {"role": "assistant", "content": "here"}, "finish_reason": "stop"}),
            ],
        )
    ]
)
OTLP_OLD = _otlp(
    [_span(1, {**CHAT, "gen_ai.prompt": [{"role": "user", "content": "a lamp"}], "gen_ai.completion": [{"content": "here"}]})]
)
OPENAI = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1793000000,
    "model": "m",
    "user": "u1",
    "system_fingerprint": "f",
    "metadata": {"service": "shop", "conversation_id": "conv-2", "session_id": "s", "release": "1", "prompt_version": "p"},
    "tools": [{"type": "function", "function": {"name": "find", "description": "finds", "parameters": {"type": "object"}}}],
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "name": "u", "content": [{"type": "text", "text": "a lamp"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call-1", "content": json.dumps({"found": ["b"]})},
    ],
    "response": {
        "id": "chatcmpl-1",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "here", "refusal": None, "tool_calls": [CALL]},
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 6},
    },
    "feedback": {"score": -1, "comment": "bad"},
    "error": {"type": "timeout", "message": "late"},
}
RESPONSES = {
    "id": "resp-1",
    "object": "response",
    "created_at": 1793000000,
    "model": "m",
    "user": "u1",
    "instructions": "be brief",
    "metadata": {"service": "shop", "conversation_id": "conv-3"},
    "input": [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a lamp"}]},
        {"type": "function_call", "call_id": "c", "name": "find", "arguments": json.dumps({"what": "lamp"})},
        {"type": "function_call_output", "call_id": "c", "output": json.dumps({"found": ["b"]})},
    ],
    "output": [
        {
            "type": "file_search_call",
            "id": "fs",
            "queries": ["lamp"],
            "results": [{"file_id": "f", "filename": "n", "score": 0.5, "text": "about lamps"}],
        },
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "here", "annotations": []}]},
    ],
    "status": "completed",
}
LANGFUSE = {
    "id": "o1",
    "traceId": "t1",
    "type": "GENERATION",
    "name": "answer",
    "traceName": "shop",
    "startTime": "2026-11-02T08:00:00.250Z",
    "endTime": "2026-11-02T08:00:01Z",
    "model": "m",
    "input": {"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "a lamp"}]},
    "output": {"role": "assistant", "content": "here", "tool_calls": [CALL]},
    "metadata": {"service": "shop", "user_id": "u", "other": {"deep": "x"}},
    "level": "ERROR",
    "statusMessage": "late",
    "sessionId": "conv-4",
    "userId": "u1",
    "version": "1",
    "environment": "production",
    "promptName": "p",
}
LANGSMITH = {
    "id": "r1",
    "trace_id": "t1",
    "run_type": "llm",
    "name": "model",
    "start_time": "2026-11-02T08:00:00.250000",
    "end_time": "2026-11-02T08:00:01",
    "error": "late",
    "tags": ["a"],
    "extra": {
        "metadata": {"thread_id": "conv-5", "user_id": "u", "ls_model_name": "m", "ls_provider": "acme", "service": "shop"}
    },
    "inputs": {
        "messages": [
            [
                {
                    "lc": 1,
                    "type": "constructor",
                    "id": ["langchain", "HumanMessage"],
                    "kwargs": {"content": "a lamp", "type": "human"},
                },
                {"role": "assistant", "content": "", "tool_calls": [CALL]},
                {"role": "tool", "content": json.dumps({"found": ["b"]}), "tool_call_id": "call-1", "name": "find"},
            ]
        ]
    },
    "outputs": {"generations": [[{"text": "here", "generation_info": {"finish_reason": "x"}, "message": {"content": "y"}}]]},
    "session_name": "shop",
}
FILES: dict[str, list[dict[str, Any]]] = {
    "otlp/2026-11-01.jsonl": [OTLP, OTLP_EVENTS, OTLP_OLD],
    "openai/2026-11-01.jsonl": [OPENAI, RESPONSES],
    "langfuse/2026-11-01.jsonl": [LANGFUSE],
    "langsmith/2026-11-01.jsonl": [LANGSMITH],
}
"""Files below a log folder, as the intake policy tells them apart, with the records of each."""


def with_each_field(record: dict[str, Any], new: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """The record once for each of its strings, and each of its objects with a further key: `new` says what stands there.

    JSON in strings is gone into. What `new` gives is told apart by the path it is given.
    """
    for place in _places(record, ()):
        yield _put(record, place, new("/".join(map(str, place))))


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        yield (*path, "+key")
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))
    elif isinstance(value, str):
        yield path
        if value[:1] in "[{" and value:
            yield from _places(json.loads(value), (*path, "+json"))


def _put(value: Any, path: tuple[Any, ...], new: str) -> Any:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if step == "+key":
        return {**value, new: new}
    if step == "+json":
        return json.dumps(_put(json.loads(value), rest, new))
    if isinstance(value, list):
        return [_put(item, rest, new) if index == step else item for index, item in enumerate(value)]
    return {key: _put(item, rest, new) if key == step else item for key, item in value.items()}
