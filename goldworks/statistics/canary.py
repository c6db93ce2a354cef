"""A release on a share of the traffic: roll back, promote or go on, valid at any look.

Each conversation goes to the canary with chance `share`, at random. A *failing* conversation then comes from the canary with
theta = share q_c / (share q_c + (1 - share) q_b), which tells the ratio of the failure rates q_c / q_b without the traffic being
counted. The e-process is a Beta(1, 1) mixture over theta: products of M stay an e-process when `share` changes, for its numerator
is a prediction from the past. Randomised by user: count failing users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p
from typing import Literal

import numpy as np

from goldworks.statistics.intervals import Floats

ALPHA = 0.05
PROMOTE_MARGIN = 1.5
"""The canary is promoted when it is shown to fail less than this many times as often as the baseline."""

Action = Literal["roll_back", "promote", "go_on"]


@dataclass(frozen=True, slots=True)
class Period:
    """Time with one `share` of traffic on the canary, 0..1 exclusive: `failures` in all, of which `canary` its own."""

    share: float
    canary: int
    failures: int


@dataclass(frozen=True, slots=True)
class CanaryReading:
    """`evidence_*`: the e-values against "no worse" (ratio at most 1) and against "too bad" (ratio at least the margin); 20 or
    more decides at alpha 0.05. `ratio` None without failures; `ratio_low`..`ratio_high`: confidence sequence of q_c / q_b.
    """

    action: Action
    evidence_worse: float
    evidence_fit: float
    ratio: float | None
    ratio_low: float
    ratio_high: float
    canary_failures: int
    failures: int


def canary_reading(periods: Sequence[Period], *, margin: float = PROMOTE_MARGIN, alpha: float = ALPHA) -> CanaryReading:
    """What all failures so far say. Look as often as you like: each decision is wrong with chance `alpha` at most.

    Roll back when M(ratio 1) >= 1/alpha and the canary fails more; promote when M(margin) >= 1/alpha and it fails less than that.
    Beyond the planned days, "go on" is an inconclusive end. Raises `ValueError` for impossible counts.
    """
    for p in periods:
        if not (0 < p.share < 1 and 0 <= p.canary <= p.failures):
            raise ValueError(f"a period needs a share between 0 and 1 and canary <= failures, has {p}")
    if margin <= 1:
        raise ValueError("the margin of promotion is a ratio above 1")
    x, t = sum(p.canary for p in periods), sum(p.failures for p in periods)
    worse, fit = _log_e(periods, 0.0), _log_e(periods, log(margin))
    limit = -log(alpha)
    action: Action = "go_on"
    if worse >= limit and _excess(periods, 1.0) > 0:
        action = "roll_back"
    elif fit >= limit and _excess(periods, margin) < 0:
        action = "promote"
    middle = _ratio(periods)
    low = 0.0 if x == 0 else _edge(periods, limit, middle, -1)
    high = inf if x == t else _edge(periods, limit, middle, 1)
    return CanaryReading(action, _exp(worse), _exp(fit), middle if t else None, low, high, x, t)


def log_mixture(canary: Floats, failures: Floats, theta: float) -> Floats:
    """log M of arrays of counts with one share: log B(1+x, 1+t-x) - x log theta - (t-x) log(1-theta). Natural logarithm."""
    from scipy.special import betaln  # type: ignore[import-untyped]

    return np.asarray(betaln(1 + canary, 1 + failures - canary)) - canary * log(theta) - (failures - canary) * log(1 - theta)


def null_theta(share: float, ratio: float) -> float:
    """Chance that a failing conversation is the canary's when its failure rate is `ratio` times the baseline's."""
    return share * ratio / (share * ratio + 1 - share)


def confidence_sequence_of_mean(values: Sequence[float], planned: int, *, alpha: float = ALPHA) -> tuple[float, float] | None:
    """Asymptotic confidence sequence of a mean, tightest around `planned` values (Waudby-Smith et al. 2024); None below two.

    mean -+ s sqrt(2 (t r**2 + 1) / (t**2 r**2) log(sqrt(t r**2 + 1) / alpha)),
    r**2 = (-2 log alpha + log(1 - 2 log alpha)) / planned.
    """
    t = len(values)
    if t < 2:
        return None
    data = np.array(values, dtype=np.float64)
    tuned = (-2 * log(alpha) + log(1 - 2 * log(alpha))) / planned
    grown = t * tuned + 1
    half = float(data.std(ddof=1)) * (2 * grown / (t * t * tuned) * log(grown**0.5 / alpha)) ** 0.5
    return float(data.mean()) - half, float(data.mean()) + half


def _log_e(periods: Sequence[Period], log_ratio: float) -> float:
    """log of the mixture's likelihood over that of a ratio, written with odds so that far ratios do not overflow."""
    x, t = sum(p.canary for p in periods), sum(p.failures for p in periods)
    total = lgamma(1 + x) + lgamma(1 + t - x) - lgamma(2 + t)  # log B(1 + x, 1 + t - x)
    for p in periods:
        log_odds = log(p.share / (1 - p.share)) + log_ratio
        total -= p.canary * log_odds - p.failures * (max(log_odds, 0.0) + log1p(exp(-abs(log_odds))))
    return total


def _excess(periods: Sequence[Period], ratio: float) -> float:
    """Canary failures beyond those expected at `ratio`: the sign says on which side the best ratio lies."""
    return sum(p.canary - p.failures * null_theta(p.share, ratio) for p in periods)


def _ratio(periods: Sequence[Period]) -> float:
    """The ratio of highest likelihood, by bisection on its logarithm."""
    x, t = sum(p.canary for p in periods), sum(p.failures for p in periods)
    if x in (0, t):
        return 1.0 if t == 0 else 0.0 if x == 0 else inf
    low, high = -40.0, 40.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _excess(periods, exp(middle)) > 0 else (low, middle)
    return exp((low + high) / 2)


def _edge(periods: Sequence[Period], limit: float, middle: float, direction: int) -> float:
    """Where log M reaches `limit` below (-1) or above (1) the best ratio; M falls towards it from both sides."""
    inside = log(middle) if 0 < middle < inf else -40.0 * direction
    outside = 40.0 * direction
    if _log_e(periods, outside) < limit:
        return 0.0 if direction < 0 else inf
    for _ in range(100):
        between = (inside + outside) / 2
        inside, outside = (between, outside) if _log_e(periods, between) < limit else (inside, between)
    return exp((inside + outside) / 2)


def _exp(value: float) -> float:
    return exp(min(value, 700.0))
