"""`goldworks calibrate`: hold metrics and judges against what reviewers said."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json


def calibrate(
    use_case: Annotated[str | None, typer.Option(help="Only this use case; without it all that have labels.")] = None,
    rejudge: Annotated[
        bool,
        typer.Option(
            help="Ask model judges again about labelled answers, to see whether they agree with themselves. Costs calls."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Certify metrics and judges against the labels of reviewers, and say what is missing.

    Which metric is held against which question of a rubric, and what it must show, stands in
    expectations/policies/calibration.yml. Without a valid certificate a judge is shown and no gate counts it.

    Example: goldworks calibrate --use-case harbor-docs
    """
    import datetime as dt

    from goldworks.calibration.certifying import certify_all, state_at
    from goldworks.calibration.policy import load_calibration_policy
    from goldworks.calibration.rejudging import rejudging
    from goldworks.release.human_rates import human_rates

    home = open_home()
    expectations, now = home.settings.expectations, dt.datetime.now(dt.UTC)
    again = rejudging(home.lake, load_calibration_policy(expectations).rejudged_anchors) if rejudge else None
    rows = certify_all(home.lake, expectations, now, use_case=use_case, rejudge=again)
    human_rates(home.lake, expectations, now)
    if as_json:
        print_json([{**row, "state": state_at(row, now)} for row in rows])
        return
    _print(rows)


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not rows:
        console.print("No labels yet. `goldworks review` queues answers, hands them out and takes labels in.")
        return
    table = Table("use case", "metric", "against", "labels", "balanced accuracy [90 %]", "kappa [90 %]", "certificate")
    for row in rows:
        against = f"{row['rubric']}.{row['dimension']}"
        table.add_row(
            row["use_case"], f"{row['suite']}/{row['metric']}", against, str(row["labels"]),
            _number(row, "balanced_accuracy"), _number(row, "kappa"), row["state"].replace("_", " "),
        )  # fmt: skip
    console.print(table)
    for row in rows:
        if row["missing"]:
            console.print(f"{row['suite']}/{row['metric']} of {row['use_case']} lacks:", markup=False)
            for line in row["missing"]:
                console.print(f"  {line}", markup=False)
        else:
            console.print(
                f"{row['suite']}/{row['metric']} of {row['use_case']} may gate until {row['expires_at']:%Y-%m-%d}: it calls an "
                f"answer a failure up to the value {row['fails_up_to']:.3f}.",
                markup=False,
            )


def _number(row: dict[str, Any], name: str) -> str:
    if row[name] is None:
        return "no value"
    if row[f"{name}_low"] is None:
        return f"{row[name]:.3f}"
    return f"{row[name]:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]"
