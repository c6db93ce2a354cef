"""`goldworks choose`: which of several models, vendors, prompts or releases, from runs that exist."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldworks.errors import InputError
from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json
from pipelines.shown_path import shown

if TYPE_CHECKING:
    from goldworks.release.choosing import Choice
    from goldworks.release.contending import Field


def choose(
    use_case: Annotated[str, typer.Option(help="Use case.")],
    suite: Annotated[str | None, typer.Option(help="Suite, when there are runs of several.")] = None,
    release: Annotated[list[str] | None, typer.Option(help="Release to be compared; give it once for each.")] = None,
    target: Annotated[list[str] | None, typer.Option(help="Target to be compared; give it once for each.")] = None,
    metric: Annotated[
        str | None,
        typer.Option(help="What quality is; when not given, the first metric of the suite that a gate looks at."),
    ] = None,
    version: Annotated[str | None, typer.Option(help="Golden version; the current one when not given.")] = None,
    page: Annotated[Path | None, typer.Option(help="Where the page is written; default: pages/choose/ of the home.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare models, vendors, prompts or releases on one golden version: quality, latency and cost, who is shown better than
    whom, and the Pareto front as a page. It takes the newest complete run of each; without --release and --target, of all.

    Example: goldworks choose --use-case harbor-orders --release 1.0 --release 1.1
    """
    from goldworks.release.choice_page import choice_page
    from goldworks.release.choosing import choose as compare
    from goldworks.release.contending import contenders_of, field_of, main_metric
    from goldworks.use_cases import plain_name

    home, now = open_home(), dt.datetime.now(dt.UTC)
    expectations = home.settings.expectations
    field = field_of(home.lake, use_case, suite=suite, version=version, releases=release or (), targets=target or ())
    main = metric or main_metric(home.lake, expectations, field, now)
    contenders, notes = contenders_of(home.lake, expectations, field, main, now)
    found = compare(contenders, main)
    found = replace(found, notes=(*field.notes, *notes, *found.notes))
    written = page or home.pages / "choose" / f"{plain_name(use_case)}-{plain_name(field.suite)}.html"
    _write(written, choice_page(found, field))
    if as_json:
        print_json(_plain(found, field, written))
    else:
        from pipelines.choose_views import print_choice

        print_choice(found, field)
        typer.echo(f"Page: {shown(written)}")


def _plain(found: Choice, field: Field, page: Path) -> dict[str, Any]:
    from goldworks.release.choice_words import headline

    where = {"use_case": field.use_case, "suite": field.suite, "version_id": field.version_id}
    return {"headline": headline(found), **where, **asdict(found), "page": str(page)}


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}", remedy="name another place: --page FILE") from None
