"""`goldworks erase`: a conversation, a user or a value is forgotten everywhere, and a certificate says what was removed."""

from __future__ import annotations

import re
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
from pipelines.shown_path import shown


def erase(
    conversation: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Conversation; may be given several times.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="HASH", help="User, by the keyed hash that the marts show as user_hash.")
    ] = None,
    user_id: Annotated[
        bool, typer.Option("--user-id", help="User, by the id that your logs give: asked for unseen, or read from stdin.")
    ] = False,
    value: Annotated[bool, typer.Option("--value", help="A value: asked for unseen, or read from stdin.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why, for the certificate: a ticket, no names.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show what is unfinished, and the certificates.")] = False,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check the signature of a certificate; show what it says.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Erase a conversation, a user or a value from everything that is kept; print and keep a signed certificate.

    Give one of --conversation, --user, --user-id and --value.

    What would go: goldworks erase --conversation conv-17 --dry-run

    A conversation: goldworks erase --conversation conv-17 --reason "request 2041"

    A user by the id of your logs: goldworks erase --user-id --reason "request 2042" --yes < id.txt

    A value, wherever it was said: goldworks erase --value --reason "request 2043"

    Ids of users and values are never given on the command line, for others can read it there.

    At a terminal you are asked, and nothing shows. An id is hashed with this home's keys, compared letter by letter, not kept.

    Logs, golden sets, answers, MLflow, previews and marts forget, with the old files' bytes; what arrives again is dropped.

    Interrupted, it is finished by the same command or by the next `goldworks run`.
    """
    home = open_home()
    named = [bool(conversation), user is not None, user_id, value, list_, verify is not None]
    if sum(named) != 1:
        raise typer.BadParameter("give one of --conversation, --user, --user-id, --value, --list and --verify")
    if list_:
        _show_list(home, as_json)
    elif verify is not None:
        _verify(home, verify, as_json)
    else:
        if user is not None and not re.fullmatch("[0-9a-f]{32}", user):
            raise InputError("--user takes a hash of 32 hex digits", remedy="for an id as your logs give it: --user-id")
        users = [user] if user is not None else _hashes_of_typed(home) if user_id else []
        _erase(home, conversation or [], users, reason, dry_run, yes, as_json)


def _erase(
    home: Home, conversations: list[str], users: list[str], reason: str | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    from assets.forgetting import forgetting_of
    from goldworks.forgetting.asking import order_conversations, order_user, order_value, preview, safe_reason
    from goldworks.forgetting.locating import locate
    from goldworks.forgetting.searching import search
    from goldworks.locks import alone

    sought = None if conversations or users else _sought(home)
    forgetting = forgetting_of(home)
    lake, version = home.lake, home.redactor.policy_version
    reason = safe_reason(reason, home.redactor, sought)
    console = Console(stderr=True)
    with alone(home.root / "line.lock", f"`goldworks run` or `demo` is going on in {shown(home.root)}"), forgetting.alone():
        if sought is not None:
            found = search(lake, sought)
            order = order_value(lake, sought, version, reason)
            for place, ids in sorted(found.in_ids.items()):
                console.print(f"[yellow]{len(ids)} in {place} hold the value; ids stay: erase those conversations[/]")
        elif users:
            order = order_user(lake, users[0], version, reason, users[1:])
        else:
            order = order_conversations(lake, conversations, version, reason)
        order = locate(lake, order, home.redactor)
        if dry_run:
            _show_preview(order, preview(order, forgetting.holders), as_json)
            return
        if not yes and not _is_confirmed(console, order, lambda: preview(order, forgetting.holders)):
            raise typer.Exit(1)
        is_gone = None if sought is None else lambda: not search(lake, sought).is_anywhere
        closed = forgetting.carry_out(order, verify=is_gone)
    _show_closed(closed, as_json)


def _typed(prompt: str) -> str:
    """What a person typed unseen, or what was piped in."""
    return (typer.prompt(prompt, hide_input=True) if sys.stdin.isatty() else sys.stdin.read()).strip()


def _hashes_of_typed(home: Home) -> list[str]:
    """The hashes of a typed id of a user under every key that is still there, the one in use first."""
    typed = _typed("Id of the user")
    if not typed:
        raise InputError("no id of a user was given", remedy="type it, or pipe it in: goldworks erase --user-id < id.txt")
    if len(typed.splitlines()) > 1:
        raise InputError("an id of a user is one line; nothing was erased", remedy="erase one user at a time")
    return [home.ring.at(generation).digest("user", typed) for generation in reversed(home.ring.generations)]


def _sought(home: Home) -> Any:
    """The typed value with its forms; it is never shown, stored or taken from the command line."""
    from goldworks.forgetting.values import sought

    types = set(home.lake.read("logs.entities", ["type"]).column(0).to_pylist())
    typed = _typed("Value to erase")
    if (lines := len(typed.splitlines())) > 1:
        Console(stderr=True).print(f"[yellow]The {lines} lines are one value; erase several values one at a time.[/]")
    return sought(typed, types, home.identities)


def _is_confirmed(console: Console, order: Any, foreseen: Any) -> bool:
    if not sys.stdin.isatty():
        raise InputError("nobody is there to confirm it", remedy="add --yes; --dry-run shows what would be removed")
    _print_foreseen(console, order, foreseen())
    return typer.confirm("Erase this? It cannot be undone", err=True)


def _show_preview(order: Any, counts: dict[str, dict[str, int]], as_json: bool) -> None:
    from goldworks.forgetting.wording import in_words, nothing_in, outcome

    if as_json:
        said = {
            "outcome": outcome(order, is_done=False),
            "would_remove": in_words(counts),
            "nothing_found_in": nothing_in(counts),
        }
        print_json({"order_id": order.order_id, **said})
    else:
        _print_foreseen(Console(), order, counts)


def _print_foreseen(console: Console, order: Any, counts: dict[str, dict[str, int]]) -> None:
    from goldworks.forgetting.wording import in_words, nothing_in, outcome

    console.print(outcome(order, is_done=False), markup=False, soft_wrap=True)
    _print_removed(console, "Would be removed or written anew", in_words(counts), nothing_in(counts))
    console.print("What shows any of it is made anew: pages in MLflow, previews in Dagster, marts.", soft_wrap=True)


def _show_closed(closed: Any, as_json: bool) -> None:
    from goldworks.forgetting.wording import in_words, nothing_in, outcome

    order = closed.order
    removed, nothing = in_words(order.done), nothing_in(order.done)
    said = outcome(order, is_done=True)
    if as_json:
        found = {"outcome": said, "removed": removed, "nothing_found_in": nothing}
        print_json({"order_id": order.order_id, "certificate": str(closed.certificate), **found})
        return
    console = Console()
    console.print(said, markup=False, soft_wrap=True)
    _print_removed(console, "Removed or written anew", removed, nothing)
    console.print(f"Certificate: {shown(closed.certificate)}", markup=False, soft_wrap=True)


def _print_removed(console: Console, title: str, removed: dict[str, dict[str, int]], nothing: list[str]) -> None:
    table = Table("where", "what", title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("count", justify="right")
    for place, counts in removed.items():
        for number, (what, count) in enumerate(counts.items()):
            table.add_row("" if number else place, what, f"{count:,}")
    if removed:
        console.print(table)
    if nothing:
        console.print(f"Nothing found in: {', '.join(nothing)}.", soft_wrap=True)


def _show_list(home: Home, as_json: bool) -> None:
    from goldworks.forgetting.certificate import Certificates
    from goldworks.forgetting.wording import in_words
    from goldworks.orders import Orders

    orders = Orders(home.root).open()
    waiting = [
        {"order_id": order.order_id, "opened_at": order.opened_at.isoformat(), "done": sorted(in_words(order.done))}
        for order in orders
    ]
    kept = Certificates(home.root).paths()
    if as_json:
        print_json({"open": waiting, "certificates": [str(path) for path in kept]})
        return
    for order in waiting:
        typer.echo(f"open since {order['opened_at']}: {order['order_id']} (goldworks run finishes it)")
    for path in kept:
        typer.echo(shown(path))
    if not waiting and not kept:
        typer.echo("Nothing was erased here yet.")


def _verify(home: Home, path: Path, as_json: bool) -> None:
    from goldworks.forgetting.certificate import Certificates

    certificates = Certificates(home.root)
    if not path.exists() and (certificates.folder / path.name).exists():  # its name is enough
        path = certificates.folder / path.name
    said = certificates.read(path, home.signer)
    if as_json:
        print_json(said)
        return
    console = Console(markup=False)
    console.print(f"Signed by this installation, and unchanged: {said['order_id']}, closed {said['closed_at']}.", soft_wrap=True)
    if said.get("outcome"):
        console.print(said["outcome"], soft_wrap=True)
    _print_removed(console, "Removed or written anew", said["removed"], said.get("nothing_found_in", []))
    if said["is_verified"] is not None:
        console.print(
            "Looked for once more, and not found." if said["is_verified"] else "Looked for once more, and STILL FOUND.",
            style="" if said["is_verified"] else "red",
        )
