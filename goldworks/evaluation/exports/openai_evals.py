"""Samples for OpenAI Evals: JSONL with `input` (the chat) and `ideal`, as its basic evals (Match, Includes) take them.

`ideal` is one text, or several of which one is enough. Keys that the basic evals do not read carry the case's ids and, as
`context`, its passages; on the platform they are `{{item.case_id}}` and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from goldworks.evaluation.exports.carrying import Left, Minted, chat_of, context_of
from goldworks.evaluation.exports.ideals import ideal_of

NO_CHECK = "the basic evals compare an answer with `ideal` and nothing else"
NO_PLACE = "the basic evals have no place for it"


def write(cases: Sequence[Minted], left: Left) -> str:
    """The text of the file."""
    return "".join(orjson.dumps(_sample(one, left)).decode() + "\n" for one in cases)


def _sample(one: Minted, left: Left) -> dict[str, Any]:
    part, ideal = ideal_of(one.case)
    left.all_but(one.case, (part,) if part else (), {}, NO_CHECK)
    question = one.question
    sample: dict[str, Any] = {"input": chat_of(question), **one.lineage}
    if ideal:
        sample["ideal"] = ideal
    else:
        left.out(one.case, "ideal", "the case expects nothing that is one text; the basic evals need it")
    if context := context_of(question):
        sample["context"] = context
        left.out(one.case, "passages", "carried as `context`, which the basic evals do not put before the model")
    if one.case.tools:
        left.out(one.case, "tools", NO_PLACE)
    return sample
