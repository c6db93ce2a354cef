"""Two runs side by side: each metric with both estimates and the difference. Says how they differ, not what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from goldworks.errors import InputError
from goldworks.evaluation.aggregates.protocol import Aggregated
from goldworks.evaluation.aggregating import aggregates_of
from goldworks.evaluation.metrics import case_values, estimate
from goldworks.evaluation.result import clusters_of, find_run
from goldworks.evaluation.suites import judged
from goldworks.evaluation.wholes import paired
from goldworks.lake import Lake
from goldworks.statistics import Estimate, difference_of, paired_difference, seed_of, unpaired_difference


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One metric. `difference` is candidate minus base; `is_paired`: over the same cases in both runs."""

    metric: str
    base: Estimate
    candidate: Estimate
    difference: Estimate
    is_paired: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs (rows of `evals.runs`). `common` cases were answered in both; `warnings` are for people to read first."""

    base: Mapping[str, Any]
    candidate: Mapping[str, Any]
    metrics: tuple[MetricComparison, ...]
    base_cases: int
    candidate_cases: int
    common: int
    is_paired: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One run of a comparison: its row, metric -> case -> value, and by case its cluster and content digest (empty when the
    version is gone), by metric its scorer's digest. Cases stand in the order of their ids. `aggregates`: of the whole run."""

    row: Mapping[str, Any]
    values: Mapping[str, Mapping[str, float | None]]
    clusters: Mapping[str, str]
    digests: Mapping[str, str]
    scorers: Mapping[str, str]
    aggregates: Mapping[str, Aggregated] = field(default_factory=dict[str, Aggregated])


def compare(lake: Lake, base: str, candidate: str, *, suite: str | None = None, confidence: float = 0.95) -> Comparison:
    """Compare two runs, given as run ids, unique beginnings of one, or names of releases.

    Of a release it is the newest complete run, of `suite` if that is given; of the candidate's, if it has any, one of the same
    kind of target as the base.

    Raises `InputError` when a run is not found, a name is ambiguous, or no metric is common.
    """
    a = find(lake, base, suite=suite)
    b = find(lake, candidate, kind=a["target_kind"], suite=suite)
    return compare_sides(_side(lake, a, confidence), _side(lake, b, confidence), confidence=confidence)


def compare_sides(a: Side, b: Side, *, confidence: float = 0.95) -> Comparison:
    """Compare two runs whose values are at hand.

    Paired over the cases both runs have with the same content, when there are at least two and they are more than half of
    each run; else unpaired, and said so: then the cases differ as well as what answered them. Aggregates are paired alike, by
    resampling the same cases in both runs, unless they say nothing case by case.

    Raises `InputError` when no metric is common.
    """
    common = {case for case in a.digests.keys() & b.digests.keys() if a.digests[case] == b.digests[case]}
    is_paired = len(common) >= 2 and 2 * len(common) > max(len(a.digests), len(b.digests))
    names = [name for name in a.values if name in b.values]
    if not names:
        raise InputError(
            "the two runs have no scores of the same metric",
            remedy="compare complete runs of the same suite: goldworks eval list",
        )
    metrics = [_metric(name, a, b, common if is_paired else None, confidence) for name in names]
    metrics += [
        _aggregate(name, a, b, common if is_paired else None, confidence) for name in a.aggregates if name in b.aggregates
    ]
    opinions = _judged(a) | _judged(b)
    return Comparison(
        a.row,
        b.row,
        tuple(_as_opinion(metric) if metric.metric in opinions else metric for metric in metrics),
        len(a.digests),
        len(b.digests),
        len(common),
        is_paired,
        tuple(_warnings(a, b, common, is_paired)),
    )


def _judged(side: Side) -> frozenset[str]:
    """Metrics of a side that rest on a model's opinion, as far as its configuration is known."""
    config = side.row.get("config")
    return judged(orjson.loads(config)["suite"]) if config else frozenset()


def _as_opinion(metric: MetricComparison) -> MetricComparison:
    names = ("base", "candidate", "difference")
    return replace(metric, **{name: replace(getattr(metric, name), is_judge=True) for name in names})


