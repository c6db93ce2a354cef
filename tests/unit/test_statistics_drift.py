"""Detectors over daily counts against worked values; what is heard of an alarm. By simulation: `test_statistics_drift_delays`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from goldworks.statistics.drift_alarms import CountLimits, distinct, severity, watch
from goldworks.statistics.drift_counts import binomial_tail, carried, cusum, ewma, normal_tail, shewhart
from goldworks.statistics.drift_thresholds import (
    cusum_limit,
    cusum_run_length,
    false_alarms_in,
    limit_from_stable_days,
    precision_at,
    run_length_for,
    run_length_of,
)

WORKED = [18, 22, 35, 41, 38]


def test_worked_values():
    assert cusum(WORKED, 1000, 0.02) == pytest.approx([0, 0, 4.362539, 13.007677, 19.511516], abs=1e-6)
    tails = [7.0527692e-01, 3.5544052e-01, 1.3265600e-03, 2.0320000e-05, 1.8400000e-04]
    assert binomial_tail(WORKED, 1000, 0.02) == pytest.approx(tails, rel=0, abs=6e-9)
    assert ewma(WORKED, 1000, 0.02) == pytest.approx([-0.451754, 0.070552, 2.417109, 4.940514, 6.398381], abs=1e-6)
    assert normal_tail(ewma(WORKED, 1000, 0.02))[2] == pytest.approx(0.00782, abs=1e-5)
    assert shewhart(WORKED, 1000, 0.02)[2] == pytest.approx(2.8773, abs=1e-4)
    assert binomial_tail([0, 5], [0, 5], 0.5) == pytest.approx([1, 1 / 32])


def test_run_lengths():
    assert run_length_of(0.05, 30) == pytest.approx(585.4, abs=0.05)
    assert false_alarms_in(30, 585.4) == pytest.approx(0.05, abs=1e-4)
    assert run_length_for(0.2, 1 / 60, 0.95) == pytest.approx(252.6, abs=0.05)
    assert run_length_for(0.2, 1 / 360) == pytest.approx(1440)
    assert [round(precision_at(one, 1 / 360), 3) for one in (585, 1440, 3000)] == [0.619, 0.8, 0.893]


def run_length_of_uneven_days(limit: float, total: float, states: int = 200) -> float:
    """`cusum_run_length` where a day's events, bad and good, are Poisson ones: days as large as chance makes them."""
    bad, good = (np.arange(max(0, int(m - 8 * m**0.5)), int(m + 10 * m**0.5 + 20)) for m in (total * 0.02, total * 0.98))
    steps = (bad[:, None] * np.log(2) + good * np.log(0.96 / 0.98)).ravel()
    chance = np.outer(poisson.pmf(bad, total * 0.02), poisson.pmf(good, total * 0.98)).ravel()
    width = limit / states
    at = np.round(20 * steps / width).astype(int)
    chance = np.bincount(at - at.min(), weights=chance)
    steps = (np.arange(len(chance)) + at.min()) * width / 20
    steps, chance = steps[chance > 1e-14], chance[chance > 1e-14]
    levels = np.concatenate(([0.0], (np.arange(states) + 0.5) * width))
    reached = [np.clip(np.ceil((level + steps) / width), 0, states + 1).astype(int) for level in levels]
    moves = np.array([np.bincount(one, weights=chance, minlength=states + 2) for one in reached])[:, : states + 1]
    return float(np.linalg.solve(np.eye(states + 1) - moves, np.ones(states + 1))[0])


@pytest.mark.parametrize(
    ("total", "run_length", "limit"),
    [(1000, 585, 3.817), (1000, 1440, 4.870), (1000, 3000, 5.708), (100, 585, 4.535), (100, 1440, 5.458), (100, 3000, 6.190)],
)
def test_limits_of_the_cusum(total, run_length, limit):
    """The worked limits are of days whose size is a matter of chance: counted exactly they have the run length within 2 %.

    On days of one size, as the product counts them, the run length climbs in steps: a bad event more lifts the sum by 0.7.
    """
    assert run_length_of_uneven_days(limit, total) == pytest.approx(run_length, rel=0.02)
    found = cusum_limit(run_length, total, 0.02)
    assert found == pytest.approx(limit, abs=0.25)
    assert cusum_run_length(found, total, 0.02) >= run_length > cusum_run_length(found - 0.002, total, 0.02)


def test_the_run_length_is_the_simulated_one():
    random = np.random.default_rng(3)
    first = (cusum(random.binomial(1000, 0.02, (20_000, 60)), 1000, 0.02) > 4.87).any(axis=1).mean()
    assert run_length_of(first, 60) == pytest.approx(cusum_run_length(4.87, 1000, 0.02), rel=0.08)
    n = random.poisson(1000, (20_000, 60))
    first = (cusum(random.binomial(n, 0.02), n, 0.02) > 4.87).any(axis=1).mean()
    assert run_length_of(first, 60) == pytest.approx(1440, rel=0.1)


def test_a_short_history_gives_no_limit():
    assert limit_from_stable_days(cusum, [2] * 27, [100] * 27, 0.02, 585, seed=1) is None
    same = [limit_from_stable_days(cusum, [2, 3] * 14, [100] * 28, 0.02, 585, seed=1) for _ in range(2)]
    assert same[0] == same[1]


