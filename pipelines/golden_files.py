"""`goldworks golden import`, `export` and `edit`: cases in files that people write, and in their editor."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from goldworks.errors import InputError
from goldworks.home import Home, open_home
from pipelines.as_json import AsJson
from pipelines.golden_bridges import Format, export_for_a_tool, keep

Author = Annotated[str, typer.Option(help="Name of the person who wrote it; kept with each case that is new or changed.")]


class Form(StrEnum):
    """How cases are written."""

    yaml = "yaml"
    csv = "csv"
    jsonl = "jsonl"


class State(StrEnum):
    """Review state of a candidate."""

    proposed = "proposed"
    approved = "approved"
    retired = "retired"


def import_(
    file: Annotated[Path, typer.Argument(help="YAML, CSV or JSONL file; - reads stdin.", allow_dash=True)],
    author: Author,
    form: Annotated[Form | None, typer.Option(help="How it is written; by the file's name when not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add cases, or change known ones by their case_id. Everything is redacted before it is stored.

    Example: goldworks golden import cases.csv --author Ann

    In CSV: use_case, question, reference, facts_required (separated by ;) and so on. `goldworks golden export` writes a file with
    every column or key; docs/golden.md explains them. What is new or changed waits for approval.

    Exit code 0: all imported; 1: some rows were rejected, each with line and reason; the others are imported.
    """
    written_as = form.value if form else _form_of(file)
    if not _bring(open_home(), _read(file), written_as, author, as_json):
        raise typer.Exit(1)


def export_(
    name: Annotated[str, typer.Argument(help="Use case (its candidates), version, unique beginning of one, or case.")],
    form: Annotated[
        Format | None, typer.Option("--form", "--format", help="How it is written; by the name of --out, else yaml.")
    ] = None,
    state: Annotated[State | None, typer.Option(help="Only candidates in this state.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write, for its owner only; stdout when not given.")] = None,
) -> None:
    """Write cases as YAML, CSV or JSONL, which imported again as they are change nothing; or a minted version for another tool.

    Example: goldworks golden export shop --state proposed --out cases.csv

    For promptfoo, openai-evals and inspect a use case means its current version. What such a tool cannot check is counted on
    stderr; docs/bridges.md says how its results come back.
    """
    from goldworks.golden.authoring import export_cases
    from goldworks.golden.case import case_of
    from goldworks.golden.find import find

    written_as: Any = form.value if form else _form_of(out) if out else "yaml"
    if written_as not in list(Form):
        if state is not None:
            raise typer.BadParameter("--state is for candidates; other tools are given a minted version")
        export_for_a_tool(open_home().lake, name, written_as, out)
        return
    cases = [case_of(row) for row in find(open_home().lake, name, state).rows]
    keep(export_cases(cases, written_as), len(cases), out, is_for_spreadsheets=written_as == "csv")


def edit_(
    name: Annotated[str, typer.Argument(help="Case, or use case: all its candidates that are not retired.")],
    author: Author,
    state: Annotated[State | None, typer.Option(help="Only candidates in this state.")] = None,
) -> None:
    """Open cases as YAML in $EDITOR; what was changed is imported, and waits for approval again.

    Example: goldworks golden edit case-49e049c044c3c41e --author Ann
    """
    from pipelines.golden_editing import edit_in_editor

    home = open_home()
    if not edit_in_editor(home.lake, name, state, lambda text: _bring(home, text, "yaml", author)):
        raise typer.Exit(1)


def _bring(home: Home, text: str, form: Any, author: str, as_json: bool = False) -> bool:
    """Import written cases and say what became of them; whether none was rejected."""
    from goldworks.golden.authoring import import_cases
    from goldworks.use_cases import load_use_cases
    from pipelines.golden_views import print_imported

    use_cases = load_use_cases(home.settings.expectations / "use_cases.yml")
    outcome = import_cases(home.lake, text, form, use_cases, home.key, home.redactor, author)
    print_imported(outcome, as_json)
    return not outcome.rejected


def _form_of(file: Path) -> Any:
    form = {".yaml": "yaml", ".yml": "yaml", ".csv": "csv", ".jsonl": "jsonl"}.get(file.suffix.lower())
    if form is None:
        remedy = "say how it is written: --form yaml or --form csv"
        raise InputError(f"{file}: neither .yaml, .yml, .csv nor .jsonl", remedy=remedy)
    return form


def _read(file: Path) -> str:
    """The text as it is: no line end is touched."""
    try:
        data = typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file}: not UTF-8 at byte {error.start}", remedy="save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        ) from None