def find(lake: Lake, name: str, kind: str | None = None, suite: str | None = None) -> dict[str, Any]:
    """The run that `name` means; see `compare`. `kind`: of the target, wanted first; `suite`: of a release's runs."""
    exact = find_run(lake, name)
    if exact is not None:
        return exact
    rows = lake.rows("evals.runs")
    of_release = [row for row in rows if row["release"] == name and suite in (None, row["suite"])]
    if of_release:
        groups = {(row["use_case"], row["suite"]) for row in of_release}
        if len(groups) > 1:
            raise InputError(
                f"release {name} has runs of several use cases or suites: {', '.join(sorted('/'.join(one) for one in groups))}",
                remedy="say which: --suite NAME, or name the run: goldworks eval list",
            )
        return max(of_release, key=lambda row: (row["target_kind"] == kind, row["status"] == "complete", row["ended_at"]))
    beginning = [row for row in rows if row["run_id"].startswith(name)]
    if len(beginning) == 1:
        return beginning[0]
    what = "no run or release" if not beginning else "several runs that begin with"
    raise InputError(f"{what} {name!r}", remedy="goldworks eval list")


def _side(lake: Lake, row: dict[str, Any], confidence: float) -> Side:
    where = [("run_id", "=", row["run_id"])]
    scores = lake.rows("evals.scores", ["case_id", "metric", "value", "reason", "scorer_digest"], where)
    clusters = clusters_of(lake.rows("evals.answers", ["case_id", "cluster_id"], where))
    version = lake.rows("golden.cases", ["case_id", "case_digest"], [("version_id", "=", row["version_id"])])
    contents = {case["case_id"]: case["case_digest"] for case in version}
    # cases of a version that is gone (erased) are compared by id alone
    digests = {case: contents.get(case, "") for case in clusters}
    scorers = {score["metric"]: score["scorer_digest"] for score in scores}
    return Side(row, case_values(scores), clusters, digests, scorers, aggregates_of(lake, row, confidence, with_tallies=True))


def _metric(name: str, a: Side, b: Side, common: set[str] | None, confidence: float) -> MetricComparison:
    ids = (a.row["run_id"], b.row["run_id"])
    here, there = a.values[name], b.values[name]
    if common is not None:
        cases = sorted(case for case in common if case in here and case in there)
        here, there = {case: here[case] for case in cases}, {case: there[case] for case in cases}
    left, right = [a.clusters[case] for case in here], [b.clusters[case] for case in there]
    old, new = list(here.values()), list(there.values())
    seed = seed_of(*ids, name)
    if common is not None:
        difference = paired_difference(old, new, left, confidence=confidence, seed=seed)
    else:
        difference = unpaired_difference(old, new, left, right, confidence=confidence, seed=seed)
    return MetricComparison(
        name,
        estimate(old, left, (ids[0], name, ""), confidence),
        estimate(new, right, (ids[1], name, ""), confidence),
        difference,
        common is not None,
    )


def _aggregate(name: str, a: Side, b: Side, common: set[str] | None, confidence: float) -> MetricComparison:
    old, new = a.aggregates[name], b.aggregates[name]
    seed = seed_of(a.row["run_id"], b.row["run_id"], name)
    found = paired(old, new, common, confidence=confidence, seed=seed) if common is not None else None
    if found is not None:
        return MetricComparison(name, found.base, found.candidate, found.difference, is_paired=True)
    difference = difference_of(old.estimate, new.estimate)
    return MetricComparison(name, old.estimate, new.estimate, difference, is_paired=False)


def _warnings(a: Side, b: Side, common: set[str], is_paired: bool) -> list[str]:
    found: list[str] = []
    if not is_paired:
        found.append("unpaired: the runs answered different cases, so a difference may come from the cases")
    if a.row["use_case"] != b.row["use_case"]:
        found.append("the runs are of different use cases")
    elif a.row["version_id"] != b.row["version_id"]:
        found.append("the runs used different golden versions")
    if (a.row["target_kind"] == "recorded") != (b.row["target_kind"] == "recorded"):
        found.append("live answers are held against recorded ones")
    both = [name for name in a.aggregates if name in b.aggregates]
    alone = [name for name in both if is_paired and None in (a.aggregates[name].tally, b.aggregates[name].tally)]
    if alone:
        found.append(f"compared as if the cases were different ones, for they say nothing case by case: {', '.join(alone)}")
    changed = sorted(name for name in a.scorers.keys() & b.scorers.keys() if a.scorers[name] != b.scorers[name])
    if changed:
        found.append(f"scored by different scorers or settings: {', '.join(changed)}")
    lonely = sorted(a.values.keys() ^ b.values.keys())
    if lonely:
        found.append(f"only one of the runs has {', '.join(lonely)}")
    for name in a.values if is_paired else ():
        left_out = len(common & (a.values[name].keys() ^ b.values.get(name, a.values[name]).keys()))
        if left_out:
            found.append(
                f"{name}: {left_out} common cases have a value in one of the runs only and are left out of its difference"
            )
    found.extend(
        f"run {row['run_id'][:8]} is {row['status']}: {row['missing']} answers missing"
        for row in (a.row, b.row)
        if row["missing"]
    )
    return found
