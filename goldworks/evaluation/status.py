"""How a run went, in one word."""

from __future__ import annotations

from typing import Literal

Status = Literal["complete", "incomplete", "inconclusive"]
Stopped = Literal["budget", "judging_budget", "unreachable", "diverged"]
THOUGH_ANSWERED = ("judging_budget", "diverged")
"""What leaves a run inconclusive even when every answer came."""

MOST_MISSING_RATE = 0.02
"""Share of answers that may be missing before nothing can be concluded from the rest (method: infrastructure errors)."""


def status_of(answers: int, wanted: int, stopped: str | None = None) -> Status:
    """`complete` when all `wanted` answers came; `incomplete` when at most 2 % are missing; else, or when the run was stopped
    before everything was asked or judged, or when too many replayed conversations diverged, `inconclusive`.
    """
    if answers >= wanted and stopped not in THOUGH_ANSWERED:
        return "complete"
    if stopped is None and wanted - answers <= MOST_MISSING_RATE * wanted:
        return "incomplete"
    return "inconclusive"
