"""Aggregate `position_consistency`: how often a judge prefers the same answer in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Detail, Part, Scored, Tally, by_case
from goldworks.evaluation.scorers.preference import CONSISTENT, FIRST, SECOND
from goldworks.statistics import rate
from goldworks.statistics.intervals import mcnemar

LEAST = 0.8
"""Below this a judge may not be used for gates on pairs."""


class PositionConsistency(Aggregate):
    """Share of the pairs of a `preference` metric with one verdict in both orders, a tie in both among them. Of the others,
    `detail` says how often the answer that was shown first won, and the exact two-sided binomial p of that being one half.

    - Pairs that needed no judge (one answer says nothing, both are equal) count as consistent; missing ones are missing.
    - Of a metric that is none of `preference`: no value, `n_zero`.
    - Below 0.8 the note says that the judge may not be used for gates on pairs.
    """

    name = "position_consistency"

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        known = _known(scores)
        values = [None if s.value is None else float(s.detail in CONSISTENT) for s in known]
        estimate = rate(values, [s.cluster_id for s in known], confidence=confidence)
        details = [s.detail for s in known if s.value is not None]
        first, second = details.count(FIRST), details.count(SECOND)
        rows = tuple((kind, str(details.count(kind))) for kind in sorted({d for d in details if d is not None}))
        p = f"{mcnemar(second, first):.6f}" if first + second else "no value"
        detail = Detail(
            "Verdicts in both orders", ("verdict", "pairs"), (*rows, (f"p that first and second shown win alike: {p}", ""))
        )
        if estimate.value is not None and estimate.value < LEAST:
            estimate = replace(estimate, note=f"below {LEAST:g}: this judge may not be used for gates on pairs")
        return Aggregated(estimate, detail)

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """The pairs of each case with one verdict, and all."""
        parts: list[Part] = []
        for case_id, group in by_case(_known(scores)).items():
            here = [score.detail in CONSISTENT for score in group if score.value is not None]
            parts.append(Part((case_id,), group[0].cluster_id, (float(sum(here)), float(len(here))) if here else None))
        return Tally((2,), tuple(parts), self.whole)


def _known(scores: Sequence[Scored]) -> list[Scored]:
    kinds = (*CONSISTENT, FIRST, SECOND)
    return [s for s in scores if s.is_missing or (s.detail or "").startswith("inconsistent") or s.detail in kinds]
