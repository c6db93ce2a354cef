"""What retention deleted, or would delete, brought to a few lines: one a table, and one a legal hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OF = {"golden.candidates": "use cases", "golden.cases": "versions", "evals.answers": "runs", "journals": "runs"}
"""What the parts of a table are called where they are not arrival days."""


def by_table(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per table of the rows by partition: `which` (the first and last arrival day, or how many parts), `deleted`,
    `kept_by_hold`.
    """
    found: dict[str, dict[str, Any]] = {}
    parts: dict[str, set[str]] = {}
    for row in rows:
        one = found.setdefault(row["table"], {"table": row["table"], "which": "", "deleted": 0, "kept_by_hold": 0})
        parts.setdefault(row["table"], set()).add(row["partition"])
        for name in ("deleted", "kept_by_hold"):
            one[name] += row[name]
    for table, one in found.items():
        one["which"] = _which(table, sorted(parts[table]))
    return [found[table] for table in sorted(found)]


def by_hold(held: Mapping[str, Mapping[str, int]], idle: Iterable[str]) -> list[str]:
    """One sentence per hold that is in force."""
    said = {name: f"The hold {name} keeps nothing that would go today." for name in idle}
    for name, counts in held.items():
        kept = ", ".join(f"{rows:,} of {table}" for table, rows in sorted(counts.items()))
        said[name] = f"The hold {name} keeps {kept}."
    return [said[name] for name in sorted(said)]


def _which(table: str, parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{len(parts):,} {OF[table]}" if table in OF else f"{parts[0]} to {parts[-1]}"
