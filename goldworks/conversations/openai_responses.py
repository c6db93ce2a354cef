"""The items of OpenAI's Responses interface as messages and retrievals. The record around them is `openai_chat`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from goldworks.conversations.messages import UNNAMED_TOOL, MessageIn, PartIn, to_records
from goldworks.conversations.records import Message, Passage, Retrieval, ToolCall
from goldworks.conversations.values import json_value


class ResultIn(msgspec.Struct, gc=False):
    """A passage that the built-in file search found."""

    file_id: str | None = None
    score: float | None = None
    text: str | None = None


class ItemIn(msgspec.Struct, gc=False):
    """An input or output item."""

    type: str | None = None
    id: str | None = None
    role: str | None = None
    content: list[PartIn | str] | str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: Any = None
    output: Any = None
    queries: list[str] | None = None
    results: list[ResultIn] | None = None


def item_records(items: str | Sequence[ItemIn], where: str, default_role: str = "user") -> tuple[Message, ...]:
    """Items as messages, one each; reasoning and the built-in tools' own items are left out, for no message holds them.

    A bare string is one message of `default_role`. Raises `UnusableLine`.
    """
    if isinstance(items, str):
        return to_records([MessageIn(role=default_role, content=items)], where)
    found: list[Message] = []
    for index, item in enumerate(items):
        if item.type == "function_call":
            found.append(
                Message("assistant", None, (ToolCall(item.name or UNNAMED_TOOL, json_value(item.arguments), item.call_id),))
            )
        elif item.type == "function_call_output":
            found.append(Message("tool", tool_call_id=item.call_id, tool_name=item.name, tool_result=json_value(item.output)))
        elif item.type in (None, "message"):
            message = MessageIn(role=item.role or default_role, content=item.content)
            found.extend(to_records([message], f"{where}[{index}]", default_role))
    return tuple(found)


def item_retrievals(items: Sequence[ItemIn], record_id: str) -> tuple[Retrieval, ...]:
    """Built-in file searches as retrievals; one without an id of its own is numbered after the record."""
    searches = [item for item in items if item.type == "file_search_call"]
    return tuple(
        Retrieval(
            span_id=item.id or f"{record_id}/search-{index}",
            query="\n".join(item.queries) if item.queries else None,
            passages=tuple(Passage(result.file_id, result.score, result.text) for result in item.results or ()),
        )
        for index, item in enumerate(searches)
    )
