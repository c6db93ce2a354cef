"""How far two reviewers mark the same words of items that both of them failed. Nothing depends on it: labels agree by value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from goldworks.lake import Lake
from goldworks.review.disagreements import by_item, human_labels
from goldworks.review.rubric import load_rubrics
from goldworks.review.spans import overlap, read_spans
from goldworks.statistics import Estimate, mean, seed_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MarkOverlap:
    """Of a dimension with marks. `f1`: mean over items that several reviewers failed and marked, a conversation being a cluster;
    its `n_missing` are items that several failed and fewer than two of them marked.
    """

    rubric: str
    dimension: str
    f1: Estimate


def mark_overlaps(lake: Lake, expectations: Path) -> list[MarkOverlap]:
    """Every dimension with marks that several reviewers failed some item on, from first labels of people."""
    found: list[MarkOverlap] = []
    for rubric in load_rubrics(expectations).values():
        items = by_item(human_labels(lake, rubric.name, rubric.version, ["first"]))
        for dimension in rubric.dimensions if items else ():
            failed = [[row for row in of.get(dimension.name, ()) if row["is_pass"] is False] for of in items.values()]
            several = [rows for rows in failed if dimension.marks and len(rows) > 1]
            if several:
                clusters = [rows[0]["conversation_id"] or rows[0]["item_id"] for rows in several]
                seed = seed_of(rubric.name, str(rubric.version), dimension.name, "marks")
                found.append(MarkOverlap(rubric.name, dimension.name, mean(list(map(_f1, several)), clusters, seed=seed)))
    return found


def _f1(rows: Sequence[Row]) -> float | None:
    """Mean over the pairs of reviewers who marked something; None when there is no such pair."""
    marked = [read_spans(" ".join(row["spans"])) for row in rows if row["spans"]]
    return fmean(overlap(*pair) for pair in itertools.combinations(marked, 2)) if len(marked) > 1 else None
