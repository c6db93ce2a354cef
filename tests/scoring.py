"""Cases with passages, answers in words, and suites of one metric, for tests of scorers; see also `scored_by_hand`."""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.evaluation.answers import Answer, Call, Outcome
from goldworks.evaluation.suites import Suite
from goldworks.golden.read import Case


def case(*passages: str | tuple[str, str], question: str = "?", **expected: object) -> Case:
    """A case with passages (text, or id and text) and what is expected."""
    pairs = [(None, one) if isinstance(one, str) else one for one in passages]
    value = {
        "case_id": "c1",
        "use_case": "u",
        "tier": "T2",
        "origin": "authored",
        "messages": [{"role": "user", "text": question}],
        "passages": [{"id": id, "text": text} for id, text in pairs],
        "expected": expected,
    }
    return msgspec.convert(value, Case)


def said(text: str | None = None, *calls: Call, contexts: tuple[tuple[str, str], ...] = ()) -> Answer:
    """An answer; `contexts` are the passages the target fetched."""
    outcome = Outcome(contexts=tuple({"id": id, "text": words} for id, words in contexts)) if contexts else None
    return Answer("c1", 0, text=text, tool_calls=calls, outcome=outcome)


def suite_of(scorer: str, **settings: Any) -> Suite:
    """A suite with the one metric `m`."""
    metric = {"metric": "m", "scorer": scorer, "kpi": "k", "settings": settings}
    return Suite.model_validate({"version": 1, "name": "s", "description": "d", "metrics": [metric]})
