"""Rates over items that were drawn with unequal probability, allocation to segments, sizes. Drawing itself: `hash_sampling`.

A rate over items drawn with unequal probability is never their plain mean. Of rare events take `human_rate.post_stratified`: the
interval here is too narrow for them (it holds 81 times in 100 at 2 %).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from goldworks.statistics.estimates import Estimate, undefined
from goldworks.statistics.human_rate import Stratum
from goldworks.statistics.intervals import normal_quantile


def horvitz_thompson(
    values: Sequence[float], probabilities: Sequence[float], population: int, *, confidence: float = 0.95
) -> Estimate:
    """Mean over `population` items, sum of y/pi over its size (Horvitz and Thompson 1952), Poisson sampling, normal interval."""
    y, pi = _weighted(values, probabilities)
    if len(y) == 0 or population <= 0:
        return undefined("horvitz_thompson", "n_zero", confidence, 0)
    value = float((y / pi).sum() / population)
    half = normal_quantile(confidence) * sqrt(float(((1 - pi) * (y / pi) ** 2).sum())) / population
    return Estimate(value, value - half, value + half, confidence, "horvitz_thompson", len(y), len(y))


def hajek(values: Sequence[float], probabilities: Sequence[float], *, confidence: float = 0.95) -> Estimate:
    """Mean as sum of y/pi over sum of 1/pi (Hajek 1971), the size of the population unknown; linearised normal interval in 0..1.

    `note` holds Kish's effective number of items. One item: no interval.
    """
    y, pi = _weighted(values, probabilities)
    if len(y) == 0:
        return undefined("hajek", "n_zero", confidence, 0)
    size = float((1 / pi).sum())
    value = float((y / pi).sum()) / size
    note = f"worth {effective_items(probabilities):.1f} items drawn evenly"
    if len(y) < 2:
        return Estimate(value, None, None, confidence, "hajek", len(y), len(y), reason="n_too_small", note=note)
    half = normal_quantile(confidence) * sqrt(float(((1 - pi) * ((y - value) / pi) ** 2).sum())) / size
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), confidence, "hajek", len(y), len(y), note=note)


def effective_items(probabilities: Sequence[float]) -> float:
    """Kish 1965: (sum w)**2 / sum w**2 with w = 1/pi."""
    weights = 1 / np.array(probabilities, dtype=np.float64)
    return float(weights.sum() ** 2 / (weights**2).sum())


@dataclass(frozen=True, slots=True)
class Segment:
    """`size` items with a standard deviation of what is measured: sqrt(p (1-p)), p smoothed so that it is above 0."""

    size: int
    deviation: float


def smoothed_deviation(positive: int, labelled: int) -> float:
    """Standard deviation of a yes/no figure from last month's counts, with Jeffreys' half item on each side."""
    p = (positive + 0.5) / (labelled + 1)
    return sqrt(p * (1 - p))


def neyman(segments: Mapping[str, Segment], items: int, *, floor: int = 0) -> dict[str, int]:
    """How many of `items` to draw of each segment, in proportion to size times deviation (Neyman 1934), with a floor for each.

    A segment smaller than its floor or share is taken whole. The rest is shared again until all fit; the sum is `items`, or all
    there are. Raises `ValueError` when the floors alone need more.
    """
    least = {name: min(floor, s.size) for name, s in segments.items()}
    if sum(least.values()) > items:
        raise ValueError(f"the floors need {sum(least.values())} items, there are {items}")
    fixed: dict[str, float] = {}
    shares: dict[str, float] = {}
    while True:
        free = [name for name in segments if name not in fixed]
        rest = items - sum(fixed.values())
        weight = sum(segments[name].size * segments[name].deviation for name in free)
        shares = {name: rest * segments[name].size * segments[name].deviation / weight if weight else 0.0 for name in free}
        too_many = {name: float(segments[name].size) for name in free if shares[name] > segments[name].size}
        too_few = {name: float(least[name]) for name in free if shares[name] < least[name]}
        # take the side that is off by more first, or a segment fixed at its floor could be starved by one fixed whole
        over = sum(shares[name] - limit for name, limit in too_many.items())
        under = sum(limit - shares[name] for name, limit in too_few.items())
        if not too_many and not too_few:
            break
        fixed |= too_many if over >= under else too_few
    return _whole({name: fixed.get(name, shares.get(name, 0.0)) for name in segments}, segments)


def stratified_rate(strata: Sequence[Stratum], *, confidence: float = 0.95) -> Estimate:
    """Rate sum of W p with variance sum of W**2 (1 - n/N) p (1-p) / (n-1) (Cochran 1977, 5.25), normal interval in 0..1.

    A stratum with fewer than two labels that is not whole: no interval. See `post_stratified` for rare events.
    """
    filled = [s for s in strata if s.size > 0]
    labelled, total = sum(s.labelled for s in filled), sum(s.size for s in filled)
    if labelled == 0:
        return undefined("stratified", "n_zero", confidence, 0)
    if any(s.labelled == 0 for s in filled):
        return Estimate(None, None, None, confidence, "stratified", labelled, labelled, reason="n_too_small")
    value, variance, is_open = 0.0, 0.0, False
    for s in filled:
        p, weight = s.positive / s.labelled, s.size / total
        value += weight * p
        if s.labelled > 1:
            variance += weight**2 * (1 - s.labelled / s.size) * p * (1 - p) / (s.labelled - 1)
        is_open = is_open or (s.labelled < 2 and s.size > s.labelled)
    if is_open:
        return Estimate(value, None, None, confidence, "stratified", labelled, labelled, reason="n_too_small")
    half = normal_quantile(confidence) * sqrt(variance)
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), confidence, "stratified", labelled, labelled)


def cases_for_half_width(rate: float, half_width: float, *, population: int | None = None, confidence: float = 0.95) -> int:
    """Items for an interval of `rate` -+ `half_width`: z**2 p (1-p) / e**2, fewer of a small population (Cochran 1977, 4.2)."""
    if not (0 < rate < 1 and half_width > 0):
        raise ValueError("a rate lies between 0 and 1, a half width above 0")
    n = normal_quantile(confidence) ** 2 * rate * (1 - rate) / half_width**2
    return ceil(n if population is None else n / (1 + (n - 1) / population))


def _whole(shares: Mapping[str, float], segments: Mapping[str, Segment]) -> dict[str, int]:
    """Whole numbers of the same sum, by largest remainder."""
    result = {name: int(share + 1e-9) for name, share in shares.items()}
    left = round(sum(shares.values())) - sum(result.values())
    by_remainder = sorted(shares, key=lambda name: result[name] - shares[name])
    for name in by_remainder:
        if left > 0 and result[name] < segments[name].size:
            result[name] += 1
            left -= 1
    return result


def _weighted(values: Sequence[float], probabilities: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    y, pi = np.array(values, dtype=np.float64), np.array(probabilities, dtype=np.float64)
    if len(y) != len(pi):
        raise ValueError("values and inclusion probabilities differ in length")
    if not ((pi > 0) & (pi <= 1)).all():
        raise ValueError("an inclusion probability lies in 0..1, above 0")
    return y, pi
