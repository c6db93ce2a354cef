"""Shares that a simulation finds: how often an interval holds the truth, and how far two simulations of one thing may differ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from goldworks.statistics import Estimate


def coverage(draw: Callable[[np.random.Generator], Estimate], truth: float, runs: int) -> float:
    """Share of `runs` samples, each of its own seed, whose interval holds `truth`."""
    found = [draw(np.random.default_rng(1000 + run)) for run in range(runs)]
    assert all(one.low is not None and one.high is not None for one in found)
    return sum(one.low <= truth <= one.high for one in found if one.low is not None and one.high is not None) / runs


def chance_error(share: float, *runs: int) -> float:
    """Three standard errors of the difference of two simulated shares, or of one and an exact share: one `runs` is given then.

    3 sqrt(p (1 - p) (1/n1 + 1/n2)), `share` with two hits and two misses more, so that 0 and 1 have an error too.
    """
    p = (share * min(runs) + 2) / (min(runs) + 4)
    return 3 * (p * (1 - p) * sum(1 / n for n in runs)) ** 0.5
