"""Writing exported cases to a file or stdout, and saying what another tool's format leaves out."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

import typer

from goldworks.errors import InputError
from goldworks.lake import Lake


class Format(StrEnum):
    """What cases are exported as: ours, or another tool's."""

    yaml = "yaml"
    csv = "csv"
    jsonl = "jsonl"
    promptfoo = "promptfoo"
    openai_evals = "openai-evals"
    inspect = "inspect"


def export_for_a_tool(lake: Lake, name: str, form: str, out: Path | None) -> None:
    """Write the golden version that `name` means (a use case: its current one) for another tool. Raises `InputError`."""
    from goldworks.evaluation.exports import export_version
    from goldworks.golden.read import resolve_version

    exported = export_version(lake, resolve_version(lake, name), form)
    keep(exported.text, exported.cases, out)
    for (part, why), cases in sorted(exported.left.items()):
        typer.echo(f"Not carried for {cases} {'case' if cases == 1 else 'cases'}: {part}: {why}.", err=True)


def keep(text: str, cases: int, out: Path | None, *, is_for_spreadsheets: bool = False) -> None:
    """Write the text to stdout, or to the file `out`, which then is its owner's alone, whoever could read it before."""
    if out is None:
        typer.echo(text, nl=False)
        return
    mark = "\ufeff" if is_for_spreadsheets else ""  # without it spreadsheets misread what is not ASCII
    draft = out.with_name(f"{out.name}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(mark + text)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise InputError(
            f"cannot write {out}: {error.strerror}", remedy="name a file in a folder that you may write to"
        ) from None
    typer.echo(f"{cases} cases written to {out}.", err=True)
