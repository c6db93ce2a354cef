"""Cases, answers and scores by hand: what the tests of the scorers build on."""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.evaluation.answers import Answer, Call, Outcome
from goldworks.evaluation.scorers.protocol import Score
from goldworks.evaluation.suites import Scoring, Suite
from goldworks.golden.case import Case


def case(*messages: dict[str, Any], tools: Any = (), passages: Any = (), **expected: Any) -> Case:
    """A case; without messages it asks `?`."""
    value = {
        "case_id": "c1",
        "use_case": "u",
        "tier": "T2",
        "origin": "authored",
        "messages": list(messages) or [{"role": "user", "text": "?"}],
        "tools": list(tools),
        "passages": list(passages),
        "expected": expected,
    }
    return msgspec.convert(value, Case)


def answer(*calls: Call, text: str | None = None, outcome: Outcome | None = None, repeat: int = 0) -> Answer:
    """An answer to it."""
    return Answer("c1", repeat, text=text, tool_calls=calls, outcome=outcome)


def scored(scorer: str, of: Case, said: Answer, **settings: Any) -> Score:
    """The score that a suite of one metric gives."""
    metric = {"metric": "m", "scorer": scorer, "kpi": "k", "settings": settings}
    suite = Suite.model_validate({"version": 1, "name": "s", "description": "d", "metrics": [metric]})
    return Scoring.of(suite).scores([(of, said)])[0]["m"]


def value(scorer: str, of: Case, said: Answer, **settings: Any) -> float | None:
    """Its value."""
    return scored(scorer, of, said, **settings).value
