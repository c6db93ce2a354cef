"""From the tables to labelled items: what people said of an answer, and what a metric's scorer says of the same."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldworks.calibration.certificate import LabelledItem
from goldworks.lake import Lake
from goldworks.review.disagreements import human_labels, references
from goldworks.review.rubric import Dimension, Rubric
from goldworks.statistics import Estimate
from goldworks.statistics.agreement import krippendorff_alpha
from goldworks.statistics.ratings import Labels

Row = Mapping[str, Any]
MOMENTS = ("created_at", "imported_at")


@dataclass(frozen=True, slots=True)
class Judged:
    """What people say of one item. `is_failure` None: unsure, or a disagreement that nobody has decided yet. `taken_at`: when the
    last label of it came in.
    """

    item_id: str
    cluster: str
    segment: str
    is_failure: bool | None
    labelled_at: dt.datetime
    taken_at: dt.datetime


def labels_of(lake: Lake, use_case: str, rubric: Rubric, dimension: str) -> list[dict[str, Any]]:
    """Labels of people for one question of the rubric's current version, about turns and answers of the use case."""
    return [
        row
        for row in human_labels(lake, rubric.name, rubric.version)
        if row["use_case"] == use_case and row["dimension"] == dimension and row["item_kind"] in ("turn", "answer")
    ]


def judged_items(labels: Sequence[dict[str, Any]], rubric: Rubric) -> list[Judged]:
    """One word for each item: its reference label. Where reviewers disagree and nobody adjudicated, None."""
    word_of = {one.item["item_id"]: one.is_pass for one in references(labels, rubric)}
    by_item: dict[str, list[Row]] = defaultdict(list)
    for row in labels:
        by_item[row["item_id"]].append(row)
    found: list[Judged] = []
    for item, rows in sorted(by_item.items()):
        is_pass = word_of.get(item)
        failure = None if is_pass is None else not is_pass
        cluster, newest, taken = rows[0]["conversation_id"] or item, *(max(row[of] for row in rows) for of in MOMENTS)
        found.append(Judged(item, cluster, rows[0]["segment"] or "", failure, newest, taken))
    return found


def raters_alpha(labels: Iterable[Row], dimension: Dimension, confidence: float = 0.90) -> Estimate | None:
    """Agreement of the reviewers among themselves, before any adjudication; None without an item that two labelled."""
    by_item: dict[str, dict[str, str]] = defaultdict(dict)
    clusters: dict[str, str] = {}
    for row in labels:
        if row["role"] != "adjudication":
            by_item[row["item_id"]][row["rater"]] = row["value"]
            clusters[row["item_id"]] = row["conversation_id"] or row["item_id"]
    shared = [item for item, said in sorted(by_item.items()) if len(said) > 1]
    if not shared:
        return None
    raters = sorted({rater for item in shared for rater in by_item[item]})
    table: Labels = [[by_item[item].get(rater) for rater in raters] for item in shared]
    groups = [clusters[item] for item in shared]
    return krippendorff_alpha(table, dimension.values, level=dimension.level, clusters=groups, confidence=confidence)


def metric_values(lake: Lake, use_case: str, suite: str, metric: str, scorer_digest: str) -> dict[str, float | None]:
    """Value of the metric by item: each answer (`run/case/repeat`) and each recorded turn (its trace id).

    Only scores of this very scorer count: of another one nothing follows. Answers that the metric does not apply to are absent.
    """
    found: dict[str, float | None] = {}
    runs = lake.rows("evals.runs", ["run_id", "ended_at"], [("use_case", "=", use_case), ("suite", "=", suite)])
    for run in sorted(runs, key=lambda row: row["ended_at"]):
        mine = [("run_id", "=", run["run_id"])]
        columns = ["case_id", "repeat", "value", "reason"]
        scores = lake.rows("evals.scores", columns, [*mine, ("metric", "=", metric), ("scorer_digest", "=", scorer_digest)])
        turns = {
            (row["case_id"], row["repeat"]): row["trace_id"]
            for row in lake.rows("evals.answers", ["case_id", "repeat", "trace_id"], mine)
        }
        for row in scores:
            if row["value"] is None and row["reason"] == "not_applicable":
                continue
            found[f"{run['run_id']}/{row['case_id']}/{row['repeat']}"] = row["value"]
            if trace := turns.get((row["case_id"], row["repeat"])):
                found[trace] = row["value"]
    return found


def labelled_items(said: Sequence[Judged], values: Mapping[str, float | None]) -> list[LabelledItem]:
    """Items that people labelled and the metric applies to."""
    return [
        LabelledItem(one.item_id, one.cluster, values[one.item_id], one.is_failure, one.labelled_at, one.segment)
        for one in said
        if one.item_id in values
    ]
