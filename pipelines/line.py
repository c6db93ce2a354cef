"""`goldworks run`: decide what is due, run the graph in this process, and say what came of it.

The graph runs in one process: a day's work takes seconds, and starting a process per step would take longer than the
steps. In the Dagster UI the same assets run with a process each.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from goldworks import __version__
from goldworks.digests import digest
from goldworks.errors import GoldworksError, InputError
from goldworks.home import Home
from goldworks.intake.arrivals import Plan
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, plan
from goldworks.settings import PROJECT_ROOT


def run_line(home: Home, logs: str | None, first: str | None, last: str | None, as_json: bool) -> None:
    """The command `run`."""
    started = time.monotonic()
    console = Console(stderr=as_json)
    folder = home.remember_logs(logs) if logs else home.logs()
    if folder is None:
        raise InputError("this home has no log folder yet", remedy="goldworks run --logs DIR")
    todo = due(home, folder)
    days = _within(todo, first, last)
    if not days and home_is_current(home):
        _say(console, as_json, home, {"status": "nothing to do", "seconds": round(time.monotonic() - started, 1)})
        return
    with console.status("starting Dagster"):
        execute(home, days, console)
    if not _within(due(home, folder), None, None):
        mark_current(home)
    _say(console, as_json, home, {"status": "done", "days": len(days), "seconds": round(time.monotonic() - started, 1)})


def due(home: Home, folder: str) -> Plan:
    """What the intake would do."""
    settings = home.settings
    source = Source(folder, settings.expectations, load_intake_policy(settings.expectations), settings.names, settings.workers)
    return plan(home.lake, source, home.key)


def execute(
    home: Home,
    days: list[str],
    console: Console,
    run_config: Mapping[str, Any] | None = None,
    only: Sequence[Sequence[str]] | None = None,
) -> str:
    """Run the line in this process, for the range of `days` (empty: only what follows the intake); return the Dagster run id.

    `only`: asset keys, for a part of the line.

    Raises `GoldworksError` naming the failed steps; their errors are in the Dagster UI.
    """
    import dagster as dg

    from pipelines.definitions import build_defs

    prepare_instance(home)
    job = build_defs().get_job_def("the_line" if days else "after_intake")
    tags = {}
    if days:
        tags = {"dagster/asset_partition_range_start": days[0], "dagster/asset_partition_range_end": days[-1]}
    selection = [dg.AssetKey(list(key)) for key in only] if only is not None else None
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance, tags=tags, raise_on_error=False, run_config=run_config, asset_selection=selection
        )
    if not result.success:
        reasons = "\n".join(_reasons(result))
        raise GoldworksError(
            f"the run {result.run_id} did not finish:\n{reasons}",
            remedy="mend that and run the same command again; what was finished is kept. `goldworks ui` shows the whole log",
        )
    return result.run_id


def prepare_instance(home: Home) -> None:
    """Put dagster.yaml where Dagster looks for it."""
    target = home.dagster / "dagster.yaml"
    if not target.exists() or target.read_bytes() != (PROJECT_ROOT / "dagster.yaml").read_bytes():
        shutil.copyfile(PROJECT_ROOT / "dagster.yaml", target)


def home_is_current(home: Home) -> bool:
    """Whether the line ran to its end on just what the lake and the policies hold now."""
    marker = home.root / "line.json"
    return marker.exists() and orjson.loads(marker.read_bytes()).get("digest") == _state(home)


def mark_current(home: Home) -> None:
    """Note that the line ran to its end."""
    draft = home.root / "line.json.new"
    draft.write_bytes(orjson.dumps({"digest": _state(home)}))
    draft.replace(home.root / "line.json")


def _state(home: Home) -> str:
    lake, folder = home.lake, home.settings.expectations
    arrivals = sorted((r["source"], r["sha256"], r["policy_version"]) for r in lake.rows("logs.arrivals"))
    approved = sorted(r["case_digest"] for r in lake.rows("golden.candidates", ["case_digest"], [("state", "=", "approved")]))
    policies = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.y*ml"))}
    return digest({"version": __version__, "arrivals": arrivals, "approved": approved, "policies": policies})


def _within(todo: Plan, first: str | None, last: str | None) -> list[str]:
    return [day for day in todo.due if (first or "") <= day <= (last or "9999")]


def _reasons(result: Any) -> list[str]:
    """Failed steps and checks, with their messages when they are ours; others may hold anything."""
    reasons: list[str] = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            ours = (
                error is not None
                and (error.cls_name or "").endswith("Error")
                and "goldworks.errors" in "".join(error.stack or [])
            )
            text = error.message.strip() if error is not None else "no error recorded"
            reasons.append(f"  {event.step_key}: {text if ours else text.splitlines()[0][:300]}")
    return reasons


def _say(console: Console, as_json: bool, home: Home, outcome: dict[str, Any]) -> None:
    totals = intake_totals(home)
    if as_json:
        sys.stdout.write(json.dumps({**outcome, "intake": totals}) + "\n")
        return
    table = Table(title=f"{outcome['status']} in {outcome['seconds']} s", title_justify="left")
    for name in totals:
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(f"{value:,}" for value in totals.values()))
    console.print(table)
    console.print(
        "Look at it: [bold]goldworks ui[/]   query it: [bold]goldworks sql[/]   golden sets: [bold]goldworks golden list[/]"
    )


def intake_totals(home: Home) -> dict[str, int]:
    """Sums over `logs.arrivals`, with conversations."""
    rows = home.lake.rows("logs.arrivals")
    names = ("lines", "records", "duplicates", "quarantined", "empty", "late")
    totals = {"files": len(rows), **{name: sum(row[name] for row in rows) for name in names}}
    return {**totals, "conversations": home.lake.read("logs.conversations", ["conversation_id"]).num_rows}
