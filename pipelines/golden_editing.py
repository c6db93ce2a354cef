"""Cases in the user's editor: written to a private file, read back, and the file is gone, whatever happens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import typer

from goldworks.errors import GoldworksError, InputError
from goldworks.lake import Lake

INTRODUCTION = """\
# Change what you like, save, and close the editor. What is changed waits for approval again.
#   expected   reference, facts_required, facts_forbidden, tool_calls, rubric, should_refuse: any of them
#   case_id    leave it: it says which case is changed. A case without one is new (it needs use_case and question)
# A case that is removed here stays as it is; to take it out: goldworks golden retire
"""


def edit_in_editor(lake: Lake, name: str, state: str | None, bring: Callable[[str], bool]) -> bool:
    """Let the user edit the cases that `name` names; give the text to `bring`, which says whether all of it was taken.

    When it was not, the user may go on editing. Returns whether everything was taken; unchanged text is nothing to take.
    """
    from goldworks.golden.authoring import export_cases
    from goldworks.golden.case import case_of
    from goldworks.golden.find import find

    found = find(lake, name, state)
    if found.kind == "version":
        raise InputError(f"the version {found.name} is immutable", remedy="edit the use case or a case, approve, and mint again")
    rows = [row for row in found.rows if state or found.kind == "case" or row["state"] != "retired"]
    if not rows:
        raise InputError(f"{name} has no such candidates", remedy=f"goldworks golden show {name}")
    before = INTRODUCTION + export_cases([case_of(row) for row in rows], "yaml")
    with tempfile.TemporaryDirectory(prefix="goldworks-edit-") as folder:  # only the owner may look into it
        file = Path(folder) / "cases.yaml"
        file.write_text(before, encoding="utf-8", newline="")
        while True:
            _open(file)
            text = file.read_bytes().decode("utf-8", "replace")
            if text == before:
                typer.echo("Nothing was changed.")
                return True
            if _bring(bring, text):
                return True
            if not typer.confirm("Go on editing? (no: what was not taken is lost)", default=True):
                return False


def _bring(bring: Callable[[str], bool], text: str) -> bool:
    try:
        return bring(text)
    except GoldworksError as error:
        typer.echo(str(error), err=True)
        return False


def _open(file: Path) -> None:
    import click

    try:
        click.edit(filename=str(file))
    except click.ClickException as error:
        raise InputError(
            f"the editor did not work: {error.format_message()}", remedy="set EDITOR, or use golden export and import"
        ) from None
