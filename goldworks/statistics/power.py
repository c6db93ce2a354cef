"""How many cases a comparison of two releases on the same cases takes, and what a number of cases can show.

`discordant` is the share of cases whose verdict differs between the two releases, in 0..1. `power` is the chance to show what is
there. Cases are independent; of clustered ones take clusters, or multiply by the design effect.
"""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from goldworks.statistics.intervals import normal_quantile

CONFIDENCE = 0.95
POWER = 0.8


def cases_for_difference(discordant: float, difference: float, *, confidence: float = CONFIDENCE, power: float = POWER) -> int:
    """Cases to show that two releases differ, when they do by `difference` (Connor 1987; two-sided)."""
    _check_shares(discordant, difference)
    z, z_power = normal_quantile(confidence), _one_sided(power)
    return ceil((z * sqrt(discordant) + z_power * sqrt(discordant - difference**2)) ** 2 / difference**2)


def cases_for_margin(
    discordant: float, margin: float, *, true_difference: float = 0.0, confidence: float = CONFIDENCE, power: float = POWER
) -> int:
    """Cases to show that the candidate is not worse by `margin`, one-sided, when it truly differs by `true_difference`.

    n = (z_a + z_b)**2 (psi - D**2) / (margin + D)**2, candidate minus base D. Tango's interval is a little wider than the
    normal one this is made from: of 248 cases for 5 points at psi 0.1 the power is 0.77 by enumeration, not 0.80.
    """
    _check_shares(discordant, true_difference)
    if margin + true_difference <= 0:
        raise ValueError("no number of cases shows it: the true difference is as bad as the margin")
    z = _one_sided(confidence) + _one_sided(power)
    return ceil(z**2 * (discordant - true_difference**2) / (margin + true_difference) ** 2)


def reachable_margin(discordant: float, cases: int, *, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The smallest margin that so many cases can show when nothing changed: `cases_for_margin` solved for the margin."""
    _check_shares(discordant, 0.0)
    return margin_at(sqrt(discordant / cases), confidence=confidence, power=power)


def margin_at(error: float, *, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The smallest margin that a comparison with this standard error shows when nothing changed: (z_a + z_b) errors."""
    return (_one_sided(confidence) + _one_sided(power)) * error


def error_for(room: float, *, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The standard error with which a bound clears a limit that lies `room` away: `margin_at` solved for the error."""
    return room / (_one_sided(confidence) + _one_sided(power))


def detectable_difference(discordant: float, cases: int, *, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The smallest difference that so many cases show, two-sided: (z_{1-a/2} + z_b) sqrt(psi / n)."""
    _check_shares(discordant, 0.0)
    return (normal_quantile(confidence) + _one_sided(power)) * sqrt(discordant / cases)


def cases_for_scores(
    between: float,
    within_base: float,
    within_candidate: float,
    difference: float,
    *,
    repeats_base: int = 1,
    repeats_candidate: int = 1,
    confidence: float = CONFIDENCE,
    power: float = POWER,
) -> int:
    """Cases to show a difference of mean scores (Miller 2024): n = (z_{a/2} + z_b)**2 (w2 + s2_A / K_A + s2_B / K_B) / d**2.

    `between`: variance over cases of the difference of expected scores; `within_*`: variance over repeats of a case.
    """
    spread = between + within_base / repeats_base + within_candidate / repeats_candidate
    return ceil((normal_quantile(confidence) + _one_sided(power)) ** 2 * spread / difference**2)


def _one_sided(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def _check_shares(discordant: float, difference: float) -> None:
    if not 0 < discordant <= 1 or abs(difference) > discordant:
        raise ValueError("discordant lies in 0..1 above 0, and a difference is no larger than it")
