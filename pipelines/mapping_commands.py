"""`goldworks mapping`: try a mapping of a JSON-lines log on its first lines, before anything is taken."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from goldworks.conversations.mapped import load_mapping
from goldworks.conversations.mapping_report import check_mapping
from pipelines.as_json import AsJson, print_json

HELP = "Mappings read any JSON-lines log: one JMESPath per field, in expectations/mappings/."

app = typer.Typer(no_args_is_help=True, help=HELP)


@app.callback()
def mapping() -> None:
    """Keep `check` a subcommand, also while it is the only one."""


@app.command()
def check(
    log: Annotated[str, typer.Argument(help="A log file (path or fsspec URL).")],
    mapping: Annotated[Path, typer.Argument(help="A mapping, such as expectations/mappings/langfuse.yml.")],
    lines: Annotated[int, typer.Option(min=1, help="Lines to read.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Say per field in how many of the first lines it was found. Shows types, never values. Exit code 1 if it cannot be used.

    Example: goldworks mapping check export.jsonl expectations/mappings/langfuse.yml
    """
    report = check_mapping(log, load_mapping(mapping), lines)
    if as_json:
        print_json({**msgspec.to_builtins(report), "is_good": report.is_good, "verdict": report.verdict})
    else:
        sys.stdout.write(report.text + "\n")
    raise typer.Exit(0 if report.is_good else 1)
