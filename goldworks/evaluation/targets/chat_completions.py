"""OpenAI's chat completions: the request of a question, the answer in a body or a stream. Prompt and sending are elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import orjson

from goldworks.digests import canonical
from goldworks.evaluation.answers import Call, Reply
from goldworks.evaluation.targets.http_session import Undecodable

PATH = "/chat/completions"


def chat_message(message: dict[str, Any]) -> dict[str, Any]:
    """A message of a case as the API wants it: calls and tool results become JSON strings."""
    found: dict[str, Any] = {"role": message["role"], "content": message.get("text")}
    if message["role"] == "tool":
        found["content"] = result_text(message)
        found["tool_call_id"] = message.get("tool_call_id") or "call_0"
    if calls := message.get("tool_calls"):
        found["tool_calls"] = [
            {
                "id": call.get("id") or f"call_{i}",
                "type": "function",
                "function": {"name": call["name"], "arguments": canonical(call.get("arguments") or {}).decode()},
            }
            for i, call in enumerate(calls)
        ]
    return found


def result_text(message: dict[str, Any]) -> str:
    """What a tool said, as text."""
    text, result = message.get("text"), message.get("tool_result")
    return text if text is not None else result if isinstance(result, str) else canonical(result).decode()


def tool_of(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as the API wants it; one whose parameters are unknown takes any object."""
    known = {key: value for key, value in tool.items() if key in ("name", "description") and value is not None}
    return {**known, "parameters": tool.get("parameters") or {"type": "object", "properties": {}, "additionalProperties": True}}


def request(messages: list[dict[str, Any]], tools: list[dict[str, Any]], schema: dict[str, Any] | None) -> dict[str, Any]:
    """The part of the body that comes from the question. `messages` are in the API's form, `tools` as the case has them."""
    found: dict[str, Any] = {"messages": messages}
    if tools:
        found["tools"] = [{"type": "function", "function": tool_of(tool)} for tool in tools]
    if schema is not None:
        wanted = {"name": "answer", "schema": schema, "strict": True}
        found["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return found


def read(raw: bytes) -> Reply:
    """The answer in a body. Raises `Undecodable`."""
    try:
        decoded = orjson.loads(raw)
        message = decoded["choices"][0]["message"]
        text = message.get("content") or message.get("refusal")
        if text is not None and not isinstance(text, str):
            text = "".join(part.get("text") or "" for part in text)
        calls = tuple(call_of(call["function"]) for call in message.get("tool_calls") or ())
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
        raise Undecodable from None
    used = usage_of(decoded)
    return Reply(text, calls, count(used.get("prompt_tokens")), count(used.get("completion_tokens")))


class ChatStream:
    """Server-sent events of a chat completion; text and calls arrive in pieces."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._usage: dict[str, Any] = {}
        self._is_whole = False

    def take(self, line: bytes) -> bool:
        """Take a line; whether it brought text or a piece of a call."""
        data = event_data(line)
        if data is None:
            return False
        if data == b"[DONE]":
            self._is_whole = True
            return False
        try:
            event = orjson.loads(data)
            self._usage = usage_of(event) or self._usage
            choices = event["choices"]
            if not choices:
                return False
            self._is_whole = self._is_whole or choices[0].get("finish_reason") is not None
            delta = choices[0].get("delta") or {}
            text, refusal, calls = delta.get("content"), delta.get("refusal"), delta.get("tool_calls") or ()
            for piece in calls:
                name, arguments = self._calls.setdefault(piece.get("index", 0), ["", ""])
                said = piece.get("function") or {}
                self._calls[piece.get("index", 0)] = [name + (said.get("name") or ""), arguments + (said.get("arguments") or "")]
            self._text += [text] if text else []
            self._refusal += [refusal] if refusal else []
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
            raise Undecodable from None
        return bool(text or refusal or calls)

    def reply(self) -> Reply:
        """The answer. A stream without a finish reason and without [DONE] was cut."""
        if not self._is_whole:
            raise Undecodable
        try:
            text = "".join(self._text) or "".join(self._refusal) or None
        except TypeError:
            raise Undecodable from None
        calls = tuple(call_of({"name": name, "arguments": arguments}) for _, (name, arguments) in sorted(self._calls.items()))
        return Reply(text, calls, count(self._usage.get("prompt_tokens")), count(self._usage.get("completion_tokens")))


def event_data(line: bytes) -> bytes | None:
    """The data of a line of server-sent events; None for every other line."""
    return line[5:].strip() if line.startswith(b"data:") else None


def call_of(function: dict[str, Any]) -> Call:
    """A tool call. Arguments that are no JSON are the model's fault, not the wire's: they stay text, and match nothing."""
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        with suppress(orjson.JSONDecodeError):
            arguments = orjson.loads(arguments) if arguments.strip() else {}
    return Call(str(function["name"]), arguments)


def usage_of(decoded: Any) -> dict[str, Any]:
    """The `usage` of a body or event, as far as it is one."""
    used = decoded.get("usage")
    return cast("dict[str, Any]", used) if isinstance(used, dict) else {}


def count(value: Any) -> int | None:
    """A number of tokens, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
