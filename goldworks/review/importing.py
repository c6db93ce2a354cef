"""Taking labels in: each is kept, or refused with a reason and counted. Rows in = taken + refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldworks.faults import fault_point
from goldworks.lake import Lake
from goldworks.review.disagreements import ITEM_COLUMNS
from goldworks.review.items import Items
from goldworks.review.label_files import Given, LabelFile
from goldworks.review.marking import answers_of, spans_of
from goldworks.review.policy import ReviewPolicy, load_review_policy
from goldworks.review.queue import alone
from goldworks.review.rubric import Rubric, load_rubric, load_rubrics

Row = dict[str, Any]
KINDS = ("human", "judge_model", "objective", "unstated")
RATER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,79}")
ROLES = {"sample": "first", "adjudication": "adjudication", "anchor": "anchor"}
CLOCKS_DIFFER = dt.timedelta(days=1)

REASONS = {
    "malformed": "a field is missing or unreadable (item_id, rater, dimension, value, label_kind; created_at with its zone)",
    "future": "created_at lies in the future",
    "unknown_rubric": "no such rubric",
    "stale_rubric": "given by another version of the rubric than the one in force",
    "unknown_dimension": "the rubric has no such dimension",
    "invalid_value": "the value is not on the scale",
    "unknown_item": "neither a task nor an item of this home; or it was erased",
    "unknown_rater": "the rater does not stand in review.yml",
    "not_assigned": "the task was given to others",
    "not_blind": "who labelled an item first cannot adjudicate it",
    "invalid_spans": "the spans are not as `12-40 55-60`, hold nothing, end beyond the answer, or it was another when shown",
    "not_markable": "words are marked where the rubric marks none, or with a choice that does not fail",
    "quote_not_found": "the words that are quoted as marked do not stand so in the answer",
    "late": "it came more than `late_after_days` after its task was drawn",
    "duplicate": "the rater has labelled this already; the first label stands",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: labels in it, labels taken, labels refused by reason; and which, but for duplicates."""

    rows: int
    taken: int
    refused: dict[str, int] = field(default_factory=dict[str, int])
    left: tuple[tuple[Given, str], ...] = ()


def take_labels(
    lake: Lake, expectations: Path, file: LabelFile, *, rubric: str | None = None, now: dt.datetime | None = None
) -> Taken:
    """Take the labels of a file. Taken again, all of them are refused as duplicates and nothing changes.

    `rubric`: what the labels are read by, whatever the rows call it: for labels that another tool gave by the same scales. Rows
    that name no version then count as given by the one in force. `now`: for tests.
    """
    at = now or dt.datetime.now(dt.UTC)
    policy = load_review_policy(expectations)
    rubrics = load_rubrics(expectations)
    by = load_rubric(expectations, rubric) if rubric else None
    with alone(lake):
        items = Items(lake, [one.item_id for one in file.labels], [one.trace_id for one in file.labels])
        answers = answers_of(lake, expectations, file.labels, items, lambda one: by or rubrics.get(one.rubric))
        judge = _Judge(policy, rubrics, by, items, answers, at)
        for row in lake.rows("review.labels", _KEY):
            judge.know(row)
        labels: list[Row] = []
        refusals: dict[tuple[int, str], Row] = {}
        counts: dict[str, int] = {}
        left: list[tuple[Given, str]] = []
        for one in file.labels:
            row = judge.label(one, is_filled=file.is_filled)
            if isinstance(row, str):
                counts[row] = counts.get(row, 0) + 1
                left += [(one, row)] if row != "duplicate" else []
                refusals[one.line, judge.said_dimension(one)] = judge.refusal(one, row)
            else:
                labels.append(row)
        stamp = {"came_as": file.came_as, "file_digest": file.digest}
        of_file = [("file_digest", "=", file.digest)]
        is_again = any(lake.read(f"review.{name}", ["file_digest"], of_file).num_rows for name in ("labels", "refusals"))
        if not is_again:  # the same file again refuses what it brought itself: that tells nothing
            lake.upsert("review.refusals", [{**row, **stamp, "refused_at": at} for row in refusals.values()])
        fault_point("review.refusals_written")
        lake.upsert("review.labels", [{**row, **stamp, "imported_at": at} for row in labels])
        fault_point("review.labels_written")
    return Taken(len(file.labels), len(labels), dict(sorted(counts.items())), tuple(left))


