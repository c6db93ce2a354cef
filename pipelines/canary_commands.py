"""`goldworks canary`: roll back, promote or go on, from production logs."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

import typer

from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json

EXITS = {"promote": 0, "roll_back": 1, "go_on": 3}


def canary(
    use_case: Annotated[str, typer.Option(help="Use case.")],
    baseline: Annotated[str, typer.Option(help="Release that most of the traffic goes to.")],
    release: Annotated[str, typer.Option(help="Release on trial.")],
    share: Annotated[float, typer.Option(help="Share of the traffic that was sent to it at random, such as 0.1.")],
    since: Annotated[
        dt.datetime | None, typer.Option(metavar="DAY", formats=["%Y-%m-%d"], help="First day with this share.")
    ] = None,
    by_user: Annotated[bool, typer.Option(help="The split is by user: failing users are counted, not conversations.")] = False,
    margin: Annotated[float, typer.Option(help="Promote once it fails less than this many times as often.")] = 1.5,
    as_json: AsJson = False,
) -> None:
    """Say from the logs whether a release on a share of the traffic is rolled back, promoted or watched on. Valid at any look.

    Example: goldworks canary --use-case shop --baseline 1.0 --release 1.1 --share 0.1 --since 2026-11-02

    Exit code 0: promote; 1: roll back, or an error; 3: go on.
    """
    from goldworks.release.canary import in_words, watch

    if margin <= 1:
        raise typer.BadParameter("--margin is a ratio above 1")
    lake = open_home().lake
    found = watch(lake, use_case, baseline, release, share, since=since.date() if since else None, by_user=by_user, margin=margin)
    if as_json:
        print_json({"words": in_words(found, baseline, release, share, margin), **asdict(found)})
    else:
        typer.echo(in_words(found, baseline, release, share, margin))
    raise typer.Exit(EXITS[found.reading.action])
