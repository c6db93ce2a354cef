"""Pass, fail or inconclusive, from an estimate and a limit. What follows of it, by tier, is the gates' policy.

The estimate has confidence 0.90, so that each of its ends is a one-sided 95 % bound. No value or no interval is inconclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldworks.statistics.estimates import Estimate

Answer = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """`is_regression_within_margin`: worse for certain, though by less than the margin, so it passes and is to be named."""

    answer: Answer
    is_regression_within_margin: bool = False


def not_worse(difference: Estimate, margin: float) -> ThreeWay:
    """Non-inferiority of candidate minus base, larger is better, `margin` > 0: pass if low > -margin, fail if high < -margin."""
    if margin <= 0:
        raise ValueError("a margin of non-inferiority is above 0")
    if difference.value is None or difference.low is None or difference.high is None:
        return ThreeWay("inconclusive")
    if difference.high < -margin:
        return ThreeWay("fail")
    if difference.low > -margin:
        return ThreeWay("pass", difference.high < 0)
    return ThreeWay("inconclusive")


def at_least(estimate: Estimate, floor: float) -> ThreeWay:
    """An absolute minimum: pass if low >= floor, fail if high < floor."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ThreeWay("inconclusive")
    return ThreeWay("pass" if estimate.low >= floor else "fail" if estimate.high < floor else "inconclusive")


def at_most(estimate: Estimate, ceiling: float) -> ThreeWay:
    """An absolute maximum: pass if high <= ceiling, fail if low > ceiling."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ThreeWay("inconclusive")
    return ThreeWay("pass" if estimate.high <= ceiling else "fail" if estimate.low > ceiling else "inconclusive")
