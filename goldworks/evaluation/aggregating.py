"""The aggregates of a run, from its scores as they stand in the tables. Which ones, the run's configuration says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from goldworks.errors import InputError
from goldworks.evaluation.aggregates import aggregate_digest, choose
from goldworks.evaluation.aggregates.protocol import Aggregated, Scored
from goldworks.golden.case import Case, case_of
from goldworks.golden.read import what_remains
from goldworks.lake import Lake
from goldworks.statistics import seed_of
from goldworks.statistics.estimates import undefined

COLUMNS = ["case_id", "repeat", "metric", "value", "reason", "detail"]
"""Columns of `evals.scores` that aggregates are made of."""

OTHER_CODE = "computed by other code than when the run was made"
"""Note of an aggregate whose code or settings are not what they were."""


def aggregates_of(
    lake: Lake,
    run: Mapping[str, Any],
    confidence: float = 0.95,
    without: Mapping[str, Collection[str]] | None = None,
    *,
    with_tallies: bool = False,
) -> dict[str, Aggregated]:
    """Each aggregate that the suite of a run (its row of `evals.runs`) names, in the suite's order.

    `without`: by aggregate the cases that it leaves out, such as those in quarantine. `with_tallies`: for comparisons.
    """
    config: dict[str, Any] = orjson.loads(run["config"])
    wanted = config["suite"].get("aggregates", ())
    if not wanted:
        return {}
    where = [("run_id", "=", run["run_id"])]
    metrics = sorted({one["of"] for one in wanted})
    rows = lake.rows("evals.scores", COLUMNS, [*where, ("metric", "in", metrics)])
    answers = lake.rows("evals.answers", ["case_id", "cluster_id"], where)
    cases: list[dict[str, Any]] = []
    if any(_needs_cases(one["aggregate"]) for one in wanted):
        cases = lake.rows("golden.cases", where=[("version_id", "=", what_remains(lake, run["version_id"]))])
    clusters = {row["case_id"]: row["cluster_id"] or row["case_id"] for row in answers}
    of = [case_of(row) for row in cases]
    return aggregate(config, run["run_id"], rows, clusters, of, confidence, without, with_tallies=with_tallies)


def _needs_cases(name: str) -> bool:
    """False for code that is gone, too."""
    try:
        return choose(name).needs_cases
    except InputError:
        return False


def aggregate(
    config: Mapping[str, Any],
    run_id: str,
    rows: Iterable[Mapping[str, Any]],
    clusters: Mapping[str, str],
    cases: Sequence[Case],
    confidence: float = 0.95,
    without: Mapping[str, Collection[str]] | None = None,
    *,
    with_tallies: bool = False,
) -> dict[str, Aggregated]:
    """The same from what was read. `rows` have `COLUMNS`; `clusters`: of each case."""
    left_out = without or {}
    by_id = {case.case_id: case for case in cases}
    scores: dict[str, list[Scored]] = {}
    for row in sorted(rows, key=lambda row: (row["case_id"], row["repeat"])):
        case_id = row["case_id"]
        cluster = clusters.get(case_id, case_id)
        one = Scored(case_id, row["repeat"], cluster, row["value"], row["reason"], row["detail"], by_id.get(case_id))
        scores.setdefault(row["metric"], []).append(one)
    found: dict[str, Aggregated] = {}
    for one in config["suite"].get("aggregates", ()):
        gone = left_out.get(one["metric"], ())
        counted = [score for score in scores.get(one["of"], []) if score.case_id not in gone]
        found[one["metric"]] = _aggregate(one, config.get("scorer_digests", {}), run_id, counted, confidence, with_tallies)
    return found


def _aggregate(
    one: Mapping[str, Any],
    digests: Mapping[str, str],
    run_id: str,
    scores: Sequence[Scored],
    confidence: float,
    with_tally: bool,
) -> Aggregated:
    """One of them. Code that is gone or fails gives no number, with the reason; it keeps no run from being read."""
    try:
        kind = choose(one["aggregate"])
        made = kind(kind.Settings.model_validate(one["settings"]))
        found = made.over(scores, confidence=confidence, seed=seed_of(run_id, one["metric"], ""))
        if with_tally:
            found = replace(found, tally=made.tally(scores))
        same = aggregate_digest(kind, one["settings"], digests.get(one["of"], "")) == digests.get(one["metric"])
    except InputError:
        return Aggregated(undefined("aggregate", "no_aggregate", confidence, 0))
    except Exception:
        return Aggregated(undefined("aggregate", "aggregate_error", confidence, 0))
    return found if same else _noted(found)


def _noted(found: Aggregated) -> Aggregated:
    estimate = found.estimate
    return replace(found, estimate=replace(estimate, note=f"{estimate.note}; {OTHER_CODE}" if estimate.note else OTHER_CODE))
