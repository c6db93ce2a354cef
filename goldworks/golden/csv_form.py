"""Cases as CSV: one row per case, for people who write in a spreadsheet.

Lists of short texts are separated by `;` in their cell, or written as a JSON list; nested parts are JSON. A column that is not
there leaves known cases as they are. Spreadsheets run a cell that begins with = + - or @ as a formula, so such a cell gets an
apostrophe before it when written, which is taken off again when read.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from goldworks.errors import InputError
from goldworks.golden.authored import EXPECTED_KEYS

LARGEST_CELL = 64_000_000
SEPARATORS = ",;\t"

LISTS = ("tags", "facts_required", "facts_forbidden", "parents")
JSONS = ("messages", "expected_tool_calls", "passages", "tools")
COLUMNS = (
    *("case_id", "use_case", "question", "reference", "facts_required", "facts_forbidden", "should_refuse", "rubric"),
    *("expected_tool_calls", "messages", "passages", "tools", "tier", "intent", "tags", "origin"),
    *("release", "conversation_id", "trace_id", "source", "line", "parents"),
)
IN_EXPECTED = {
    column: column.removeprefix("expected_") for column in COLUMNS if column.removeprefix("expected_") in EXPECTED_KEYS
}
WORDS = {"yes": True, "true": True, "1": True, "x": True, "no": False, "false": False, "0": False, "": False}

FORMULA = "=+\\-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
TO_GUARD = re.compile(f"'*[{FORMULA}]")
GUARDED = re.compile(f"'+[{FORMULA}]")


class BadCell(Exception):
    """A cell that cannot be read."""


def read_csv(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, data) of each row in `text`; instead of the data the reason, when a cell cannot be read.

    Line is where the row begins, 1-based. Empty rows are passed over. Raises `InputError` for a header that is not ours.
    """
    csv.field_size_limit(LARGEST_CELL)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), strict=True)
    try:
        header = _header(next(reader, []))
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                yield line, _row(header, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num}: not CSV: {error}", remedy="mend it and import again; nothing was imported"
        ) from None


def write_csv(cases: Sequence[dict[str, Any]]) -> str:
    """The cases as CSV with every column."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)  # with \r\n as line end: Python quotes only what stands in it
    writer.writerow(COLUMNS)
    for case in cases:
        flat = {**case, **{column: case["expected"].get(name) for column, name in IN_EXPECTED.items()}}
        writer.writerow([guard(_cell(column, flat.get(column))) for column in COLUMNS])
    return out.getvalue()


def guard(cell: str) -> str:
    """`cell` as no spreadsheet takes it for a formula."""
    return f"'{cell}" if TO_GUARD.match(cell) else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell[1:] if GUARDED.match(cell) else cell


def _header(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for index, name in enumerate(names):
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"columns are: {', '.join(COLUMNS)}"
            raise InputError(f"line 1: column {index + 1} is not one of a case", remedy=remedy)
        if name in names[:index]:
            raise InputError(f"line 1: the column {name} stands twice")
    return names


def _row(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any] | str:
    if any(cells[len(header) :]):
        return "more cells than columns: a separator or line break stands in a text that is not quoted"
    data: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    try:
        for column, cell in zip(header, cells, strict=False):
            value = _read_cell(column, unguard(cell))
            if column in IN_EXPECTED:
                expected[IN_EXPECTED[column]] = value
            elif not (column in ("question", "messages") and value is None):
                data[column] = value
    except BadCell as error:
        return str(error)
    return {**data, "expected": expected} if expected else data


def _read_cell(column: str, cell: str) -> Any:
    if column == "should_refuse":
        if (plain := cell.strip().lower()) not in WORDS:
            raise BadCell("should_refuse: must be yes or no")
        return WORDS[plain]
    if not cell:
        return None
    if column in LISTS:
        return _list(cell)
    if column in JSONS:
        return _json(cell, lambda: BadCell(f"{column}: not JSON"))
    if column == "line":
        return int(cell) if cell.isdecimal() else cell
    return cell


def _list(cell: str) -> list[str]:
    if cell.startswith("["):
        try:
            found = _json(cell, ValueError)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return found
    return [item.strip() for item in cell.split(";") if item.strip()]


def _json(cell: str, error: Callable[[], Exception]) -> Any:
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        raise error() from None


def _cell(column: str, value: Any) -> str:
    if value is None or value == []:
        return ""
    if column == "should_refuse":
        return "yes" if value else "no"
    if column in LISTS and all(item and item == item.strip() and ";" not in item for item in value) and value[0][0] not in "['":
        return "; ".join(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()
