"""`goldworks eval import`: results of another evaluation tool as a run."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json

if TYPE_CHECKING:
    from goldworks.evaluation.imports import Imported
    from goldworks.evaluation.suites import Suite

EXIT_INCOMPLETE = 3


class Tool(StrEnum):
    """Whose results they are."""

    promptfoo = "promptfoo"
    inspect = "inspect"


def import_(
    file: Annotated[Path, typer.Argument(help="promptfoo's output.json, or Inspect's .eval or .json log.")],
    form: Annotated[Tool, typer.Option("--format", help="Which tool wrote it.")],
    use_case: Annotated[str, typer.Option(help="Use case of the golden version that the tool was given.")],
    release: Annotated[str | None, typer.Option(help="Release that was under test.")] = None,
    version: Annotated[str | None, typer.Option(help="Golden version; the one the results name when not given.")] = None,
    suite: Annotated[
        str | None, typer.Option(help="Score the answers by this suite too: a name in expectations/suites, or a YAML file.")
    ] = None,
    assistant: Annotated[str | None, typer.Option(help="Of a file with several assistants: the one that is imported.")] = None,
    prompt: Annotated[str | None, typer.Option(help="Of a file with several prompts: the one that is imported.")] = None,
    track: Annotated[bool, typer.Option(help="Also log the run in MLflow.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take the results of promptfoo or Inspect as a run, on cases that `goldworks golden export` gave to it.

    Answers are redacted before they are stored. Errors of the tool are missing answers. The same file is the same run.

    Example: goldworks eval import output.json --format promptfoo --use-case harbor-docs --release d2 --suite rag

    Exit code 0: complete; 1: error, nothing was imported; 3: imported, but answers are missing or results were refused.
    """
    from goldworks.errors import shielded
    from goldworks.evaluation.imports import FORMATS, import_log
    from goldworks.evaluation.imports.came import content_of
    from goldworks.evaluation.imports.matching import only
    from goldworks.evaluation.prices import load_prices

    home = open_home()
    with shielded(f"importing results of {form.value}"):
        log = only(FORMATS[form.value](file), assistant, prompt)
        imported = import_log(
            home.lake,
            log,
            content_of(file),
            home.redactor,
            home.key,
            use_case=use_case,
            version=version,
            release=release,
            suite=_suite(home, suite),
            prices=load_prices(home.settings.expectations),
        )
    if track:
        from goldworks.adapters.tracking import MlflowTracking
        from goldworks.evaluation.publishing import publish

        publish(home.lake, imported.result, MlflowTracking(home.root, home.settings.expectations))
    _print(imported, as_json)
    if imported.refused or not imported.result.is_complete:
        raise typer.Exit(EXIT_INCOMPLETE)


def _suite(home: Home, name: str | None) -> Suite | None:
    from goldworks.evaluation.suites import load_suite
    from pipelines.eval_plan import named

    return load_suite(named(home.settings.expectations / "suites", name)) if name is not None else None


def _print(imported: Imported, as_json: bool) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from goldworks.evaluation.report import in_words
    from pipelines.eval_views import plain

    result = imported.result
    if as_json:
        values = {name: asdict(estimate) for name, estimate in result.estimates.items()}
        extra = {"is_new": result.is_new, "not_covered": result.not_covered, "refused": dict(imported.refused)}
        extra |= {"because": result.because, "note": result.note}
        print_json({**plain(result.row), **extra, "metrics": values})
        return
    console = Console()
    table = Table("metric", "value [95 %]", "cases", "missing", title=result.label, box=SIMPLE)
    for name, estimate in result.estimates.items():
        if name not in result.unmeasured:
            table.add_row(name, in_words(estimate), str(estimate.n), str(estimate.n_missing or ""))
    console.print(table)
    row = result.row
    console.print(
        f"Run {result.run_id}: {row['status'] if result.is_new else 'was imported before'}. {row['cases']} cases, "
        f"{row['answers']} answers, {row['missing']} missing, {result.not_covered} cases of the version not in the results.",
        markup=False,
    )
    for said in (result.ended, result.judging and f"Judges: {result.judging}.", result.note and f"Note: {result.note}."):
        if said:
            console.print(said, markup=False)
    for reason, count in sorted(imported.refused.items()):
        console.print(f"Refused {count} {'result' if count == 1 else 'results'}: {reason}.", markup=False)
