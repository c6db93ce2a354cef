"""Detectors over daily counts against worked values and, by simulation, how often they alarm for nothing, how late for more."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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

DAYS, WARM = 30, 30
WORKED = [18, 22, 35, 41, 38]


def test_worked_values():
    assert cusum(WORKED, 1000, 0.02) == pytest.approx([0, 0, 4.362539, 13.007677, 19.511516], abs=1e-6)
    tails = [7.0527692e-01, 3.5544052e-01, 1.3265600e-03, 2.0320000e-05, 1.8400000e-04]
    assert binomial_tail(WORKED, 1000, 0.02) == pytest.approx(tails, rel=3e-4)
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


@pytest.mark.parametrize(
    ("total", "run_length", "limit"),
    [(1000, 585, 3.817), (1000, 1440, 4.870), (1000, 3000, 5.708), (100, 585, 4.535), (100, 1440, 5.458), (100, 3000, 6.190)],
)
def test_limits_of_the_cusum(total, run_length, limit):
    """The worked limits are of days whose size is a matter of chance. On days of one size the run length climbs in steps."""
    assert cusum_limit(run_length, total, 0.02) == pytest.approx(limit, abs=0.25)
    assert cusum_run_length(limit, total, 0.02) == pytest.approx(run_length, rel=0.25)
    assert cusum_run_length(cusum_limit(run_length, total, 0.02), total, 0.02) >= run_length


def test_the_run_length_is_the_simulated_one():
    random = np.random.default_rng(3)
    first = (cusum(random.binomial(1000, 0.02, (20_000, 60)), 1000, 0.02) > 4.87).any(axis=1).mean()
    assert run_length_of(first, 60) == pytest.approx(cusum_run_length(4.87, 1000, 0.02), rel=0.08)
    n = random.poisson(1000, (20_000, 60))
    first = (cusum(random.binomial(n, 0.02), n, 0.02) > 4.87).any(axis=1).mean()
    assert run_length_of(first, 60) == pytest.approx(1440, rel=0.1)


def week(x, n, expected):
    """The exact tail of the sum of seven days, which the product does without."""
    sums = [np.lib.stride_tricks.sliding_window_view(one, 7, axis=1).sum(axis=2) for one in (x, n)]
    return shewhart(*sums, expected)


DETECTORS = {"shewhart": shewhart, "cusum": cusum, "ewma": ewma, "week": week}


def series(seed: int, runs: int, total: int, rates=0.02) -> tuple[np.ndarray, np.ndarray]:
    """(bad, total) of 30 stable days and then 30 of `rates`; days are as large as chance makes them."""
    random = np.random.default_rng(seed)
    n = random.poisson(total, (runs, WARM + DAYS))
    x = random.binomial(n, 0.02)
    x[:, WARM:] = random.binomial(n[:, WARM:], rates)
    return x, n


def months(name: str, x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The statistic on the last 30 days, over its limit or not is the question."""
    return DETECTORS[name](x, n, 0.02)[:, -DAYS:]


@cache
def limits_for(total: int) -> dict[str, float]:
    """5 % of stable months exceed them."""
    x, n = series(total, 20_000, total)
    return {name: float(np.quantile(months(name, x, n).max(axis=1), 0.95)) for name in DETECTORS}


@cache
def delays(name: str, total: int, rate: float) -> tuple[float, float, float, float]:
    """(share detected within 30 days, mean delay, median, 95 % quantile); 1 is the end of the first bad day."""
    over = months(name, *series(7, 10_000, total, rate)) > limits_for(total)[name]
    days = over.argmax(axis=1)[over.any(axis=1)] + 1
    return float(over.any(axis=1).mean()), float(days.mean()), float(np.median(days)), float(np.quantile(days, 0.95))


@pytest.mark.parametrize(
    ("name", "total", "rate", "limit", "detected", "mean", "median", "late"),
    [
        ("shewhart", 1000, 0.04, 2.635, 1.0, 1.21, 1, 2),
        ("cusum", 1000, 0.04, 3.809, 1.0, 1.18, 1, 2),
        ("ewma", 1000, 0.04, 2.926, 1.0, 1.63, 2, 3),
        ("week", 1000, 0.04, 2.417, 1.0, 2.17, 2, 3),
        ("shewhart", 100, 0.04, 2.490, 0.863, 10.88, 9, 26),
        ("cusum", 100, 0.04, 4.415, 0.9999, 6.0, 5, 13),
        ("ewma", 100, 0.04, 3.170, 0.9994, 6.48, 6, 14),
        ("week", 100, 0.04, 2.330, 0.9995, 6.56, 6, 13),
        ("shewhart", 1000, 0.03, 2.635, 0.9991, 4.56, 3, 13),
        ("cusum", 1000, 0.03, 3.801, 1.0, 3.64, 3, 9),
        ("ewma", 1000, 0.03, 2.900, 1.0, 3.19, 3, 6),
        ("week", 1000, 0.03, 2.447, 1.0, 3.83, 4, 6),
    ],
)
def test_delays_at_one_false_alarm_in_twenty_months(name, total, rate, limit, detected, mean, median, late):
    assert limits_for(total)[name] == pytest.approx(limit, rel=0.06)
    found = delays(name, total, rate)
    assert found[0] == pytest.approx(detected, abs=0.01)
    assert found[1] == pytest.approx(mean, rel=0.06)
    assert abs(found[2] - median) <= (total == 100)
    assert abs(found[3] - late) <= 1
    over = months(name, *series(8, 10_000, total)) > limits_for(total)[name]
    assert over.any(axis=1).mean() == pytest.approx(0.05, abs=0.012)


