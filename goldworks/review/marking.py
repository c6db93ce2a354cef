"""What a label marks in its answer: whether it may, and where. The words are looked up in the answer and not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from goldworks.lake import Lake
from goldworks.review.items import Items
from goldworks.review.label_files import Given
from goldworks.review.material import materials
from goldworks.review.rubric import Dimension, Rubric
from goldworks.review.sheets import UNPRINTABLE
from goldworks.review.spans import find_quotes, read_spans, written

Row = dict[str, Any]


def answers_of(
    lake: Lake, expectations: Path, labels: Iterable[Given], items: Items, rubric_of: Callable[[Given], Rubric | None]
) -> dict[str, str]:
    """Answers by item id, as reviewers were shown them, of the labels that mark something; none for a whole conversation."""
    wanted: dict[str, tuple[Rubric, dict[str, Row]]] = {}
    for one in labels:
        rubric = rubric_of(one) if one.spans or one.quotes else None
        found = items.find(one.item_id, one.trace_id, rubric) if rubric else None
        if rubric and found:
            item = found[0]
            wanted.setdefault(rubric.name, (rubric, {}))[1][item["item_id"]] = {**item, "task_id": item["item_id"]}
    return {
        item_id: material.answer
        for rubric, rows in wanted.values()
        for item_id, material in materials(lake, rows.values(), rubric, expectations).items()
    }


def spans_of(one: Given, dimension: Dimension, answer: str | None) -> tuple[str, ...] | str | None:
    """The spans that a label marks, None when it marks nothing; or the reason to refuse it.

    `answer`: as it was shown, None when it is not at hand: spans are then taken by their form, quotes are not found.
    """
    if not one.spans and not one.quotes:
        return None
    if not dimension.marks or dimension.is_pass(one.value) is not False:
        return "not_markable"
    if one.quotes:
        quoted = find_quotes(one.quotes, UNPRINTABLE.sub(" ", answer or ""))
        return written(quoted) if quoted else "quote_not_found"
    try:
        spans = read_spans(one.spans)
    except ValueError:
        return "invalid_spans"
    if answer is not None and (spans[-1][1] > len(answer) or one.shown not in ("", answer)):
        return "invalid_spans"
    return written(spans)
