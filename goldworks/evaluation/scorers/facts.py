"""Scorer `facts`: facts the answer must state, and facts it must not."""

from __future__ import annotations

from typing import Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import holds
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Facts(Scorer):
    """`which: required`: the share of the required facts that the answer states. `which: forbidden`: 1 when it states none.

    - A fact is a phrase; it is stated when its words stand in the answer one after the other (case, punctuation and the
      spelling of numbers do not count). `30 days | thirty days` gives alternatives. A blank fact is no fact.
    - Negation is not understood: `not 30 days` states `30 days`.
    - The case lists no such facts: not applicable.
    - An empty answer states nothing: 0 of the required facts, and no forbidden one (1).
    """

    name = "facts"

    class Settings(Policy):
        """Which list of the case is looked at."""

        which: Literal["required", "forbidden"]

    def __init__(self, settings: Settings) -> None:
        self._is_required = settings.which == "required"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(self._facts(case))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        facts = self._facts(case)
        text = answer.text or ""
        stated = [any(holds(text, way.strip()) for way in fact.split("|") if way.strip()) for fact in facts]
        detail = f"{sum(stated)} of {len(facts)} stated"
        return Score(sum(stated) / len(facts) if self._is_required else float(not any(stated)), detail=detail)

    def _facts(self, case: Case) -> tuple[str, ...]:
        facts = case.expected.facts_required if self._is_required else case.expected.facts_forbidden
        return tuple(fact for fact in facts if fact.replace("|", "").strip())
