"""What was aimed at, what was measured, and what the best peer reached on the same work when the targets were set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks.runner.endpoint import RETRY_AFTER
from benchmarks.runner.faults import AT_ONCE
from benchmarks.runner.report import Report

Figures = Mapping[str, Any]


class Target(NamedTuple):
    """`measured` finds the figure and raises KeyError when its part did not run; the figure must not pass `limit`."""

    what: str
    limit: float
    measured: Callable[[Figures], float]
    unit: str
    best_peer: str


TARGETS = (
    Target("1,000 / 32: whole process", 2.9, lambda f: f["1000"]["seconds"], "s", "5.8 s"),
    Target("5,000 / 128", 4.0, lambda f: f["5000"]["seconds"], "s", "13.6 s"),
    Target("20,000 / 128", 12.0, lambda f: f["20000"]["seconds"], "s", "33.8 s"),
    Target("20,000 / 128: peak memory", 200, lambda f: f["20000"]["peak_mb"], "MB", "292 MB"),
    Target("memory a further case", 2.0, lambda f: f["per_case"]["kilobytes"], "KB", "3 KB"),
    Target("CPU a further case", 0.6, lambda f: f["per_case"]["cpu_ms"], "ms", "1.1 ms"),
    Target("cached re-run of 1,000", 1.5, lambda f: f["cached"]["seconds"], "s", "4.9 s"),
    Target("cached re-run: calls", 0, lambda f: f["cached"]["calls"], "", "0"),
    Target("stored a case", 500, lambda f: f["1000"]["bytes_per_case"], "B", "800 B"),
    Target("kill -9: answers lost", 0, lambda f: f["kill"]["lost"], "", ""),
    Target("kill -9: calls answered twice", AT_ONCE, lambda f: f["kill"]["answered_twice"], "", "3"),
    Target("one-off faults: answers missing", 0, lambda f: 300 - f["one_off"]["answers"], "", "no peer"),
    Target("one-off faults: damaged answers", 0, lambda f: f["one_off"]["damaged"], "", "0 to 20"),
    Target("always 500: good answers missing", 0, lambda f: 291 - f["always_500"]["answers"], "", "0"),
    Target("always 500: exit code is 0", 0, lambda f: float(f["always_500"]["code"] == 0), "", "0"),
    Target("hang: answers missing", 0, lambda f: 300 - f["hang"]["answers"], "", "no peer"),
    Target("429: wait shorter than asked by", 0, lambda f: max(0.0, RETRY_AFTER - f["429"]["shortest_wait"]), "s", "0"),
)


def run(report: Report) -> None:
    """The table, of what was measured."""
    lines: list[list[str]] = []
    for target in TARGETS:
        try:
            value = target.measured(report.figures)
        except KeyError:
            continue
        unit = f" {target.unit}" if target.unit else ""
        verdict = "met" if value <= target.limit else f"missed by {value - target.limit:.3g}{unit}"
        lines.append([target.what, f"{target.limit:g}{unit}", f"{value:.3g}{unit}", verdict, target.best_peer])
    if lines:
        report.title("Targets")
        report.table("Best peer: as published with the targets", ["what", "at most", "measured", "", "best peer"], lines)
