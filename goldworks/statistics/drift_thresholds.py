"""Where a detector alarms: from how many false alarms one bears, in days between two (ARL0), to the limit of its statistic.

One number for each series: of S series that together may give one false alarm in so many days, each takes S times as many.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, log1p

import numpy as np
from numpy.typing import ArrayLike

from goldworks.statistics.drift_counts import FACTOR, raised_rate
from goldworks.statistics.intervals import Floats
from goldworks.statistics.resampling import CELLS

BLOCK = 7
"""Days that are drawn together, so that weekdays stay in their order."""

HORIZON = 30
"""Days over which false alarms are counted when days are drawn."""

LEARNING_DAYS = 28
"""Stable days that a baseline needs. One of 7 doubles the false alarms; until then a detector learns and alarms nobody."""

STATES = 250
"""Levels into which a CUSUM is cut for its run length."""

Statistic = Callable[[Floats, Floats, Floats], Floats]
"""(bad, total, expected), days on the last axis, to the statistic of each day, as those in `drift_counts`."""


def run_length_of(false_alarms: float, days: float) -> float:
    """Mean days between false alarms, when a stable series has any in `days` with the chance `false_alarms`: geometric."""
    if not (0 < false_alarms < 1 and days > 0):
        raise ValueError("needs a chance between 0 and 1, and days above 0")
    return -1 / np.expm1(log1p(-false_alarms) / days)


def false_alarms_in(days: float, run_length: float) -> float:
    """Chance of at least one false alarm in `days`: the inverse of `run_length_of`."""
    if not (run_length > 1 and days > 0):
        raise ValueError("needs a run length above 1 day, and days above 0")
    return float(-np.expm1(days * log1p(-1 / run_length)))


def run_length_for(false_share: float, faults_per_day: float, detected: float = 1.0) -> float:
    """Mean days between false alarms so that at most `false_share` of all alarms are false: (1-q)/q / (faults a day * detected).

    `faults_per_day`: true faults of a series and day; `detected`: share of them that the detector finds.
    """
    if not (0 < false_share < 1 and faults_per_day > 0 and 0 < detected <= 1):
        raise ValueError("needs a share between 0 and 1, a rate of faults above 0, and detected in 0..1")
    return (1 - false_share) / false_share / (faults_per_day * detected)


def precision_at(run_length: float, faults_per_day: float, detected: float = 1.0) -> float:
    """Share of the alarms that are true, at a mean of `run_length` days between false ones."""
    true = faults_per_day * detected
    return true / (true + 1 / run_length)


def cusum_run_length(limit: float, total: int, expected: float, *, factor: float = FACTOR) -> float:
    """Mean days until a CUSUM that starts at 0 exceeds `limit`, when the rate is the expected one, of `total` events each day.

    A Markov chain over `STATES` levels (Brook and Evans 1972). For one rate and size: real series vary more, see
    `limit_from_stable_days`.
    """
    if not (limit > 0 and total > 0 and 0 < expected < 1):
        raise ValueError("needs a limit above 0, events on the day, and an expected rate between 0 and 1")
    from scipy.special import bdtr  # type: ignore[import-untyped]

    raised = float(raised_rate(np.float64(expected), factor))  # pyright: ignore[reportArgumentType]
    middle, spread = total * expected, (total * expected * (1 - expected)) ** 0.5
    x = np.arange(max(0, int(middle - 9 * spread - 9)), min(total, int(middle + 12 * spread + 25)) + 1)
    chance = np.diff(np.asarray(bdtr(x, total, expected)), prepend=0.0)
    steps = x * log(raised / expected) + (total - x) * log((1 - raised) / (1 - expected))
    width = limit / STATES
    levels = np.concatenate(([0.0], (np.arange(STATES) + 0.5) * width))
    reached = levels[:, None] + steps[None, :]
    index = np.clip(np.ceil(reached / width), 0, STATES + 1).astype(np.int64)  # STATES + 1: an alarm
    moves = np.zeros((STATES + 1, STATES + 2))
    np.add.at(moves, (np.arange(STATES + 1)[:, None], index), chance[None, :])
    return float(np.linalg.solve(np.eye(STATES + 1) - moves[:, : STATES + 1], np.ones(STATES + 1))[0])


def cusum_limit(run_length: float, total: int, expected: float, *, factor: float = FACTOR) -> float:
    """The limit at which a CUSUM of a known, constant rate alarms falsely once in `run_length` days on average, to 0.001."""
    if run_length <= 1:
        raise ValueError("a run length is above 1 day")
    low, high = 1e-3, 1.0
    while cusum_run_length(high, total, expected, factor=factor) < run_length:
        low, high = high, high * 2
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if cusum_run_length(middle, total, expected, factor=factor) < run_length else (low, middle)
    return high


def limit_from_stable_days(
    statistic: Statistic,
    bad: ArrayLike,
    total: ArrayLike,
    expected: ArrayLike,
    run_length: float,
    *,
    seed: int,
    horizon: int = HORIZON,
    block: int = BLOCK,
    resamples: int = 2000,
) -> float | None:
    """The limit from one series' stable days, 56 to 90 of them, which vary as its days do; None below `LEARNING_DAYS`.

    The quantile of the highest value of the statistic in a month of `horizon` days that is passed as often as `run_length` says,
    the larger of two, over `resamples` months each: of days drawn in blocks of `block`, going round at the end (Politis and
    Romano 1992), and of counts drawn anew for such days, whose rates vary by `day_variation`. The first keeps what follows on
    what, but no drawn month has a worse day than the worst seen: alone it alarms in one stable month of four, not of twenty.
    """
    x, n, p = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in (bad, total, expected)))
    if x.ndim != 1:
        raise ValueError("stable days are one series")
    if len(x) < LEARNING_DAYS:
        return None
    random = np.random.default_rng(seed)
    variation = day_variation(x, n, p)
    highest: tuple[list[Floats], list[Floats]] = ([], [])
    step = max(1, CELLS // horizon)
    for start in range(0, resamples, step):
        blocks = random.integers(0, len(x), size=(min(step, resamples - start), -(-horizon // block)))
        days = (blocks[:, :, None] + np.arange(block)).reshape(len(blocks), -1)[:, :horizon] % len(x)
        rates = p[days]
        if variation > 0:
            rates = np.minimum(1.0, rates * random.gamma(variation**-2, variation**2, rates.shape))
        anew = random.binomial(n[days].astype(np.int64), rates).astype(np.float64)
        for found, counts in zip(highest, (x[days], anew), strict=True):
            found.append(statistic(counts, n[days], p[days]).max(axis=1))
    level = 1 - false_alarms_in(horizon, run_length)
    return max(float(np.quantile(np.concatenate(found), level)) for found in highest)


def day_variation(bad: Floats, total: Floats, expected: Floats) -> float:
    """Coefficient of variation of the days' own rates around the expected ones, beyond what counting gives (Laney 2002).

    By moments; 0 when the counts vary no more than binomial ones.
    """
    hoped = total * expected
    beyond = float(((bad - hoped) ** 2 - hoped * (1 - expected)).sum() / max(float((hoped**2).sum()), 1e-12))
    return max(0.0, beyond) ** 0.5
