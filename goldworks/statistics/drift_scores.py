"""Whether scores are distributed as they were: the greatest distance of two distributions, against chance and against a trifle.

Two scores of one cluster (a conversation), also of one that stands in both samples, are not independent, and a sample drawn with
unequal probabilities has weights: what chance does is seen by drawing whole clusters anew. PSI and Jensen-Shannon divergence are
shown beside it and decide nothing: the usual limit of 0.1 is passed by 39 of 100 samples of 100 that have not moved at all.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from goldworks.statistics.intervals import Floats, Integers
from goldworks.statistics.resampling import bootstrap_counts

LEAST_EFFECT = 0.05
"""Kolmogorov-Smirnov distance below which a move is a trifle, however certain."""

LEAST_SCORES = 30
"""Independent scores that each sample needs."""

RESAMPLES = 1000
BINS = 10
SMOOTHING = 0.5
"""Added to each bin of a PSI, so that an empty one has a logarithm."""

Method = Literal["ks_bootstrap", "fisher_exact"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Scores, all finite. `weights`: 1 / the chance with which each was drawn, all 1 without; `clusters`: all apart without."""

    values: Sequence[float]
    weights: Sequence[float] | None = None
    clusters: Sequence[Hashable] | None = None

    def __post_init__(self) -> None:
        for name, one in (("weights", self.weights), ("clusters", self.clusters)):
            if one is not None and len(one) != len(self.values):
                raise ValueError(f"values and {name} differ in length")
        if not np.isfinite(self.values).all():
            raise ValueError("a score is a finite number")
        if self.weights is not None and not (np.isfinite(self.weights).all() and min(self.weights, default=1) > 0):
            raise ValueError("a weight is above 0")


@dataclass(frozen=True, slots=True)
class ScoreDrift:
    """`effect`: the KS distance, of 0/1 the difference of the shares, 0..1. `limit`: what chance alone exceeds in a share alpha
    of all comparisons; None of the exact test, which has `p_value` alone. `wasserstein` and its limit are in units of the score.
    `has_moved`: certain, and no trifle. `reason` n_too_small: too few to say, and then `has_moved` is False.
    """

    has_moved: bool
    effect: float | None
    limit: float | None
    p_value: float | None
    wasserstein: float | None
    wasserstein_limit: float | None
    n_reference: int
    n_current: int
    method: Method
    reason: str | None = None


def score_drift(
    reference: Sample,
    current: Sample,
    *,
    seed: int,
    alpha: float = 0.05,
    least_effect: float = LEAST_EFFECT,
    least: int = LEAST_SCORES,
    resamples: int = RESAMPLES,
) -> ScoreDrift:
    """Whether `current` is distributed as `reference`; clusters of the same name in both are the same cluster.

    Scores of 0 and 1, all independent and of weight 1: Fisher's exact test. Otherwise the KS distance against the 1 - alpha
    quantile of sup |(F* - F) - (G* - G)|, F and G the two distributions, over samples of whole clusters drawn anew
    (Praestgaard 1995).
    """
    sizes = len(reference.values), len(current.values)
    if min(independent(reference), independent(current)) < least:
        return ScoreDrift(False, None, None, None, None, None, *sizes, "ks_bootstrap", reason="n_too_small")
    if _is_exact(reference, current):
        x, y = int(sum(reference.values)), int(sum(current.values))
        return share_drift((x, sizes[0]), (y, sizes[1]), alpha=alpha, least_effect=least_effect)
    grid, places, weights, sides, codes, groups = pooled(reference, current)
    widths = np.diff(grid)
    base = [distribution(places[sides == side], weights[sides == side], len(grid)) for side in (0, 1)]
    gap = base[0] - base[1]
    effect, moved = float(np.abs(gap).max()), float((np.abs(gap[:-1]) * widths).sum())
    drawn: list[tuple[float, float]] = []
    for block in bootstrap_counts(groups, seed, resamples):
        for counts in block:
            again = counts[codes] * weights
            if not (again[sides == 0].any() and again[sides == 1].any()):
                continue
            new = [distribution(places[sides == side], again[sides == side], len(grid)) for side in (0, 1)]
            off = np.abs(new[0] - new[1] - gap)
            drawn.append((float(off.max()), float((off[:-1] * widths).sum())))
    limits = np.quantile(np.array(drawn), 1 - alpha, axis=0)
    p_value = (1 + sum(one[0] >= effect - 1e-12 for one in drawn)) / (1 + len(drawn))
    has_moved = bool(effect > limits[0] and effect >= least_effect - 1e-12)
    return ScoreDrift(has_moved, effect, float(limits[0]), p_value, moved, float(limits[1]), *sizes, "ks_bootstrap")


