"""Numbers of a whole run that are no means over cases (macro-F1, say), of two runs over the same cases: resampled together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import isnan, sqrt

import numpy as np

from goldworks.statistics.comparisons import BCA_FROM
from goldworks.statistics.estimates import FEW_CLUSTERS, Estimate, few_note, undefined
from goldworks.statistics.intervals import Floats, normal_quantile, t_quantile
from goldworks.statistics.resampling import RESAMPLES, bca_of, bootstrap_counts, percentile_interval

Whole = Callable[[Floats], Floats]
"""The number from added counts: [..., counts] to [...], NaN where there is none."""

LEAST_DEFINED = 0.9
"""Share of the resamples that must have a value for an interval."""


@dataclass(frozen=True, slots=True)
class PairedWhole:
    """The number in either run over the units both have, and candidate minus base."""

    base: Estimate
    candidate: Estimate
    difference: Estimate


def paired_whole(
    base: Floats,
    candidate: Floats,
    clusters: Sequence[Hashable],
    whole_of_base: Whole,
    whole_of_candidate: Whole,
    *,
    confidence: float = 0.95,
    seed: int = 0,
    n_missing: int = 0,
    resamples: int = RESAMPLES,
) -> PairedWhole:
    """Cluster bootstrap of a difference of two wholes. Row i of `base` [units, counts] and of `candidate` is the same unit (a
    case, say) in either run, of cluster i: what it contributes to the counts that a run's number is made of.

    Each resample draws whole clusters with replacement, the same ones in both runs, and makes both numbers anew from them.

    - From 30 clusters on BCa, each end no nearer than that of t with the jackknife's standard error and G-1 degrees of freedom;
      below 30 that t. The bootstrap alone is too narrow where few clusters are, or differ, as for `paired_difference`.
    - Where the number does not exist without some cluster there is no jackknife: from 10 clusters on percentile, below no
      interval. Resamples without a number are left out; when they are more than a tenth of all: no interval, `n_too_small`.
    - Nothing varies: the value -+ z**2/(G+z**2), as for a paired difference of constant scores.
    - One cluster: no interval, `n_too_small`. No unit, or no number in one of the runs: no value, `n_zero`.
    """
    if not len(base) == len(candidate) == len(clusters):
        raise ValueError("paired runs differ in length")
    numbers: dict[Hashable, int] = {}
    codes = [numbers.setdefault(cluster, len(numbers)) for cluster in clusters]
    sides = [
        (_added(data, codes, len(numbers)), whole) for data, whole in ((base, whole_of_base), (candidate, whole_of_candidate))
    ]
    n, groups = len(base), len(numbers)
    values = [float(whole(sums.sum(axis=0))) if n else float("nan") for sums, whole in sides]
    if any(map(isnan, values)):
        none = undefined("paired_whole", "n_zero", confidence, n_missing)
        return PairedWhole(none, none, none)
    left_out = [whole(sums.sum(axis=0) - sums) for sums, whole in sides]
    draws: list[Floats] = [np.empty(0), np.empty(0)]
    if groups >= FEW_CLUSTERS:
        blocks = [[whole(times @ sums) for sums, whole in sides] for times in bootstrap_counts(groups, seed, resamples)]
        draws = [np.concatenate(side) for side in zip(*blocks, strict=True)]
    cut = _Cut(confidence, n, groups, n_missing, seed)
    return PairedWhole(
        cut.estimate(values[0], draws[0], left_out[0]),
        cut.estimate(values[1], draws[1], left_out[1]),
        cut.estimate(values[1] - values[0], draws[1] - draws[0], left_out[1] - left_out[0], is_difference=True),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """What all three estimates share."""

    confidence: float
    n: int
    groups: int
    missing: int
    seed: int

    def estimate(self, value: float, draws: Floats, left_out: Floats, *, is_difference: bool = False) -> Estimate:
        before = "paired_" if is_difference else ""
        if self.groups < 2:
            return self._made(value, None, f"{before}bootstrap", reason="n_too_small")
        is_whole = not np.isnan(left_out).any()
        here = draws[~np.isnan(draws)]
        if is_whole and max(np.ptp(left_out), np.ptp(here) if here.size else 0.0) < 1e-12:
            half = normal_quantile(self.confidence) ** 2 / (self.groups + normal_quantile(self.confidence) ** 2)
            return self._made(value, (value - half, value + half), f"{before}constant", note="resamples do not vary")
        by_t = self._jackknife(value, left_out) if is_whole else None
        if self.groups < FEW_CLUSTERS or (self.groups < BCA_FROM and by_t is not None):
            reason = None if by_t is not None else "n_too_small"
            note = few_note(self.groups) if by_t is not None else None
            return self._made(value, by_t, f"{before}jackknife_t", reason=reason, note=note)
        if here.size < LEAST_DEFINED * draws.size:
            return self._made(value, None, f"{before}bootstrap", reason="n_too_small")
        bounds = bca_of(here, value, left_out, self.confidence) if by_t is not None else None
        method = f"{before}bootstrap_bca" if bounds is not None else f"{before}bootstrap_percentile"
        low, high = bounds or percentile_interval(here, self.confidence)
        if by_t is not None:
            low, high = min(low, by_t[0]), max(high, by_t[1])
        return self._made(value, (low, high), method, seed=self.seed)

    def _jackknife(self, value: float, left_out: Floats) -> tuple[float, float]:
        error = sqrt((self.groups - 1) / self.groups * float(((left_out - left_out.mean()) ** 2).sum()))
        half = t_quantile(self.confidence, self.groups - 1) * error
        return value - half, value + half

    def _made(
        self,
        value: float,
        bounds: tuple[float, float] | None,
        method: str,
        *,
        reason: str | None = None,
        seed: int | None = None,
        note: str | None = None,
    ) -> Estimate:
        low, high = bounds if bounds is not None else (None, None)
        return Estimate(
            value, low, high, self.confidence, method, self.n, self.groups, self.missing, reason=reason, seed=seed, note=note
        )


def _added(data: Floats, codes: Sequence[int], groups: int) -> Floats:
    """[clusters, counts] from [units, counts]."""
    sums = np.zeros((groups, data.shape[1] if data.ndim > 1 else 0))
    np.add.at(sums, list(codes), data)
    return sums
