"""What `goldworks eval` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from goldworks.evaluation.report import in_words
from pipelines.as_json import print_json

if TYPE_CHECKING:
    from goldworks.evaluation.compare import Comparison
    from goldworks.evaluation.result import RunResult
    from goldworks.evaluation.run import PartResult

Row = Mapping[str, Any]
SHORT_ID = 8
"""Characters of a run's id that are shown; `compare` takes any unique beginning."""


def plain(row: Row) -> dict[str, Any]:
    """A row of `evals.runs` for machines: its configuration as a value."""
    return {**row, "config": orjson.loads(row["config"])}


def print_run(result: RunResult) -> None:
    """A run's estimates, and how it went."""
    console = Console()
    row = result.row
    if result.nothing_measured:
        console.print(f"{result.label}: {result.nothing_measured}.", markup=False)
    else:
        table = Table("metric", "value [95 %]", "cases", "missing", title=result.label)
        for name, estimate in result.estimates.items():
            if name not in result.unmeasured:
                missing = str(estimate.n_missing) if estimate.n_missing else ""
                table.add_row(name, in_words(estimate), str(estimate.n), missing)
        console.print(table)
        if result.unmeasured:
            console.print(f"Not measured, for no case asks for it: {', '.join(result.unmeasured)}.", markup=False)
    state = "was done before" if not result.is_new else row["status"]
    console.print(
        f"Run {result.run_id}: {state}. {row['cases']} cases, {row['answers']} answers, {row['missing']} missing, "
        f"{result.not_covered} cases not covered by the target.",
        markup=False,
    )
    if result.ended:
        console.print(result.ended, markup=False)
    if result.judging:
        console.print(f"Judges: {result.judging}.", markup=False)
    if result.note:
        console.print(f"Note: {result.note}.", markup=False)
    if row["missing"]:
        console.print("Run the same command again to ask for the missing ones.")


def print_part(part: str, had: PartResult, as_json: bool) -> None:
    """What a part of a run has."""
    if as_json:
        print_json({"part": part, "answers": had.answers, "wanted": had.wanted, "because": had.because})
        return
    console = Console()
    console.print(f"Part {part}: {had.answers:,} of {had.wanted:,} answers are kept.", markup=False)
    if had.because:
        console.print(f"It ended early: {had.because}", markup=False)
    console.print("When all parts are done, run the same command once without --part: it puts them together and scores them.")


def print_comparison(found: Comparison) -> None:
    """Two runs metric by metric, and what to know before one believes it."""
    console = Console()
    names = [_name(row, SHORT_ID) for row in (found.base, found.candidate)]
    if names[0] == names[1]:
        names = [_name(row, SHORT_ID + 4) for row in (found.base, found.candidate)]
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), title=f"{names[1]} against {names[0]}")
    for column in ("metric", *names, "difference [95 %]", "p", "cases"):
        table.add_column(column, no_wrap=column in ("metric", "cases"))
    unmeasured: list[str] = []
    for metric in found.metrics:
        if not (metric.base.n or metric.base.n_missing or metric.candidate.n or metric.candidate.n_missing):
            unmeasured.append(metric.metric)
            continue
        p = metric.difference.p_value
        numbers = in_words(metric.base), in_words(metric.candidate), in_words(metric.difference)
        cases = str(metric.difference.n) if metric.is_paired else f"{metric.base.n} / {metric.candidate.n}"
        table.add_row(metric.metric, *numbers, "" if p is None else f"{p:.3g}", cases)
    console.print(table)
    if unmeasured:
        console.print(f"Measured in neither: {', '.join(unmeasured)}.", markup=False)
    console.print(f"{found.common} cases in common of {found.base_cases} and {found.candidate_cases}.")
    for warning in found.warnings:
        console.print(f"Note: {warning}.", markup=False)


def print_list(rows: Sequence[Row], use_case: str | None) -> None:
    """Runs, one a line; all are of `use_case` if it is given."""
    if not rows:
        none = f"No runs of {use_case}." if use_case else "No runs yet. Make one: goldworks eval run --help"
        Console().print(none, markup=False)
        return
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for column in ("run", "use case", "release", "suite", "version", "cases", "missing", "ended (UTC)"):
        table.add_column(column, overflow="fold", no_wrap=column in ("run", "cases"))
    for row in rows:
        names = row["use_case"], row["release"] or row["target"], row["suite"], row["version_id"].rsplit("-", 1)[-1][:8]
        missing = "" if row["status"] == "complete" else str(row["missing"])
        table.add_row(row["run_id"][:SHORT_ID], *names, str(row["cases"]), missing, f"{row['ended_at']:%m-%d %H:%M}")
    Console().print(table)


def _name(row: Row, digits: int) -> str:
    return f"{row['release'] or row['target']} ({row['run_id'][:digits]})"