def test_of_a_small_shift_the_ewma_is_fastest_and_of_few_cases_the_cusum():
    mean = {name: delays(name, 1000, 0.03)[1] for name in DETECTORS}
    assert mean["ewma"] < mean["cusum"] < mean["week"] < mean["shewhart"]
    mean = {name: delays(name, 100, 0.04)[1] for name in DETECTORS}
    assert mean["cusum"] < mean["ewma"] < mean["shewhart"]


def test_change_points_by_bayes_are_as_fast_and_say_no_more():
    """Adams and MacKay 2007 with beta-binomial days; the statistic is the log10 chance of a rise within the last seven days."""
    from scipy.special import betaln

    def recent_rise(x, n, prior=(2.0, 98.0), hazard=1 / 365):
        a, b = (np.full((len(x), 1), one) for one in prior)
        chance, found = np.ones((len(x), 1)), np.empty(x.shape)
        for day in range(x.shape[1]):
            bad, good = x[:, day, None], (n - x)[:, day, None]
            likely = betaln(a + bad, b + good) - betaln(a, b)
            joint = chance * np.exp(likely - likely.max(axis=1, keepdims=True))
            chance = np.hstack([joint.sum(axis=1, keepdims=True) * hazard, joint * (1 - hazard)])
            chance /= chance.sum(axis=1, keepdims=True)
            a, b = (np.hstack([np.full((len(x), 1), one), old]) for one, old in zip(prior, (a + bad, b + good), strict=True))
            rose = (a / (a + b))[:, 1:8] > 1.25 * 0.02
            found[:, day] = np.log10(np.maximum((chance[:, 1:8] * rose).sum(axis=1), 1e-300))
        return found[:, WARM:]

    limit = np.quantile(recent_rise(*series(1, 4_000, 1000)).max(axis=1), 0.95)
    over = recent_rise(*series(2, 2_000, 1000, 0.04)) > limit
    assert over.any(axis=1).all()
    days = over.argmax(axis=1) + 1
    assert (days.mean(), np.median(days), np.quantile(days, 0.95)) == (pytest.approx(1.25, abs=0.08), 1, 2)
    assert (recent_rise(*series(3, 2_000, 1000)) > limit).any(axis=1).mean() == pytest.approx(0.05, abs=0.015)


def test_page_hinkley_is_as_fast_and_says_no_more():
    """Its slack is not stated with the worked values; a quarter of the rate gives them."""

    def page_hinkley(x, n):
        levels, level = [], np.zeros(len(x))
        for day in range(x.shape[1]):
            level = np.maximum(0.0, level + x[:, day] / n[:, day] - 0.02 - 0.005)
            levels.append(level)
        return np.stack(levels, axis=1)[:, WARM:]

    limit = np.quantile(page_hinkley(*series(1, 20_000, 1000)).max(axis=1), 0.95)
    over = page_hinkley(*series(2, 10_000, 1000, 0.04)) > limit
    assert limit == pytest.approx(0.01, abs=0.002)
    assert over.argmax(axis=1).mean() + 1 == pytest.approx(1.24, abs=0.06)


def test_naive_rules_alarm_in_most_stable_months():
    x, n = (one[:, WARM:] for one in series(4, 20_000, 1000))
    rate, spread = x / n, np.sqrt(0.02 * 0.98 / n)

    def share(over) -> float:
        return float(over.any(axis=1).mean())

    assert share(rate > 0.024) == pytest.approx(0.9976, abs=0.003)
    assert share(np.abs(np.diff(rate, axis=1)) > 0.5 * rate[:, :-1]) == pytest.approx(0.97705, abs=0.01)
    assert share(np.abs(rate - 0.02) > 2 * spread) == pytest.approx(0.75, abs=0.03)
    assert share(rate - 0.02 > 3 * spread) == pytest.approx(0.0845, abs=0.01)
    assert share(binomial_tail(x, n, 0.02) < 0.05) == pytest.approx(0.71465, abs=0.02)


def real(seed: int, runs: int, factor: float = 1.0, season: float = 0.3, spread: float = 0.25, days=WARM + DAYS):
    """(bad, total): as `series`, with a weekly season and days of their own; the last 30 days `factor` times as bad."""
    random, day = np.random.default_rng(seed), np.arange(days)
    rate = 0.02 * np.where(day >= WARM, factor, 1.0) * (1 + season * np.sin(2 * np.pi * day / 7))
    n = random.poisson(1000, (runs, days))
    if spread:
        rate = rate * random.gamma(spread**-2, spread**2, n.shape)
    return random.binomial(n, np.minimum(rate, 1)), n


