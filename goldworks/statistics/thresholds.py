"""Where to cut a score. Choose on one half of the labelled items and certify on the other: these figures are of the choosing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, log

import numpy as np

from goldworks.statistics.intervals import Floats, clopper_pearson_low


@dataclass(frozen=True, slots=True)
class Threshold:
    """Flag where score >= `value`; None when no threshold does. Sensitivity and specificity on the items it was chosen on.

    `sensitivity_low`: one-sided exact bound.
    """

    value: float | None
    sensitivity: float
    sensitivity_low: float
    specificity: float


def safe_threshold(
    scores: Sequence[float], is_positive: Sequence[bool], target: float, *, confidence: float = 0.95
) -> Threshold | None:
    """The largest threshold whose one-sided Clopper-Pearson bound of sensitivity is at least `target`.

    Thresholds are tried from low to high until the first that fails, a fixed sequence, so trying many costs no error. None when
    even flagging everything does not do: see `positives_without_miss`. Raises `ValueError` without negatives.
    """
    values, positive, negative = _classes(scores, is_positive)
    found = None
    for value in np.unique(values):
        caught = int((positive >= value).sum())
        low = clopper_pearson_low(caught, len(positive), 1 - confidence)
        if low < target:
            break
        found = Threshold(float(value), caught / len(positive), low, float((negative < value).mean()))
    return found


def cheap_threshold(
    scores: Sequence[float],
    is_positive: Sequence[bool],
    *,
    cost_of_miss: float,
    cost_of_false_alarm: float,
    confidence: float = 0.95,
) -> Threshold:
    """The threshold with the least cost of misses and false alarms on these items, the largest of equals; it may flag nothing."""
    values, positive, negative = _classes(scores, is_positive)
    candidates = [*np.unique(values).tolist(), inf]
    costs = [cost_of_miss * (positive < t).sum() + cost_of_false_alarm * (negative >= t).sum() for t in candidates]
    value = candidates[len(costs) - 1 - int(np.argmin(costs[::-1]))]
    caught = int((positive >= value).sum())
    low = clopper_pearson_low(caught, len(positive), 1 - confidence)
    return Threshold(None if value == inf else value, caught / len(positive), low, float((negative < value).mean()))


def positives_without_miss(target: float, *, confidence: float = 0.95) -> int:
    """How many positive items, all caught, show a sensitivity of at least `target` (0..1, exclusive)."""
    if not 0 < target < 1:
        raise ValueError("a target sensitivity lies between 0 and 1")
    return ceil(log(1 - confidence) / log(target) - 1e-12)


def _classes(scores: Sequence[float], is_positive: Sequence[bool]) -> tuple[Floats, Floats, Floats]:
    if len(scores) != len(is_positive):
        raise ValueError("scores and outcomes differ in length")
    values, flags = np.array(scores, dtype=np.float64), np.array(is_positive, dtype=np.bool_)
    if not flags.any() or flags.all():
        raise ValueError("a threshold needs positive and negative items")
    return values, values[flags], values[~flags]