_KEY = ("item_id", "rater", "dimension", "rubric", "rubric_version", "role")


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


class _Judge:
    """Says of one label after the other whether it is taken."""

    def __init__(
        self,
        policy: ReviewPolicy,
        rubrics: Mapping[str, Rubric],
        by: Rubric | None,
        items: Items,
        answers: Mapping[str, str],
        now: dt.datetime,
    ) -> None:
        self._policy, self._rubrics, self._by, self._items, self._now = policy, rubrics, by, items, now
        self._answers = answers
        self._known: set[tuple[Any, ...]] = set()
        self._labelled: set[tuple[str, str]] = set()

    def know(self, row: Row) -> None:
        """A label that is there already."""
        self._known.add(_key(row))
        if row["role"] == "first":
            self._labelled.add((row["item_id"], row["rater"]))

    def label(self, one: Given, *, is_filled: bool) -> Row | str:
        """The row of `review.labels`, or the reason why there is none."""
        created = self._now if is_filled and not one.created_at else _time(one.created_at)
        if one.is_broken or created is None or not (one.item_id and one.dimension and one.value):
            return "malformed"
        if not RATER.fullmatch(one.rater) or one.label_kind not in KINDS:
            return "malformed"
        if created > self._now + CLOCKS_DIFFER:
            return "future"
        rubric = self._by or self._rubrics.get(one.rubric)
        if rubric is None:
            return "unknown_rubric"
        said = one.rubric_version or (str(rubric.version) if self._by else "")
        if said != str(rubric.version):
            return "stale_rubric"
        dimension = rubric.by_name.get(one.dimension)
        if dimension is None:
            return "unknown_dimension"
        if one.value not in dimension.values:
            return "invalid_value"
        found = self._items.find(one.item_id, one.trace_id, rubric)
        if found is None:
            return "unknown_item"
        item, task = found
        refused = self._refused_by_task(one, task, created) if task and one.label_kind == "human" else None
        if refused:
            return refused
        spans = spans_of(one, dimension, self._answers.get(item["item_id"]))
        if isinstance(spans, str):
            return spans
        row: Row = {
            **{name: item[name] for name in ITEM_COLUMNS},
            "rater": one.rater,
            "dimension": one.dimension,
            "value": one.value,
            "is_pass": dimension.is_pass(one.value),
            "spans": spans,
            "created_at": created,
            "rubric": rubric.name,
            "rubric_version": rubric.version,
            "label_kind": one.label_kind,
            "role": ROLES[task["kind"]] if task else "first",
            "task_id": task["task_id"] if task else None,
        }
        if _key(row) in self._known:
            return "duplicate"
        self.know(row)
        return row

    def _refused_by_task(self, one: Given, task: Row, created: dt.datetime) -> str | None:
        names: Sequence[str] = [rater.name for rater in self._policy.raters]
        if names and one.rater not in names:
            return "unknown_rater"
        if task["assigned_to"] and one.rater not in task["assigned_to"]:
            return "not_assigned"
        if task["kind"] == "adjudication" and (task["item_id"], one.rater) in self._labelled:
            return "not_blind"
        if created - task["queued_at"] > dt.timedelta(days=self._policy.late_after_days):
            return "late"
        return None

    def said_dimension(self, one: Given) -> str:
        """The dimension of a refused label, when it is one of ours: what else stands there may be anything."""
        known = {name for rubric in self._rubrics.values() for name in rubric.by_name}
        return one.dimension if one.dimension in known else ""

    def refusal(self, one: Given, reason: str) -> Row:
        """The row of `review.refusals`."""
        rubric = self._by or self._rubrics.get(one.rubric)
        item, task = (self._items.find(one.item_id, one.trace_id, rubric) if rubric else None) or ({}, None)
        names = {rater.name for rater in self._policy.raters}
        return {
            "line": one.line,
            "dimension": self.said_dimension(one),
            "reason": reason,
            "task_id": task["task_id"] if task else None,
            "conversation_id": item.get("conversation_id"),
            "case_id": item.get("case_id"),
            "rater": one.rater if one.rater in names else None,
        }


def _time(text: str) -> dt.datetime | None:
    """A time with its zone, in UTC; None for anything else."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(dt.UTC) if found.tzinfo else None
