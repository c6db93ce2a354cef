"""What labels say of an item together: whether reviewers disagree, and which label counts as the reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from goldworks.lake import Lake
from goldworks.review.rubric import Rubric

Row = dict[str, Any]
ITEM_COLUMNS = (
    "item_id",
    "item_kind",
    "conversation_id",
    "trace_id",
    "run_id",
    "case_id",
    "repeat",
    "use_case",
    "release",
    "segment",
)
COLUMNS = (*ITEM_COLUMNS, "rater", "dimension", "value", "is_pass", "spans", "role", "created_at", "imported_at")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item whose raters disagree. `item`: its columns; `raters`: who labelled it, so should not adjudicate."""

    item_id: str
    item: Row
    raters: frozenset[str]
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The label that counts for an item and dimension. `basis`: adjudicated, agreed (by all of several) or single."""

    item: Row
    dimension: str
    value: str
    is_pass: bool | None
    basis: str
    raters: tuple[str, ...]


def human_labels(lake: Lake, rubric: str, version: int, roles: Iterable[str] = ("first", "adjudication")) -> list[Row]:
    """Labels that people gave by this version of a rubric, anchors left out unless asked for."""
    where = [("rubric", "=", rubric), ("rubric_version", "=", version), ("label_kind", "=", "human"), ("role", "in", list(roles))]
    return sorted(lake.rows("review.labels", COLUMNS, where), key=lambda row: (row["item_id"], row["dimension"], row["rater"]))


def by_item(labels: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """Labels by item and dimension."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in labels:
        found.setdefault(row["item_id"], {}).setdefault(row["dimension"], []).append(row)
    return found


def differ(rows: Iterable[Row], rubric: Rubric, dimension: str) -> bool:
    """Whether labels of one dimension disagree: other choices; on an ordered scale a neighbour that passes alike is none."""
    scale = rubric.by_name[dimension]
    values = {row["value"] for row in rows}
    if scale.level == "nominal" or len(values) < 2:
        return len(values) > 1
    places = [scale.values.index(value) for value in values]
    return max(places) - min(places) > 1 or len({scale.is_pass(value) for value in values}) > 1


def disagreements(lake: Lake, rubric: Rubric) -> list[Disagreement]:
    """Items whose first labels disagree in some dimension, adjudicated already or not."""
    found: list[Disagreement] = []
    for item_id, dimensions in by_item(human_labels(lake, rubric.name, rubric.version, ["first"])).items():
        wrong = tuple(sorted(name for name, rows in dimensions.items() if differ(rows, rubric, name)))
        if wrong:
            rows = [row for of in dimensions.values() for row in of]
            raters = frozenset(row["rater"] for row in rows)
            found.append(Disagreement(item_id, {name: rows[0][name] for name in ITEM_COLUMNS}, raters, wrong))
    return found


def references(labels: Iterable[Row], rubric: Rubric) -> list[Reference]:
    """The reference of each item and dimension that has one; where raters disagree and nobody adjudicated there is none.

    Neighbours on an ordered scale that pass alike: the lower one, so that no doubt makes an answer better.
    """
    return [
        one
        for dimensions in by_item(labels).values()
        for name, rows in dimensions.items()
        if (one := _reference(name, rows, rubric)) is not None
    ]


def _reference(dimension: str, rows: list[Row], rubric: Rubric) -> Reference | None:
    scale = rubric.by_name[dimension]
    item = {name: rows[0][name] for name in ITEM_COLUMNS}
    decided = [row for row in rows if row["role"] == "adjudication"]
    if decided:
        last = max(decided, key=lambda row: row["created_at"])
        return Reference(item, dimension, last["value"], last["is_pass"], "adjudicated", (last["rater"],))
    if differ(rows, rubric, dimension):
        return None
    lowest = min(rows, key=lambda row: scale.values.index(row["value"]))
    raters = tuple(sorted({row["rater"] for row in rows}))
    return Reference(item, dimension, lowest["value"], lowest["is_pass"], "agreed" if len(raters) > 1 else "single", raters)


def backlog(lake: Lake, rubrics: Mapping[str, Rubric]) -> list[Row]:
    """Failed reviews, one row per item and dimension: adjudicated as failing, else failing by every first label. What somebody
    has to mend, or to turn into a golden case.
    """
    rows: list[Row] = []
    for rubric in rubrics.values():
        for dimensions in by_item(human_labels(lake, rubric.name, rubric.version)).values():
            for name, labels in dimensions.items():
                decided = sorted((row for row in labels if row["role"] == "adjudication"), key=lambda row: row["created_at"])
                counted = decided[-1:] or labels
                if all(row["is_pass"] is False for row in counted):
                    item = {column: counted[0][column] for column in ITEM_COLUMNS}
                    basis = "adjudicated" if decided else "agreed" if len(counted) > 1 else "single"
                    value = min((row["value"] for row in counted), key=rubric.by_name[name].values.index)
                    rows.append({**item, "rubric": rubric.name, "dimension": name, "value": value, "basis": basis})
    return sorted(rows, key=lambda row: (row["use_case"] or "", row["release"] or "", row["dimension"], row["item_id"]))
