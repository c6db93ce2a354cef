"""The leak audit at a terminal: one message after another, and what the judgments say."""

from __future__ import annotations

import getpass

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from goldworks.lake import Lake
from goldworks.review.leak_audit import Audit, Judgment, judge, leak_rate, messages, shown
from pipelines.as_json import print_json

SHOWN = ("value", "low", "high", "confidence", "method", "n", "n_missing", "reason")


def account() -> str:
    """The name of the account that runs this."""
    return getpass.getuser()


def ask(lake: Lake, audit: Audit, by: str) -> Audit:
    """Show the open messages one by one; every judgment is kept at once."""
    console = Console()
    rows = messages(lake, audit.open)
    waiting = [item for item in audit.open if (item.conversation_id, item.message_id) in rows]
    for number, item in enumerate(waiting, start=1):
        row = rows[item.conversation_id, item.message_id]
        title = f"{number} of {len(waiting)}: {row['role']}"
        console.print(Panel(Text(shown(row)), title=title, title_align="left"))
        said = typer.prompt("Is personal data left in it? [y]es, [n]o, [s]kip, [q]uit", default="n").strip().lower()[:1]
        if said == "q":
            break
        if said in ("y", "n"):
            kinds = typer.prompt("What kinds? (PERSON, PHONE_NUMBER, ...)", default="") if said == "y" else ""
            types = [part.strip().upper() for part in kinds.split(",") if part.strip()]
            judgment: Judgment = "leak" if said == "y" else "clean"
            audit = judge(lake, audit, {item.message_id: (judgment, types)}, by)
    return audit


def print_report(audit: Audit, as_json: bool) -> None:
    """The leak rate so far."""
    estimate = leak_rate(audit)
    kinds: dict[str, int] = {}
    for item in audit.items:
        for kind in item.types:
            kinds[kind] = kinds.get(kind, 0) + 1
    judged = len(audit.items) - len(audit.open)
    if as_json:
        print_json(
            {
                "audit_id": audit.audit_id,
                "population": audit.population,
                "sample": len(audit.items),
                "judged": judged,
                "leak_rate": {
                    name: getattr(estimate, name) for name in ("value", "low", "high", "confidence", "method", "reason")
                },
                "kinds": kinds,
            }
        )
        return
    console = Console()
    console.print(f"Audit {audit.audit_id}: {judged} of {len(audit.items)} sampled messages judged, of {audit.population:,}.")
    if estimate.value is None or estimate.low is None or estimate.high is None:
        console.print(f"No leak rate yet ({estimate.reason}): judge messages at a terminal, or with --sheet and --read.")
        return
    interval = f"{estimate.low:.2%} to {estimate.high:.2%} with {estimate.confidence:.0%} confidence, {estimate.method}"
    console.print(f"Leak rate {estimate.value:.2%} of messages ({interval}).")
    for kind, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])):
        console.print(f"  {kind}: {count}")
