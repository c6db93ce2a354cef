"""How fast an error budget is spent: burn 1 spends it exactly over its period. Thin traffic needs an exact test beside it."""

from __future__ import annotations

from dataclasses import dataclass

TOLERANCE = 1e-9
"""1 - 0.995 is not exactly 0.005."""


@dataclass(frozen=True, slots=True)
class Window:
    """Events `bad` among `total` in a window of time."""

    bad: int
    total: int


def burn_rate(window: Window, objective: float) -> float | None:
    """(bad / total) / (1 - objective); None without events. `objective` 0..1, exclusive."""
    if not 0 < objective < 1:
        raise ValueError("an objective lies between 0 and 1")
    return window.bad / window.total / (1 - objective) if window.total else None


def budget_share(burn: float, window_hours: float, period_hours: float) -> float:
    """Part of the period's budget that a window at that burn rate spends."""
    return burn * window_hours / period_hours


def budget(total: int, objective: float) -> float:
    """Bad events that `total` events may hold."""
    return total * (1 - objective)


def chance_of_as_many(window: Window, objective: float) -> float:
    """Exact binomial chance of at least so many bad events when the objective is just met."""
    if window.bad <= 0:
        return 1.0
    from scipy.special import bdtrc  # type: ignore[import-untyped]

    return float(bdtrc(window.bad - 1, window.total, 1 - objective)) if window.bad <= window.total else 0.0


def is_burning(
    long: Window, short: Window, objective: float, burn: float, *, least_events: int = 3, alpha: float = 0.001
) -> bool:
    """An alert: in both windows burn rate >= `burn`, at least `least_events` bad events, and an exact tail below `alpha`."""
    for window in (long, short):
        rate = burn_rate(window, objective)
        if rate is None or rate < burn - TOLERANCE or window.bad < least_events:
            return False
        if chance_of_as_many(window, objective) >= alpha:
            return False
    return True


def events_to_alert(total: int, objective: float, burn: float, *, alpha: float = 0.001) -> int | None:
    """Fewest bad events among `total` that alert at `burn`; None when even all bad would not."""
    for bad in range(total + 1):
        window = Window(bad, total)
        rate = burn_rate(window, objective)
        if rate is not None and rate >= burn - TOLERANCE and chance_of_as_many(window, objective) < alpha:
            return bad
    return None
