"""`goldworks flaky`: cases whose verdict changes between runs of the same configuration, and what to quarantine."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json

SHOWN = ("quarantine", "flaky_watch")


def flaky(
    run: Annotated[str, typer.Argument(help="A run (id or its beginning), or a release.")], as_json: AsJson = False
) -> None:
    """Show flaky cases of a run's configuration, pooled over its runs and repeats, and propose entries for the quarantine.

    Example: goldworks flaky 1f3a9c0e
    """
    from goldworks.evaluation.compare import find
    from goldworks.evaluation.flakiness import flakiness_of
    from goldworks.evaluation.quarantine import expired, load_quarantine
    from goldworks.evaluation.report import in_words

    home = open_home()
    quarantine = load_quarantine(home.settings.expectations)
    found = flakiness_of(home.lake, find(home.lake, run)["run_id"], quarantine.flakiness)
    today = dt.datetime.now(dt.UTC).date()
    over = [entry.case_id for entry in expired(quarantine, today)]
    if as_json:
        rates = {metric: asdict(rate) for metric, rate in found.rates.items()}
        cases = [asdict(case) for case in found.cases]
        print_json({"run_ids": found.run_ids, "cases": cases, "rates": rates, "expired": over})
        return
    console = Console()
    if not found.run_ids:
        console.print("No complete run of this configuration whose answers could differ. A recorded target gives each once.")
        return
    number = "1 run" if len(found.run_ids) == 1 else f"{len(found.run_ids)} runs"
    console.print(f"{number} of the same configuration.")
    if not any(rate.n for rate in found.rates.values()):
        console.print("Each case was asked once. Ask again: the same goldworks eval run with --again 1, 2, ..., or --repeats 5.")
        return
    table = Table("metric", "flake rate [95 %]", "cases", box=SIMPLE)
    for metric, rate in found.rates.items():
        table.add_row(metric, in_words(rate), str(rate.n))
    console.print(table)
    shown = [case for case in found.cases if case.status in SHOWN]
    table = Table("case", "metric", "passes", "status", box=SIMPLE, title=f"{len(shown)} flaky")
    for case in shown:
        table.add_row(case.case_id, case.metric, f"{case.passes} of {case.runs}", case.status)
    if shown:
        console.print(table)
    for case in shown:
        if case.status == "quarantine" and not quarantine.holds(case.case_id, case.metric, today):
            ends = today + dt.timedelta(days=quarantine.longest_days)
            console.print(
                f"- {{case_id: {case.case_id}, metric: {case.metric}, owner: WHO, reason: WHY, since: {today}, expires: {ends}}}",
                markup=False,
                soft_wrap=True,
            )
    if over:
        console.print(f"Expired: {', '.join(over)}. Mend them, or write them anew with a reason.", markup=False)
