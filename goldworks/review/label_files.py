"""Files with labels: the long format (JSONL or CSV, one label a row) and filled batches (JSON, CSV, XLSX). What they say
is judged in `importing`.

The long format, as any tool can write it: item_id, rater, dimension, value, created_at (ISO 8601 with zone), rubric,
rubric_version, label_kind (human, judge_model, objective, unstated). `item_id` is a task, a turn's trace id, an answer
(`run/case/repeat`) or a conversation; with a column `trace_id` a conversation's rated turn; with a column `spans` what was marked
in the answer, as `goldworks.review.spans` has it. In a sheet the words themselves are quoted, in a column of their own.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from goldworks.errors import InputError
from goldworks.review.rubric import MARKS
from goldworks.review.sheets import FORMAT, read_xlsx
from goldworks.review.spans import UNREADABLE, plain

LONG = ("item_id", "rater", "dimension", "value", "created_at", "rubric", "rubric_version", "label_kind", "trace_id", "spans")
NEEDED = frozenset({"item_id", "dimension", "value"})


@dataclass(frozen=True, slots=True)
class Given:
    """A label as a file has it; what is absent or no plain value is empty. `line` is 1-based; of a JSON the task's place.

    `spans`: what was marked, as `12-40 55-60`, or `UNREADABLE`, and `shown` the answer in which, when the file has it. `quotes`:
    what was marked in its own words. Neither text is kept.
    """

    line: int
    item_id: str = ""
    rater: str = ""
    dimension: str = ""
    value: str = ""
    created_at: str = ""
    rubric: str = ""
    rubric_version: str = ""
    label_kind: str = ""
    trace_id: str = ""
    is_broken: bool = False
    spans: str = ""
    shown: str = field(default="", repr=False)
    quotes: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file that was read. `is_filled`: a batch that was exported here, whose labels bear no time of their own."""

    came_as: str
    digest: str
    labels: tuple[Given, ...]
    is_filled: bool = False


def read_labels(path: Path) -> LabelFile:
    """The labels of a file, by its name's ending. A line that cannot be read is a label that is broken, so that it is counted.

    Raises `InputError` for a file that is none of these, or lacks a column.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    digest = hashlib.sha256(data).hexdigest()
    ending = path.suffix.lower()
    if ending == ".jsonl":
        return LabelFile("jsonl", digest, tuple(_of_lines(data)))
    if ending == ".xlsx":
        return LabelFile("xlsx", digest, tuple(_of_sheet(path, read_xlsx(path))), is_filled=True)
    if ending == ".json":
        return LabelFile("json", digest, tuple(_of_batch(path, data)), is_filled=True)
    if ending == ".csv":
        return _of_csv(path, data, digest)
    raise InputError(f"{path}: neither .jsonl, .json, .csv nor .xlsx", remedy="docs/reviewing.md shows each of them")


def _of_lines(data: bytes) -> Iterator[Given]:
    for line, text in enumerate(data.splitlines(), 1):
        if not text.strip():
            continue
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError:
            row = None
        yield given(line, row) if isinstance(row, dict) else Given(line, is_broken=True)


def given(line: int, row: Mapping[str, Any]) -> Given:
    """A label of the long format; keys that it does not know are passed over."""
    fields: dict[str, Any] = {name: _plain(row.get(name)) for name in LONG}
    fields["spans"] = _spans(row.get("spans"))
    return Given(line, **fields)


def _spans(value: Any) -> str:
    return plain(value) if isinstance(value, str) else "" if value is None else UNREADABLE


def _plain(value: Any) -> str:
    """A plain value as text: `4` of 4 and of 4.0."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _of_csv(path: Path, data: bytes, digest: str) -> LabelFile:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}", remedy="save it as CSV UTF-8") from None
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if rows and "task_id" in rows[0]:
        return LabelFile("csv", digest, tuple(_of_sheet(path, rows)), is_filled=True)
    header = rows[0] if rows else []
    if missing := sorted(NEEDED - set(header)):
        raise InputError(f"{path}: no column {', '.join(missing)}", remedy="docs/reviewing.md shows the long format")
    labels = [given(line, dict(zip(header, row, strict=False))) for line, row in enumerate(rows[1:], 2) if any(row)]
    return LabelFile("csv", digest, tuple(labels))


def _of_sheet(path: Path, rows: list[list[str]]) -> Iterator[Given]:
    header = rows[0] if rows else []
    fixed = {"task_id", "rater", "rubric", "rubric_version", "conversation", "passages", "answer"}
    marks = {name: name + MARKS for name in header if name + MARKS in header}
    fixed.update(marks.values())
    if missing := sorted({"task_id", "rater", "rubric", "rubric_version"} - set(header)):
        raise InputError(f"{path}: no column {', '.join(missing)}", remedy="keep the header of the sheet")
    for line, row in enumerate(rows[1:], 2):
        cells = dict(zip(header, row, strict=False))
        for name in header:
            value, quotes = (cells.get(column, "").strip() for column in (name, marks.get(name, "")))
            if name and name not in fixed and (value or quotes):
                yield _filled(line, cells, name, value, quotes=quotes)


def _of_batch(path: Path, data: bytes) -> Iterator[Given]:
    try:
        batch = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: not JSON") from None
    if not isinstance(batch, dict) or batch.get("format") != FORMAT or not isinstance(batch.get("tasks"), list):
        raise InputError(f"{path}: not a batch of {FORMAT}", remedy="import the file that `goldworks review export` wrote")
    for number, task in enumerate(batch["tasks"], 1):
        labels = task.get("labels") if isinstance(task, dict) else None
        if not isinstance(labels, dict):
            yield Given(number, is_broken=True)
            continue
        spans = task.get("spans") or {}
        spans = spans if isinstance(spans, dict) else dict.fromkeys(labels, UNREADABLE)
        for name in dict.fromkeys((*labels, *spans)):
            value, marked = labels.get(name), _spans(spans.get(name))
            if value not in (None, "") or marked:
                answer = task.get("answer") if marked else ""
                shown = answer if isinstance(answer, str) else ""
                yield _filled(
                    number, {**batch, "task_id": task.get("task_id")}, str(name), _plain(value), spans=marked, shown=shown
                )


def _filled(line: int, head: Mapping[str, Any], dimension: str, value: str, **marks: str) -> Given:
    """One label of a task whose row or head says the rest."""
    names = ("rater", "rubric", "rubric_version")
    more: dict[str, Any] = {name: _plain(head.get(name)) for name in names}
    more |= {"value": value.strip(), **marks}
    return Given(line, item_id=_plain(head.get("task_id")), dimension=dimension, label_kind="human", **more)
