"""One number with its interval: rates and means of scores, with clusters. Two runs are compared in `comparisons`.

A quantity that cannot be estimated has `value` None and a `reason`; it is never 0 or NaN. The unit of analysis is the
cluster (a conversation, say), never the row, when rows share one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from goldworks.statistics.intervals import (
    Floats,
    Integers,
    clopper_pearson_high,
    clopper_pearson_low,
    cluster_sums,
    clustered_error,
    t_quantile,
    wilson,
)
from goldworks.statistics.resampling import RESAMPLES, bca_interval, bootstrap_means

FEW_CLUSTERS = 10
"""Below this many clusters a cluster-robust standard error, and a bootstrap, are too optimistic."""

BOOTSTRAP_BELOW = 30
"""Below this many clusters a mean of fractional scores takes the bootstrap, not t."""

SKEWED_BELOW = 1000
"""Up to here also when more than half of the clusters lie exactly on 0 or 1; above, t and bootstrap agree."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A result. `low`..`high` is the two-sided interval of `confidence`.

    `n` rows were used in `n_clusters` clusters; `n_missing` more had no value for reasons that are not the system's.
    `reason` (n_zero, n_too_small, no_variation) says why `value` or the interval is None. `seed` is set when resampling
    was used; `p_value` only for differences; `note` says what a reader must know beside the numbers. `is_judge`: it rests on a
    model's opinion, so nothing may gate on it without a certificate.
    """

    value: float | None
    low: float | None
    high: float | None
    confidence: float
    method: str
    n: int
    n_clusters: int
    n_missing: int = 0
    reason: str | None = None
    seed: int | None = None
    p_value: float | None = None
    note: str | None = None
    is_judge: bool = False


def rate(
    values: Sequence[bool | float | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """Share of successes among `values` (0 or 1; None is missing), one row each.

    - Independent rows, or clusters of one row: Wilson.
    - At least ten clusters: Wilson with n_eff = n * (naive SE / clustered SE)**2, at most n. With no failure or no success
      the clusters count instead of the rows, for then the rows tell nothing of their dependence.
    - Two to nine clusters: exact bounds on clusters. The lower bound is that of the share of clusters in which every row
      succeeds, the upper that of clusters in which any does: they hold whatever the dependence within clusters of equal size.
      Of clusters that differ in size the shares are weighted by it, and count as (sum of sizes)**2 / sum of squares (Kish).
    - One cluster of several rows: no interval, reason `n_too_small`. No row: `n_zero`.

    Raises `ValueError` for values other than 0 and 1: fractional scores are for `mean`.
    """
    data, codes, dropped = tidy(values, clusters)
    if not np.isin(data, (0.0, 1.0)).all():
        raise ValueError("a rate takes values of 0 and 1 only")
    missing = n_missing + dropped
    if data.size == 0:
        return undefined("wilson", "n_zero", confidence, missing)
    n, p = data.size, float(data.mean())
    sums, sizes = cluster_sums(data, codes)
    groups = len(sizes)
    note = extreme_note(p, groups, confidence)
    if groups == n:
        return Estimate(p, *wilson(p, n, confidence), confidence, "wilson", n, groups, missing, note=note)
    if groups < 2:
        return Estimate(p, None, None, confidence, "wilson_clustered", n, groups, missing, reason="n_too_small")
    if groups < FEW_CLUSTERS:
        alpha = (1 - confidence) / 2
        units = float(sizes.sum() ** 2 / (sizes**2).sum())
        low = clopper_pearson_low(units * float(sizes[sums == sizes].sum()) / n, units, alpha)
        high = clopper_pearson_high(units * float(sizes[sums > 0].sum()) / n, units, alpha)
        few = note or few_note(groups)
        return Estimate(p, low, high, confidence, "clopper_pearson_on_clusters", n, groups, missing, note=few)
    effective = effective_size(data, sums, sizes)
    return Estimate(p, *wilson(p, effective, confidence), confidence, "wilson_clustered", n, groups, missing, note=note)


def mean(
    values: Sequence[float | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
    n_missing: int = 0,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Mean of fractional scores in 0..1 (None is missing), one row per case: take the mean over repeats before.

    - t interval with the clustered standard error and G-1 degrees of freedom, cut to 0..1.
    - 10 to 29 clusters, or more and over half of them exactly on 0 or 1: bootstrap BCa over clusters. Of fewer than 10 it is
      too narrow (of five, in simulations, it holds the mean 87 times in 100, t 94), so they take t, and `note` says so.
    - Values that do not vary, or a single row: Wilson's interval at the mean with n = clusters. A score in 0..1 varies at
      most as much as a coin of the same mean, so this is on the safe side.
    - One cluster of several rows: no interval, reason `n_too_small`. No row: `n_zero`.

    Raises `ValueError` for values outside 0..1.
    """
    data, codes, dropped = tidy(values, clusters)
    if data.size and not ((data >= 0) & (data <= 1)).all():
        raise ValueError("scores must lie in 0..1")
    missing = n_missing + dropped
    if data.size == 0:
        return undefined("t", "n_zero", confidence, missing)
    n, value = data.size, float(data.mean())
    sums, sizes = cluster_sums(data, codes)
    groups = len(sizes)
    if groups < 2 and n > 1:
        return Estimate(value, None, None, confidence, "t_clustered", n, groups, missing, reason="n_too_small")
    of_clusters = sums / sizes
    if groups < 2 or np.ptp(of_clusters) < 1e-12:
        bounds = wilson(value, groups, confidence)
        return Estimate(value, *bounds, confidence, "wilson_at_mean", n, groups, missing, note="values do not vary")
    is_skewed = groups < SKEWED_BELOW and float(np.isin(of_clusters, (0.0, 1.0)).mean()) > 0.5
    if groups >= FEW_CLUSTERS and (groups < BOOTSTRAP_BELOW or is_skewed):
        bounds = bca_interval(bootstrap_means(sums, sizes, seed, resamples), sums, sizes, confidence)
        if bounds is not None:
            return Estimate(value, *bounds, confidence, "bootstrap_bca", n, groups, missing, seed=seed)
    low, high = t_interval(value, sums, sizes, confidence)
    method = "t" if groups == n else "t_clustered"
    return Estimate(value, max(0.0, low), min(1.0, high), confidence, method, n, groups, missing, note=few_note(groups))


