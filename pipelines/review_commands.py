"""`goldworks review`: the queue of human review, batches out, labels in, agreement. What they print is in `review_views`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json
from pipelines.shown_path import shown

app = typer.Typer(
    no_args_is_help=True,
    help="Human review: what people judge by a rubric, and how far they agree.\n\n"
    "goldworks review queue; goldworks review export docs --rater ann --out ann.xlsx; goldworks review import ann.xlsx; "
    "goldworks review agreement. Who reviews, how much and how often stands in expectations/policies/review.yml.",
)

RubricName = Annotated[str, typer.Argument(metavar="RUBRIC", help="A file in expectations/rubrics, such as docs.")]


Url = Annotated[str, typer.Option(help="Where Label Studio runs, such as http://127.0.0.1:8080.")]


class Form(StrEnum):
    """How a batch is written."""

    xlsx = "xlsx"
    csv = "csv"
    json = "json"


@app.command()
def guide(
    rubric: RubricName,
    out: Annotated[Path | None, typer.Option(help="HTML file to write; stdout when not given.")] = None,
) -> None:
    """Write the labelling guide of a rubric as a page to read and print. Example: goldworks review guide docs --out docs.html"""
    from goldworks.review.guide import guide_page
    from goldworks.review.rubric import load_rubric
    from goldworks.settings import load_settings

    page = guide_page(load_rubric(load_settings().expectations, rubric))
    if out is None:
        typer.echo(page)
    else:
        out.write_text(page, encoding="utf-8")
        typer.echo(f"{shown(out.resolve())}: open it in a browser, or print it.")


@app.command()
def queue(as_json: AsJson = False) -> None:
    """Draw what is to be reviewed by the policy, and ask seniors where reviewers disagree. Again: only what is new."""
    from goldworks.calibration.policy import load_calibration_policy
    from goldworks.review.queue import fill
    from pipelines.review_views import print_filled

    home = open_home()
    expectations = home.settings.expectations
    filled = fill(home.lake, expectations, _use_cases(home), load_calibration_policy(expectations).paired_of)
    if as_json:
        print_json(asdict(filled))
    else:
        print_filled(filled)


@app.command()
def export(
    rubric: RubricName,
    rater: Annotated[str, typer.Option(help="Who labels it.")],
    out: Annotated[Path, typer.Option(help="File to write, for its owner only; its ending says how: .xlsx, .csv or .json.")],
    size: Annotated[int | None, typer.Option(min=1, help="At most so many items; all open ones when not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a reviewer's open items with their texts. The same ones again until they are labelled.

    Example: goldworks review export docs --rater ann --out ann.xlsx --size 50

    The file holds texts of conversations: delete it when it was imported.
    """
    from goldworks.review.batch import batch_of
    from goldworks.review.rubric import load_rubric
    from goldworks.review.sheets import write_batch

    form: Any = out.suffix.lower().lstrip(".")
    if form not in list(Form):
        raise typer.BadParameter(f"--out {out.name}: its name must end in .xlsx, .csv or .json")
    home = open_home()
    batch = batch_of(home.lake, home.settings.expectations, load_rubric(home.settings.expectations, rubric), rater, size)
    written = write_batch(batch, out, form) if batch.tasks else 0
    if as_json:
        print_json({"written": written, "gone": batch.gone})
    elif not written:
        typer.echo(
            f"Nothing to label for {rater}. `goldworks review queue` draws what is new; `review status` says who has what."
        )
    else:
        typer.echo(f"{written} items in {shown(out.resolve())}. It holds texts of conversations: delete it once it is imported.")
        typer.echo(f"Next: fill in the labels, then goldworks review import {shown(out.resolve())}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Filled batch (.xlsx, .csv, .json), or labels in the long format (.jsonl, .csv).")],
    rubric: Annotated[
        str | None, typer.Option(help="Read the labels by this rubric, whatever they call it: for those of another tool.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take labels in. Each is kept, or refused with a reason and counted; imported again nothing changes.

    Example: goldworks review import ann.xlsx

    Exit code 0: all taken, or known already; 1: some were refused.
    """
    from goldworks.review.importing import take_labels
    from goldworks.review.label_files import read_labels

    home = open_home()
    taken = take_labels(home.lake, home.settings.expectations, read_labels(file), rubric=rubric)
    _say_taken(taken, as_json)


@app.command()
def push(
    rubric: RubricName,
    rater: Annotated[str, typer.Option(help="Who labels it.")],
    url: Url,
    size: Annotated[int | None, typer.Option(min=1, help="At most so many items; all open ones when not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Send a reviewer's open items to their project in Label Studio; what is there already is not sent again.

    Example: goldworks review push docs --rater ann --url http://127.0.0.1:8080

    The token stands in GOLDWORKS_LABEL_STUDIO_TOKEN: a personal access token of the server's account page.
    """
    from goldworks.review.batch import batch_of
    from goldworks.review.rubric import load_rubric

    home = open_home()
    expectations = home.settings.expectations
    pushed = _label_studio(url).push(batch_of(home.lake, expectations, load_rubric(expectations, rubric), rater, size))
    if as_json:
        print_json(asdict(pushed))
    else:
        typer.echo(f"Project {pushed.project!r}: {pushed.new} items sent, {pushed.known} were there.")


@app.command()
def pull(
    rubric: RubricName,
    rater: Annotated[str, typer.Option(help="Who labelled it.")],
    url: Url,
    close: Annotated[
        bool, typer.Option(help="Unless some were refused, delete the project: no erasure reaches its texts.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the labels that a reviewer submitted in Label Studio. Again: only what is new.

    Example: goldworks review pull docs --rater ann --url http://127.0.0.1:8080

    Exit code 0: all taken, or known already; 1: some were refused.
    """
    from goldworks.review.importing import take_labels
    from goldworks.review.rubric import load_rubric

    home = open_home()
    expectations = home.settings.expectations
    studio, known = _label_studio(url), load_rubric(expectations, rubric)
    taken = take_labels(home.lake, expectations, studio.pull(known, rater))
    if close and not taken.left:
        studio.close(known, rater)
    _say_taken(taken, as_json)


@app.command("status")
def status_(as_json: AsJson = False) -> None:
    """Show what is open, begun and done, what each reviewer still has, what was refused, how reviewers do on known items and
    how far they mark the same words.
    """
    from goldworks.review.competence import competence
    from goldworks.review.mark_overlap import mark_overlaps
    from goldworks.review.policy import load_review_policy
    from goldworks.review.status import status
    from pipelines.review_views import print_status

    home = open_home()
    expectations = home.settings.expectations
    policy = load_review_policy(expectations)
    found = {
        **status(home.lake, expectations, policy),
        "reviewers": competence(home.lake, expectations, policy),
        "marks": mark_overlaps(home.lake, expectations),
    }
    if as_json:
        print_json(found)
    else:
        print_status(found)


@app.command("agreement")
def agreement_(as_json: AsJson = False) -> None:
    """Show how far reviewers agree, by rubric version, dimension, pair and segment; and which labels may not be used.

    Exit code 0: every dimension that can be decided is usable; 1: one is not.
    """
    from goldworks.review.agreeing import agree
    from pipelines.review_views import print_agreement

    home = open_home()
    rows = agree(home.lake, home.settings.expectations)
    if as_json:
        print_json(rows)
    else:
        print_agreement(rows)
    if any(row["status"] == "not_usable" and row["scope"] == "all" for row in rows):
        raise typer.Exit(1)


@app.command("backlog")
def backlog_(as_json: AsJson = False) -> None:
    """List failed reviews, item by item: what somebody has to mend, or make a golden case of."""
    from goldworks.review.disagreements import backlog
    from goldworks.review.rubric import load_rubrics
    from pipelines.review_views import print_backlog

    home = open_home()
    rows = backlog(home.lake, load_rubrics(home.settings.expectations))
    if as_json:
        print_json(rows)
    else:
        print_backlog(rows)


def _say_taken(taken: Any, as_json: bool) -> None:
    from pipelines.review_views import print_taken

    if as_json:
        print_json({"rows": taken.rows, "taken": taken.taken, "refused": taken.refused})
    else:
        print_taken(taken)
    if set(taken.refused) - {"duplicate"}:
        raise typer.Exit(1)


def _label_studio(url: str) -> Any:
    from goldworks.adapters.label_studio import LabelStudio
    from goldworks.errors import InputError
    from goldworks.settings import secret

    token = secret("GOLDWORKS_LABEL_STUDIO_TOKEN")
    if token is None:
        remedy = "set it to a personal access token (Account & Settings in Label Studio)"
        raise InputError("GOLDWORKS_LABEL_STUDIO_TOKEN is not set", remedy=remedy)
    return LabelStudio(url, token)


def _use_cases(home: Home) -> Any:
    from goldworks.use_cases import load_use_cases

    return load_use_cases(home.settings.expectations / "use_cases.yml")
