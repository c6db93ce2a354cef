"""Formulas of intervals and tests over counts and arrays; no policy of which one to use when (see `estimates`, `comparisons`).

They are written out, not taken from statsmodels, because importing that costs seconds at each start; the tests hold them
against it. `z` is the normal quantile of the wanted confidence.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def normal_quantile(confidence: float) -> float:
    """Two-sided z: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def t_quantile(confidence: float, degrees: float) -> float:
    """Two-sided quantile of Student's t."""
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def wilson(p: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's score interval (1927) of a rate `p` seen in `n` > 0 trials; `n` may be an effective, fractional number."""
    z = normal_quantile(confidence)
    spread = z * z / n
    centre = (p + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(p * (1 - p) / n + spread / (4 * n))
    low = 0.0 if p <= 0 else max(0.0, centre - half)
    high = 1.0 if p >= 1 else min(1.0, centre + half)
    return low, high


def clopper_pearson_low(x: float, n: float, alpha: float) -> float:
    """One-sided exact lower bound of a rate with `x` of `n`, error `alpha`; both may be effective, fractional numbers."""
    if x <= 0 or x >= n:
        return 0.0 if x <= 0 else alpha ** (1 / n)  # closed forms, and scipy need not be loaded
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    return float(betaincinv(x, n - x + 1, alpha))


def clopper_pearson_high(x: float, n: float, alpha: float) -> float:
    """One-sided exact upper bound of a rate with `x` of `n`, error `alpha`; 1 - alpha**(1/n) when x = 0."""
    if x >= n or x <= 0:
        return 1.0 if x >= n else 1 - alpha ** (1 / n)
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    return float(betaincinv(x + 1, n - x, 1 - alpha))


def jeffreys_bound(x: float, n: float, probability: float) -> float:
    """Quantile of Beta(x + 1/2, n - x + 1/2), what Jeffreys' prior makes of `x` in `n` (Brown, Cai and DasGupta 2001).

    An interval of 95 % is that of 0.025 and of 0.975. It is not widened to 0 when x = 0 or to 1 when x = n.
    """
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    return float(betaincinv(x + 0.5, n - x + 0.5, probability))


def cluster_sums(values: Floats, codes: Integers) -> tuple[Floats, Floats]:
    """(sum of the values, number of rows) of each cluster; `codes` number the clusters from 0."""
    sums: Floats = np.bincount(codes, weights=values).astype(np.float64)
    return sums, np.bincount(codes).astype(np.float64)


def clustered_error(sums: Floats, sizes: Floats) -> float:
    """Standard error of the mean over rows when rows of a cluster are dependent, with the factor G/(G-1) for few clusters.

    Miller 2024, "Adding error bars to evals"; equals the usual s/sqrt(n) when all sizes are 1. Needs two clusters.
    """
    n, groups = sizes.sum(), len(sizes)
    residuals = sums - sizes * (sums.sum() / n)
    return float(np.sqrt((residuals**2).sum() * groups / (groups - 1)) / n)


def tango(worse: int, better: int, n: int, confidence: float) -> tuple[float, float]:
    """Tango's score interval (1998) of a difference of paired rates, better minus worse.

    `worse`: pairs that passed and now fail; `better`: pairs that failed and now pass; `n` pairs in all, > 0.
    """
    z = normal_quantile(confidence)
    estimate = (better - worse) / n

    def score(difference: float) -> float:
        """z statistic of the hypothesis that the true difference is `difference`; falls as it grows."""
        a = 2 * n
        b = -(worse + better) + (2 * n - better + worse) * difference
        c = -worse * difference * (1 - difference)
        q = (sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = n * (2 * q + difference * (1 - difference))
        return (better - worse - n * difference) / sqrt(variance) if variance > 0 else 0.0

    low = -1.0 if estimate <= -1 else _crossing(score, z, -1.0, estimate)
    high = 1.0 if estimate >= 1 else _crossing(score, -z, estimate, 1.0)
    return low, high


def _crossing(falling: Callable[[float], float], level: float, left: float, right: float) -> float:
    """Where a falling function takes `level` between `left` and `right`, by bisection to full precision."""
    for _ in range(60):
        middle = (left + right) / 2
        if falling(middle) > level:
            left = middle
        else:
            right = middle
    return (left + right) / 2


def mcnemar(worse: int, better: int) -> float:
    """Exact two-sided p of McNemar's test: 1 when no pair changed."""
    changed = worse + better
    tail = sum(comb(changed, k) for k in range(min(worse, better) + 1))
    return min(1.0, 2 * tail / 2**changed)