def share_drift(
    reference: tuple[int, int], current: tuple[int, int], *, alpha: float = 0.05, least_effect: float = LEAST_EFFECT
) -> ScoreDrift:
    """The same of verdicts, (ones, verdicts), all independent: Fisher's exact test, two-sided, and a difference worth naming."""
    from scipy.stats import fisher_exact  # type: ignore[import-untyped]

    (x, n), (y, m) = reference, current
    if not (0 <= x <= n and 0 <= y <= m and n > 0 and m > 0):
        raise ValueError("needs 0 <= ones <= verdicts, and verdicts on both sides")
    p_value = float(fisher_exact([[x, n - x], [y, m - y]])[1])  # pyright: ignore[reportArgumentType]
    effect = abs(x / n - y / m)
    has_moved = p_value < alpha and effect >= least_effect - 1e-12
    return ScoreDrift(has_moved, effect, None, p_value, effect, None, n, m, "fisher_exact")


def quantile_edges(reference: ArrayLike, bins: int = BINS) -> Floats:
    """Inner edges of `bins` bins of equal mass of the reference, kept for all later comparisons; fewer where values are tied."""
    return np.unique(np.quantile(np.asarray(reference, dtype=np.float64), np.arange(1, bins) / bins))


def histogram(values: ArrayLike, edges: Floats) -> Floats:
    """Counts in the bins (-inf, e1], (e1, e2], ..., (e_last, inf)."""
    places = np.searchsorted(edges, np.asarray(values, dtype=np.float64), side="left")
    return np.bincount(places, minlength=len(edges) + 1).astype(np.float64)


def psi(reference: ArrayLike, current: ArrayLike, *, smoothing: float = SMOOTHING) -> float:
    """Population stability index of two histograms of the same bins: sum (q - p) ln(q / p). Counts; shares without smoothing."""
    p, q = _shares(reference, smoothing), _shares(current, smoothing)
    if p.shape != q.shape:
        raise ValueError("both histograms need the same bins")
    return float(((q - p) * np.log(q / p)).sum())


def psi_limit(n_reference: int, n_current: int, *, bins: int = BINS, alpha: float = 0.05) -> float:
    """What a PSI exceeds by chance in a share alpha of all comparisons: (1/n + 1/m) chi2_{bins-1, 1-alpha} (Yurdakul 2018)."""
    from scipy.special import chdtri  # type: ignore[import-untyped]

    return (1 / n_reference + 1 / n_current) * float(chdtri(bins - 1, alpha))


def jensen_shannon(reference: ArrayLike, current: ArrayLike) -> float:
    """Jensen-Shannon divergence of two histograms in bits, 0..1; the distance is its square root (Endres and Schindelin 2003)."""
    from scipy.spatial.distance import jensenshannon  # type: ignore[import-untyped]

    return float(jensenshannon(_shares(reference, 0), _shares(current, 0), base=2)) ** 2


def _shares(counts: ArrayLike, smoothing: float) -> Floats:
    smoothed = np.asarray(counts, dtype=np.float64) + smoothing
    if smoothed.sum() <= 0:
        raise ValueError("a histogram needs something in it")
    return smoothed / smoothed.sum()


def distribution(places: Integers, weights: Floats, size: int) -> Floats:
    """Weighted cumulative distribution at each value of the grid."""
    heights = np.cumsum(np.bincount(places, weights=weights, minlength=size))
    return heights / heights[-1]


def pooled(*samples: Sample) -> tuple[Floats, Integers, Floats, Integers, Integers, int]:
    """(values that occur, place of each row among them, weight, number of its sample, number of its cluster, clusters)."""
    values = np.concatenate([np.asarray(one.values, dtype=np.float64) for one in samples])
    weights = np.concatenate([np.asarray(one.weights or np.ones(len(one.values)), dtype=np.float64) for one in samples])
    sides = np.repeat(np.arange(len(samples)), [len(one.values) for one in samples])
    numbers: dict[Hashable, int] = {}
    codes: list[int] = []
    for side, one in enumerate(samples):
        named: Sequence[Hashable] = one.clusters if one.clusters is not None else [(side, i) for i in range(len(one.values))]
        codes += [numbers.setdefault(name, len(numbers)) for name in named]
    grid, places = np.unique(values, return_inverse=True)
    return grid, places.astype(np.int64), weights, sides, np.array(codes, dtype=np.int64), len(numbers)


def independent(sample: Sample) -> float:
    """Clusters, as far as their weights let them count: (sum of weights)**2 / sum of squares (Kish 1965)."""
    sums: dict[Hashable, float] = {}
    for i in range(len(sample.values)):
        name: Hashable = sample.clusters[i] if sample.clusters is not None else i
        sums[name] = sums.get(name, 0.0) + (sample.weights[i] if sample.weights is not None else 1.0)
    squares = sum(one**2 for one in sums.values())
    return sum(sums.values()) ** 2 / squares if squares else 0.0


def _is_exact(reference: Sample, current: Sample) -> bool:
    both = (reference, current)
    if not all(value in (0, 1) for one in both for value in one.values):
        return False
    if any(one.weights is not None and set(one.weights) != {1} for one in both):
        return False
    named = [name for one in both if one.clusters is not None for name in one.clusters]
    return len(set(named)) == len(named)
