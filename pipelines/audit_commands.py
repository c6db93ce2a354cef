"""`goldworks audit`: the monthly integrity audit as a signed page, and checking one."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json
from pipelines.shown_path import shown


def audit(
    month: Annotated[str | None, typer.Option(metavar="MONTH", help="Month, as 2026-11; default: this one.")] = None,
    mend: Annotated[bool, typer.Option("--mend", help="First take away rights that others have on files of the home.")] = False,
    verify: Annotated[Path | None, typer.Option(metavar="FILE", help="Check the page or the facts of an audit instead.")] = None,
    public_key: Annotated[Path | None, typer.Option(help="Check with this public key (keys/signing.pub of who signed).")] = None,
    as_json: AsJson = False,
) -> None:
    """Look at the integrity of the home and write a signed page about a month. Exit code 1 when there are findings.

    Findings are what an auditor must be told first: lines that do not add up, rows that lead nowhere, a broken audit log or
    certificate, file rights, policies that changed unnoticed. The page, in integrity/ of the home, shows all that was looked at.

    The month before: goldworks audit --month 2026-10

    To check a page: goldworks audit --verify .goldworks/integrity/2026-11.html

    On another machine, beside the page its .json and .dsse.json: goldworks audit --verify 2026-11.html --public-key signing.pub
    """
    home = open_home()
    if verify is not None:
        _verify(home, verify, public_key, as_json)
        return
    if public_key is not None:
        raise typer.BadParameter("--public-key goes with --verify")
    month = month or f"{dt.datetime.now(dt.UTC):%Y-%m}"
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise typer.BadParameter(f"{month!r} is no month: give it as 2026-11", param_hint="--month")
    _audit(home, month, mend, as_json)


def _audit(home: Home, month: str, mend: bool, as_json: bool) -> None:
    from goldworks.access.file_rights import mend_rights, wrong_rights
    from goldworks.integrity.facts import gather
    from goldworks.integrity.page import write
    from goldworks.integrity.policies import note_policies

    if mend and (wrong := wrong_rights(home.root)):
        home.audit_log.append("rights.mended", {"files": mend_rights(wrong)})
    note_policies(home.settings.expectations, home.audit_log)
    facts = gather(home, month)
    page = write(home.root, facts, home.signer)
    home.audit_log.append("audit.written", {"month": month, "findings": len(facts["findings"])})
    if as_json:
        print_json({"page": str(page), "findings": facts["findings"], "audit_log": facts["audit_log"]})
    else:
        console = Console()
        for finding in facts["findings"]:
            console.print(f"[red]{escape(finding)}[/]")
        if not facts["findings"]:
            console.print("[green]No findings.[/]")
        console.print(f"Signed page: {escape(shown(page))}", soft_wrap=True)
    if facts["findings"]:
        raise typer.Exit(1)


def _verify(home: Home, file: Path, public_key: Path | None, as_json: bool) -> None:
    from goldworks.errors import GoldworksError
    from goldworks.integrity.page import check

    signed, verdict = check(file, home.signer, home.audit_log, public_key)
    if verdict is not None and verdict.broken_seq is not None:
        raise GoldworksError(
            f"the page is as it was signed, the audit log of {shown(home.root)} not: "
            f"entry {verdict.broken_seq}, {verdict.reason}",
            remedy="keep both, and ask who had access to the home since",
        )
    if as_json:
        print_json(signed)
        return
    typer.echo(f"As it was signed: {signed['month']}, page and facts.")
    if verdict is not None:
        typer.echo(f"The audit log still begins with the {signed['audit_head']['length']} entries that it quotes.")
