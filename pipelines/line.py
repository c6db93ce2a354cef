"""`goldworks run`: decide what is due, run the graph if anything is, and say what came of it.

Nothing of Dagster is imported before it is known that there is work.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from goldworks import __version__
from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.intake.arrivals import Plan
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, plan
from goldworks.orders import Orders
from goldworks.tables import TABLES
from pipelines.in_process import execute


def run_line(home: Home, logs: str | None, first: str | None, last: str | None, as_json: bool) -> None:
    """The command `run`."""
    started = time.monotonic()
    console = Console(stderr=as_json)
    folder = home.remember_logs(logs) if logs else home.logs()
    if folder is None:
        raise InputError("this home has no log folder yet", remedy="goldworks run --logs DIR")
    todo = due(home, folder, first, last)
    if not todo.due and home_is_current(home) and not Orders(home.root).open():
        _say(console, as_json, home, {"status": "nothing to do", "seconds": round(time.monotonic() - started, 1)})
        return
    execute(home, todo.days, console)
    if not due(home, folder).due:
        mark_current(home)
    _say(console, as_json, home, {"status": "done", "days": len(todo.days), "seconds": round(time.monotonic() - started, 1)})


def due(home: Home, folder: str, first: str | None = None, last: str | None = None) -> Plan:
    """What the intake has to do with the log files in `folder`, of those that arrived between the days `first` and `last`."""
    settings = home.settings
    policy = load_intake_policy(settings.expectations)
    source = Source(folder, settings.expectations, policy, home.names, settings.workers, home.region)
    todo = plan(home.lake, source, home.key)
    if first is None and last is None:
        return todo
    return plan(home.lake, source, home.key, [day for day in todo.due if (first or "") <= day <= (last or "9999")])


def home_is_current(home: Home) -> bool:
    """Whether the line ran to its end on just what the lake and the policies hold now, and its marts are there."""
    marker = home.root / "line.json"
    is_marked = marker.exists() and orjson.loads(marker.read_bytes()).get("digest") == _state(home)
    return is_marked and home.marts.exists()


def mark_current(home: Home) -> None:
    """Note that the line ran to its end."""
    draft = home.root / "line.json.new"
    draft.write_bytes(orjson.dumps({"digest": _state(home)}))
    draft.replace(home.root / "line.json")


def _state(home: Home) -> str:
    """Digest of all that the line works on: each table's version grows when anything is written to it."""
    folder = home.settings.expectations
    tables = {key: home.lake.version(key) for key in TABLES}
    policies = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.y*ml"))}
    return digest({"version": __version__, "tables": tables, "policies": policies})


def _say(console: Console, as_json: bool, home: Home, outcome: dict[str, Any]) -> None:
    totals = intake_totals(home)
    if as_json:
        sys.stdout.write(json.dumps({**outcome, "intake": totals}) + "\n")
        return
    table = Table(
        title=f"{outcome['status']} in {outcome['seconds']} s",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for name in totals:
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(f"{value:,}" for value in totals.values()))
    console.print(table)
    console.print("Look at it: [bold]uv run goldworks ui[/]   query it: [bold]uv run goldworks sql[/]")


def intake_totals(home: Home) -> dict[str, int]:
    """Sums over `logs.arrivals`, with conversations."""
    rows = home.lake.rows("logs.arrivals")
    names = ("lines", "records", "duplicates", "quarantined", "empty", "suppressed", "late")
    totals = {"files": len(rows), **{name: sum(row[name] or 0 for row in rows) for name in names}}
    return {**totals, "conversations": home.lake.read("logs.conversations", ["conversation_id"]).num_rows}
