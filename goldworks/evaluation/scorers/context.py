"""Scorer `context`: did the target fetch the passages that hold the answer, and no others?"""

from __future__ import annotations

from typing import Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.passages import passages_of
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Context(Scorer):
    """By `measure`, over the ids of the passages against `relevant_passages`:

    `recall`: share of the relevant passages that were fetched. `precision`: share of the fetched ones that are relevant.
    `average_precision`: mean of the precision at the place of each relevant passage, 0 for those not fetched; it rewards that
    they stand first.

    The passages are those that the target says it fetched; else those of the case, and the metric then judges what the case was
    given. Ids are compared exactly; one fetched twice counts once, at its first place.

    - The case names no relevant passage: not applicable.
    - Nothing was fetched: recall and average precision 0, precision not applicable.
    """

    name = "context"

    class Settings(Policy):
        """What is measured."""

        measure: Literal["recall", "precision", "average_precision"] = "recall"

    def __init__(self, settings: Settings) -> None:
        self._measure = settings.measure

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(case.expected.relevant_passages)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        relevant = set(case.expected.relevant_passages)
        fetched = list(dict.fromkeys(passage.id for passage in passages_of(case, answer)))
        hits = [id in relevant for id in fetched]
        detail = f"{sum(hits)} of {len(relevant)} relevant passages among {len(fetched)} fetched"
        if self._measure == "recall":
            return Score(sum(hits) / len(relevant), detail=detail)
        if self._measure == "precision":
            return Score(sum(hits) / len(fetched), detail=detail) if fetched else not_applicable("nothing was fetched")
        precisions = [sum(hits[: place + 1]) / (place + 1) for place, is_hit in enumerate(hits) if is_hit]
        return Score(sum(precisions) / len(relevant), detail=detail)
