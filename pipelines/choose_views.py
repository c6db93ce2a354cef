"""What `goldworks choose` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from goldworks.evaluation.report import in_words
from goldworks.release import choice_words as words

if TYPE_CHECKING:
    from goldworks.release.choosing import Choice
    from goldworks.release.contending import Field


def print_choice(choice: Choice, field: Field) -> None:
    """The headline, each contender, each pair, and what to know before one believes it."""
    console = Console()
    console.print(Text(words.headline(choice), style="bold"))
    title = Text(f"{field.use_case} · {field.suite} · {field.version_id.rsplit('-', 1)[-1][:8]}")
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), title=title)
    letters = words.letters(choice)
    for column in ("", "", choice.metric, "mean latency", "USD per 1,000", ""):
        table.add_column(Text(column), overflow="fold")
    for one in choice.standings:
        figures = in_words(one.metrics[choice.metric]), words.milliseconds(one.latency_ms), words.dollars(one.cost_usd)
        table.add_row(*map(Text, (letters[one.name], one.name, *figures, words.mark(one.place))))
    console.print(table)
    if choice.standings[0].aggregates:
        console.print(_aggregates(choice, letters))
    for one in choice.standings:
        said = f"{one.name}: {words.standing(choice, one)} in {choice.metric}; {words.place(choice, one, letters)}."
        console.print(Text(said))
    pairs = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for column in ("pair", "", "difference [95 %]", "claim"):
        pairs.add_column(column, overflow="fold")
    for claim in choice.claims:
        pair = f"{letters[claim.second]} - {letters[claim.first]}" if claim.measure == "quality" else ""
        pairs.add_row(*map(Text, (pair, claim.measure, words.difference(claim), words.verdict(claim, letters))))
    console.print(pairs)
    console.print(Text(words.method(choice)))
    for note in choice.notes:
        console.print(Text(f"Note: {note}."))


def _aggregates(choice: Choice, letters: Mapping[str, str]) -> Table:
    """Figures over all cases together: shown, not tested."""
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for column in ("over all cases", *(letters[one.name] for one in choice.standings)):
        table.add_column(Text(column), overflow="fold")
    for name in choice.standings[0].aggregates:
        said = f"{name} (advice)" if name in choice.advisory else name
        table.add_row(*map(Text, (said, *(in_words(one.aggregates[name]) for one in choice.standings))))
    return table
