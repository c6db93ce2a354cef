"""`goldworks`: the command line. Each command is a few lines over a function elsewhere; heavy imports wait for their command."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from goldworks.errors import GoldworksError
from goldworks.home import Home, open_home
from goldworks.settings import load_settings
from pipelines import (
    audit_commands,
    bridge_commands,
    calibrate_commands,
    canary_commands,
    choose_commands,
    erase_commands,
    eval_commands,
    evidence_commands,
    flaky_commands,
    gate_commands,
    golden_bundles,
    golden_commands,
    keys_commands,
    mapping_commands,
    new_commands,
    plan_commands,
    quarantine_commands,
    redact_commands,
    redteam_commands,
    retention_commands,
    review_commands,
    vault_commands,
    window_commands,
)
from pipelines.as_json import AsJson

app = typer.Typer(
    name="goldworks",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would show raw text
    help="Raw conversation logs to redacted golden sets, evaluation runs and quality marts.\n\n"
    "Start with `goldworks demo`; then `goldworks run --logs DIR` on your own logs, and `goldworks ui` to look at it all. "
    "Everything lies in one home folder: GOLDWORKS_HOME, default ./.goldworks.",
)
eval_commands.app.command("import")(bridge_commands.import_)
golden_commands.app.command("push")(golden_bundles.push_)
golden_commands.app.command("pull")(golden_bundles.pull_)
app.add_typer(golden_commands.app, name="golden")
app.add_typer(eval_commands.app, name="eval")
app.add_typer(redteam_commands.app, name="redteam")
app.add_typer(gate_commands.app, name="gate")
app.add_typer(plan_commands.app, name="plan")
app.add_typer(quarantine_commands.app, name="quarantine")
app.add_typer(mapping_commands.app, name="mapping")
app.add_typer(redact_commands.app, name="redact")
app.add_typer(keys_commands.app, name="keys")
app.add_typer(review_commands.app, name="review")
app.add_typer(vault_commands.app, name="vault")
app.command("audit")(audit_commands.audit)
app.command("calibrate")(calibrate_commands.calibrate)
app.command("erase")(erase_commands.erase)
app.command("new")(new_commands.new)
app.command("evidence")(evidence_commands.evidence)
app.command("verify")(evidence_commands.verify)
app.command("flaky")(flaky_commands.flaky)
app.command("canary")(canary_commands.canary)
app.command("reduction")(window_commands.reduction)
app.command("budget")(window_commands.budget)
app.command("choose")(choose_commands.choose)
app.command("retention")(retention_commands.retention)

DAY: dict[str, Any] = {"metavar": "DAY", "formats": ["%Y-%m-%d"]}


@app.command()
def run(
    logs: Annotated[str | None, typer.Option(help="Log folder or fsspec URL. Remembered, so only needed the first time.")] = None,
    from_: Annotated[dt.datetime | None, typer.Option("--from", help="First arrival day to take (2026-11-02).", **DAY)] = None,
    to: Annotated[dt.datetime | None, typer.Option(help="Last arrival day to take.", **DAY)] = None,
    as_json: AsJson = False,
) -> None:
    """Run the line: new log files into logs, golden sets, evaluation runs and marts. Run it again: nothing is done twice.

    Example: goldworks run --logs ./logs --from 2026-11-01
    """
    from pipelines.line import run_line

    if from_ and to and from_ > to:
        raise typer.BadParameter(f"--from {from_.date()} comes after --to {to.date()}")
    first, last = (day.date().isoformat() if day else None for day in (from_, to))
    run_line(open_home(), logs, first, last, as_json)


@app.command()
def demo(
    recorded: Annotated[bool, typer.Option(help="Evaluate the answers found in the logs instead of asking the model.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the sample company's logs and run the whole line on them, with a small real model. About three minutes.

    Example, in a home of its own: GOLDWORKS_HOME=.goldworks-demo goldworks demo
    """
    from pipelines.demo import run_demo

    run_demo(open_home(), as_json, recorded)


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the Dagster UI.")] = 3000,
    mlflow_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the MLflow UI.")] = 5000,
) -> None:
    """Open shop: Dagster with its daemon, MLflow, and the pages about the data, all on 127.0.0.1. Ends with ctrl-C.

    Example, when these ports are taken: goldworks ui --port 3001 --mlflow-port 5001
    """
    from pipelines.serve import serve

    serve(open_home(), port, mlflow_port)


@app.command()
def sql(
    query: Annotated[
        str | None, typer.Argument(help="One query; without it what is piped in, or at a terminal a prompt.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Query the published marts, read-only. Example: goldworks sql "select * from kpi_conversations_daily limit 5" """
    from pipelines.sql import run_sql

    run_sql(open_home(), query, as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check versions, paths, switches and rights; say what is missing and how to mend it. Exit code 1 if something is."""
    from pipelines.doctor import examine

    raise typer.Exit(examine(Home(load_settings()), as_json))


def main(arguments: list[str] | None = None) -> Any:
    """Entry point. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 incomplete, 130 interrupted."""
    try:
        app(arguments)
    except GoldworksError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except KeyboardInterrupt as interrupt:
        kept = str(interrupt) or "What was finished is kept"
        sys.stderr.write(f"\nInterrupted. {kept}; run the same command again to go on.\n")
        sys.exit(130)
    except OSError as error:
        where = f" {Path(error.filename)}" if error.filename else ""
        sys.stderr.write(f"{error.strerror or type(error).__name__}:{where}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
