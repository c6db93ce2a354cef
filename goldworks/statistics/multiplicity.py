"""Adjusted p values when many claims are made at once.

A release that must not be worse on *every* gated metric needs no adjustment: each test at its own level keeps the risk of a
false pass (intersection-union). "Metric X improved": Holm. Looking through segments and metrics: Benjamini-Hochberg, exploratory.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from goldworks.statistics.intervals import Floats


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm 1979: adjusted p, in the order given; family-wise error whatever the dependence."""
    p, order = _sorted(p_values)
    stepped = np.maximum.accumulate(p * np.arange(len(p), 0, -1))
    return _back(stepped, order)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg 1995: q values, in the order given; for independent or positively dependent tests."""
    p, order = _sorted(p_values)
    return _back(np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1], order)


def benjamini_yekutieli(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Yekutieli 2001: q values under any dependence."""
    p, order = _sorted(p_values)
    harmonic = float((1 / np.arange(1, len(p) + 1)).sum())
    return _back(np.minimum.accumulate((p * harmonic * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1], order)


def _sorted(p_values: Sequence[float]) -> tuple[Floats, list[int]]:
    p = np.array(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p values lie in 0..1")
    order: list[int] = np.argsort(p, kind="stable").tolist()
    return p[order], order


def _back(adjusted: Floats, order: list[int]) -> list[float]:
    result = [0.0] * len(order)
    for place, value in zip(order, adjusted.tolist(), strict=True):
        result[place] = min(1.0, value)
    return result
