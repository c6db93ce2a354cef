"""What counts when choosing as it counts for gates: quarantine takes cases out, opinions need a certificate. And aggregates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from goldworks.evaluation.aggregating import aggregates_of
from goldworks.evaluation.quarantine import gated, load_quarantine
from goldworks.golden.read import read_version
from goldworks.lake import Lake
from goldworks.release.calibrations import Read, certificates
from goldworks.release.gathering import opinions
from goldworks.release.human_rates import scored_run
from goldworks.statistics import Estimate

Row = Mapping[str, Any]


def advisory(lake: Lake, expectations: Path, use_case: str, rows: Sequence[Row], now: dt.datetime) -> frozenset[str]:
    """Metrics and aggregates that stand for what people would say, and that no valid certificate confirms for each of the runs
    (rows of `evals.runs`): they are shown, and nothing is claimed of them.
    """
    found: set[str] = set()
    read: Read = {}
    for row in rows:
        config: dict[str, Any] = orjson.loads(row["config"])
        if named := opinions(config["suite"]):
            known = certificates(lake, expectations, use_case, {row["suite"]: scored_run(lake, row)}, now, read)
            found |= named - {of.partition("/")[2] for of in known.calibrations if of.startswith(f"{row['suite']}/")}
    return frozenset(found)


def quarantined(
    lake: Lake, expectations: Path, version_id: str, metrics: Collection[str], today: dt.date
) -> tuple[dict[str, frozenset[str]], list[str]]:
    """Cases by metric that are not counted, with what is to be said of them."""
    quarantine = load_quarantine(expectations)
    if not quarantine.cases:
        return {}, []
    cases = read_version(lake, version_id)
    found = {metric: gated(cases, metric, quarantine, today) for metric in sorted(metrics)}
    notes = [f"{metric}: {problem}" for metric, one in found.items() for problem in one.problems]
    if counts := [f"{len(one.quarantined)} of {metric}" for metric, one in found.items() if one.quarantined]:
        notes.insert(0, f"flaky cases in quarantine are not counted: {', '.join(counts)}")
    return {metric: frozenset(one.quarantined) for metric, one in found.items()}, notes


def aggregates_over(
    lake: Lake, rows: Sequence[Row], cases: Mapping[str, Collection[str]], held: Mapping[str, frozenset[str]], confidence: float
) -> dict[str, dict[str, Estimate]]:
    """Of each run (by id) its aggregates over the cases that all of the runs answered, without those in quarantine.

    `cases`: what each run was asked. An aggregate that not every run has, or has by other code, is left out.
    """
    common = set.intersection(*(set(cases[row["run_id"]]) for row in rows))
    found: dict[str, dict[str, Estimate]] = {}
    digests: dict[str, set[str | None]] = {}
    for row in rows:
        config: dict[str, Any] = orjson.loads(row["config"])
        names = [one["metric"] for one in config["suite"].get("aggregates", ())]
        for name in names:
            digests.setdefault(name, set()).add(config.get("scorer_digests", {}).get(name))
        outside = set(cases[row["run_id"]]) - common
        without = {name: outside | held.get(name, frozenset()) for name in names}
        found[row["run_id"]] = {name: one.estimate for name, one in aggregates_of(lake, row, confidence, without).items()}
    shared = [name for name, seen in digests.items() if len(seen) == 1 and all(name in of for of in found.values())]
    return {run_id: {name: of[name] for name in shared} for run_id, of in found.items()}
