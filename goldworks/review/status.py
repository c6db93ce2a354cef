"""How far the review is: tasks by state, what each reviewer still has to do, what was refused."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldworks.lake import Lake
from goldworks.review.batch import is_open_for, of_rubric
from goldworks.review.disagreements import backlog
from goldworks.review.policy import ReviewPolicy
from goldworks.review.rubric import Rubric, load_rubrics

MOST_SKIPPED = 0.10
"""More items without a label than this, and rates may lean towards what people like to label."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one rubric: tasks by kind and state (open, begun, done), open tasks and labels by rater, labels of other versions.

    `due`: drawn items whose time is over, of which `skipped` have no label and get none any more.
    """

    rubric: str
    version: int
    tasks: dict[str, dict[str, int]]
    open_by_rater: dict[str, int]
    labels_by_rater: dict[str, int]
    stale: int
    due: int
    skipped: int

    @property
    def is_skipped_much(self) -> bool:
        """Whether so many were skipped that rates may lean."""
        return self.skipped > MOST_SKIPPED * self.due


def standing(lake: Lake, rubric: Rubric, policy: ReviewPolicy, now: dt.datetime) -> Standing:
    """Where the tasks of a rubric stand."""
    tasks, labels = of_rubric(lake, rubric)
    required = {one.name for one in rubric.dimensions if one.is_required}
    states: dict[str, dict[str, int]] = {}
    for task in tasks:
        said = labels.get(task["task_id"], {})
        done = sum(required <= dimensions for dimensions in said.values())
        state = "done" if done >= task["labels_wanted"] else "begun" if said else "open"
        of_kind = states.setdefault(task["kind"], {"open": 0, "begun": 0, "done": 0})
        of_kind[state] += 1
    rows = lake.rows("review.labels", ["rater", "rubric_version", "label_kind"], [("rubric", "=", rubric.name)])
    by_rater = Counter(row["rater"] for row in rows if row["rubric_version"] == rubric.version and row["label_kind"] == "human")
    raters = {rater.name for rater in policy.raters} | by_rater.keys()
    waiting = {rater: sum(is_open_for(task, labels, rubric, rater) for task in tasks) for rater in sorted(raters)}
    stale = sum(row["rubric_version"] != rubric.version for row in rows)
    last = now - dt.timedelta(days=policy.late_after_days)
    due = [task["task_id"] for task in tasks if task["kind"] == "sample" and task["queued_at"] < last]
    skipped = sum(not labels.get(task) for task in due)
    return Standing(rubric.name, rubric.version, states, waiting, dict(sorted(by_rater.items())), stale, len(due), skipped)


def status(lake: Lake, expectations: Path, policy: ReviewPolicy) -> dict[str, Any]:
    """Everything at a glance: standings by rubric, refusals by reason, failed reviews."""
    rubrics, now = load_rubrics(expectations), dt.datetime.now(dt.UTC)
    refused = Counter(row["reason"] for row in lake.rows("review.refusals", ["reason"]))
    return {
        "rubrics": [standing(lake, rubric, policy, now) for rubric in rubrics.values()],
        "refused": dict(sorted(refused.items())),
        "failed": len(backlog(lake, rubrics)),
    }
