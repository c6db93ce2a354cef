"""The canary test against worked values and, by simulation, how often it rolls back for nothing."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from simulation import chance_error

from goldworks.statistics.canary import Period, canary_reading, confidence_sequence_of_mean, log_mixture, null_theta


@pytest.mark.parametrize(
    ("canary", "failures", "evidence", "thetas", "ratios"),
    [
        (12, 15, 4.501099, (0.4267, 0.9793), (0.7444, 47.3927)),
        (20, 25, 24.290515, (0.5065, 0.9621), (1.0265, 25.37)),
        (10, 20, 0.27026, (0.2043, 0.7957), (0.2568, 3.8948)),
        (60, 200, 1135531.728088, (0.201, 0.4134), (0.2516, 0.7049)),
    ],
)
def test_evidence_and_confidence_sequence(canary, failures, evidence, thetas, ratios):
    found = canary_reading([Period(0.5, canary, failures)])
    assert found.evidence_worse == pytest.approx(evidence, abs=5.1e-7, rel=1e-11)
    assert (found.ratio_low, found.ratio_high) == pytest.approx(ratios, abs=5.1e-5)
    assert [null_theta(0.5, ratio) for ratio in (found.ratio_low, found.ratio_high)] == pytest.approx(thetas, abs=5.1e-5)
    assert found.ratio == pytest.approx(canary / (failures - canary))


def test_actions():
    assert canary_reading([Period(0.5, 20, 25)]).action == "roll_back"
    assert canary_reading([Period(0.5, 12, 15)]).action == "go_on"
    assert canary_reading([Period(0.5, 60, 200)]).action == "promote"
    assert canary_reading([Period(0.5, 5, 25)]).action == "promote"  # evidence against 1 as well, but for the better
    nothing = canary_reading([])
    assert nothing == canary_reading([Period(0.5, 0, 0)])
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


WORKED = 600
"""Runs of the worked simulation: its shares are multiples of 1/600."""


def first_day(is_hit: np.ndarray) -> np.ndarray:
    """Day, from 1, on which each run is hit first; 0 is never."""
    return np.where(is_hit.any(axis=1), is_hit.argmax(axis=1) + 1, 0)


def simulated(share: float, base_rate: float, canary_rate: float, runs: int, seed: int, *, with_fisher: bool = True):
    """(day of roll-back, day of promotion, day on which Fisher's one-sided test of all so far would roll back); 0 is never."""
    random, days, daily = np.random.default_rng(seed), 28, 1000
    to_canary = random.binomial(daily, share, (runs, days))
    x = np.cumsum(random.binomial(to_canary, canary_rate), axis=1)
    t = x + np.cumsum(random.binomial(daily - to_canary, base_rate), axis=1)
    same, margin = null_theta(share, 1.0), null_theta(share, 1.5)
    back = first_day((log_mixture(x, t, same) >= log(20)) & (x > t * same))
    promote = first_day((log_mixture(x, t, margin) >= log(20)) & (x < t * margin))
    promote[(back > 0) & (back <= promote)] = 0
    return back, promote, naive_days(x, t, np.cumsum(to_canary, axis=1), daily) if with_fisher else None


def naive_days(x: np.ndarray, t: np.ndarray, to_canary: np.ndarray, daily: int) -> np.ndarray:
    """First day on which Fisher's exact one-sided p of all failures so far lies below .05."""
    from scipy.stats import hypergeom

    found = np.zeros(len(x), dtype=int)
    for day in range(1, x.shape[1] + 1):
        hits, failures, asked = x[:, day - 1], t[:, day - 1], to_canary[:, day - 1]
        is_open = np.flatnonzero((found == 0) & (hits > failures * asked / (daily * day)))
        p = hypergeom.sf(hits[is_open] - 1, daily * day, failures[is_open], asked[is_open])
        found[is_open[p < 0.05]] = day
    return found


def like_the_worked(days: np.ndarray, share: float) -> bool:
    """Whether the share of runs with a day is the worked one, but for chance."""
    return (days > 0).mean() == pytest.approx(share, abs=chance_error(share, WORKED, len(days)))


def medians(days: np.ndarray, of: int) -> tuple[float, float]:
    """Between which bounds the median of so many days drawn from these lies, but three times in a thousand."""
    known = days[days > 0]
    drawn = np.median(np.random.default_rng(0).choice(known, (4000, of)), axis=1)
    low, high = np.quantile(drawn, [0.0015, 0.9985])
    return float(low), float(high)


def test_the_same_release_is_rarely_rolled_back_at_any_look():
    """Worked: .0067 rolled back (4 of 600, median day 2.5), .9267 promoted (median day 12), .2117 by the naive daily test.

    The median of four days says little; of 6,000 runs some forty are rolled back, and half of them by the second day.
    """
    back, promoted, _ = simulated(0.5, 0.02, 0.02, 6000, 1, with_fisher=False)
    assert like_the_worked(back, 0.0067)
    assert (back > 0).mean() <= 0.0067 + chance_error(0.0067, 6000)
    assert np.median(back[back > 0]) == pytest.approx(2.5, abs=1)
    low, high = medians(back, 4)
    assert low <= 2.5 <= high
    assert like_the_worked(promoted, 0.9267)
    low, high = medians(promoted, 556)
    assert low <= 12 <= high
    assert np.median(promoted[promoted > 0]) == pytest.approx(12, abs=1)


def test_a_daily_test_rolls_the_same_release_back_one_time_in_five():
    _, _, naive = simulated(0.5, 0.02, 0.02, 1200, 1)
    assert like_the_worked(naive, 0.2117)


@pytest.mark.parametrize(("share", "caught", "day"), [(0.5, 1.0, 3), (0.1, 0.995, 8)])
def test_a_doubled_failure_rate_is_caught(share, caught, day):
    back, promoted, naive = simulated(share, 0.02, 0.04, 1000, 2)
    assert like_the_worked(back, caught)
    low, high = medians(back, round(caught * WORKED))
    assert low <= day <= high
    assert np.median(back[back > 0]) == pytest.approx(day, abs=1)
    assert like_the_worked(promoted, 0.0)
    assert like_the_worked(naive, 1.0)


def test_a_canary_at_the_margin_is_rarely_promoted():
    _, promoted, _ = simulated(0.5, 0.02, 0.03, 3000, 3, with_fisher=False)
    assert (promoted > 0).mean() <= 0.05


def test_confidence_sequence_of_a_mean_holds_at_every_look():
    random, misses = np.random.default_rng(5), 0
    for _ in range(300):
        values = random.beta(2, 3, 400)
        seen = [confidence_sequence_of_mean(values[:t], 200) for t in range(20, 401, 20)]
        misses += not all(low <= 0.4 <= high for low, high in seen)
    assert misses / 300 <= 0.05
    assert confidence_sequence_of_mean([0.5], 100) is None
