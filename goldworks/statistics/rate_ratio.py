"""The relative change of a rate between two windows, candidate's over baseline's. For KPIs as "20 % fewer hallucinations"."""

from __future__ import annotations

from math import ceil, exp, log, sqrt
from statistics import NormalDist

from goldworks.statistics.estimates import Estimate, undefined
from goldworks.statistics.intervals import normal_quantile


def rate_ratio(base: tuple[float, float], candidate: tuple[float, float], *, confidence: float = 0.95) -> Estimate:
    """Ratio of two independent rates, each (events, cases), with the log interval (Katz et al. 1978); cases may be effective.

    No event on a side: half an event is added to both, `note` says so, and the interval stays finite. `high` of confidence 0.90
    is the one-sided bound that is held against 0.8 for a reduction of 20 %. No cases: `n_zero`.
    """
    (x, n), (y, m) = base, candidate
    if n <= 0 or m <= 0:
        return undefined("log_rate_ratio", "n_zero", confidence, 0)
    note = None
    if x <= 0 or y <= 0:
        (x, n), (y, m), note = (x + 0.5, n + 0.5), (y + 0.5, m + 0.5), "half an event added to each side"
    value = (y / m) / (x / n)
    half = normal_quantile(confidence) * sqrt(max(0.0, 1 / x - 1 / n + 1 / y - 1 / m))
    cases = int(base[1] + candidate[1])
    return Estimate(value, value * exp(-half), value * exp(half), confidence, "log_rate_ratio", cases, cases, note=note)


def cases_for_reduction(
    base_rate: float, true_reduction: float, claimed: float = 0.0, *, confidence: float = 0.95, power: float = 0.8
) -> int:
    """Cases *per window* to show a reduction of more than `claimed` when it truly is `true_reduction`, in 0..1; one-sided."""
    if not (0 < base_rate < 1 and 0 <= claimed < true_reduction < 1):
        raise ValueError("needs a base rate between 0 and 1, and claimed reduction < true reduction < 1")
    rate = base_rate * (1 - true_reduction)
    z = NormalDist().inv_cdf(confidence) + NormalDist().inv_cdf(power)
    spread = (1 - rate) / rate + (1 - base_rate) / base_rate
    return ceil(z**2 * spread / log((1 - true_reduction) / (1 - claimed)) ** 2)
