"""The queue: fills `review.tasks` from the population, adds anchor items for reviewers, and adjudications of disagreements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldworks import locks
from goldworks.lake import Lake
from goldworks.review.anchors import load_anchors
from goldworks.review.disagreements import disagreements
from goldworks.review.drawing import Chance, assigned, chances, drawn, overlap, task_id_of
from goldworks.review.policy import ReviewPolicy, load_review_policy
from goldworks.review.population import Paired, nothing_paired, population
from goldworks.review.rubric import Rubric, load_rubrics
from goldworks.use_cases import UseCases

Row = dict[str, Any]
TASKS, STRATA = "review.tasks", "review.strata"
WAIT_SECONDS = 30
PLACE = ("conversation_id", "trace_id", "run_id", "case_id", "repeat")


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling the queue did: new tasks by kind, items looked at, and the expected number of draws from them."""

    new: dict[str, int] = field(default_factory=dict[str, int])
    items: int = 0
    expected: float = 0.0


def alone(lake: Lake) -> AbstractContextManager[None]:
    """The lock of `review.*`: one process changes it at a time."""
    return locks.alone(lake.home / "review.lock", "another process changes the review queue", wait_seconds=WAIT_SECONDS)


def fill(lake: Lake, expectations: Path, use_cases: UseCases, paired: Paired = nothing_paired) -> Filled:
    """Draw what is to be reviewed. Again it adds only what is new; of known tasks it raises a probability that has grown.
    `paired`: the metrics that labels are to certify.

    An item whose rules grew (a thumb down that came later) is drawn when its number lies below the greater probability, so the
    greatest one is what it was drawn with.
    """
    policy, rubrics = load_review_policy(expectations), load_rubrics(expectations)
    rubric_of = {use_case: rubric for rubric in rubrics.values() for use_case in rubric.use_cases}
    now = dt.datetime.now(dt.UTC)
    with alone(lake):
        known: dict[str, Row] = {row["task_id"]: row for row in lake.rows(TASKS)}
        found = chances(population(lake, use_cases, policy, rubric_of, paired), policy)
        rows = [_sample(one, rubric_of[one.item.use_case], policy, now) for one in drawn(found, policy)]
        rows += _anchors(expectations, rubrics, policy, now)
        rows += _adjudications(lake, rubrics, policy, now)
        changed = [row for row in (_merged(known.get(row["task_id"]), row) for row in rows) if row != known.get(row["task_id"])]
        lake.upsert(TASKS, changed)
        lake.upsert(STRATA, _strata(found, rubric_of, now))
    new: dict[str, int] = {}
    for row in changed:
        if row["task_id"] not in known:
            new[row["kind"]] = new.get(row["kind"], 0) + 1
    return Filled(new, len(found), sum(one.probability for one in found))


def _merged(known: Row | None, row: Row) -> Row:
    """The task as it stays: drawn when and to whom it was, with the greatest probability."""
    if known is None:
        return row
    if row["kind"] == "anchor":  # a reviewer who joined gets it as well
        return {
            **known,
            "assigned_to": sorted({*known["assigned_to"], *row["assigned_to"]}),
            "labels_wanted": row["labels_wanted"],
        }
    if row["inclusion_probability"] <= known["inclusion_probability"]:
        return known
    rules = sorted({*known["rules"], *row["rules"]})
    return {**known, "inclusion_probability": row["inclusion_probability"], "rules": rules}


def _sample(one: Chance, rubric: Rubric, policy: ReviewPolicy, now: dt.datetime) -> Row:
    item = one.item
    share, is_double = overlap(one, policy)
    row = _task("sample", item.item_id, rubric, policy, now, wanted=2 if is_double else 1, raters=policy.reviewers)
    return {
        **row,
        **item.place,
        "item_kind": item.kind,
        "use_case": item.use_case,
        "release": item.release,
        "segment": item.segment,
        "period": item.period,
        "inclusion_probability": one.probability,
        "rules": list(one.rules),
        "overlap_probability": share,
    }


def _anchors(expectations: Path, rubrics: Mapping[str, Rubric], policy: ReviewPolicy, now: dt.datetime) -> Iterable[Row]:
    """Every reviewer labels every anchor item."""
    names = [rater.name for rater in policy.raters]
    for rubric in rubrics.values():
        for item_id in load_anchors(expectations, rubric) if names else ():
            task = _task("anchor", item_id, rubric, policy, now, wanted=len(names), raters=names)
            yield {**task, "item_kind": "anchor"}


def _adjudications(lake: Lake, rubrics: Mapping[str, Rubric], policy: ReviewPolicy, now: dt.datetime) -> Iterable[Row]:
    for rubric in rubrics.values():
        for found in disagreements(lake, rubric):
            seniors = [name for name in policy.seniors if name not in found.raters]
            task = _task("adjudication", found.item_id, rubric, policy, now, wanted=1, raters=seniors)
            yield {**task, **found.item}


def _task(
    kind: str, item_id: str, rubric: Rubric, policy: ReviewPolicy, now: dt.datetime, *, wanted: int, raters: Iterable[str]
) -> Row:
    task_id = task_id_of(kind, item_id, rubric.name, rubric.version)
    year, week, _ = now.isocalendar()
    return {
        **dict.fromkeys((*PLACE, "use_case", "release", "segment")),
        "task_id": task_id,
        "kind": kind,
        "item_id": item_id,
        "rubric": rubric.name,
        "rubric_version": rubric.version,
        "period": f"{year}-W{week:02}",
        "inclusion_probability": 1.0,
        "rules": [kind] if kind != "sample" else [],
        "overlap_probability": 1.0,
        "labels_wanted": wanted,
        "assigned_to": list(assigned(task_id, raters, wanted)),
        "policy_digest": policy.digest,
        "queued_at": now,
    }


def _strata(found: Iterable[Chance], rubric_of: Mapping[str, Rubric], now: dt.datetime) -> list[Row]:
    rows: dict[tuple[str, ...], Row] = {}
    for one in found:
        item, rubric = one.item, rubric_of[one.item.use_case].name
        key = (rubric, item.use_case, item.release or "", item.segment or "", item.kind, item.period, one.stratum)
        names = ("rubric", "use_case", "release", "segment", "item_kind", "period", "stratum")
        row = rows.setdefault(key, {**dict(zip(names, key, strict=True)), "items": 0, "expected": 0.0, "drawn_at": now})
        row["items"] += 1
        row["expected"] += one.probability
    return list(rows.values())
