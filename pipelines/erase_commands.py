"""`goldworks erase`: a conversation, a user or a value is forgotten everywhere, and a certificate says what was removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from goldworks.errors import InputError
from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json


def erase(
    conversation: Annotated[list[str] | None, typer.Option(help="Conversation; may be given several times.")] = None,
    user: Annotated[str | None, typer.Option(metavar="HASH", help="User, by the keyed hash in the column user_hash.")] = None,
    value: Annotated[bool, typer.Option("--value", help="A value: asked for unseen, or read from stdin.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why, for the certificate: a ticket, no names.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show open orders and certificates.")] = False,
    verify: Annotated[Path | None, typer.Option(help="Check the signature of a certificate.")] = None,
    as_json: AsJson = False,
) -> None:
    """Erase a conversation, a user or a value from everything that is kept; print and keep a signed certificate.

    Example: goldworks erase --conversation conv-17 --reason "request 2041"

    Logs, candidates, golden versions, answers, MLflow, previews and marts forget, with the old files' bytes; what arrives again
    is dropped. Interrupted, it is finished by the same command or by the next `goldworks run`.
    """
    home = open_home()
    named = [bool(conversation), user is not None, value, list_, verify is not None]
    if sum(named) != 1:
        raise typer.BadParameter("give one of --conversation, --user, --value, --list and --verify")
    if list_:
        _show_list(home, as_json)
    elif verify is not None:
        _verify(home, verify, as_json)
    else:
        _erase(home, conversation or [], user, reason, dry_run, yes, as_json)


def _erase(
    home: Home, conversations: list[str], user: str | None, reason: str | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    from assets.forgetting import forgetting_of
    from goldworks.forgetting.asking import order_conversations, order_user, order_value, preview, safe_reason
    from goldworks.forgetting.locating import locate
    from goldworks.forgetting.searching import search
    from goldworks.locks import alone

    sought = None if conversations or user else _sought(home)
    forgetting = forgetting_of(home)
    lake, version = home.lake, home.redactor.policy_version
    reason = safe_reason(reason, home.redactor, sought)
    console = Console(stderr=True)
    with alone(home.root / "line.lock", f"`goldworks run` or `demo` is going on in {home.root}"), forgetting.alone():
        if sought is not None:
            found = search(lake, sought)
            order = order_value(lake, sought, version, reason)
            for place, ids in sorted(found.in_ids.items()):
                console.print(f"[yellow]{len(ids)} in {place} hold the value; ids stay: erase those conversations[/]")
        elif user:
            order = order_user(lake, user, version, reason)
        else:
            order = order_conversations(lake, conversations, version, reason)
        order = locate(lake, order, home.redactor)
        counts = preview(lake, order)
        if dry_run:
            _show_preview(order.order_id, counts, as_json)
            return
        if not yes and not _is_confirmed(console, counts):
            raise typer.Exit(1)
        is_gone = None if sought is None else lambda: not search(lake, sought).is_anywhere
        closed = forgetting.carry_out(order, verify=is_gone)
    _show_closed(closed, as_json)


def _sought(home: Home) -> Any:
    """The typed value with its forms; it is never shown, stored or taken from the command line."""
    from goldworks.forgetting.values import sought

    typed = typer.prompt("Value to erase", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    types = set(home.lake.read("logs.entities", ["type"]).column(0).to_pylist())
    return sought(typed, types, home.identities)


def _is_confirmed(console: Console, counts: dict[str, int]) -> bool:
    if not sys.stdin.isatty():
        raise InputError("nobody is there to confirm it", remedy="add --yes; --dry-run shows what would be removed")
    console.print(_table("To be removed or written anew", counts))
    return typer.confirm("Erase this? It cannot be undone", err=True)


def _show_preview(order_id: str, counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json({"order_id": order_id, "would_remove": counts})
    else:
        Console().print(_table("Would be removed or written anew", counts))


def _show_closed(closed: Any, as_json: bool) -> None:
    removed = {f"{place} {name}": n for place, counts in closed.order.done.items() for name, n in counts.items()}
    if as_json:
        print_json({"order_id": closed.order.order_id, "certificate": str(closed.certificate), "removed": closed.order.done})
        return
    console = Console()
    console.print(_table("Removed or written anew", removed))
    console.print(f"Certificate: {closed.certificate}", soft_wrap=True)


def _table(title: str, counts: dict[str, int]) -> Table:
    table = Table("where", "count", title=title, title_justify="left", box=SIMPLE_HEAD)
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    return table


def _show_list(home: Home, as_json: bool) -> None:
    from goldworks.forgetting.certificate import Certificates
    from goldworks.forgetting.orders import Orders

    waiting = [
        {"order_id": order.order_id, "opened_at": order.opened_at.isoformat(), "done": sorted(order.done)}
        for order in Orders(home.root).open()
    ]
    kept = [str(path) for path in Certificates(home.root).paths()]
    if as_json:
        print_json({"open": waiting, "certificates": kept})
        return
    for order in waiting:
        typer.echo(f"open since {order['opened_at']}: {order['order_id']} (goldworks run finishes it)")
    for path in kept:
        typer.echo(path)
    if not waiting and not kept:
        typer.echo("Nothing was erased here yet.")


def _verify(home: Home, path: Path, as_json: bool) -> None:
    from goldworks.forgetting.certificate import Certificates

    said = Certificates(home.root).read(path, home.signer)
    if as_json:
        print_json(said)
        return
    console = Console()
    console.print(f"Signed by this installation, and unchanged: {said['order_id']}, closed {said['closed_at']}.", soft_wrap=True)
    console.print(
        _table("Removed or written anew", {f"{p} {n}": c for p, counts in said["removed"].items() for n, c in counts.items()})
    )
    if said["is_verified"] is not None:
        console.print(
            "Looked for once more, and not found." if said["is_verified"] else "[red]Looked for once more, and still found.[/]"
        )
