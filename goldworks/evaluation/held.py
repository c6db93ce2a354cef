"""What quarantine takes out of a run: which cases, until when and why, and the run's figures as gates count them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from goldworks.errors import PolicyError
from goldworks.evaluation.aggregating import aggregates_of
from goldworks.evaluation.metrics import case_values, estimate
from goldworks.evaluation.quarantine import Entry, Quarantine, gated, load_quarantine
from goldworks.evaluation.result import clusters_of
from goldworks.golden.case import Case, case_of
from goldworks.golden.read import what_remains
from goldworks.lake import Lake
from goldworks.statistics import Estimate


@dataclass(frozen=True, slots=True)
class HeldCase:
    """An entry of the quarantine that is for a case of the run. `metrics`: those whose gates do not count it; empty when the
    quarantine does not hold."""

    entry: Entry
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Of one run on the day `on`. `figures`: metrics and aggregates that lose cases, without them, at 95 %. `problems`: why an
    entry takes nothing out. `is_unreadable`: the policy is broken, so nothing is known. `read_on`: when the policy was read, if
    that was after the run: an entry that was taken out of the file or dated anew by then is not here as it was."""

    on: dt.date
    cases: tuple[HeldCase, ...] = ()
    figures: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    problems: tuple[str, ...] = ()
    is_unreadable: bool = False
    read_on: dt.date | None = None


def held_of(lake: Lake, run: Mapping[str, Any], expectations: Path, read_on: dt.date | None = None) -> Held:
    """What the policy below `expectations` takes out of a run (its row of `evals.runs`), on the day it ended.

    `read_on`: today, for a run that ended earlier; the policy as it stood then is not kept.

    A broken policy keeps no run from being shown: the result says so.
    """
    on = run["ended_at"].date()
    try:
        quarantine = load_quarantine(expectations)
    except PolicyError:
        return Held(on, is_unreadable=True, read_on=read_on)
    if not any(entry.since <= on <= entry.expires for entry in quarantine.cases):
        return Held(on, read_on=read_on)
    rows = lake.rows("golden.cases", where=[("version_id", "=", what_remains(lake, run["version_id"]))])
    suite = orjson.loads(run["config"])["suite"]
    metrics = [one["metric"] for one in (*suite["metrics"], *suite.get("aggregates", ()))]
    cases, problems, out = _taken_out(quarantine, [case_of(row) for row in rows], metrics, on)
    return Held(on, cases, _figures(lake, run, out) if out else {}, problems, read_on=read_on)


def _taken_out(
    quarantine: Quarantine, cases: Sequence[Case], metrics: Iterable[str], on: dt.date
) -> tuple[tuple[HeldCase, ...], tuple[str, ...], dict[str, frozenset[str]]]:
    """(entries with their metrics, problems, cases by metric that are not counted)."""
    known = {case.case_id for case in cases}
    out: dict[str, frozenset[str]] = {}
    entries: dict[tuple[str, str | None], tuple[Entry, list[str]]] = {}
    problems: list[str] = []
    for metric in metrics:
        found = gated(cases, metric, quarantine, on)
        problems += [f"{metric}: {problem}" for problem in found.problems]
        if found.quarantined:
            out[metric] = frozenset(found.quarantined)
        for entry in quarantine.cases:
            if entry.case_id in known and entry.metric in (None, metric) and entry.since <= on <= entry.expires:
                _, of = entries.setdefault((entry.case_id, entry.metric), (entry, []))
                of += [metric] if entry.case_id in found.quarantined else []
    return tuple(HeldCase(entry, tuple(of)) for entry, of in entries.values()), tuple(problems), out


def _figures(lake: Lake, run: Mapping[str, Any], out: Mapping[str, frozenset[str]]) -> dict[str, Estimate]:
    """Each metric and aggregate of `out` without its cases, seeded as the run's own figures are."""
    where = [("run_id", "=", run["run_id"])]
    scores = lake.rows("evals.scores", ["case_id", "metric", "value", "reason"], [*where, ("metric", "in", sorted(out))])
    clusters = clusters_of(lake.rows("evals.answers", ["case_id", "cluster_id"], where))
    found: dict[str, Estimate] = {}
    for metric, values in case_values(row for row in scores if row["case_id"] not in out[row["metric"]]).items():
        of = [clusters.get(case, case) for case in values]
        found[metric] = estimate(list(values.values()), of, (run["run_id"], metric, ""))
    aggregates = aggregates_of(lake, run, without=out)
    return found | {name: one.estimate for name, one in aggregates.items() if name in out}
