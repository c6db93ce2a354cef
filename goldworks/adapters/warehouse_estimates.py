"""The two dbt models whose numbers are statistics, not sums: estimates of a run's metrics, and runs compared.

SQL has no bootstrap and no exact bounds; here the same functions compute them that the reports use, so that a mart and a
report never disagree. Everything comes as relations of the build's own DuckDB and goes back as one Arrow table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any, Protocol

import orjson
import pyarrow as pa

from goldworks.evaluation.aggregates import choose
from goldworks.evaluation.aggregates.protocol import Aggregated, Part, Tally
from goldworks.evaluation.aggregating import aggregates_of
from goldworks.evaluation.compare import Side, compare_sides
from goldworks.evaluation.metrics import estimate
from goldworks.lake import Lake
from goldworks.statistics import Estimate

ESTIMATE = {
    "value": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "confidence": pa.float64(),
    "method": pa.string(),
    "n": pa.int64(),
    "n_clusters": pa.int64(),
    "n_missing": pa.int64(),
    "reason": pa.string(),
    "p_value": pa.float64(),
    "note": pa.string(),
}
"""Columns of an estimate."""

ESTIMATED = pa.schema({"run_id": pa.string(), "metric": pa.string(), "is_aggregate": pa.bool_(), **ESTIMATE})

PART = pa.struct({"cases": pa.list_(pa.string()), "cluster_id": pa.string(), "counts": pa.list_(pa.float64())})

AGGREGATED = pa.schema(
    {
        **{one.name: one.type for one in ESTIMATED},
        "aggregate": pa.string(),
        "settings": pa.string(),
        "shape": pa.list_(pa.int64()),
        "parts": pa.list_(PART),
    }
)

COMPARED = pa.schema(
    {
        "run_id": pa.string(),
        "base_run_id": pa.string(),
        "metric": pa.string(),
        "is_paired": pa.bool_(),
        "common_cases": pa.int64(),
        **{f"base_{name}": kind for name, kind in ESTIMATE.items()},
        **{f"candidate_{name}": kind for name, kind in ESTIMATE.items()},
        **{f"difference_{name}": kind for name, kind in ESTIMATE.items()},
        "warnings": pa.string(),
    }
)


class Relation(Protocol):
    """A relation of DuckDB, as far as it is needed here."""

    def to_arrow_table(self) -> pa.Table:
        """All its rows."""
        ...


Row = Mapping[str, Any]
Values = dict[str, dict[str, float | None]]


def aggregated(lake: Lake) -> pa.Table:
    """One row per run and aggregate that its suite names, computed from the lake: some need the cases, whose text no mart has.

    With it what comparisons are made of: the added counts, no text.
    """
    rows: list[dict[str, Any]] = []
    for run in lake.rows("evals.runs"):
        named = {one["metric"]: one for one in orjson.loads(run["config"])["suite"].get("aggregates", ())}
        for metric, found in aggregates_of(lake, run, with_tallies=True).items():
            row = {"run_id": run["run_id"], "metric": metric, "is_aggregate": True, **_columns(found.estimate)}
            one = {"aggregate": named[metric]["aggregate"], "settings": orjson.dumps(named[metric]["settings"]).decode()}
            rows.append({**row, **one, **_tally_columns(found.tally)})
    return pa.Table.from_pylist(rows, schema=AGGREGATED)


def _tally_columns(tally: Tally | None) -> dict[str, Any]:
    if tally is None:
        return {"shape": None, "parts": None}
    parts = [{"cases": part.cases, "cluster_id": part.cluster_id, "counts": part.counts} for part in tally.parts]
    return {"shape": tally.shape, "parts": parts}


def _tally(row: Row) -> Tally | None:
    """The tally of a row of `aggregated`."""
    if row["shape"] is None:
        return None
    kind = choose(row["aggregate"])
    whole = kind(kind.Settings.model_validate(orjson.loads(row["settings"]))).whole
    parts = (Part(tuple(p["cases"]), p["cluster_id"], None if p["counts"] is None else tuple(p["counts"])) for p in row["parts"])
    return Tally(tuple(row["shape"]), tuple(parts), whole)


def estimates(averaged: Relation, aggregates: Relation) -> pa.Table:
    """One row per run and metric of `int_scores__averaged`, and one per aggregate of a run that has scores."""
    _close_event_loop()
    rows: list[dict[str, Any]] = []
    for run_id, scores in _by_run(averaged):
        clusters = {row["case_id"]: row["cluster_id"] for row in scores}
        for metric, cases in _values(scores).items():
            found = estimate(list(cases.values()), [clusters[case] for case in cases], (run_id, metric, ""))
            rows.append({"run_id": run_id, "metric": metric, "is_aggregate": False, **_columns(found)})
    scored = {row["run_id"] for row in rows}
    rows += [{name: row[name] for name in ESTIMATED.names} for row in _rows(aggregates) if row["run_id"] in scored]
    return pa.Table.from_pylist(rows, schema=ESTIMATED)


def comparisons(ranked: Relation, runs: Relation, averaged: Relation, cases: Relation, aggregates: Relation) -> pa.Table:
    """One row per run that has a base in `int_runs__ranked`, and metric or aggregate. `cases`: contents of golden versions."""
    _close_event_loop()
    chained = {row["run_id"]: row["base_run_id"] for row in _rows(ranked) if row["base_run_id"] is not None}
    wanted = {*chained, *chained.values()}
    by_id = {row["run_id"]: row for row in _rows(runs)}
    contents: dict[str, dict[str, str]] = {}
    for row in _rows(cases):
        contents.setdefault(row["version_id"], {})[row["case_id"]] = row["case_digest"]
    wholes: dict[str, dict[str, Aggregated]] = {}
    for row in _rows(aggregates):
        if row["run_id"] in wanted:
            whole = Aggregated(Estimate(**{name: row[name] for name in ESTIMATE}), tally=_tally(row))
            wholes.setdefault(row["run_id"], {})[row["metric"]] = whole
    sides: dict[str, Side] = {}
    for run_id, scores in _by_run(averaged):
        if run_id in wanted:
            side = _side(by_id[run_id], scores, contents.get(by_id[run_id]["version_id"], {}))
            sides[run_id] = replace(side, aggregates=wholes.get(run_id, {}))
    rows = [
        row
        for run_id, base_id in sorted(chained.items())
        if run_id in sides and base_id in sides  # a run without any score has nothing to compare
        for row in _compared(sides[base_id], sides[run_id])
    ]
    return pa.Table.from_pylist(rows, schema=COMPARED)


def _compared(base: Side, candidate: Side) -> Iterator[dict[str, Any]]:
    if not base.values.keys() & candidate.values.keys():
        return
    compared = compare_sides(base, candidate)
    for one in compared.metrics:
        yield {
            "run_id": candidate.row["run_id"],
            "base_run_id": base.row["run_id"],
            "metric": one.metric,
            "is_paired": one.is_paired,
            "common_cases": compared.common,
            **_columns(one.base, "base_"),
            **_columns(one.candidate, "candidate_"),
            **_columns(one.difference, "difference_"),
            "warnings": "; ".join(compared.warnings) or None,
        }


def _side(run: Row, scores: list[Row], contents: Mapping[str, str]) -> Side:
    clusters = {row["case_id"]: row["cluster_id"] for row in scores}
    digests = {case: contents.get(case, "") for case in clusters}
    return Side(run, _values(scores), clusters, digests, {row["metric"]: row["scorer_digest"] for row in scores})


def _values(scores: Iterable[Row]) -> Values:
    """As `goldworks.evaluation.metrics.case_values`: a case that only lacks its answer is None, one not asked is absent."""
    found: Values = {}
    for row in scores:
        cases = found.setdefault(row["metric"], {})
        if row["value"] is not None or row["missing_repeats"]:
            cases[row["case_id"]] = row["value"]
    return found


def _columns(found: Estimate, prefix: str = "") -> dict[str, Any]:
    values = asdict(found)
    return {f"{prefix}{name}": values[name] for name in ESTIMATE}


def _by_run(averaged: Relation) -> Iterator[tuple[str, list[Row]]]:
    """Rows by run, in the order of metric and case: a bootstrap's digits depend on the order."""
    rows = sorted(_rows(averaged), key=lambda row: (row["run_id"], row["metric"], row["case_id"]))
    for run_id, group in groupby(rows, key=lambda row: row["run_id"]):
        yield run_id, list(group)


def _rows(relation: Relation) -> list[Row]:
    return relation.to_arrow_table().to_pylist()


def _close_event_loop() -> None:
    """dbt-duckdb opens one for every Python model, in case its code waits for something, and leaves it open."""
    with suppress(RuntimeError):  # this thread has none
        asyncio.get_event_loop().close()
    asyncio.set_event_loop(None)
