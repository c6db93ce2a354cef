"""A dataset for Inspect: JSONL for `inspect_ai.dataset.json_dataset`, with `id`, `input`, `target` and `metadata`.

`target` is what its scorers `includes`, `match` and `exact` compare with; the whole expected outcome stands in the metadata as
`expected`, for scorers of one's own, and the passages as `context`, which `prompt_template("{context}\\n\\n{prompt}")` puts
before the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from goldworks.evaluation.exports.carrying import Left, Minted, chat_of, context_of
from goldworks.evaluation.exports.ideals import ideal_of
from goldworks.golden.case import plain

NO_CHECK = "carried in the metadata as `expected`; Inspect's own scorers compare with `target` alone"


def write(cases: Sequence[Minted], left: Left) -> str:
    """The text of the file."""
    return "".join(orjson.dumps(_sample(one, left)).decode() + "\n" for one in cases)


def _sample(one: Minted, left: Left) -> dict[str, Any]:
    part, ideal = ideal_of(one.case)
    left.all_but(one.case, (part,) if part else (), {}, NO_CHECK)
    if not part:
        left.out(one.case, "target", "the case expects nothing that is one text; `target` is empty")
    if one.case.tools:
        left.out(one.case, "tools", "carried in the metadata as `tools`; a solver has to bring them")
    question = one.question
    metadata: dict[str, Any] = {**one.lineage, "expected": plain(one.case.expected)}
    if context := context_of(question):
        metadata["context"] = context
    if question.tools:
        metadata["tools"] = list(question.tools)
    return {"id": one.case.case_id, "input": _input(one), "target": ideal, "metadata": metadata}


def _input(one: Minted) -> list[dict[str, Any]]:
    """The chat as Inspect's messages have it: calls are {id, function, arguments}, a tool's result names its function."""
    names: dict[str, str] = {}
    found: list[dict[str, Any]] = []
    for message in chat_of(one.question):
        calls = message.pop("tool_calls", None)
        if calls:
            names.update({call["id"]: call["function"]["name"] for call in calls})
            message["tool_calls"] = [
                {
                    "id": call["id"],
                    "type": "function",
                    "function": call["function"]["name"],
                    "arguments": orjson.loads(call["function"]["arguments"]),
                }
                for call in calls
            ]
        if message["role"] == "tool":
            message["function"] = names.get(message["tool_call_id"], "")
        found.append(message)
    return found
