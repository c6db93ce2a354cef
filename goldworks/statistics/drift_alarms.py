"""From a series of days to what people hear: nothing while it learns, one alarm for one fault, a page only for what matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldworks.statistics.drift_counts import FACTOR, LEAST, WEIGHT, carried, cusum, ewma, shewhart
from goldworks.statistics.drift_thresholds import LEARNING_DAYS
from goldworks.statistics.rate_ratio import rate_ratio

QUIET_DAYS = 14
"""Alarms within so many days after one belong to it."""

RATIO = 1.25
EXCESS = 3
"""A page needs a rate shown to be above this many times the expected one, and so many events more than expected."""

State = Literal["learning", "no_data", "waiting", "quiet", "alarm", "known"]
Severity = Literal["page", "ticket"]
Detector = Literal["cusum", "shewhart", "ewma"]
DETECTORS: tuple[Detector, ...] = ("cusum", "shewhart", "ewma")


@dataclass(frozen=True, slots=True)
class CountLimits:
    """Above which each detector alarms: CUSUM in log likelihood, Shewhart in -log10 p, EWMA in standard errors; None: off."""

    cusum: float
    shewhart: float
    ewma: float | None = None


@dataclass(frozen=True, slots=True)
class DayReading:
    """One day. `learning`: fewer stable days lie behind it than a baseline needs; `no_data`: no event, the statistics stay;
    `waiting`: too few events, carried over to the next day; `known`: over a limit, but within the quiet days of an alarm.

    `fired`: detectors over their limits. Of an alarm: `severity`, and the events that it rests on, `bad` of `total` where
    `expected` were expected, `days` long.
    """

    state: State
    cusum: float
    shewhart: float
    ewma: float
    fired: tuple[Detector, ...] = ()
    severity: Severity | None = None
    bad: float = 0.0
    total: float = 0.0
    expected: float = 0.0
    days: int = 0


def watch(
    bad: Sequence[int],
    total: Sequence[int],
    expected: ArrayLike,
    limits: CountLimits,
    *,
    baseline_days: int,
    baseline_total: float,
    factor: float = FACTOR,
    weight: float = WEIGHT,
    least: int = LEAST,
    quiet_days: int = QUIET_DAYS,
) -> tuple[DayReading, ...]:
    """Read one series day by day; the expected rates rest on `baseline_days` stable days before it, with `baseline_total` events.

    All days are read while the baseline is shorter than `LEARNING_DAYS`, but none alarms. An alarm of the CUSUM rests on the days
    since it last was 0, one of the others on the day alone. Raises `ValueError` for impossible counts or rates.
    """
    x, n, p = carried(bad, total, expected, least=least)
    sums = cusum(x, n, p, factor=factor, limit=limits.cusum)
    jumps, slow = shewhart(x, n, p), ewma(x, n, p, weight=weight)
    came = np.asarray(total)
    found: list[DayReading] = []
    start, last = 0, -quiet_days - 1
    for day in range(len(sums)):
        values = float(sums[day]), float(jumps[day]), float(slow[day])
        if n[day] == 0:
            found.append(DayReading("waiting" if came[day] else "no_data", *values))
            continue
        over = (sums[day] > limits.cusum, jumps[day] > limits.shewhart, limits.ewma is not None and slow[day] > limits.ewma)
        fired: tuple[Detector, ...] = tuple(name for name, is_over in zip(DETECTORS, over, strict=True) if is_over)
        since = start if "cusum" in fired else day
        if sums[day] == 0 or "cusum" in fired:
            start = day + 1
        if baseline_days < LEARNING_DAYS or not fired:
            found.append(DayReading("learning" if baseline_days < LEARNING_DAYS else "quiet", *values, fired))
        elif day - last <= quiet_days:
            found.append(DayReading("known", *values, fired))
        else:
            last, span = day, slice(since, day + 1)
            seen, events, hoped = float(x[span].sum()), float(n[span].sum()), float((n[span] * p[span]).sum())
            grave = severity((hoped / events * baseline_total, baseline_total), (seen, events))
            found.append(DayReading("alarm", *values, fired, grave, seen, events, hoped, day + 1 - since))
    return tuple(found)


def severity(baseline: tuple[float, float], current: tuple[float, float]) -> Severity:
    """`page` when the rate of (events, cases) is shown to be `RATIO` times the baseline's, one-sided 95 %, with `EXCESS` events
    more than it would give; else `ticket`.
    """
    found = rate_ratio(baseline, current, confidence=0.90)
    (x, n), (y, m) = baseline, current
    is_material = found.low is not None and found.low > RATIO and y - m * (x / n) >= EXCESS
    return "page" if is_material else "ticket"


def distinct(alarms: ArrayLike, quiet_days: int = QUIET_DAYS) -> NDArray[np.bool_]:
    """Days over the limit, on the last axis, that begin an alarm: those within `quiet_days` after one belong to it."""
    over = np.asarray(alarms, dtype=np.bool_)
    kept = np.zeros_like(over)
    last = np.full(over.shape[:-1], -quiet_days - 1)
    for day in range(over.shape[-1]):
        kept[..., day] = over[..., day] & (day - last > quiet_days)
        last = np.where(kept[..., day], day, last)
    return kept