@pytest.mark.parametrize(
    ("season", "spread", "expected"),
    [
        (0.3, 0.0, {"shewhart": 0.367, "cusum": 0.388, "ewma": 0.278}),
        (0.0, 0.25, {"shewhart": 0.586, "cusum": 0.599, "ewma": 0.387}),
        (0.3, 0.25, {"shewhart": 0.834, "cusum": 0.848, "ewma": 0.616}),
    ],
)
def test_limits_of_ideal_series_fail_on_real_ones(season, spread, expected):
    x, n = real(5, 8000, season=season, spread=spread)
    for name, share in expected.items():
        found = (months(name, x, n) > limits_for(1000)[name]).any(axis=1).mean()
        assert found == pytest.approx(share, abs=0.065), name


@pytest.mark.parametrize(("name", "limit", "mean"), [("shewhart", 7.903, 2.7), ("cusum", 18.17, 2.02), ("ewma", 5.713, 2.44)])
def test_limits_of_real_series_hold(name, limit, mean):
    found = float(np.quantile(months(name, *real(6, 20_000)).max(axis=1), 0.95))
    over = months(name, *real(8, 10_000, factor=2)) > found
    assert found == pytest.approx(limit, rel=0.15)
    assert (months(name, *real(7, 20_000)) > found).any(axis=1).mean() == pytest.approx(0.05, abs=0.012)
    assert over.any(axis=1).mean() > 0.995
    assert over.argmax(axis=1).mean() + 1 == pytest.approx(mean, rel=0.25)


def test_limits_from_stable_days_are_near_their_aim():
    """Over 50 histories of 84 days with a known season and days of their own: the aim is 5 % a month."""
    season = 0.02 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(84) / 7))
    fresh, shifted = real(10, 1000), real(12, 300, factor=2)
    stable, doubled = (cusum(*one, season[: WARM + DAYS])[:, WARM:] for one in (fresh, shifted))
    shares, delay = [], []
    for seed, (x, n) in enumerate(zip(*real(9, 50, days=84), strict=True)):
        limit = limit_from_stable_days(cusum, x, n, season, run_length_of(0.05, 30), seed=seed, resamples=400)
        shares.append((stable > limit).any(axis=1).mean())
        delay.append((doubled > limit).argmax(axis=1).mean() + 1)
    assert 0.03 < np.mean(shares) < 0.09
    assert np.mean(delay) < 2.5
    assert (stable > limits_for(1000)["cusum"]).any(axis=1).mean() > 0.4, "what the limits of an ideal series would give"


def test_a_short_history_gives_no_limit():
    assert limit_from_stable_days(cusum, [2] * 27, [100] * 27, 0.02, 585, seed=1) is None
    same = [limit_from_stable_days(cusum, [2, 3] * 14, [100] * 28, 0.02, 585, seed=1) for _ in range(2)]
    assert same[0] == same[1]


@pytest.mark.parametrize(("days", "share"), [(7, 0.0963), (28, 0.059), (90, 0.0554)])
def test_a_baseline_of_few_days_alarms_too_often(days, share):
    learnt = np.random.default_rng(days).binomial(1000 * days, 0.02, (20_000, 1)) / (1000 * days)
    over = cusum(*series(days, 20_000, 1000), learnt)[:, WARM:] > limits_for(1000)["cusum"]
    assert over.any(axis=1).mean() == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(("limit", "run_length", "precision"), [(3.817, 585, 0.668), (4.870, 1440, 0.833), (5.708, 3000, 0.915)])
def test_precision_follows_the_run_length(limit, run_length, precision):
    """2,000 series of 180 days, half of them with one doubled fortnight: alarms start anew, and one fault gives one alarm."""
    random, days = np.random.default_rng(11), 180
    series = 2000
    onset = random.integers(30, 151, (series, 1))
    is_bad = (np.arange(days) >= onset) & (np.arange(days) < onset + 14) & (np.arange(series)[:, None] % 2 == 0)
    n = random.poisson(1000, is_bad.shape)
    alarms = distinct(cusum(random.binomial(n, np.where(is_bad, 0.04, 0.02)), n, 0.02, limit=limit) > limit)
    first = np.where(is_bad & alarms, np.arange(days), days).min(axis=1)
    hidden = (alarms & (np.arange(days) < onset) & (np.arange(days) >= onset - 14)).any(axis=1)
    faults = np.arange(series) % 2 == 0
    assert (first < days)[faults & ~hidden].mean() > 0.999
    assert (first - onset[:, 0] + 1)[faults & (first < days)].mean() == pytest.approx(1.3, abs=0.2)
    true = int((first < days).sum())
    false = int((alarms & ~is_bad).sum())
    assert true / (true + false) == pytest.approx(precision, abs=0.06)
    assert true / (true + false) > precision_at(run_length, 1 / 360) - 0.03


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
