"""`goldworks evidence` writes a signed pack about a release; `goldworks verify` checks one, anywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json
from pipelines.shown_path import shown

Edition = Literal["full", "customer"]


def evidence(
    release: Annotated[str, typer.Option(help="Release that it is about.")],
    use_case: Annotated[str | None, typer.Option(help="Use case, when several have a release of that name.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Release that it is held against; default as for `gate`.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: evidence/ of the home.")] = None,
    edition: Annotated[Edition, typer.Option(help="customer: without names of people, targets and reasons.")] = "full",
    as_json: AsJson = False,
) -> None:
    """Judge a release and write what the verdict rests on: a folder with rows, one page, a PDF and a signature. No text is in it.

    Example: goldworks evidence --use-case harbor-orders --release 1.1 --edition customer --out evidence-1.1

    Exit code 0 whatever the verdict is; `goldworks gate` gives it as a code.
    """
    folder, headline = write(open_home(), release, use_case, baseline, out, edition)
    if as_json:
        print_json({"pack": str(folder), "headline": headline})
    else:
        typer.echo(
            f"{headline}\nEvidence: {shown(folder)}\nOpen index.html or evidence.pdf in it; check it with goldworks verify."
        )


def write(
    home: Home,
    release: str,
    use_case: str | None = None,
    baseline: str | None = None,
    out: Path | None = None,
    edition: Edition = "full",
) -> tuple[Path, str]:
    """Judge and write; return the folder and the verdict in words."""
    from goldworks.evidence.keeping import pack_folder
    from goldworks.evidence.pack import write_pack
    from goldworks.release.deciding import decide
    from goldworks.release.outputs import headline

    expectations, now = home.settings.expectations, dt.datetime.now(dt.UTC)
    decision = decide(home.lake, expectations, home.signer, release, baseline=baseline, use_case=use_case, now=now)
    folder = out or pack_folder(home.root, decision.asked.use_case, release, edition)
    write_pack(home.lake, expectations, home.signer, decision, edition, folder, now)
    return folder, headline(decision.verdict)


def verify(
    pack: Annotated[Path, typer.Argument(help="Folder that goldworks evidence wrote.")],
    key: Annotated[Path | None, typer.Option(help="Public key of who signed (keys/signing.pub of their home).")] = None,
    as_json: AsJson = False,
) -> None:
    """Check an evidence pack: hashes, signature, and every verdict and figure computed again from the rows. Needs no home.

    Example: goldworks verify evidence-1.1 --key signing.pub

    Exit code 0: it holds; 1: something was changed or does not follow from the rows, and what.
    """
    from goldworks.evidence.verifying import verify_pack

    found = verify_pack(pack, key)
    if as_json:
        print_json(asdict(found))
    else:
        for problem in found.problems:
            typer.echo(f"WRONG {problem}")
        if not found.problems:
            typer.echo(f"It holds. {found.headline}")
        for note in found.notes:
            typer.echo(f"Note: {note}.")
        if found.is_own_key and found.key_id:
            typer.echo(f"Checked with the pack's own key {found.key_id}: anybody can sign so. Give the signer's: --key FILE.")
    if found.problems:
        raise typer.Exit(1)
