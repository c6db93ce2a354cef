"""OpenAI's responses: the request of a question, the answer in a body or a stream. Prompt and sending are elsewhere."""

from __future__ import annotations

from typing import Any

import orjson

from goldworks.digests import canonical
from goldworks.evaluation.answers import Reply
from goldworks.evaluation.targets.chat_completions import call_of, count, event_data, result_text, tool_of, usage_of
from goldworks.evaluation.targets.http_session import Undecodable

PATH = "/responses"
ENDS = ("response.completed", "response.incomplete")
TEXT_EVENTS = ("response.output_text.delta", "response.refusal.delta", "response.function_call_arguments.delta")


def items_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message of a case as the API's input items: a tool's result and each call are items of their own."""
    if message["role"] == "tool":
        call_id = message.get("tool_call_id") or "call_0"
        return [{"type": "function_call_output", "call_id": call_id, "output": result_text(message)}]
    items: list[dict[str, Any]] = []
    if message.get("text") is not None:
        items.append({"role": message["role"], "content": message["text"]})
    for i, call in enumerate(message.get("tool_calls") or ()):
        arguments = canonical(call.get("arguments") or {}).decode()
        items.append(
            {"type": "function_call", "call_id": call.get("id") or f"call_{i}", "name": call["name"], "arguments": arguments}
        )
    return items


def request(messages: list[dict[str, Any]], tools: list[dict[str, Any]], schema: dict[str, Any] | None) -> dict[str, Any]:
    """The part of the body that comes from the question. `messages` and `tools` are as the case has them."""
    found: dict[str, Any] = {"input": [item for message in messages for item in items_of(message)], "store": False}
    if tools:
        found["tools"] = [{"type": "function", "strict": False, **tool_of(tool)} for tool in tools]
    if schema is not None:
        found["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}}
    return found


def read(raw: bytes) -> Reply:
    """The answer in a body. Raises `Undecodable`."""
    try:
        return reply_of(orjson.loads(raw))
    except orjson.JSONDecodeError:
        raise Undecodable from None


def reply_of(decoded: Any) -> Reply:
    """The answer in a response object: the texts and refusals of its messages, and its calls. Raises `Undecodable`."""
    try:
        if decoded.get("status") == "failed" or decoded.get("error"):
            raise Undecodable
        output = decoded["output"]
        parts = [part for item in output if item.get("type") == "message" for part in item["content"]]
        texts = [part.get("text") or part.get("refusal") or "" for part in parts]
        calls = tuple(call_of(item) for item in output if item.get("type") == "function_call")
        text = "".join(texts) or None
    except (KeyError, TypeError, AttributeError):
        raise Undecodable from None
    used = usage_of(decoded)
    return Reply(text, calls, count(used.get("input_tokens")), count(used.get("output_tokens")))


class ResponseStream:
    """Server-sent events of a response; the last one holds all of it."""

    def __init__(self) -> None:
        self._reply: Reply | None = None

    def take(self, line: bytes) -> bool:
        """Take a line; whether it brought text or a piece of a call."""
        data = event_data(line)
        if data is None or data == b"[DONE]":
            return False
        try:
            event = orjson.loads(data)
            kind = event.get("type")
            if kind in ENDS:
                self._reply = reply_of(event["response"])
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise Undecodable from None
        if kind in ("error", "response.failed"):
            raise Undecodable
        return kind in TEXT_EVENTS

    def reply(self) -> Reply:
        """The answer. A stream without its last event was cut."""
        if self._reply is None:
            raise Undecodable
        return self._reply
