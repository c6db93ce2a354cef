"""The canary test against worked values and, by simulation, how often it rolls back for nothing."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest

from goldworks.statistics.canary import Period, canary_reading, confidence_sequence_of_mean, log_mixture, null_theta


@pytest.mark.parametrize(
    ("canary", "failures", "evidence", "low", "high"),
    [
        (12, 15, 4.501099, 0.7444, 47.3927),
        (20, 25, 24.290515, 1.0265, 25.37),
        (10, 20, 0.27026, 0.2568, 3.8948),
        (60, 200, 1135531.728088, 0.2516, 0.7049),
    ],
)
def test_evidence_and_confidence_sequence(canary, failures, evidence, low, high):
    found = canary_reading([Period(0.5, canary, failures)])
    assert found.evidence_worse == pytest.approx(evidence, rel=1e-5)
    assert (found.ratio_low, found.ratio_high) == pytest.approx((low, high), rel=1e-3)
    assert found.ratio == pytest.approx(canary / (failures - canary))


def test_actions():
    assert canary_reading([Period(0.5, 20, 25)]).action == "roll_back"
    assert canary_reading([Period(0.5, 12, 15)]).action == "go_on"
    assert canary_reading([Period(0.5, 60, 200)]).action == "promote"
    assert canary_reading([Period(0.5, 5, 25)]).action == "promote"  # evidence against 1 as well, but for the better
    nothing = canary_reading([])
    assert (nothing.action, nothing.evidence_worse, nothing.ratio, nothing.ratio_low, nothing.ratio_high) == (
        "go_on",
        1,
        None,
        0,
        inf,
    )
    assert canary_reading([Period(0.1, 0, 3)]).ratio_low == 0
    assert canary_reading([Period(0.1, 3, 3)]).ratio_high == inf


def test_a_change_of_the_share_keeps_the_ratio():
    alike = canary_reading([Period(0.1, 20, 100), Period(0.5, 40, 60)])
    assert 1.5 < alike.ratio < 3
    split = canary_reading([Period(0.5, 7, 9), Period(0.5, 5, 6)])
    whole = canary_reading([Period(0.5, 12, 15)])
    assert split.evidence_worse == pytest.approx(whole.evidence_worse)
    assert (split.ratio_low, split.ratio_high) == pytest.approx((whole.ratio_low, whole.ratio_high))


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="share between 0 and 1"):
        canary_reading([Period(1.0, 1, 1)])
    with pytest.raises(ValueError, match="canary <= failures"):
        canary_reading([Period(0.5, 2, 1)])
    with pytest.raises(ValueError, match="above 1"):
        canary_reading([], margin=1)


def simulated(share: float, base_rate: float, canary_rate: float, runs: int, seed: int):
    """(day of roll-back, day of promotion, whether a daily one-sided test at 5 % would have rolled back); 0 is never."""
    random, days, daily = np.random.default_rng(seed), 28, 1000
    to_canary = random.binomial(daily, share, (runs, days))
    x = np.cumsum(random.binomial(to_canary, canary_rate), axis=1)
    b = np.cumsum(random.binomial(daily - to_canary, base_rate), axis=1)
    t = x + b
    same, margin = null_theta(share, 1.0), null_theta(share, 1.5)
    back = (log_mixture(x, t, same) >= log(20)) & (x > t * same)
    promote = (log_mixture(x, t, margin) >= log(20)) & (x < t * margin)
    n_canary = np.cumsum(to_canary, axis=1)
    n_base = daily * np.arange(1, days + 1) - n_canary
    pooled = t / (n_canary + n_base)
    z = (x / n_canary - b / n_base) / np.sqrt(pooled * (1 - pooled) * (1 / n_canary + 1 / n_base) + 1e-12)
    return tuple(np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 0) for hit in (back, promote, z > 1.645))


def test_the_same_release_is_rarely_rolled_back_at_any_look():
    back, promoted, naive = simulated(0.5, 0.02, 0.02, 3000, 1)
    assert (back > 0).mean() <= 0.02
    assert (naive > 0).mean() > 0.15  # what a daily test does
    first = (promoted > 0) & ((back == 0) | (promoted < back))
    assert first.mean() == pytest.approx(0.927, abs=0.03)
    assert np.median(promoted[promoted > 0]) == pytest.approx(12, abs=1)


@pytest.mark.parametrize(("share", "day"), [(0.5, 3), (0.1, 8)])
def test_a_doubled_failure_rate_is_caught(share, day):
    back, promoted, _ = simulated(share, 0.02, 0.04, 2000, 2)
    assert (back > 0).mean() >= 0.99
    assert np.median(back[back > 0]) == pytest.approx(day, abs=1)
    assert ((promoted > 0) & ((back == 0) | (promoted < back))).mean() <= 0.05


def test_a_canary_at_the_margin_is_rarely_promoted():
    _, promoted, _ = simulated(0.5, 0.02, 0.03, 3000, 3)
    assert (promoted > 0).mean() <= 0.05


def test_confidence_sequence_of_a_mean_holds_at_every_look():
    random, misses = np.random.default_rng(5), 0
    for _ in range(300):
        values = random.beta(2, 3, 400)
        seen = [confidence_sequence_of_mean(values[:t], 200) for t in range(20, 401, 20)]
        misses += not all(low <= 0.4 <= high for low, high in seen)
    assert misses / 300 <= 0.05
    assert confidence_sequence_of_mean([0.5], 100) is None