def test_a_missing_day_changes_nothing_and_a_small_one_waits():
    whole = [cusum([30, 35], 1000, 0.02), ewma([30, 35], 1000, 0.02)]
    gap = [cusum([30, 0, 35], [1000, 0, 1000], 0.02), ewma([30, 0, 35], [1000, 0, 1000], 0.02)]
    for one, other in zip(whole, gap, strict=True):
        assert other == pytest.approx([one[0], one[0], one[1]])
    x, n, p = carried([3, 2, 1, 4], [10, 9, 100, 5], [0.1, 0.2, 0.02, 0.3])
    assert x.tolist() == [0, 0, 6, 0]
    assert n.tolist() == [0, 0, 119, 0]
    assert p == pytest.approx([0.1, 0.2, (1 + 1.8 + 2) / 119, 0.3])


LIMITS = CountLimits(cusum=4.87, shewhart=3.5, ewma=3.5)


def test_one_fault_gives_one_alarm_with_what_it_rests_on():
    bad = [20, 18, 22, 0, 35, 44, 39, 20] + [20] * 12 + [45]
    total = [1000, 1000, 1000, 0, 1000, 1000, 1000, 5] + [1000] * 12 + [1000]
    bad[7] = 1
    found = watch(bad, total, 0.02, LIMITS, baseline_days=28, baseline_total=28_000)
    states = [one.state for one in found]
    assert states[:8] == ["quiet", "quiet", "quiet", "no_data", "quiet", "alarm", "known", "waiting"]
    assert states.count("alarm") == 2
    assert states[-1] == "alarm", "more than 14 days later it is another one"
    alarm = found[5]
    assert (alarm.bad, alarm.total, alarm.days, alarm.severity) == (79, 2000, 3, "page")
    assert alarm.expected == pytest.approx(40)
    assert "cusum" in alarm.fired
    assert found[6].cusum < alarm.cusum, "it starts from 0 again"


def test_nobody_is_alarmed_while_it_learns():
    found = watch([90] * 3, [1000] * 3, 0.02, LIMITS, baseline_days=27, baseline_total=27_000)
    assert {one.state for one in found} == {"learning"}
    assert all(one.fired and one.severity is None for one in found)


def test_a_page_is_for_what_is_significant_and_material():
    assert severity((560, 28_000), (79, 2000)) == "page"
    assert severity((56_000, 2_800_000), (2300, 100_000)) == "ticket", "certain, but 15 % more"
    assert severity((2, 28_000), (2, 1000)) == "ticket", "fewer than three events too many"
    assert severity((560, 28_000), (30, 1000)) == "ticket", "not certain"
    assert severity((0, 0), (3, 10)) == "ticket"


def test_what_is_refused():
    with pytest.raises(ValueError, match="0 <= bad <= total"):
        cusum([5], [4], 0.1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        ewma([5], [10], 0)
    with pytest.raises(ValueError, match="above 1"):
        cusum([5], [10], 0.1, factor=1)
    with pytest.raises(ValueError, match="newest day"):
        ewma([5], [10], 0.1, weight=0)
    with pytest.raises(ValueError, match="not one number"):
        binomial_tail(1, 2, 0.1)
    with pytest.raises(ValueError, match="one series"):
        limit_from_stable_days(cusum, [[1]], [[2]], 0.1, 585, seed=1)
    for refused in (lambda: run_length_of(0, 30), lambda: false_alarms_in(30, 1), lambda: run_length_for(0.2, 0)):
        with pytest.raises(ValueError, match="needs"):
            refused()
    with pytest.raises(ValueError, match="above 1 day"):
        cusum_limit(1, 100, 0.02)
    with pytest.raises(ValueError, match="limit above 0"):
        cusum_run_length(0, 100, 0.02)


counts = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda two: (min(two), max(two))), min_size=1, max_size=15
)
rates = st.floats(0.005, 0.9)


@settings(max_examples=80, deadline=None)
@given(counts, rates, st.data())
def test_more_bad_events_never_lower_a_statistic(days, rate, data):
    bad, total = [x for x, _ in days], [n for _, n in days]
    day = data.draw(st.integers(0, len(days) - 1))
    worse = [min(n, x + 1) if i == day else x for i, (x, n) in enumerate(days)]
    for of in (cusum, shewhart, ewma):
        before, after = of(bad, total, rate), of(worse, total, rate)
        assert (after >= before - 1e-9).all()
    assert (cusum(bad, total, rate) >= 0).all()
    tails = binomial_tail(bad, total, rate)
    assert ((tails >= 0) & (tails <= 1 + 1e-12)).all()


@settings(max_examples=80, deadline=None)
@given(counts, rates, st.integers(0, 60))
def test_carrying_over_loses_no_event(days, rate, least):
    bad, total = [x for x, _ in days], [n for _, n in days]
    x, n, p = carried(bad, total, rate, least=least)
    assert ((n == 0) | (n >= least)).all()
    waiting = sum(total) - n.sum()
    assert 0 <= waiting < max(1, least)
    assert x.sum() <= sum(bad)
    assert p == pytest.approx(np.full(len(days), rate))


@settings(max_examples=20, deadline=None)
@given(st.integers(50, 2000), st.floats(0.01, 0.2), st.floats(0.5, 4))
def test_a_higher_limit_never_alarms_more(total, rate, limit):
    assert cusum_run_length(limit * 1.3, total, rate) >= cusum_run_length(limit, total, rate) * 0.98


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_distinct_alarms_lie_apart(over):
    kept = np.flatnonzero(distinct(over))
    assert (np.diff(kept) > 14).all()
    assert all(over[day] for day in kept)
    if any(over):
        assert kept[0] == over.index(True)
