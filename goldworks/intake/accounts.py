"""The books of the files that came: a row of `logs.arrivals` for each, and one of `logs.quarantine` for each unusable line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldworks.intake.arrivals import FoundFile
from goldworks.intake.boundary import Row
from goldworks.intake.sorting import Lines
from goldworks.lake import Lake


def quarantine_rows(day: str, lines: Sequence[Lines]) -> list[Row]:
    """Rows of `logs.quarantine`."""
    return [
        {
            "arrived_on": day,
            "source": one.file.source,
            "line": bad.line,
            "byte_offset": bad.byte_offset,
            "length_bytes": bad.length_bytes,
            "reason": bad.reason,
            "detail": bad.detail,
            "line_hash": bad.line_hash,
        }
        for one in lines
        for bad in one.file.quarantine
    ]


def arrival_row(day: str, lines: Lines, version: str) -> Row:
    """A file that was taken, in `logs.arrivals`."""
    file = lines.file
    return {
        "arrived_on": day,
        "source": file.source,
        "dialect": file.dialect,
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "lines": file.lines,
        "records": lines.records,
        "duplicates": lines.duplicates,
        "quarantined": len(file.quarantine),
        "empty": file.empty,
        "suppressed": lines.suppressed,
        "late": lines.late,
        "is_incomplete": file.is_incomplete,
        "policy_version": version,
    }


def announce(lake: Lake, files: Sequence[FoundFile], version: str) -> None:
    """Give every file its row, without a digest until it is taken: its arrival day is stored before it is read."""
    numbers = dict.fromkeys(("lines", "records", "duplicates", "quarantined", "empty", "suppressed", "late"), 0)
    rows: list[dict[str, Any]] = [
        {
            "arrived_on": file.arrived_on,
            "source": file.source,
            "dialect": "unknown",
            "sha256": "",
            "size_bytes": file.size_bytes,
            "is_incomplete": False,
            "policy_version": version,
            **numbers,
        }
        for file in files
    ]
    lake.upsert("logs.arrivals", rows)
