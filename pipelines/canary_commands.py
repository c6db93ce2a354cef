"""`goldworks canary`: roll back, promote or go on, from production logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json
from pipelines.exits import FAILED, INCONCLUSIVE, PASSED, broken_is_4

if TYPE_CHECKING:
    from goldworks.release.canary import Split

EXITS = {"promote": PASSED, "roll_back": FAILED, "go_on": INCONCLUSIVE}


def canary(
    use_case: Annotated[str, typer.Option(help="Use case.")],
    baseline: Annotated[str, typer.Option(help="Release that most of the traffic goes to.")],
    release: Annotated[str, typer.Option(help="Release on trial.")],
    share: Annotated[
        list[str],
        typer.Option(
            metavar="[DAY=]SHARE",
            help="Share of the traffic that was sent to it at random, such as 0.1. When it was changed, once for each, with its "
            "first day: --share 2026-11-02=0.05 --share 2026-11-05=0.2.",
        ),
    ],
    since: Annotated[
        dt.datetime | None, typer.Option(metavar="DAY", formats=["%Y-%m-%d"], help="First day with this share.")
    ] = None,
    by_user: Annotated[bool, typer.Option(help="The split is by user: failing users are counted, not conversations.")] = False,
    margin: Annotated[float, typer.Option(help="Promote once it fails less than this many times as often.")] = 1.5,
    days: Annotated[int, typer.Option(min=1, help="Planned days; after them, what is not shown is inconclusive.")] = 28,
    as_json: AsJson = False,
) -> None:
    """Say from the logs whether a release on a share of the traffic is rolled back, promoted or watched on. Valid at any look.

    Example: goldworks canary --use-case shop --baseline 1.0 --release 1.1 --share 0.1 --since 2026-11-02

    Exit code 0: promote; 1: roll back; 2: wrong usage; 3: go on, or the planned days are over, or the logs have another share
    than was set; 4: an error, nothing was judged.
    """
    if margin <= 1:
        raise typer.BadParameter("--margin is a ratio above 1")
    with broken_is_4():
        from goldworks.release.canary import in_words, watch

        splits = _splits(share, since.date() if since else None)
        lake = open_home().lake
        found = watch(lake, use_case, baseline, release, splits, by_user=by_user, margin=margin, planned_days=days)
        if as_json:
            print_json({"words": in_words(found, baseline, release, margin), "action": found.action, **asdict(found)})
        else:
            typer.echo(in_words(found, baseline, release, margin))
        raise typer.Exit(EXITS[found.action])


def _splits(given: Sequence[str], since: dt.date | None) -> list[Split]:
    from goldworks.release.canary import Split

    found: list[Split] = []
    for one in given:
        day, _, share = one.rpartition("=")
        try:
            found.append(Split(float(share), dt.date.fromisoformat(day) if day else since))
        except ValueError:
            raise typer.BadParameter(f"--share {one}: a number between 0 and 1, or DAY=SHARE such as 2026-11-02=0.1") from None
        if day and since is not None:
            raise typer.BadParameter("--since is the first day of one share; of several each --share has its own: DAY=SHARE")
    return found
