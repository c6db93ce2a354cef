"""What `goldworks gate` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from goldworks.release.outputs import accepted_words, headline, sign

if TYPE_CHECKING:
    from goldworks.release.gate_policy import GatePolicy
    from goldworks.release.verdict import Verdict

COLOURS = {"pass": "green", "conditional": "yellow", "inconclusive": "yellow", "fail": "red", "not_applicable": "dim"}


def print_verdict(verdict: Verdict, policy: GatePolicy) -> None:
    """The headline, the gates, what would settle the open ones, and what people accepted."""
    console = Console()
    console.print(Text(headline(verdict), style=f"bold {COLOURS[verdict.status]}"))
    means = {gate.gate: gate.means for gate in policy.gates}
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("gate", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for gate in verdict.gates:
        words = Text(gate.words)
        if gate.gate in means and gate.status != "pass":
            words = Text(f"{means[gate.gate]}: ", style="italic") + words
        if gate.accepted_by:
            words.append(f" Accepted by {', '.join(gate.accepted_by)}.")
        table.add_row(gate.gate, Text(sign(gate), style=COLOURS[gate.status]), words)
    console.print(table)
    open_ = [gate for gate in verdict.gates if gate.status == "inconclusive" and gate.settle is not None]
    if open_:
        console.print("What would settle it:")
    for words in dict.fromkeys(gate.settle.words for gate in open_ if gate.settle is not None):
        names = ", ".join(gate.gate for gate in open_ if gate.settle is not None and gate.settle.words == words)
        console.print(f"- {names}: {words}.", markup=False, highlight=False)
    for one in verdict.acceptances:
        console.print(accepted_words(one), markup=False, highlight=False)
    for note in verdict.notes:
        console.print(f"Note: {note}.", markup=False, highlight=False)
