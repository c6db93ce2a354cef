"""Aggregates of runs in a pack: what they are made of, out of the tables, and the figures computed again from that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from goldworks.evaluation.aggregates.protocol import Aggregated, Scored
from goldworks.evaluation.aggregating import COLUMNS, OTHER_CODE, aggregate
from goldworks.evidence.looked_at import LOOKS, NEEDS_CASES, case_from, looked_at
from goldworks.evidence.names import Names
from goldworks.golden.case import Case, case_of
from goldworks.golden.read import what_remains
from goldworks.lake import Lake
from goldworks.release.rows import SuiteRun
from goldworks.statistics import Estimate

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one run: `aggregates` of its suite as its configuration has them (metric, aggregate, of, settings), and rows of what
    they look at beside values: metric, case_id, repeat, detail, case.
    """

    aggregates: tuple[Row, ...]
    rows: tuple[Row, ...]


def parts_of(lake: Lake, run: SuiteRun) -> Parts:
    """Of a run whose aggregates are gated; of another nothing."""
    if not run.aggregates:
        return Parts((), ())
    (row,) = lake.rows("evals.runs", ["config"], [("run_id", "=", run.run_id)])
    keys = ("metric", "aggregate", "of", "settings")
    wanted = [{key: one[key] for key in keys} for one in orjson.loads(row["config"])["suite"]["aggregates"]]
    known = [one for one in wanted if one["aggregate"] in LOOKS]
    cases: dict[str, Case] = {}
    if any(one["aggregate"] in NEEDS_CASES for one in known):
        rows = lake.rows("golden.cases", where=[("version_id", "=", what_remains(lake, run.version_id))])
        cases = {one["case_id"]: case_of(one) for one in rows}
    where = [("run_id", "=", run.run_id), ("metric", "in", sorted({one["of"] for one in known}))]
    scores = lake.rows("evals.scores", COLUMNS, where)
    return Parts(tuple(wanted), tuple(part for one in known for part in _looked_at(one, scores, cases)))


def _looked_at(one: Row, scores: Sequence[Row], cases: Mapping[str, Case]) -> Iterator[Row]:
    for row in scores:
        if row["metric"] == one["of"]:
            score = Scored(
                row["case_id"], row["repeat"], "", row["value"], row["reason"], row["detail"], cases.get(row["case_id"])
            )
            if found := looked_at(one["aggregate"], score, one["settings"]):
                yield {"metric": one["metric"], "case_id": row["case_id"], "repeat": row["repeat"], **found}


def ids_in(parts: Parts) -> Iterator[str]:
    """Ids of cases and of what pairs were made of."""
    for row in parts.rows:
        case: Row = row.get("case", {})
        yield row["case_id"]
        yield from (case["pair"][0], *case.get("parents", ())) if "pair" in case else ()


def renamed_parts(parts: Parts, names: Names) -> Iterator[Row]:
    """The rows with pseudonyms."""
    for row in parts.rows:
        found = {**row, "case_id": names.cases[row["case_id"]]}
        if "pair" in row.get("case", {}):
            case: Row = row["case"]
            pair = [names.cases[case["pair"][0]], *case["pair"][1:]]
            found["case"] = {**case, "pair": pair, "parents": [names.cases[one] for one in case.get("parents", ())]}
        yield found


def by_metric(rows: Iterable[Row]) -> list[Row]:
    """As packs have them: a row per aggregate, in which case, repeat and the rest of each are a list."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row["metric"], row["case_id"], row["repeat"])):
        rest = {name: row[name] for name in ("detail", "case") if name in row}
        one = found.setdefault(row["metric"], {"metric": row["metric"], "looked_at": []})
        one["looked_at"].append([row["case_id"], row["repeat"], rest])
    return list(found.values())


def singly(row: Row) -> Iterator[Row]:
    """A row of `by_metric` as single ones again."""
    for case_id, repeat, rest in row["looked_at"]:
        yield {"metric": row["metric"], "case_id": case_id, "repeat": repeat, **rest}


def aggregates_again(
    run: SuiteRun, parts: Parts, held: Mapping[str, frozenset[str]], confidence: float
) -> tuple[dict[str, Aggregated], list[str]]:
    """(the aggregates of a run of a pack with their tallies, names of those of which the pack does not hold the parts).

    `held`: cases by `suite/metric` that do not count. A note that other code made the figure stays as the pack states it: it is
    about the code of who wrote the pack.
    """
    found: dict[str, Aggregated] = {}
    signed: list[str] = []
    for one in parts.aggregates:
        name = one["metric"]
        if one["aggregate"] not in LOOKS:
            signed.append(name)
            continue
        rows = [row for row in parts.rows if row["metric"] == name]
        details = {(row["case_id"], row["repeat"]): row.get("detail") for row in rows}
        cases = {row["case_id"]: case_from(row["case_id"], row["case"]) for row in rows if "case" in row}
        scores = (
            {**row, "detail": details.get((row["case_id"], row["repeat"]))} for row in run.scores if row["metric"] == one["of"]
        )
        config = {"suite": {"aggregates": [one]}, "scorer_digests": run.scorer_digests}
        without = {name: held.get(f"{run.suite}/{name}", frozenset[str]())}
        made = aggregate(config, run.run_id, scores, run.clusters, list(cases.values()), confidence, without, with_tallies=True)[
            name
        ]
        found[name] = _said_alike(made, run.aggregates.get(name))
    return found, signed


def _said_alike(made: Aggregated, stated: Estimate | None) -> Aggregated:
    if stated is None or _without_code(made.estimate.note) != _without_code(stated.note):
        return made
    return replace(made, estimate=replace(made.estimate, note=stated.note))


def _without_code(note: str | None) -> str:
    return (note or "").removesuffix(OTHER_CODE).removesuffix("; ")
