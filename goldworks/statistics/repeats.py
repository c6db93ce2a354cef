"""What repeats of the same case buy: the noise of a run apart from the spread of cases, and how many runs show a flip.

Rates of disagreement, the status of a case and pass^k belong to evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from goldworks.statistics.intervals import jeffreys_bound


@dataclass(frozen=True, slots=True)
class Variance:
    """`between` cases and `within` a case over its repeats; `cases` cases of `repeats` each."""

    between: float
    within: float
    cases: int
    repeats: int

    def error(self, repeats: float | None = None, cases: int | None = None) -> float:
        """Standard error of the mean with so many repeats and cases: sqrt((between + within / K) / n)."""
        return sqrt((self.between + self.within / (repeats or self.repeats)) / (cases or self.cases))


def variance_of(scores: Sequence[Sequence[float]]) -> Variance | None:
    """Variance components of [cases][repeats], equally many repeats (Miller 2024): within by ddof 1, between cut at 0.

    None with fewer than two cases or repeats.
    """
    if len({len(row) for row in scores}) > 1:
        raise ValueError("cases have different numbers of repeats")
    if len(scores) < 2 or len(scores[0]) < 2:
        return None
    table = np.array(scores, dtype=np.float64)
    within = float(table.var(axis=1, ddof=1).mean())
    between = max(0.0, float(table.mean(axis=1).var(ddof=1)) - within / table.shape[1])
    return Variance(between, within, table.shape[0], table.shape[1])


def repeats_to_calm(variance: Variance, share: float = 0.25) -> int | None:
    """Repeats so that noise is at most `share` of the variance of the mean; None when cases do not differ at all."""
    if variance.between <= 0:
        return None if variance.within > 0 else 1
    return max(1, ceil((1 - share) / share * variance.within / variance.between - 1e-9))


def chance_to_see_flip(rate: float, runs: int) -> float:
    """Chance that `runs` runs of a case that fails with `rate` give both verdicts: 1 - q**K - (1-q)**K."""
    return 1 - rate**runs - (1 - rate) ** runs


def runs_to_see_flip(rate: float, chance: float = 0.95) -> int:
    """Fewest runs that show a flip with `chance`."""
    if not (0 < rate < 1 and 0 < chance < 1):
        raise ValueError("rate and chance lie between 0 and 1")
    runs = 2
    while chance_to_see_flip(rate, runs) < chance:
        runs += 1
    return runs


def straight_passes(rate: float, *, quantile: float = 0.05) -> int:
    """Passes in a row until the Jeffreys quantile of the pass rate reaches `rate`: when a quarantined case may come back."""
    passes = 1
    while jeffreys_bound(passes, passes, quantile) < rate:
        passes += 1
    return passes
