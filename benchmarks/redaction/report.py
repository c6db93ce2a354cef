"""What the benchmark prints, in 100 columns, and the figures it keeps: numbers by part and name, never a text."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.redaction.metrics import Span

WIDTH = 100
AROUND = 36


class Report:
    """Prints as it goes; `figures` is what `--json` writes. `shows_misses`: examples are printed too, on the screen only."""

    def __init__(self, shows_misses: bool = False) -> None:
        self.figures: dict[str, Any] = {}
        self.shows_misses = shows_misses
        self._console = Console(width=WIDTH, highlight=False, soft_wrap=False)

    def title(self, text: str) -> None:
        """A heading."""
        self._console.print(Text(f"\n{text}", style="bold"))

    def say(self, text: str) -> None:
        """A line or paragraph."""
        self._console.print(Text(text))

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table: the first column to the left, the others to the right."""
        made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        for index, name in enumerate(head):
            made.add_column(name, justify="left" if index == 0 else "right", overflow="fold")
        for row in rows:
            made.add_row(*(Text(cell) for cell in row))
        self._console.print(made)

    def examples(self, title: str, lines: Sequence[str]) -> None:
        """Examples, cut to the width."""
        if self.shows_misses and lines:
            self.say(f"  {title}")
            for line in lines:
                self.say(f"    {line}"[:WIDTH])

    def write(self, path: Path) -> None:
        """The figures as JSON."""
        path.write_text(json.dumps(self.figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def progress(text: str) -> None:
    """What is worked on now, beside the report."""
    print(f"... {text}", file=sys.stderr, flush=True)


def two(value: float | None) -> str:
    """A share with three digits, or a dash where there is none."""
    return "-" if value is None else f"{value:.3f}".removeprefix("0") if value < 1 else "1.00"


def of(part: int, whole: int) -> str:
    """`part of whole, share`."""
    return f"{part:,} of {whole:,}" + (f", {part / whole:.1%}" if whole else "")


def shown(text: str, span: Span) -> str:
    """A stretch with what stands around it, on one line."""
    start, end, type_ = span
    before, value, after = text[max(0, start - AROUND) : start], text[start:end], text[end : end + 16]
    return f"{type_:<16}{before!r:.38} [{value!r:.32}] {after!r}"