def few_note(groups: int) -> str | None:
    """What a reader must know of an estimate from so few clusters."""
    return f"only {groups} clusters" if groups < FEW_CLUSTERS else None


def t_interval(value: float, sums: Floats, sizes: Floats, confidence: float) -> tuple[float, float]:
    """value -+ t_{G-1} * clustered SE, not cut."""
    half = t_quantile(confidence, len(sizes) - 1) * clustered_error(sums, sizes)
    return value - half, value + half


def effective_size(data: Floats, sums: Floats, sizes: Floats) -> float:
    """Number of independent rows that would give the clustered standard error, at most n."""
    n, groups = data.size, len(sizes)
    naive = float(np.sqrt(data.var(ddof=1) / n))
    if naive == 0.0:
        return groups
    clustered = clustered_error(sums, sizes)
    return n if clustered == 0.0 else min(float(n), n * (naive / clustered) ** 2)


def tidy(values: Sequence[bool | float | None], clusters: Sequence[Hashable] | None) -> tuple[Floats, Integers, int]:
    """(values that are there, number of the cluster of each, how many were missing)."""
    if clusters is not None and len(clusters) != len(values):
        raise ValueError("values and clusters differ in length")
    kept = [i for i, value in enumerate(values) if value is not None]
    data = np.array([values[i] for i in kept], dtype=np.float64)
    if np.isnan(data).any():
        raise ValueError("NaN is no value; give None for what is missing")
    numbers: dict[Hashable, int] = {}
    codes = [numbers.setdefault(clusters[i] if clusters is not None else i, len(numbers)) for i in kept]
    return data, np.array(codes, dtype=np.int64), len(values) - len(kept)


def undefined(method: str, reason: str, confidence: float, n_missing: int) -> Estimate:
    """The estimate of nothing, with its reason."""
    return Estimate(None, None, None, confidence, method, 0, 0, n_missing, reason=reason)


def extreme_note(p: float, units: int, confidence: float) -> str | None:
    """For 0 or all successes, the one-sided exact bound in words."""
    alpha = 1 - confidence
    if p == 0:
        return f"0 of {units}: at most {clopper_pearson_high(0, units, alpha):.4f} (one-sided {confidence:.0%})"
    if p == 1:
        return f"{units} of {units}: at least {clopper_pearson_low(units, units, alpha):.4f} (one-sided {confidence:.0%})"
    return None
