"""What `goldworks golden` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
import typer

from pipelines.as_json import print_json

if TYPE_CHECKING:
    from goldworks.golden.authoring import Imported
    from goldworks.golden.diff import Diff
    from goldworks.golden.find import Found
    from goldworks.golden.leaks import CaseLeak
    from goldworks.lake import Lake
    from goldworks.use_cases import UseCases

Row = Mapping[str, Any]
IDS = ("use_case", "version_id", "case")
"""Columns that are copied into the next command, so that they stand in one piece."""

SHOWN = 40
"""Rejected rows, leaks and case ids shown at most; `--json` gives all."""


def states_of(lake: Lake, use_cases: UseCases) -> list[dict[str, Any]]:
    """One row per use case of the policy, the logs or the candidates: owner, tier, approval, and candidates by state."""
    candidates = lake.rows("golden.candidates", ["use_case", "state"])
    names = {row["use_case"] for row in candidates} | {rule.name for rule in use_cases.use_cases}
    names.update(lake.read("logs.conversations", ["use_case"]).column(0).to_pylist())
    counts = Counter((row["use_case"], row["state"]) for row in candidates)
    rows: list[dict[str, Any]] = []
    for name in sorted(names):
        use_case = use_cases.get(name)
        terms = {"use_case": name, "tier": use_case.tier, "owner": use_case.owner, "approval": use_case.approval}
        rows.append({**terms, **{state: counts[name, state] for state in ("proposed", "approved", "retired")}})
    return rows


def print_list(states: Sequence[Row], versions: Sequence[Row]) -> None:
    """Use cases and versions as tables."""
    _print_table(states, ("use_case", "tier", "owner", "approval", "proposed", "approved", "retired"), "use cases")
    if versions:
        current = {row["use_case"]: row["version_id"] for row in versions if not row["is_tombstone"]}
        rows = [
            {
                **row,
                "minted": row["minted_at"].strftime("%Y-%m-%d %H:%M"),
                "approved by": ", ".join(row["approvers"]),
                "": "erased" if row["is_tombstone"] else "current" if current[row["use_case"]] == row["version_id"] else "",
            }
            for row in sorted(versions, key=lambda row: row["use_case"])
        ]
        _print_table(rows, ("version_id", "cases", "minted", "approved by", ""), "versions")


def print_cases(found: Found) -> None:
    """The cases of a version or use case, one line each."""
    from goldworks.golden.case import case_of

    rows: list[dict[str, Any]] = []
    for row in found.rows:
        case = case_of(row)
        asked = next((m.text for m in reversed(case.messages) if m.role == "user" and m.text), "")
        rows.append(
            {
                "case": case.case_id,
                "state": row.get("state", ""),
                "intent": case.intent,
                "tags": " ".join(case.tags),
                "asked": " ".join(asked.split())[:60],
                "expected": ", ".join(_set_parts(row)) or "-",
            }
        )
    columns = ("case", "state", "intent", "tags", "asked", "expected")
    _print_table(rows, [column for column in columns if any(row[column] for row in rows)], f"{found.kind} {found.name}")


def print_case(row: Row) -> None:
    """One case in full, as it would be edited, with its review above it."""
    from goldworks.golden.authoring import export_cases
    from goldworks.golden.case import case_of

    if "version_id" in row:
        typer.echo(f"# in {row['version_id']}")
    else:
        by = f" by {row['reviewed_by']} at {row['reviewed_at']:%Y-%m-%d %H:%M}" if row["reviewed_by"] else ""
        typer.echo(f"# {row['state']}{by}; drawn from: {row['stratum']}")
    typer.echo(export_cases([case_of(row)], "yaml"), nl=False)


def print_diff(found: Diff) -> None:
    """Counts, then the cases."""
    typer.echo(
        f"{found.a} -> {found.b}: {len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, "
        f"{found.unchanged} unchanged"
    )
    for sign, ids in (("+", found.added), ("-", found.removed)):
        for case_id in ids:
            typer.echo(f"{sign} {case_id}")
    for one in found.changed:
        typer.echo(f"~ {one.case_id}: {', '.join(one.fields)}")


def print_imported(outcome: Imported, as_json: bool) -> None:
    """What an import did; rejected rows on stderr."""
    from dataclasses import asdict

    if as_json:
        print_json(asdict(outcome))
        return
    for one in outcome.rejected[:SHOWN]:
        typer.echo(f"line {one.line}: {one.reason}", err=True)
    if len(outcome.rejected) > SHOWN:
        typer.echo(f"... and {len(outcome.rejected) - SHOWN} more (--json gives all)", err=True)
    counts = (len(outcome.added), len(outcome.changed), len(outcome.unchanged), len(outcome.rejected))
    typer.echo("{} added, {} changed, {} unchanged, {} rejected.".format(*counts))
    if outcome.added or outcome.changed:
        typer.echo("New and changed cases wait for approval: goldworks golden approve --help")


def print_leaks(leaks: Sequence[CaseLeak]) -> None:
    """Where personal data is recognised, never what; on stderr."""
    for leak in leaks[:SHOWN]:
        typer.echo(f"{leak.case_id} {leak.field}: {leak.type} ({leak.rule})", err=True)
    if leaks:
        typer.echo(
            f"Personal data is recognised at {len(leaks)} places of this version. "
            "Do not use it: retire or edit these cases and mint again.",
            err=True,
        )


def _set_parts(row: Row) -> list[str]:
    return sorted(orjson.loads(row["expected"]))


def _print_table(rows: Sequence[Row], columns: Sequence[str], title: str) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column in IDS)
    for row in rows:
        table.add_row(*(escape("" if row[column] is None else str(row[column])) for column in columns))
    Console().print(table if rows else f"{title}: none yet")
