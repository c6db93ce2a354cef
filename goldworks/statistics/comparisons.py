"""The difference between two runs, candidate minus base, with its interval. What follows from it is the gates' business."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import sqrt

import numpy as np

from goldworks.statistics.estimates import Estimate, few_note, mean, rate, t_interval, tidy, undefined
from goldworks.statistics.intervals import cluster_sums, clustered_error, mcnemar, normal_quantile, t_quantile, tango
from goldworks.statistics.resampling import (
    RESAMPLES,
    bca_interval,
    bootstrap_means,
    percentile_interval,
    sign_flip,
)

BCA_FROM = 30
"""From this many clusters on the interval of a difference is from the bootstrap (BCa)."""


def paired_difference(
    base: Sequence[bool | float | None],
    candidate: Sequence[bool | float | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Mean of candidate minus base over the same cases, scores in 0..1; a positive value is an improvement.

    A pair with either side missing (None) is dropped and counted in `n_missing`.

    - Both sides 0/1, one row per cluster: Tango's score interval, `p_value` exact McNemar. Two identical runs therefore
      still have an interval, of half-width z**2/(n+z**2).
    - Else: from 30 clusters on bootstrap over clusters (BCa), each end no nearer than that of t, `p_value` from sign flips of
      clusters; below, t. The bootstrap alone is too narrow where few clusters are, or differ: of ten to fifteen it holds the
      difference 90 times in 100, and where five to seven of any number differ 87; see docs/statistics.md.
    - All differences equal: their value -+ z**2/(G+z**2), as for Tango, for a bootstrap of a constant has no width.
    - Fewer than two clusters: no interval, `n_too_small`. No pair: `n_zero`.
    """
    if len(base) != len(candidate):
        raise ValueError("paired runs differ in length")
    deltas = [None if a is None or b is None else float(b) - float(a) for a, b in zip(base, candidate, strict=True)]
    data, codes, missing = tidy(deltas, clusters)
    if data.size == 0:
        return undefined("paired", "n_zero", confidence, missing)
    n, value = data.size, float(data.mean())
    sums, sizes = cluster_sums(data, codes)
    groups = len(sizes)
    is_binary = all(v in (0, 1) for a, b in zip(base, candidate, strict=True) if a is not None and b is not None for v in (a, b))
    if is_binary and groups == n:
        worse, better = int((data < 0).sum()), int((data > 0).sum())
        bounds = tango(worse, better, n, confidence)
        p = mcnemar(worse, better)
        return Estimate(value, *bounds, confidence, "paired_tango", n, groups, missing, p_value=p)
    if groups < 2:
        return Estimate(value, None, None, confidence, "paired_bootstrap", n, groups, missing, reason="n_too_small")
    if np.ptp(sums / sizes) < 1e-12:
        half = normal_quantile(confidence) ** 2 / (groups + normal_quantile(confidence) ** 2)
        bounds = max(-1.0, value - half), min(1.0, value + half)
        note = "differences do not vary"
        return Estimate(value, *bounds, confidence, "paired_constant", n, groups, missing, note=note)
    p = sign_flip(sums, seed, resamples)
    low, high = t_interval(value, sums, sizes, confidence)
    if groups < BCA_FROM:
        bounds = max(-1.0, low), min(1.0, high)
        return Estimate(value, *bounds, confidence, "paired_t", n, groups, missing, p_value=p, note=few_note(groups))
    means = bootstrap_means(sums, sizes, seed, resamples)
    bounds = bca_interval(means, sums, sizes, confidence)
    method = "paired_bootstrap_bca" if bounds is not None else "paired_bootstrap_percentile"
    ends = bounds or percentile_interval(means, confidence)
    low, high = max(-1.0, min(low, ends[0])), min(1.0, max(high, ends[1]))
    return Estimate(value, low, high, confidence, method, n, groups, missing, seed=seed, p_value=p)


