"""Detectors over daily counts: `bad` events of `total` on each day, and the rate that was expected of that day.

Arrays have the days on their last axis, so many series, or many simulated ones, go at once; the three arguments broadcast against
each other. `expected` is the rate in 0..1, exclusive, already adjusted for season and weekday: one number, or one for each day. A
day without events leaves every statistic as it was. What follows of an alarm stands in `drift_alarms`, the limits in
`drift_thresholds`.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from goldworks.statistics.intervals import Floats

FACTOR = 2.0
"""The rise that the CUSUM is tuned to: a doubled rate."""

WEIGHT = 0.2
"""Share of the newest day in the EWMA."""

LEAST = 20
"""A day with fewer events waits and is added to the next one."""


def cusum(bad: ArrayLike, total: ArrayLike, expected: ArrayLike, *, factor: float = FACTOR, limit: float = inf) -> Floats:
    """Sum of the log likelihood ratio of a rate `factor` times the expected one, never below 0 (Page 1954).

    S = max(0, S + x ln(p1/p0) + (n - x) ln((1-p1)/(1-p0))). Above `limit` the day is an alarm, and the next one starts from 0;
    the returned value is the one before that. p1 is at most half way from p0 to 1, where twice the rate would be impossible.
    Raises `ValueError` for impossible counts or rates, and for a factor of 1 or less.
    """
    if factor <= 1:
        raise ValueError("the CUSUM looks for a rise: its factor is above 1")
    x, n, p = _counts(bad, total, expected)
    raised = raised_rate(p, factor)
    steps = x * np.log(raised / p) + (n - x) * np.log((1 - raised) / (1 - p))
    found = np.empty_like(steps)
    level = np.zeros(steps.shape[:-1])
    for day in range(steps.shape[-1]):
        level = np.maximum(0.0, level + steps[..., day])
        found[..., day] = level
        level = np.where(level > limit, 0.0, level)
    return found


def raised_rate(expected: Floats, factor: float) -> Floats:
    """The rate that the CUSUM looks for: `factor` times the expected one, at most half way from it to 1."""
    return np.minimum(factor * expected, (1 + expected) / 2)


def binomial_tail(bad: ArrayLike, total: ArrayLike, expected: ArrayLike) -> Floats:
    """Exact chance of at least so many bad events on that day; 1 without any. The Shewhart chart alarms when it is small."""
    from scipy.special import betainc  # type: ignore[import-untyped]

    x, n, p = _counts(bad, total, expected)
    some = np.maximum(x, 1.0)
    return np.where(x > 0, betainc(some, np.maximum(n - some, 0.0) + 1, p), 1.0)


def shewhart(bad: ArrayLike, total: ArrayLike, expected: ArrayLike) -> Floats:
    """-log10 of the exact tail: 3 is one day in a thousand."""
    return -np.log10(np.maximum(binomial_tail(bad, total, expected), 1e-300))


def ewma(bad: ArrayLike, total: ArrayLike, expected: ArrayLike, *, weight: float = WEIGHT) -> Floats:
    """Moving average of rate minus expected rate, in its own standard errors (Roberts 1959, with the exact variance of each day).

    E = (1-w) E + w (x/n - p); V = (1-w)**2 V + w**2 p(1-p)/n; the result is E / sqrt(V), 0 before the first event.
    """
    if not 0 < weight <= 1:
        raise ValueError("the weight of the newest day lies in 0..1, above 0")
    x, n, p = _counts(bad, total, expected)
    is_seen, size = n > 0, np.maximum(n, 1.0)
    surprise, spread = x / size - p, p * (1 - p) / size
    found = np.empty_like(surprise)
    level, variance = np.zeros(surprise.shape[:-1]), np.zeros(surprise.shape[:-1])
    for day in range(surprise.shape[-1]):
        seen = is_seen[..., day]
        level = np.where(seen, (1 - weight) * level + weight * surprise[..., day], level)
        variance = np.where(seen, (1 - weight) ** 2 * variance + weight**2 * spread[..., day], variance)
        found[..., day] = np.where(variance > 0, level / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    return found


def normal_tail(z: ArrayLike) -> Floats:
    """Chance of at least this EWMA on one day of a series whose rate is the expected one; approximate, and days are dependent."""
    from scipy.special import ndtr  # type: ignore[import-untyped]

    return np.asarray(ndtr(-np.asarray(z, dtype=np.float64)))


def carried(bad: ArrayLike, total: ArrayLike, expected: ArrayLike, *, least: int = LEAST) -> tuple[Floats, Floats, Floats]:
    """The three with each day of fewer than `least` events emptied and added to the next; the rate is that of the days together.

    What waits at the end is in no day yet: the next day brings it. Emptied days keep their own expected rate.
    """
    x, n, p = (one.copy() for one in _counts(bad, total, expected))
    waiting = [np.zeros(x.shape[:-1]) for _ in range(3)]  # bad events, events, expected bad events
    for day in range(x.shape[-1]):
        events = n[..., day] + waiting[1]
        bads, hoped = x[..., day] + waiting[0], n[..., day] * p[..., day] + waiting[2]
        waits = events < least
        is_full = ~waits & (events > 0)
        p[..., day] = np.where(is_full, hoped / np.where(events > 0, events, 1.0), p[..., day])
        x[..., day], n[..., day] = np.where(waits, 0.0, bads), np.where(waits, 0.0, events)
        waiting = [np.where(waits, one, 0.0) for one in (bads, events, hoped)]
    return x, n, p


def _counts(bad: ArrayLike, total: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats, Floats]:
    x, n, p = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in (bad, total, expected)))
    if x.ndim == 0:
        raise ValueError("counts are a series of days, not one number")
    if not ((x >= 0) & (x <= n)).all():
        raise ValueError("each day needs 0 <= bad <= total")
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("an expected rate lies between 0 and 1, exclusive: smooth one that was never seen")
    return x, n, p
