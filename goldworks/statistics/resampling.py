"""Seeded resampling: bootstrap intervals over clusters and the sign-flip test. The same seed gives the same digits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import product

import numpy as np

from goldworks.statistics.intervals import Floats

RESAMPLES = 2000
"""Bootstrap resamples unless the caller says otherwise; a nightly report takes 10,000."""

CELLS = 2_000_000
"""Most indices drawn at a time, which bounds the memory at about 50 MB."""

EXACT_FLIPS = 12
"""Up to this many clusters all sign flips are enumerated."""


def seed_of(*parts: str) -> int:
    """The seed of one estimate, from what names it: (run_id, metric, segment)."""
    return int(hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:8], 16)


def bootstrap_means(sums: Floats, sizes: Floats, seed: int, resamples: int) -> Floats:
    """Means over rows of `resamples` samples of whole clusters drawn with replacement, in the order drawn."""
    random = np.random.default_rng(seed)
    groups = len(sums)
    step = max(1, CELLS // groups)
    parts: list[Floats] = []
    for start in range(0, resamples, step):
        drawn = random.integers(0, groups, size=(min(step, resamples - start), groups))
        parts.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(parts)


def bootstrap_counts(groups: int, seed: int, resamples: int) -> Iterator[Floats]:
    """How often each of `groups` clusters is drawn, in `resamples` samples of as many with replacement: blocks [samples, groups].

    For statistics that are no mean: multiply by what each cluster contributes.
    """
    random = np.random.default_rng(seed)
    step = max(1, CELLS // groups)
    shares = np.full(groups, 1 / groups)
    for start in range(0, resamples, step):
        yield random.multinomial(groups, shares, size=min(step, resamples - start)).astype(np.float64)


def percentile_interval(means: Floats, confidence: float) -> tuple[float, float]:
    """Percentile interval of bootstrap means."""
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def bca_interval(means: Floats, sums: Floats, sizes: Floats, confidence: float) -> tuple[float, float] | None:
    """Bias-corrected and accelerated interval (Efron 1987) of bootstrap means; None when the data do not vary."""
    total, rows = sums.sum(), sizes.sum()
    return bca_of(means, float(total / rows), (total - sums) / (rows - sizes), confidence)


def bca_of(draws: Floats, estimate: float, left_out: Floats, confidence: float) -> tuple[float, float] | None:
    """The same of any statistic: its bootstrap `draws`, and its values `left_out` without each cluster in turn."""
    lean = left_out.mean() - left_out
    spread = (lean**2).sum()
    if spread <= 1e-18:
        return None
    acceleration = (lean**3).sum() / (6 * spread**1.5)
    below = ((draws < estimate).sum() + (draws <= estimate).sum()) / 2 / len(draws)  # ties count half
    if not 0 < below < 1:
        return percentile_interval(draws, confidence)
    from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]

    shift = ndtri(below)
    ends = shift + ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    low, high = np.quantile(draws, ndtr(shift + ends / (1 - acceleration * ends)))
    return float(low), float(high)


def sign_flip(sums: Floats, seed: int, resamples: int) -> float:
    """Two-sided p of the sign-flip permutation test that the clusters' summed differences are symmetric around 0.

    Exact up to `EXACT_FLIPS` clusters; else Monte Carlo with the observed arrangement counted in.
    """
    seen = abs(sums.sum()) - 1e-12
    if len(sums) <= EXACT_FLIPS:
        flips = np.array(list(product((-1.0, 1.0), repeat=len(sums))))
        return float((np.abs(flips @ sums) >= seen).mean())
    random = np.random.default_rng(seed)
    step = max(1, CELLS // len(sums))
    extreme = 0
    for start in range(0, resamples, step):
        flips = random.integers(0, 2, size=(min(step, resamples - start), len(sums))) * 2.0 - 1.0
        extreme += int((np.abs(flips @ sums) >= seen).sum())
    return (extreme + 1) / (resamples + 1)
