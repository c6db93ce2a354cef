"""What the benchmark prints, and the figures for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Report:
    """Prints as it goes; `figures` holds everything that was measured."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}

    def title(self, text: str) -> None:
        """A heading."""
        print(f"\n## {text}\n")

    def say(self, text: str) -> None:
        """A sentence."""
        print(f"{text}\n")

    def table(self, caption: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        """A table, columns padded so that it can be read as it stands and pasted as Markdown."""
        widths = [max(len(row[index]) for row in [columns, *lines]) for index in range(len(columns))]
        if caption:
            print(f"{caption}:\n")
        for row in [columns, ["-" * width for width in widths], *lines]:
            print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        print()

    def write(self, path: Path) -> None:
        """The figures as JSON."""
        path.write_text(json.dumps(self.figures, indent=1) + "\n", encoding="utf-8")


def progress(text: str) -> None:
    """Say on stderr what goes on."""
    sys.stderr.write(f"... {text}\n")
    sys.stderr.flush()
