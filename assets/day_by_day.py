"""What the Dagster UI shows on the page of one arrival day: counts and small charts of that day alone, never raw text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assets.presenting import bars, markdown_table, preview
from goldworks.lake import Lake

CHARTS = {"quarantine": "reason", "turns": "service", "messages": "role", "entities": "type"}
"""Column of each table whose values are counted on a day."""
COUNTS = ("lines", "records", "duplicates", "quarantined", "empty", "suppressed", "late")

PREVIEWED = 12
"""Messages of a day that are looked at for its preview."""

Metadata = dict[str, Any]


def describe_days(lake: Lake, days: Sequence[str]) -> dict[str, dict[str, Metadata]]:
    """Metadata of the intake's tables for each of `days`, by day and table. A day on which nothing arrived counts 0."""
    where = [("arrived_on", "in", list(days))]
    described: dict[str, dict[str, Metadata]] = {day: {} for day in days}
    arrivals = _by_day(lake.rows("logs.arrivals", where=where))
    for day in days:
        files = arrivals.get(day, [])
        counts: Metadata = {name: sum(row[name] or 0 for row in files) for name in COUNTS}
        columns = ("source", "dialect", "lines", "records", "duplicates", "quarantined", "suppressed", "is_incomplete")
        described[day]["arrivals"] = {
            "dagster/partition_row_count": len(files),
            **counts,
            "files": markdown_table(files, columns),
        }
    for day in days:
        described[day]["messages"] = {"preview": preview(_first_messages(lake, day))}
    for name, column in CHARTS.items():
        rows = _by_day(lake.rows(f"logs.{name}", ["arrived_on", column], where))
        for day in days:
            found = rows.get(day, [])
            counted: Metadata = {"dagster/partition_row_count": len(found), f"by_{column}": bars(found, column)}
            described[day][name] = {**counted, **described[day].get(name, {})}
    return described


def _first_messages(lake: Lake, day: str, most: int = PREVIEWED) -> list[dict[str, Any]]:
    where = [("arrived_on", "=", day), ("role", "in", ["user", "assistant"])]
    return lake.read("logs.messages", ["role", "text"], where).slice(0, most).to_pylist()


def _by_day(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["arrived_on"], []).append(row)
    return grouped