def unpaired_difference(
    base: Sequence[bool | float | None],
    candidate: Sequence[bool | float | None],
    clusters_base: Sequence[Hashable] | None = None,
    clusters_candidate: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Mean of candidate minus mean of base when the two runs have different cases, scores in 0..1.

    The cases differ as well as the releases, so the difference may come from either: every caller labels it so.

    - Both sides 0/1: Newcombe's hybrid score interval (1998, method 10) from the two (clustered) Wilson intervals.
    - Else: Welch's t with clustered standard errors; when neither side varies, Newcombe's square-and-add of their intervals.
    - A side with fewer than two rows or clusters: no interval, `n_too_small`. An empty side: `n_zero`.
    """
    a, codes_a, missing_a = tidy(base, clusters_base)
    b, codes_b, missing_b = tidy(candidate, clusters_candidate)
    missing = missing_a + missing_b
    if not a.size or not b.size:
        return undefined("unpaired", "n_zero", confidence, missing)
    is_binary = bool(np.isin(a, (0.0, 1.0)).all() and np.isin(b, (0.0, 1.0)).all())
    n, groups, value = a.size + b.size, len(set(codes_a)) + len(set(codes_b)), float(b.mean() - a.mean())
    if min(len(set(codes_a)), len(set(codes_b))) < 2:
        return Estimate(value, None, None, confidence, "unpaired", n, groups, missing, reason="n_too_small")
    if not is_binary:
        error_a, error_b = clustered_error(*cluster_sums(a, codes_a)), clustered_error(*cluster_sums(b, codes_b))
        variance = error_a**2 + error_b**2
        if variance > 0:
            degrees = variance**2 / (error_a**4 / max(codes_a) + error_b**4 / max(codes_b))
            half = t_quantile(confidence, degrees) * sqrt(variance)
            bounds = max(-1.0, value - half), min(1.0, value + half)
            return Estimate(value, *bounds, confidence, "unpaired_welch", n, groups, missing)
    if is_binary:
        left = rate(list(a), list(codes_a), confidence=confidence)
        right = rate(list(b), list(codes_b), confidence=confidence)
    else:
        left = mean(list(a), list(codes_a), confidence=confidence, seed=seed)
        right = mean(list(b), list(codes_b), confidence=confidence, seed=seed)
    method = "unpaired_newcombe" if is_binary else "unpaired_square_and_add"
    return Estimate(value, *_square_and_add(left, right), confidence, method, n, groups, missing)


def difference_of(base: Estimate, candidate: Estimate) -> Estimate:
    """Candidate minus base of two numbers that are no means over cases, from their own intervals: square-and-add (MOVER).

    It takes the two runs for independent, so over the same cases it is wider than need be. A side without a value or an
    interval: the difference has none either, with that side's reason.
    """
    lacking = next((side for side in (base, candidate) if side.value is None), None)
    missing, n, groups = base.n_missing + candidate.n_missing, base.n + candidate.n, base.n_clusters + candidate.n_clusters
    if lacking is not None or base.value is None or candidate.value is None:
        return undefined("square_and_add", (lacking and lacking.reason) or "n_zero", base.confidence, missing)
    value = candidate.value - base.value
    open_side = next((side for side in (base, candidate) if side.low is None or side.high is None), None)
    if open_side is not None:
        return Estimate(value, None, None, base.confidence, "square_and_add", n, groups, missing, reason=open_side.reason)
    (a, a_low, a_high), (b, b_low, b_high) = _bounds(base), _bounds(candidate)
    low = value - sqrt((b - b_low) ** 2 + (a_high - a) ** 2)
    high = value + sqrt((b_high - b) ** 2 + (a - a_low) ** 2)
    return Estimate(value, low, high, base.confidence, "square_and_add", n, groups, missing)


def _square_and_add(base: Estimate, candidate: Estimate) -> tuple[float, float]:
    """Newcombe 1998: limits of a difference from the limits of its two sides."""
    (a, a_low, a_high), (b, b_low, b_high) = _bounds(base), _bounds(candidate)
    value = b - a
    low = value - sqrt((b - b_low) ** 2 + (a_high - a) ** 2)
    high = value + sqrt((b_high - b) ** 2 + (a - a_low) ** 2)
    return max(-1.0, low), min(1.0, high)


def _bounds(estimate: Estimate) -> tuple[float, float, float]:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        raise ValueError(f"a side without an interval: {estimate.reason}")
    return estimate.value, estimate.low, estimate.high
