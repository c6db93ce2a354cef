"""What `goldworks review` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from goldworks.review.importing import REASONS, Taken
from goldworks.review.queue import Filled


def print_filled(filled: Filled) -> None:
    """What was drawn."""
    print_ = Console().print
    new = ", ".join(f"{number} {kind}" for kind, number in sorted(filled.new.items())) or "nothing new"
    print_(f"{filled.items} items to draw from, {filled.expected:.0f} expected: {new}.")
    if filled.new:
        print_("Next: goldworks review export RUBRIC --rater NAME --out labels.xlsx")


def print_taken(taken: Taken) -> None:
    """What was taken and refused."""
    print_ = Console().print
    refused = sum(taken.refused.values())
    if not taken.rows:
        print_("No label in it: its columns for labels are empty. Fill them, and import it again.")
        return
    print_(f"{taken.rows} labels: {taken.taken} taken, {refused} refused.")
    for reason, number in taken.refused.items():
        print_(f"  {number} {reason}: {REASONS[reason]}")


def print_status(found: dict[str, Any]) -> None:
    """Tasks, reviewers, refusals."""
    print_ = Console().print
    for one in found["rubrics"]:
        print_(f"[bold]{one.rubric}[/] version {one.version}" + (f", {one.stale} labels of other versions" if one.stale else ""))
        for kind, states in sorted(one.tasks.items()):
            print_(f"  {kind}: " + ", ".join(f"{number} {state}" for state, number in states.items()))
        if one.is_skipped_much:
            share = f"{one.skipped} of {one.due} items whose time is over ({one.skipped / one.due:.0%}) were never labelled"
            print_(f"  {share}: what people skip may be what fails. Draw fewer, and label all of them.", markup=False)
        for rater, number in one.open_by_rater.items():
            print_(f"  {rater}: {number} open, {one.labels_by_rater.get(rater, 0)} labels given", markup=False)
    for one in found["reviewers"]:
        said = "qualified" if one.is_qualified else f"not qualified: {one.wanting}"
        print_(f"{one.rater} on {one.rubric}: {_interval(one.accuracy)} right on {one.items} known items; {said}", markup=False)
    for one in found["marks"]:
        several, missing = one.f1.n + one.f1.n_missing, one.f1.n_missing
        print_(
            f"marks of {one.rubric} {one.dimension}: reviewers share {_interval(one.f1)} of the marked characters (F1)", end=""
        )
        print_(f", of {several} items that several failed, {missing} of them not marked by two")
    for reason, number in found["refused"].items():
        print_(f"refused: {number} {reason}: {REASONS.get(reason, '')}")
    print_(f"{found['failed']} failed reviews: goldworks review backlog")


AGREEMENT = ("rubric, question, scope", "units", "failing", "alpha", "agree", "AC1", "kappa", "status")


def print_agreement(rows: Sequence[dict[str, Any]]) -> None:
    """Agreement by dimension and scope."""
    console = Console()
    if not rows:
        console.print("No labels yet. goldworks review export RUBRIC --rater NAME --out labels.xlsx gives a reviewer some.")
        return
    table = Table(*(Column(name, no_wrap=name in ("alpha", "status")) for name in AGREEMENT))
    for row in rows:
        table.add_row(
            f"{row['rubric']} v{row['rubric_version']} {row['dimension']}, {row['of'] or row['scope']}",
            str(row["units"]),
            _number(row["fail_rate"]),
            _of(row, "alpha"),
            _number(row["percent"]),
            _number(row["ac1"]),
            _of(row, "kappa"),
            row["status"],
        )
    console.print(table)
    for row in rows:
        if row["scope"] == "all" and row["remedy"]:
            console.print(f"{row['rubric']} {row['dimension']}, {row['status']}: {row['remedy']}.", markup=False)


def print_backlog(rows: Sequence[dict[str, Any]]) -> None:
    """Failed reviews."""
    console = Console()
    table = Table("use case", "release", "dimension", "label", "basis", "item")
    for row in rows:
        table.add_row(row["use_case"], row["release"], row["dimension"], row["value"], row["basis"], row["item_id"])
    console.print(table if rows else "No failed review.")


def _of(row: dict[str, Any], name: str) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return _number(value) if low is None else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _interval(estimate: Any) -> str:
    return _number(estimate.value) if estimate.low is None else f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
