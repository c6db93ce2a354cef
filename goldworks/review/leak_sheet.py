"""The leak audit as a CSV sheet, for those who read elsewhere: out with the messages, back with judgments. It holds text of
conversations: whoever writes one must delete it.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.review.leak_audit import Audit, Judgment, messages, shown

COLUMNS = ("message_id", "role", "text", "leak", "types")
ANSWERS: dict[str, Judgment] = {"no": "clean", "n": "clean", "clean": "clean", "yes": "leak", "y": "leak", "leak": "leak"}


def write_sheet(lake: Lake, audit: Audit, path: Path) -> int:
    """Write the open messages of the audit, readable by the owner only; return how many. Refuses a file that is there."""
    rows = messages(lake, audit.open)
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{path} is there already", remedy="name another file, or delete it") from None
    with os.fdopen(opened, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        written = [row for item in audit.open if (row := rows.get((item.conversation_id, item.message_id)))]
        writer.writerows((row["message_id"], row["role"], _plain_cell(shown(row)), "", "") for row in written)
    return len(written)


def read_sheet(path: Path) -> dict[str, tuple[Judgment, tuple[str, ...]]]:
    """Judgments by message id; rows without one are passed over. Raises `InputError` naming file, line and column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"message_id", "leak", "types"} - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{path}: no column {', '.join(sorted(missing))}", remedy="keep the header of the sheet")
        return dict(_judgments(path, reader))


def _judgments(path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[str, tuple[Judgment, tuple[str, ...]]]]:
    for row in reader:
        said = (row["leak"] or "").strip().casefold()
        if not said:
            continue
        if said not in ANSWERS:
            where = f"{path} line {reader.line_num}: leak"
            raise InputError(f"{where}: not an answer", remedy="write yes or no, or leave it empty")
        types = tuple(part.strip().upper() for part in (row["types"] or "").split(",") if part.strip())
        yield row["message_id"], (ANSWERS[said], types)


def _plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
