"""By simulation: how often detectors over daily counts alarm for nothing, and how late for more, against the worked figures.

A worked stable month is the first 30 days of a series, with every statistic at 0 before them; a worked fault begins on the 30th
day. That shows in the shares and delays under a weekly season, which no other start and no other weekday gives. The worked shares
have four digits of 10,000 months; ours are of more, at the worked limits, and must lie within three standard errors of both.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import betaln

from goldworks.statistics.drift_alarms import distinct
from goldworks.statistics.drift_counts import binomial_tail, cusum, ewma, shewhart
from goldworks.statistics.drift_thresholds import limit_from_stable_days, precision_at, run_length_of
from goldworks.statistics.intervals import wilson

DAYS, BEFORE = 30, 29
WORKED_RUNS, RUNS = 10_000, 20_000


def apart(p: float, ours: int = RUNS) -> float:
    """Three standard errors of the difference of a worked share from ours."""
    return 3 * (p * (1 - p) * (1 / WORKED_RUNS + 1 / ours)) ** 0.5


def series(
    seed: int, runs: int, total: int = 1000, *, before: int = 0, factor: float = 1.0, season: float = 0.0, spread: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """(bad, total) of 30 days `factor` times as bad as 2 %, after so many stable ones; sizes are a matter of chance.

    `season`: of the rate, a sine over the week. `spread`: coefficient of variation of each day's own rate.
    """
    random, day = np.random.default_rng(seed), np.arange(before + DAYS)
    rate = 0.02 * np.where(day >= before, factor, 1.0) * (1 + season * np.sin(2 * np.pi * day / 7))
    n = random.poisson(total, (runs, len(day)))
    if spread:
        rate = rate * random.gamma(spread**-2, spread**2, n.shape)
    return random.binomial(n, np.minimum(rate, 1)), n


def week(x, n, expected):
    """The exact tail of the sum of up to seven days, which the product does without."""
    sums = [np.cumsum(one, axis=1) for one in (x, n)]
    return shewhart(*(np.hstack([one[:, :7], one[:, 7:] - one[:, :-7]]) for one in sums), expected)


DETECTORS = {"shewhart": shewhart, "cusum": cusum, "ewma": ewma, "week": week}


@cache
def highest(name: str, seed: int, total: int = 1000, season: float = 0.0, spread: float = 0.0) -> np.ndarray:
    """The highest value of the statistic in each of `RUNS` stable months."""
    x, n = series(seed, RUNS, total, season=season, spread=spread)
    return DETECTORS[name](x, n, 0.02).max(axis=1)


def limit_for(name: str, *kind: float) -> float:
    """5 % of stable months exceed it."""
    return float(np.quantile(highest(name, 1, *kind), 0.95))


@cache
def delays(name: str, limit: float, total: int, factor: float, season: float = 0.0, spread: float = 0.0) -> np.ndarray:
    """The day, from 1, of the alarm in each of 20,000 series; 0 without one in 30 days."""
    x, n = series(7, 20_000, total, before=BEFORE, factor=factor, season=season, spread=spread)
    over = DETECTORS[name](x, n, 0.02)[:, BEFORE:] > limit
    return np.where(over.any(axis=1), over.argmax(axis=1) + 1, 0)


def holds(days: np.ndarray, detected: float, mean: float, median: int, late: int) -> None:
    assert (days > 0).mean() == pytest.approx(detected, abs=apart(detected, len(days)) + 1e-4)
    days = days[days > 0]
    assert days.mean() == pytest.approx(mean, abs=3 * days.std() * (1 / WORKED_RUNS + 1 / len(days)) ** 0.5 + 0.005)
    for share, day in ((0.5, median), (0.95, late)):
        assert (days < day).mean() < share + apart(share, len(days))
        assert (days <= day).mean() > share - apart(share, len(days))


WORKED = [
    ("shewhart", 1000, 2, 2.635, 0.0465, 1.0, 1.21, 1, 2),
    ("cusum", 1000, 2, 3.809, 0.0488, 1.0, 1.18, 1, 2),
    ("ewma", 1000, 2, 2.926, 0.0488, 1.0, 1.63, 2, 3),
    ("week", 1000, 2, 2.417, 0.0499, 1.0, 2.17, 2, 3),
    ("shewhart", 100, 2, 2.490, 0.0486, 0.863, 10.88, 9, 26),
    ("cusum", 100, 2, 4.415, 0.0498, 0.9999, 6.0, 5, 13),
    ("ewma", 100, 2, 3.170, 0.0493, 0.9994, 6.48, 6, 14),
    ("week", 100, 2, 2.330, 0.0481, 0.9995, 6.56, 6, 13),
    ("shewhart", 1000, 1.5, 2.635, 0.0514, 0.9991, 4.56, 3, 13),
    ("cusum", 1000, 1.5, 3.801, 0.0510, 1.0, 3.64, 3, 9),
    ("ewma", 1000, 1.5, 2.900, 0.0527, 1.0, 3.19, 3, 6),
    ("week", 1000, 1.5, 2.447, 0.0534, 1.0, 3.83, 4, 6),
]


@pytest.mark.parametrize(("name", "total", "factor", "limit", "false", "detected", "mean", "median", "late"), WORKED)
def test_delays_at_one_false_alarm_in_twenty_months(name, total, factor, limit, false, detected, mean, median, late):
    # a limit is the 95 % point of simulated months: three standard errors, in units of the statistic
    assert limit_for(name, total) == pytest.approx(limit, abs={"cusum": 0.10, "ewma": 0.05}.get(name, 0.06))
    assert (highest(name, 8, total) > limit).mean() == pytest.approx(false, abs=apart(false))
    holds(delays(name, limit, total, factor), detected, mean, median, late)


def test_of_a_small_shift_the_ewma_is_fastest_and_of_few_cases_the_cusum():
    def mean(total: int, factor: float) -> dict[str, float]:
        found = {name: delays(name, limit, n, f) for name, n, f, limit, *_ in WORKED if (n, f) == (total, factor)}
        return {name: days[days > 0].mean() for name, days in found.items()}

    small, few = mean(1000, 1.5), mean(100, 2)
    assert small["ewma"] < small["cusum"] < small["week"] < small["shewhart"]
    assert few["cusum"] < few["ewma"] < few["week"] < few["shewhart"]


def test_change_points_by_bayes_are_as_fast_and_say_no_more():
    """Adams and MacKay 2007 with beta-binomial days; the statistic is the log10 chance of a rise within the last seven days.

    Prior, hazard and what counts as a rise are not given. A prior worth 100 cases, one change in 300 days and a rise to 1.5 times
    the rate have all worked values; other choices do too.
    """

    def recent_rise(x, n, prior=(2.0, 98.0), hazard=1 / 300):
        a, b = (np.full((len(x), 1), one) for one in prior)
        chance, found = np.ones((len(x), 1)), np.empty(x.shape)
        for day in range(x.shape[1]):
            bad, good = x[:, day, None], (n - x)[:, day, None]
            likely = betaln(a + bad, b + good) - betaln(a, b)
            joint = chance * np.exp(likely - likely.max(axis=1, keepdims=True))
            chance = np.hstack([joint.sum(axis=1, keepdims=True) * hazard, joint * (1 - hazard)])
            chance /= chance.sum(axis=1, keepdims=True)
            a, b = (np.hstack([np.full((len(x), 1), one), old]) for one, old in zip(prior, (a + bad, b + good), strict=True))
            rose = (a / (a + b))[:, 1:8] > 1.5 * 0.02
            found[:, day] = np.log10(np.maximum((chance[:, 1:8] * rose).sum(axis=1), 1e-300))
        return found

    assert np.quantile(recent_rise(*series(1, 6_000)).max(axis=1), 0.95) == pytest.approx(-1.319, abs=0.1)
    assert (recent_rise(*series(3, 6_000)) > -1.319).any(axis=1).mean() == pytest.approx(0.0505, abs=apart(0.0505, 6_000))
    over = recent_rise(*series(2, 4_000, before=BEFORE, factor=2))[:, BEFORE:] > -1.319
    holds(np.where(over.any(axis=1), over.argmax(axis=1) + 1, 0), 1.0, 1.25, 1, 2)


def test_page_hinkley_is_as_fast_and_says_no_more():
    """Its slack is not given: with 0.0053, a quarter of the rate, the limit is 0.010 to three digits, and all as worked."""

    def page_hinkley(x, n):
        levels, level = [], np.zeros(len(x))
        for day in range(x.shape[1]):
            level = np.maximum(0.0, level + x[:, day] / n[:, day] - 0.02 - 0.0053)
            levels.append(level)
        return np.stack(levels, axis=1)

    limit = np.quantile(page_hinkley(*series(1, RUNS)).max(axis=1), 0.95)
    assert limit == pytest.approx(0.010, abs=0.0005)
    assert (page_hinkley(*series(3, RUNS)) > limit).any(axis=1).mean() == pytest.approx(0.051, abs=apart(0.051))
    over = page_hinkley(*series(2, 20_000, before=BEFORE, factor=2))[:, BEFORE:] > limit
    holds(np.where(over.any(axis=1), over.argmax(axis=1) + 1, 0), 1.0, 1.24, 1, 2)


def test_naive_rules_alarm_in_most_stable_months():
    x, n = series(4, RUNS)
    rate, spread = x / n, np.sqrt(0.02 * 0.98 / n)

    def is_worked(over, share: float) -> bool:
        return bool(over.any(axis=1).mean() == pytest.approx(share, abs=apart(share)))

    assert is_worked(rate > 0.024, 0.9976)
    assert is_worked(np.abs(np.diff(rate, axis=1)) > 0.5 * rate[:, :-1], 0.97705)
    assert is_worked(np.abs(rate - 0.02) > 2 * spread, 0.75)
    assert is_worked(rate - 0.02 > 3 * spread, 0.0845)
    assert is_worked(binomial_tail(x, n, 0.02) < 0.05, 0.71465)


@pytest.mark.parametrize(
    ("season", "spread", "shares"),
    [
        (0.3, 0.0, {"shewhart": 0.367, "cusum": 0.388, "ewma": 0.278}),
        (0.0, 0.25, {"shewhart": 0.586, "cusum": 0.599, "ewma": 0.387}),
        (0.3, 0.25, {"shewhart": 0.834, "cusum": 0.848, "ewma": 0.616}),
    ],
)
def test_limits_of_ideal_series_fail_on_real_ones(season, spread, shares):
    ideal = {name: limit for name, total, factor, limit, *_ in WORKED if (total, factor) == (1000, 2)}
    for name, share in shares.items():
        assert (highest(name, 5, 1000, season, spread) > ideal[name]).mean() == pytest.approx(share, abs=apart(share)), name


@pytest.mark.parametrize(
    ("name", "limit", "width", "false", "mean", "median", "late"),
    [
        ("shewhart", 7.903, 0.35, 0.0527, 2.7, 2, 9),
        ("cusum", 18.17, 0.6, 0.0493, 2.02, 2, 4),
        ("ewma", 5.713, 0.13, 0.0454, 2.44, 2, 5),
    ],
)
def test_limits_of_real_series_hold(name, limit, width, false, mean, median, late):
    """`width`: three standard errors of such a quantile, from the density of the statistic near it."""
    assert limit_for(name, 1000, 0.3, 0.25) == pytest.approx(limit, abs=width)
    assert (highest(name, 5, 1000, 0.3, 0.25) > limit).mean() == pytest.approx(false, abs=apart(false))
    holds(delays(name, limit, 1000, 2, 0.3, 0.25), 1.0, mean, median, late)


def test_limits_from_stable_days_are_near_their_aim():
    """Over 50 histories of 84 days with a known season and days of their own: the aim is 5 % a month."""
    season = 0.02 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(84) / 7))
    stable = cusum(*series(10, 1000, season=0.3, spread=0.25), season[:DAYS])
    doubled = cusum(*series(12, 300, before=BEFORE, factor=2, season=0.3, spread=0.25), season[: BEFORE + DAYS])[:, BEFORE:]
    shares, delay = [], []
    for seed, (x, n) in enumerate(zip(*series(9, 50, before=84 - DAYS, season=0.3, spread=0.25), strict=True)):
        limit = limit_from_stable_days(cusum, x, n, season, run_length_of(0.05, 30), seed=seed, resamples=400)
        shares.append((stable > limit).any(axis=1).mean())
        delay.append((doubled > limit).argmax(axis=1).mean() + 1)
    assert 0.03 < np.mean(shares) < 0.09
    assert np.mean(delay) < 2.5
    assert (stable > limit_for("cusum", 1000)).any(axis=1).mean() > 0.4, "what the limits of an ideal series would give"


def test_a_baseline_of_few_days_alarms_too_often():
    """The rate is learnt as (bad + 1) / (total + 2), which is not given with the worked values; bad / total has .106 of 7 days.

    The same 100,000 months read with each rate: 28 and 90 days alarm more often than a known rate does.
    """
    runs, worked = 100_000, {7: 0.0963, 28: 0.059, 90: 0.0554}
    x, n = series(3, runs)
    random = np.random.default_rng(4)
    found = {"known": (cusum(x, n, 0.02) > 3.809).any(axis=1)}
    for days, share in worked.items():
        learnt = (random.binomial(1000 * days, 0.02, (runs, 1)) + 1) / (1000 * days + 2)
        found[days] = (cusum(x, n, learnt) > 3.809).any(axis=1)
        assert found[days].mean() == pytest.approx(share, abs=apart(share, runs))
    for more, less in ((7, 28), (28, 90), (90, "known")):
        change = found[more].astype(float) - found[less]
        assert change.mean() > 2 * change.std() / runs**0.5


@pytest.mark.parametrize(
    ("limit", "run_length", "true", "false", "interval", "delay", "predicted"),
    [
        (3.817, 585, 215, 107, (0.615, 0.717), 1.32, 0.619),
        (4.870, 1440, 214, 43, (0.782, 0.873), 1.28, 0.800),
        (5.708, 3000, 214, 20, (0.872, 0.944), 1.36, 0.893),
    ],
)
def test_precision_follows_the_run_length(limit, run_length, true, false, interval, delay, predicted):
    """10,000 series of 180 days, as many of them as worked, 215 of 400, with one doubled fortnight; one fault gives one alarm."""
    assert wilson(true / (true + false), true + false, 0.95) == pytest.approx(interval, abs=5e-4)
    assert precision_at(run_length, 1 / 360) == pytest.approx(predicted, abs=5e-4)
    random, days, runs = np.random.default_rng(11), 180, 10_000
    onset, is_faulty = random.integers(30, 151, (runs, 1)), np.arange(runs) < runs * 215 / 400
    is_bad = (np.arange(days) >= onset) & (np.arange(days) < onset + 14) & is_faulty[:, None]
    n = random.poisson(1000, is_bad.shape)
    alarms = distinct(cusum(random.binomial(n, np.where(is_bad, 0.04, 0.02)), n, 0.02, limit=limit) > limit)
    first = np.where(is_bad & alarms, np.arange(days), days).min(axis=1)
    hidden = (alarms & (np.arange(days) < onset) & (np.arange(days) >= onset - 14)).any(axis=1)
    assert (first < days)[is_faulty & ~hidden].mean() > 0.9999, "recall, but within the quiet days of a false alarm"
    late = (first - onset[:, 0] + 1)[is_faulty & (first < days)]
    assert late.mean() == pytest.approx(delay, abs=3 * late.std() / true**0.5)
    found, wrong = int((first < days).sum()), int((alarms & ~is_bad).sum())
    assert 400 * wrong / runs == pytest.approx(false, abs=2 * false**0.5)
    assert found / (found + wrong) == pytest.approx(true / (true + false), abs=0.015)
    # of 200 faults in 400 series, as the prediction has it
    assert 0 < 200 / (200 + 400 * wrong / runs) - predicted < 0.03
