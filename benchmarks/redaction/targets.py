"""What was aimed at, what was measured, and by how much a target is met or missed: from the figures of the other parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks.redaction.report import Report

Figures = Mapping[str, Any]


class Target(NamedTuple):
    """`measured` finds the figure, and raises KeyError when its part did not run; a figure must reach or not pass `limit`."""

    what: str
    limit: float
    is_least: bool
    measured: Callable[[Figures], float | None]
    unit: str = ""


def _set(name: str, type_: str, figure: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["sets"][name]["ours"][type_][figure]


def _secret(figure: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["secrets"]["ours"][figure]


def _share(group: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["logs"][group]["bad"] / figures["logs"][group]["n"]


def _times(engine: str, workload: str) -> Callable[[Figures], float | None]:
    def ratio(figures: Figures) -> float:
        rates = figures["speed"][workload]
        return rates[engine]["rate"] / rates["presidio"]["rate"]

    return ratio


def _peak(figures: Figures) -> float:
    return max(float(one["peak_mb"]) for rates in figures["speed"].values() for name, one in rates.items() if name == "ours")


TARGETS = (
    Target("structured span recall: tech_en", 0.99, True, _set("tech_en", "structured", "span_recall")),
    Target("structured span recall: formats", 0.97, True, _set("formats", "structured", "span_recall")),
    Target("structured span recall: synth", 0.95, True, _set("synth", "structured", "span_recall")),
    Target("names, span recall: WNUT-17 dev", 0.57, True, _set("wnut17_dev", "PERSON", "span_recall")),
    Target("names, precision: WNUT-17 dev", 0.6, True, _set("wnut17_dev", "PERSON", "span_precision")),
    Target("names, span recall: synth", 0.85, True, _set("synth", "PERSON", "span_recall")),
    Target("names, precision: synth", 0.8, True, _set("synth", "PERSON", "span_precision")),
    Target("F2 over everything: synth", 0.69, True, _set("synth", "everything", "f2")),
    Target("F2 over everything: tech_en", 0.93, True, _set("tech_en", "everything", "f2")),
    Target("F2 over everything: formats", 0.84, True, _set("formats", "everything", "f2")),
    Target("assistant prose redacted, public services", 0.01, False, lambda figures: figures["prose"]["public"]),
    Target("planted survive: structured, secrets, plain", 0.0, False, _share("plain")),
    Target("planted survive: disguised", 0.02, False, _share("disguised")),
    Target("planted survive: names and addresses", 0.01, False, _share("names_addresses")),
    Target("look-alikes redacted", 0.05, False, _share("look_alike")),
    Target("secrets: positives flagged", 0.9, True, _secret("positives_flagged")),
    Target("secrets: negatives flagged", 0.15, False, _secret("negatives_flagged")),
    Target("secret alarms per 1,000 ordinary messages", 2.0, False, lambda figures: figures["alarms_per_1000"]),
    Target("no names against Presidio: annotated", 200.0, True, _times("ours_no_names", "annotated"), "x"),
    Target("no names against Presidio: log messages", 200.0, True, _times("ours_no_names", "messages"), "x"),
    Target("names against Presidio: annotated", 4.0, True, _times("ours", "annotated"), "x"),
    Target("names against Presidio: log messages", 4.0, True, _times("ours", "messages"), "x"),
    Target("names against Presidio: whole conversations", 8.0, True, _times("ours", "conversations"), "x"),
    Target("memory of a process with names", 700.0, False, _peak, " MB"),
    Target("outputs of 1 and 2 workers the same", 1.0, True, lambda figures: float(figures["workers"]["equal"])),
    Target("redacting again changes nothing", 1.0, True, lambda figures: figures["workers"]["unchanged_again"]),
)


def run(report: Report) -> None:
    """The table of targets whose parts have run."""
    lines = [line for target in TARGETS if (line := judged(target, report.figures)) is not None]
    if lines:
        report.title("Targets")
        report.table("", ["what", "target", "measured", "", "by"], lines)


def judged(target: Target, figures: Figures) -> list[str] | None:
    """The line of a target, or None when its part did not run."""
    try:
        value = target.measured(figures)
    except (KeyError, ZeroDivisionError):
        return None
    if value is None:
        return None
    is_met = value >= target.limit if target.is_least else value <= target.limit
    sign = ">=" if target.is_least else "<="
    by = f"{value - target.limit:+.3f}" if target.limit <= 1 else f"{value / target.limit:.2f} of it"
    return [target.what, f"{sign} {_number(target.limit)}{target.unit}", _number(value) + target.unit, _word(is_met), by]


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 2 else f"{value:,.1f}"


def _word(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
