"""Messages as the dialects write them, and turning them into `Message` records. Shared by every dialect.

One typed shape takes the parts form of OpenTelemetry, the content form of OpenAI and the content blocks of others: they
differ in names, not in meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from goldworks.conversations.damage import convert_error, wrong_type
from goldworks.conversations.records import Message, Role, ToolCall
from goldworks.conversations.values import json_value, name

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "tool": "tool",
    "function": "tool",
    "ipython": "tool",
}
"""What logs call the roles, in lower case."""

UNNAMED_TOOL = "unknown"
_TEXTS = {"text", "input_text", "output_text", "refusal", "summary_text", None}
_SILENT = {"reasoning", "thinking", "redacted_thinking", "encrypted_reasoning"}
_CALLS = {"tool_call", "server_tool_call", "tool_use", "server_tool_use", "function_call"}
_RESULTS = {"tool_call_response", "server_tool_call_response", "tool_result", "function_call_output"}
_MEDIA = {"image": "[image]", "audio": "[audio]", "video": "[video]", "file": "[file]", "document": "[file]"}


class PartIn(msgspec.Struct, gc=False):
    """A part (content block) of a message in any dialect."""

    type: str | None = None
    content: Any = None
    text: Any = None
    refusal: str | None = None
    modality: str | None = None
    id: str | int | None = None
    call_id: str | None = None
    tool_use_id: str | None = None
    name: str | None = None
    arguments: Any = None
    input: Any = None
    response: Any = None
    result: Any = None
    output: Any = None


class FunctionIn(msgspec.Struct, gc=False):
    """The function of a tool call in OpenAI's form."""

    name: str | None = None
    arguments: Any = None


class CallIn(msgspec.Struct, gc=False):
    """A tool call beside the content: OpenAI's form, or flat with `args` or `arguments`."""

    id: str | int | None = None
    function: FunctionIn | None = None
    name: str | None = None
    arguments: Any = None
    args: Any = None


class MessageIn(msgspec.Struct, gc=False):
    """A message in any dialect."""

    role: str | None = None
    parts: list[PartIn | str] | None = None
    content: list[PartIn | str] | PartIn | str | None = None
    tool_calls: list[CallIn] | None = None
    function_call: FunctionIn | None = None
    tool_call_id: str | int | None = None
    name: str | None = None
    refusal: str | None = None
    finish_reason: str | None = None


MESSAGES: msgspec.json.Decoder[list[MessageIn] | MessageIn] = msgspec.json.Decoder(list[MessageIn] | MessageIn)
"""Decodes a JSON text that holds messages, or one."""


def convert_messages(value: Any, where: str) -> list[MessageIn]:
    """Plain decoded JSON as messages. Raises `UnusableLine`."""
    try:
        found = msgspec.convert(value, type=list[MessageIn] | MessageIn)
    except msgspec.ValidationError as error:
        raise convert_error(error, where) from None
    return found if isinstance(found, list) else [found]


def to_records(messages: Sequence[MessageIn], where: str, default_role: str = "user") -> tuple[Message, ...]:
    """`messages` as records, in order; a message that answers several tool calls becomes one tool message each.

    Texts of several parts are joined by a line feed. An image, recording or file leaves a mark such as `[image]`, never its
    bytes or address; the model's reasoning is left out: nobody was shown it. Raises `UnusableLine`.
    """
    records: list[Message] = []
    for index, message in enumerate(messages):
        role = ROLES.get(message.role or default_role) or ROLES.get((message.role or default_role).lower())
        if role is None:
            raise wrong_type(f"{where}[{index}].role", "unknown role")
        text = _only_text(message)
        if text is not None and role != "tool":
            records.append(Message(role, text))
        else:
            _add(records, message, role, f"{where}[{index}]")
    return tuple(records)


def _only_text(message: MessageIn) -> str | None:
    """The text of a message that is one text part and nothing else, as nearly all are."""
    parts = message.parts
    if parts is None or len(parts) != 1 or message.tool_calls or message.function_call is not None or message.refusal:
        return None
    part = parts[0]
    return part.content if isinstance(part, PartIn) and part.type == "text" and isinstance(part.content, str) else None


def _add(records: list[Message], message: MessageIn, role: Role, where: str) -> None:
    texts: list[str] = []
    calls: list[ToolCall] = []
    answered = False
    content = message.parts if message.parts is not None else message.content
    if isinstance(content, str):
        texts.append(content)
    elif content is not None:
        for part in content if isinstance(content, list) else (content,):
            if isinstance(part, str):
                texts.append(part)
            elif part.type in _RESULTS:
                records.append(_result(part, message))
                answered = True
            elif part.type in _CALLS:
                calls.append(_call(part))
            elif part.type not in _SILENT:
                texts.append(_text(part))
    if message.refusal:
        texts.append(message.refusal)
    for call in message.tool_calls or ():
        function = call.function or FunctionIn(call.name, call.arguments if call.arguments is not None else call.args)
        calls.append(ToolCall(function.name or UNNAMED_TOOL, json_value(function.arguments), name(call.id, where)))
    if message.function_call is not None:
        calls.append(ToolCall(message.function_call.name or UNNAMED_TOOL, json_value(message.function_call.arguments)))
    text = texts[0] if len(texts) == 1 else "\n".join(texts) if texts else None
    if role == "tool":
        if not answered:
            call_id = name(message.tool_call_id, where)
            records.append(Message("tool", tool_call_id=call_id, tool_name=message.name, tool_result=json_value(text)))
    elif not answered or text is not None or calls:
        records.append(Message(role, text, tuple(calls)))


def _call(part: PartIn) -> ToolCall:
    arguments = part.arguments if part.arguments is not None else part.input
    call_id = part.call_id if part.call_id is not None else part.id
    return ToolCall(part.name or UNNAMED_TOOL, json_value(arguments), None if call_id is None else str(call_id))


def _result(part: PartIn, message: MessageIn) -> Message:
    result: Any = None
    for value in (part.response, part.result, part.output, part.content):
        if value is not None:
            result = value
            break
    if part.type == "tool_result" and isinstance(result, list):
        result = _block_text(cast("list[Any]", result))
    call_id = part.tool_use_id or part.call_id or part.id or message.tool_call_id
    return Message(
        "tool",
        tool_call_id=None if call_id is None else str(call_id),
        tool_name=part.name or message.name,
        tool_result=json_value(result),
    )


def _block_text(blocks: list[Any]) -> Any:
    """The text of a tool result given as text blocks; anything else as it is."""
    texts = [block.get("text") if isinstance(block, dict) else block for block in blocks]
    known = [text for text in texts if isinstance(text, str)]
    return "\n".join(known) if known and len(known) == len(texts) else blocks


def _text(part: PartIn) -> str:
    kind = (part.modality or part.type or "").lower()
    if part.type not in _TEXTS:
        mark = next((mark for known, mark in _MEDIA.items() if known in kind), None)
        if mark is not None or part.type in ("blob", "uri"):
            return mark or "[other]"
    for value in (part.text, part.content, part.refusal):
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and isinstance(value.get("value"), str):  # the Assistants API wraps the text
            return value["value"]
    return "[other]"
