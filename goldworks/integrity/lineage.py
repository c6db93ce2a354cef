"""What the tables say of themselves: do the lines add up on each day, and does everything lead back to what it came from."""

from __future__ import annotations

from collections import Counter
from typing import Any

from goldworks.golden.read import why_gone
from goldworks.lake import Lake
from goldworks.statistics import Estimate, rate

Row = dict[str, Any]
FATES = ("records", "duplicates", "quarantined", "empty", "suppressed")
"""What becomes of a line: together they are all lines (law 2)."""
EXPIRED = "cases whose conversation is kept no more"
"""Logs may expire before the golden sets made from them: told, and no finding."""
LINKS = (
    ("turns without their file", "logs.turns", "source", "logs.arrivals", "source"),
    ("messages without their conversation", "logs.messages", "conversation_id", "logs.conversations", "conversation_id"),
    ("redacted values without their conversation", "logs.entities", "conversation_id", "logs.conversations", "conversation_id"),
    ("cases without their version", "golden.cases", "version_id", "golden.versions", "version_id"),
    (EXPIRED, "golden.cases", "conversation_id", "logs.conversations", "conversation_id"),
    ("versions without their parent", "golden.versions", "parent_version_id", "golden.versions", "version_id"),
    ("runs without their version", "evals.runs", "version_id", "golden.versions", "version_id"),
    ("answers without their run", "evals.answers", "run_id", "evals.runs", "run_id"),
    ("scores without their run", "evals.scores", "run_id", "evals.runs", "run_id"),
)
"""(what it would be called if it broke, table, column, table it leads to, column)."""


def days(lake: Lake, month: str) -> list[Row]:
    """Arrival days of the month: lines by what became of them, whether they add up, and rows that are stored."""
    where = [("arrived_on", ">=", f"{month}-01"), ("arrived_on", "<=", f"{month}-31")]
    stored = {
        name: Counter(lake.read(f"logs.{name}", ["arrived_on"], where).column(0).to_pylist())
        for name in ("turns", "messages", "entities")
    }
    found: dict[str, Row] = {}
    for row in lake.rows("logs.arrivals", where=where):
        day = found.setdefault(row["arrived_on"], {"day": row["arrived_on"], "files": 0, "lines": 0, **dict.fromkeys(FATES, 0)})
        day["files"] += 1
        for name in ("lines", *FATES):
            day[name] += row.get(name) or 0
    for day, row in found.items():
        row |= {name: counts[day] for name, counts in stored.items()}
        row["is_balanced"] = row["lines"] == sum(row[name] for name in FATES)
    return [found[day] for day in sorted(found)]


def withheld(lake: Lake, month: str) -> Estimate:
    """Share of the month's messages that could not be redacted and are withheld; a conversation is one cluster."""
    where = [("arrived_on", ">=", f"{month}-01"), ("arrived_on", "<=", f"{month}-31")]
    table = lake.read("logs.messages", ["conversation_id", "is_withheld"], where)
    return rate(table.column("is_withheld").to_pylist(), table.column("conversation_id").to_pylist())


def versions(lake: Lake) -> list[Row]:
    """Golden versions, newest first, with the runs that were made on each."""
    runs = Counter(lake.read("evals.runs", ["version_id"]).column(0).to_pylist())
    columns = [
        "version_id",
        "use_case",
        "parent_version_id",
        "cases",
        "minted_at",
        "is_tombstone",
        "tombstoned_by",
        "content_digest",
    ]
    rows = sorted(lake.rows("golden.versions", columns), key=lambda row: row["minted_at"], reverse=True)
    return [
        {
            **row,
            "minted_at": row["minted_at"].isoformat(timespec="seconds"),
            "runs": runs[row["version_id"]],
            "state": f"tombstone: {why_gone(row)}" if row["is_tombstone"] else "kept",
        }
        for row in rows
    ]


def broken_links(lake: Lake) -> list[Row]:
    """For each kind of link how many there are and how many lead nowhere. A case may have come from no conversation."""
    found: list[Row] = []
    for what, key, column, other, target in LINKS:
        values = [value for value in lake.read(key, [column]).column(0).to_pylist() if value is not None]
        known = set(lake.read(other, [target]).column(0).to_pylist())
        found.append({"what": what, "looked_at": len(values), "broken": sum(value not in known for value in values)})
    return found
