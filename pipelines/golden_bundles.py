"""`goldworks golden push` and `pull`: a golden version with the baseline's runs, to and from a folder or object store."""

from __future__ import annotations

from dataclasses import asdict
from math import ceil
from typing import TYPE_CHECKING, Annotated

import typer

from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json

if TYPE_CHECKING:
    from goldworks.release.smoke import Smoke


def push_(
    name: Annotated[str, typer.Argument(help="Golden version, unique beginning of one, or use case (its current version).")],
    to: Annotated[str, typer.Argument(help="File or fsspec URL to write.")],
    release: Annotated[str | None, typer.Option(help="Release whose runs go along: the baseline of pull requests.")] = None,
    smoke: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=0.5, metavar="MARGIN", help="Only so many cases as show that a loss of MARGIN (0.05) did not happen."
        ),
    ] = None,
    changes: Annotated[
        float, typer.Option(min=0.0001, max=1.0, help="With --smoke: share of cases whose verdict differs between two releases.")
    ] = 0.1,
    minutes: Annotated[float, typer.Option(min=0.1, help="With --smoke: minutes of asking, by the baseline's latency.")] = 12.0,
    concurrency: Annotated[int, typer.Option(min=1, help="With --smoke: answers that the target gives at once.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Write a golden version, redacted, with the runs of a release, to one file, for pipelines whose home is empty.

    With --smoke it is a part of the version: one case of each conversation, drawn over intents by hash, as many as the margin
    takes and the minutes allow. On it `goldworks gate` checks a pull request by that margin, and judges no release.

    Example: goldworks golden push shop s3://quality/shop.jsonl.gz --release 1.0 --smoke 0.05
    """
    from goldworks.release.bundle import push
    from goldworks.release.smoke import Terms

    terms = None if smoke is None else Terms(smoke, changes, minutes, concurrency)
    found = push(open_home().lake, name, to, release, terms)
    if as_json:
        print_json(asdict(found))
    else:
        if found.smoke is not None:
            typer.echo(_chosen(found.smoke))
        typer.echo(f"{found.version_id}: {found.cases} cases written. Pin it in the repository under test:\n{found.sha256}")


def _chosen(smoke: Smoke) -> str:
    cases = len(smoke.case_ids)
    short = "" if cases >= smoke.needed else f" (the margin you asked for takes {smoke.needed:,})"
    whole = ceil(smoke.minutes or 0)
    time = "" if smoke.minutes is None else f" Asking them takes {f'about {whole} minutes' if whole > 1 else 'a minute'}."
    return (
        f"{cases:,} independent cases{short}: when nothing changed, they show 4 times in 5 that a loss of "
        f"{smoke.margin * 100:.1f} points did not happen.{time}"
    )


def pull_(
    source: Annotated[str, typer.Argument(metavar="FROM", help="File or fsspec URL that was pushed.")],
    sha256: Annotated[str, typer.Option(help="Its SHA-256, as the repository under test pins it.")],
    as_json: AsJson = False,
) -> None:
    """Take a golden version and the baseline's runs that were pushed into this home. Another file than the pinned one is refused.

    Example: goldworks golden pull s3://quality/shop.jsonl.gz --sha256 "$(cat goldworks.sha256)"
    """
    from goldworks.release.bundle import pull

    found = pull(open_home().lake, source, sha256)
    if as_json:
        print_json(asdict(found))
    else:
        with_runs = f", runs of {', '.join(found.releases)}" if found.releases else ""
        typer.echo(f"{found.version_id}: {found.cases} cases{with_runs}.")
