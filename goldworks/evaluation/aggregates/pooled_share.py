"""Aggregate `pooled_share`: what metrics count within cases, counted over all cases alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Part, Scored, Tally, by_case
from goldworks.statistics import rate

PART_OF = re.compile(r"(\d+) of (\d+)\b")


class PooledShare(Aggregate):
    """Sum of the parts over sum of the wholes (micro average) of a metric whose details begin with `3 of 4`.

    The mean of such a metric weighs each case alike; this weighs each instruction, fact or sentence alike. It is a rate over
    these, with clusters of cases (Wilson, clustered), and `n` counts them.

    - A case whose answer is missing counts as one missing.
    - A score whose detail does not begin with part and whole, or with others than it rests on, cannot be pooled: the aggregate
      fails, and has no value.
    - Nothing to count: no value, `n_zero`.
    """

    name = "pooled_share"
    needs_cases = False

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        values: list[float] = []
        clusters: list[str] = []
        for score in scores:
            if score.value is None:
                continue
            part, whole = _counted(score)
            values += [1.0] * part + [0.0] * (whole - part)
            clusters += [score.cluster_id] * whole
        missing = len({score.case_id for score in scores if score.is_missing})
        return Aggregated(rate(values, clusters, confidence=confidence, n_missing=missing))

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """The parts and the wholes of each case."""
        parts: list[Part] = []
        for case_id, group in by_case(scores).items():
            counts = [_counted(score) for score in group if score.value is not None]
            added = (float(sum(part for part, _ in counts)), float(sum(whole for _, whole in counts)))
            parts.append(Part((case_id,), group[0].cluster_id, added if counts else None))
        return Tally((2,), tuple(parts), self.whole)


def _counted(score: Scored) -> tuple[int, int]:
    """(part, whole). Raises `ValueError` for a detail that does not say them."""
    found = PART_OF.match(score.detail or "")
    part, whole = (int(found[1]), int(found[2])) if found else (0, 0)
    if not whole or score.value not in (part / whole, float(part == whole)):
        raise ValueError("the metric's details do not say what it counts")
    return part, whole
