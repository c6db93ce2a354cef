"""Batches as files: JSON, CSV and XLSX, out with the texts and back with labels. They hold text of conversations, for their owner
only: whoever writes one must delete it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import orjson

from goldworks.errors import InputError
from goldworks.review.batch import Batch, columns_of, rows_of
from goldworks.review.rubric import Rubric

Form = Literal["json", "csv", "xlsx"]
FORMAT = "goldworks-review/1"
LONGEST_CELL = 32_000
"""A cell of a spreadsheet holds 32,767 characters."""

HOW_TO_QUOTE = "Copy the words from the answer as they stand there, one quote a line (Alt+Enter)."

MOST_BYTES = 200_000_000
"""Of an unpacked sheet: more is no sheet of labels."""

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def write_batch(batch: Batch, path: Path, form: Form) -> int:
    """Write the batch, readable by the owner only; return how many tasks. Refuses a file that is there."""
    data = {"json": _as_json, "csv": _as_csv, "xlsx": _as_xlsx}[form](batch)
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{path} is there already", remedy="name another file, or delete it") from None
    with os.fdopen(opened, "wb") as out:
        out.write(data)
    return len(batch.tasks)


def _as_json(batch: Batch) -> bytes:
    rubric = batch.rubric
    scales = [
        {
            "name": one.name,
            "question": one.question,
            "is_required": one.is_required,
            "choices": [{"value": choice.value, "meaning": choice.meaning} for choice in one.scale],
            **({"marks": one.marks} if one.marks else {}),
        }
        for one in rubric.dimensions
    ]
    marked = [one.name for one in rubric.dimensions if one.marks]
    empty = {"labels": dict.fromkeys(rubric.by_name), **({"spans": dict.fromkeys(marked)} if marked else {})}
    tasks = [{"task_id": task_id, **asdict(material), **empty} for task_id, material in batch.tasks]
    head = {"format": FORMAT, "rater": batch.rater, "rubric": rubric.name, "rubric_version": rubric.version}
    return orjson.dumps({**head, "dimensions": scales, "tasks": tasks}, option=orjson.OPT_INDENT_2)


def _as_csv(batch: Batch) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns_of(batch.rubric))
    writer.writerows([_plain_cell(cell) for cell in row] for row in rows_of(batch))
    return text.getvalue().encode("utf-8-sig", "replace")


def _as_xlsx(batch: Batch) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book: Any = Workbook()
    sheet, guide = book.active, book.create_sheet("Scales")
    sheet.title = "Labels"
    columns = columns_of(batch.rubric)
    sheet.append(list(columns))
    for number, row in enumerate(rows_of(batch), 2):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row=number, column=column)
            cell.value = _cut(value) or None
            if value:
                cell.data_type = "s"  # a text that begins with = is no formula
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for column, name in enumerate(columns, 1):
        width = {"conversation": 60, "passages": 60, "answer": 60, "task_id": 24}.get(name, 22)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for line in _scales(guide, batch.rubric):
        name, first, last = line
        letter = get_column_letter(columns.index(name) + 1)
        choices = DataValidation(type="list", formula1=f"Scales!$B${first}:$B${last}", allow_blank=True, showErrorMessage=True)
        choices.error = "Choose one of the list."
        sheet.add_data_validation(choices)
        choices.add(f"{letter}2:{letter}{max(2, len(batch.tasks) + 1)}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _scales(guide: Any, rubric: Rubric) -> Iterable[tuple[str, int, int]]:
    """Write the choices onto their sheet, and what is marked; yield dimension, first and last row of its choices."""
    guide.append(["dimension", "choice", "meaning"])
    for dimension in rubric.dimensions:
        first = guide.max_row + 1
        for choice in dimension.scale:
            guide.append([dimension.name, choice.value, choice.meaning])
            for cell in guide[guide.max_row]:
                cell.data_type, cell.number_format = "s", "@"
        yield dimension.name, first, guide.max_row
        if dimension.marks:
            guide.append([dimension.marks_name, "", f"{dimension.marks} {HOW_TO_QUOTE}"])
    for letter, width in (("A", 22), ("B", 26), ("C", 100)):
        guide.column_dimensions[letter].width = width


def read_xlsx(path: Path) -> list[list[str]]:
    """Rows of the sheet `Labels`, header first. Raises `InputError` for a file that is no such workbook."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
                raise InputError(f"{path}: more than {MOST_BYTES} bytes unpacked", remedy="import it in smaller sheets")
        book: Any = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise InputError(f"{path}: not an XLSX workbook", remedy="save it as .xlsx, or export it as CSV") from None
    try:
        if "Labels" not in book.sheetnames:
            raise InputError(f"{path}: no sheet `Labels`", remedy="import the sheet that `goldworks review export` wrote")
        return [[_cell(value) for value in row] for row in book["Labels"].iter_rows(values_only=True)]
    finally:
        book.close()


def _cell(value: Any) -> str:
    """What stands in a cell, as the reviewer sees it: a spreadsheet may have made a number of 4."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _cut(text: str) -> str:
    clean = UNPRINTABLE.sub(" ", text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[:LONGEST_CELL]}\n[cut: too long for a cell; see the JSON export]"


def _plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
