"""`review.human_rates`: of each newest run what people would have called good, by certified metrics, gated or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from goldworks.lake import Lake
from goldworks.release.calibrations import Read, certificates
from goldworks.release.gathering import ANSWER, SCORE
from goldworks.release.people import Equivalent, rate_by_people
from goldworks.release.rows import SuiteRun

CONFIDENCE = 0.95
"""Of figures that are shown; gates take 0.90, whose ends are one-sided 95 % bounds."""

KEY = "review.human_rates"
Row = dict[str, Any]


def human_rates(lake: Lake, expectations: Path, now: dt.datetime) -> list[Row]:
    """Compute and keep them; return the rows. What lost its certificate loses its row. The same again writes nothing."""
    known = lake.rows("review.certificates", ["use_case", "suite"])
    rows: list[Row] = []
    read: Read = {}
    for run in _newest(lake, {(row["use_case"], row["suite"]) for row in known}):
        loaded = scored_run(lake, run)
        found = certificates(lake, expectations, run["use_case"], {run["suite"]: loaded}, now, read)
        for name, calibration in sorted(found.calibrations.items()):
            metric = name.partition("/")[2]
            people = rate_by_people(loaded, metric, calibration, confidence=CONFIDENCE)
            if people.own is not None:
                rows.append(_row(run, metric, calibration.certificate_id, people, now))
    if _said(rows) != _said(lake.rows(KEY)):
        lake.replace(KEY, rows)
    return rows


def _newest(lake: Lake, wanted: set[tuple[str, str]]) -> list[Row]:
    """The newest run of each use case, suite, target and release, complete ones first, as the marts choose them."""
    rank = {"complete": 2, "incomplete": 1}
    found: dict[tuple[str, ...], Row] = {}
    runs = lake.rows("evals.runs")
    for run in sorted(runs, key=lambda row: row["run_id"], reverse=True):
        of = (run["use_case"], run["suite"], run["target"], run["release"] or "")
        best = found.get(of)
        if of[:2] in wanted and (
            best is None or (rank.get(run["status"], 0), run["ended_at"]) >= (rank.get(best["status"], 0), best["ended_at"])
        ):
            found[of] = run
    return [found[of] for of in sorted(found)]


def scored_run(lake: Lake, run: Mapping[str, Any]) -> SuiteRun:
    """What a rate and a certificate need of a run (row of `evals.runs`): neither cases nor aggregates."""
    where = [("run_id", "=", run["run_id"])]
    config: Row = orjson.loads(run["config"])
    return SuiteRun(
        run_id=run["run_id"],
        suite=run["suite"],
        release=run["release"] or "",
        version_id=run["version_id"],
        status=run["status"],
        answers=lake.rows("evals.answers", ANSWER, where),
        scores=lake.rows("evals.scores", SCORE, where),
        cases={},
        repeats=run["repeats"],
        scorer_digests=config.get("scorer_digests", {}),
    )


def _row(run: Mapping[str, Any], metric: str, certificate: str, people: Equivalent, now: dt.datetime) -> Row:
    estimate = people.rate.estimate
    return {
        "run_id": run["run_id"],
        "metric": metric,
        "use_case": run["use_case"],
        "suite": run["suite"],
        "release": run["release"],
        "certificate_id": certificate,
        "own_value": people.own,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "confidence": estimate.confidence,
        "method": estimate.method,
        "labels": people.rate.labels,
        "n": estimate.n,
        "n_clusters": estimate.n_clusters,
        "n_missing": estimate.n_missing,
        "reason": estimate.reason,
        "computed_at": now,
    }


def _said(rows: list[Row]) -> list[Row]:
    plain = ({name: value for name, value in row.items() if name != "computed_at"} for row in rows)
    return sorted(plain, key=lambda row: (row["run_id"], row["metric"]))
