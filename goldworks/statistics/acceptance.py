"""Acceptance plans: how many cases, with how many failures allowed, prove a rate, by exact binomial bounds.

Rates here are of what is bad, in 0..1: to prove more than 95 % of good citations, the limit is 0.05. Cases are independent.
"""

from __future__ import annotations

from dataclasses import dataclass

CONFIDENCE = 0.95
POWER = 0.8
MOST_FAILURES = 2000


@dataclass(frozen=True, slots=True)
class AcceptancePlan:
    """Test `cases`; passes with at most `failures`. `power`: chance to pass at the rate the plan was made for."""

    cases: int
    failures: int
    power: float


def cases_to_prove(limit: float, failures: int = 0, *, confidence: float = CONFIDENCE) -> int:
    """Fewest cases of which `failures` may fail while the rate is still shown to be below `limit` (one-sided, exact)."""
    if not 0 < limit < 1:
        raise ValueError("a limit lies between 0 and 1")
    low, high = failures, failures + 1
    while chance_to_pass(high, failures, limit) > 1 - confidence:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if chance_to_pass(middle, failures, limit) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def chance_to_pass(cases: int, failures: int, rate: float) -> float:
    """Chance of at most `failures` among `cases` when each fails with `rate`."""
    if cases <= failures:
        return 1.0
    from scipy.special import bdtr  # type: ignore[import-untyped]

    return float(bdtr(failures, cases, rate))


def acceptance_plan(limit: float, true_rate: float, *, confidence: float = CONFIDENCE, power: float = POWER) -> AcceptancePlan:
    """The smallest plan that proves a rate below `limit` and passes with chance `power` when the truth is `true_rate`.

    Raises `ValueError` when the truth is too close to the limit for a plan with up to 2,000 failures.
    """
    if not 0 <= true_rate < limit:
        raise ValueError("the true rate must lie below the limit that is to be proved")
    for failures in range(MOST_FAILURES + 1):
        cases = cases_to_prove(limit, failures, confidence=confidence)
        chance = chance_to_pass(cases, failures, true_rate)
        if chance >= power:
            return AcceptancePlan(cases, failures, chance)
    raise ValueError(f"no plan: a true rate of {true_rate:g} is too close to the limit {limit:g}")
