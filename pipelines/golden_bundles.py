"""`goldworks golden push` and `pull`: a golden version with the baseline's runs, to and from a folder or object store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json


def push_(
    name: Annotated[str, typer.Argument(help="Golden version, unique beginning of one, or use case (its current version).")],
    to: Annotated[str, typer.Argument(help="File or fsspec URL to write.")],
    release: Annotated[str | None, typer.Option(help="Release whose runs go along: the baseline of pull requests.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a golden version, redacted, with the runs of a release, to one file, for pipelines whose home is empty.

    Example: goldworks golden push shop s3://quality/shop.jsonl.gz --release 1.0
    """
    from goldworks.release.bundle import push

    found = push(open_home().lake, name, to, release)
    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(f"{found.version_id}: {found.cases} cases written. Pin it in the repository under test:\n{found.sha256}")


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
