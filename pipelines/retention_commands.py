"""`goldworks retention`: delete what is older than the retention policy allows, or say what that would be."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json
from pipelines.shown_path import shown


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is older than expectations/policies/retention.yml allows, old files' bytes included, as the nightly job does.

    First see what would go: goldworks retention --dry-run

    That file says how many days each kind is kept (null: without limit), and which legal holds keep what longer. Each night it is
    done by the schedule `retention_each_night`, once it is turned on in `goldworks ui`.
    """
    from assets.retention import enforce_in, look_at, rules_of
    from goldworks.locks import alone
    from pipelines.in_process import prepare_instance

    home = open_home()
    if dry_run:
        report = look_at(home)
    else:
        prepare_instance(home)
        with alone(home.root / "line.lock", f"`goldworks run` or `demo` is going on in {shown(home.root)}"):
            report = enforce_in(home)
    if as_json:
        print_json(
            {"dry_run": dry_run, "region": home.region, "rows": report.rows, "held": report.held, "idle_holds": report.idle}
        )
        return
    limits = rules_of(home).limits.model_dump()
    _show(Console(), home, limits, report, dry_run)


def _show(console: Console, home: Home, limits: dict[str, Any], report: Any, dry_run: bool) -> None:
    from goldworks.expiry.reporting import by_hold, by_table

    kept = ", ".join(f"{name} {'without limit' if days is None else f'{days} days'}" for name, days in limits.items())
    console.print(f"Kept{f' in {home.region}' if home.region else ''}: {kept}.")
    if report.rows:
        table = Table("table", "which", box=SIMPLE_HEAD)
        table.columns[1].overflow = "fold"
        table.add_column("would go" if dry_run else "deleted", justify="right")
        table.add_column("kept by hold", justify="right")
        for row in by_table(report.rows):
            table.add_row(row["table"], row["which"], f"{row['deleted']:,}", f"{row['kept_by_hold']:,}")
        console.print(table)
    else:
        console.print("Nothing is past its limit.")
    for line in by_hold(report.held, report.idle):
        console.print(line, markup=False, soft_wrap=True)
