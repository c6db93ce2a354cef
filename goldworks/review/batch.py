"""A batch: the open tasks of one reviewer, in an order of their own, and what they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldworks.lake import Lake
from goldworks.review.material import Material, materials
from goldworks.review.rubric import Rubric
from goldworks.statistics.hash_sampling import uniform

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks of a rater with their material. `gone`: tasks whose text is not there any more."""

    rater: str
    rubric: Rubric
    tasks: tuple[tuple[str, Material], ...]
    gone: int


def batch_of(lake: Lake, expectations: Path, rubric: Rubric, rater: str, size: int | None = None) -> Batch:
    """The rater's open tasks, at most `size`: the same until they are labelled. No task says of which kind it is."""
    tasks = open_tasks(lake, rubric, rater)
    texts = materials(lake, tasks, rubric, expectations)
    there = [(task["task_id"], texts[task["task_id"]]) for task in tasks if task["task_id"] in texts]
    return Batch(rater, rubric, tuple(there[:size]), len(tasks) - len(there))


def open_tasks(lake: Lake, rubric: Rubric, rater: str) -> list[Row]:
    """Tasks that the rater may and should label: assigned to them, or to nobody and not labelled by enough others."""
    tasks, labels = of_rubric(lake, rubric)
    return sorted(
        (task for task in tasks if is_open_for(task, labels, rubric, rater)), key=lambda task: uniform(rater, task["task_id"])
    )


def is_open_for(task: Row, labels: dict[str, dict[str, set[str]]], rubric: Rubric, rater: str) -> bool:
    """Whether the rater should label the task. `labels`: dimensions by rater, by task, as `of_rubric` gives them."""
    said = labels.get(task["task_id"], {})
    required = {one.name for one in rubric.dimensions if one.is_required}
    if required <= said.get(rater, set()):
        return False
    if task["assigned_to"]:
        return rater in task["assigned_to"]
    if task["kind"] == "adjudication" and rater in labels.get(f"first:{task['item_id']}", {}):
        return False  # who disagreed does not decide
    others = sum(required <= dimensions for name, dimensions in said.items() if name != rater)
    return others < task["labels_wanted"]


def of_rubric(lake: Lake, rubric: Rubric) -> tuple[list[Row], dict[str, dict[str, set[str]]]]:
    """(tasks of this version of a rubric; dimensions that each rater labelled, by task id, and by `first:<item id>`)."""
    where = [("rubric", "=", rubric.name), ("rubric_version", "=", rubric.version)]
    labels: dict[str, dict[str, set[str]]] = {}
    for row in lake.rows("review.labels", ["task_id", "item_id", "rater", "dimension", "role", "label_kind"], where):
        if row["label_kind"] != "human":
            continue
        keys = [row["task_id"]] if row["task_id"] else []
        keys += [f"first:{row['item_id']}"] if row["role"] == "first" else []
        for key in keys:
            labels.setdefault(key, {}).setdefault(row["rater"], set()).add(row["dimension"])
    return lake.rows("review.tasks", where=where), labels


def shown(material: Material) -> tuple[str, str, str]:
    """(conversation, passages, answer) as three texts for a sheet."""
    return (
        "\n\n".join(f"{said.role}: {said.text}" for said in material.conversation),
        "\n\n".join(f"[{number}] {text}" for number, text in enumerate(material.passages, 1)),
        material.answer,
    )


def columns_of(rubric: Rubric) -> Sequence[str]:
    """Columns of a sheet: after a dimension of which something is marked one for the words that were."""
    asked = [name for one in rubric.dimensions for name in ((one.name, one.marks_name) if one.marks else (one.name,))]
    return ("task_id", "rater", "rubric", "rubric_version", "conversation", "passages", "answer", *asked)


def rows_of(batch: Batch) -> Iterable[list[str]]:
    """Rows of a sheet; the columns of the dimensions are empty."""
    rubric = batch.rubric
    for task_id, material in batch.tasks:
        told = [task_id, batch.rater, rubric.name, str(rubric.version), *shown(material)]
        yield [*told, *[""] * (len(columns_of(rubric)) - len(told))]
