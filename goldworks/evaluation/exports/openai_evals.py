"""Samples for OpenAI Evals: JSONL with `input` (the chat) and `ideal`, as its basic evals (Match, Includes) take them.

`ideal` is one text, or several of which one is enough. A case without one is left out, for `oaieval` ends the whole run at the
first sample that has none. Keys that the basic evals do not read carry the case's ids and, as `context`, its passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from goldworks.evaluation.exports.carrying import Left, Minted, chat_of, context_of
from goldworks.evaluation.exports.ideals import ideal_of

NO_CHECK = "the basic evals compare an answer with `ideal` and nothing else"
NO_PLACE = "the basic evals have no place for it"
NO_IDEAL = "it expects nothing that is one text, and at a sample without `ideal` the whole run ends"


def write(cases: Sequence[Minted], left: Left) -> str:
    """The text of the file."""
    samples = (_sample(one, left) for one in cases)
    return "".join(orjson.dumps(sample).decode() + "\n" for sample in samples if sample is not None)


def _sample(one: Minted, left: Left) -> dict[str, Any] | None:
    part, ideal = ideal_of(one.case)
    if not ideal:
        left.whole(one.case, NO_IDEAL)
        return None
    left.all_but(one.case, (part,) if part else (), {}, NO_CHECK)
    question = one.question
    sample: dict[str, Any] = {"input": chat_of(question), **one.lineage, "ideal": ideal}
    if context := context_of(question):
        sample["context"] = context
        left.out(one.case, "passages", "carried as `context`, which the basic evals do not put before the model")
    if one.case.tools:
        left.out(one.case, "tools", NO_PLACE)
    return sample
