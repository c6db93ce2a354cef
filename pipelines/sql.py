"""`goldworks sql`: one query, or a prompt, on the published marts. Read-only, and without access to other files."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from goldworks.adapters.published import is_whole
from goldworks.adapters.published import query as run_query
from goldworks.errors import GoldworksError
from goldworks.home import Home

MOST_ROWS = 200
"""Rows shown on a terminal; --json gives all."""

MOST_RECORDS = 10
"""Rows shown when they are too wide for a table and stand one value per line."""


def run_sql(home: Home, text: str | None, as_json: bool) -> None:
    """Run one query: `text`, or what is piped in. At a terminal without either, read queries from a prompt."""
    console = Console()
    if text is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    if text is not None:
        _show(console, *run_query(home.root, text), as_json)
        return
    tables = "select table_name from information_schema.tables order by 1"
    names = ", ".join(str(row[0]) for row in run_query(home.root, tables)[1])
    console.print(f"Marts of {home.root}, read-only. Tables: {names}")
    console.print("A query ends with ; or an empty line. An empty line at the beginning, or ctrl-D, ends all.")
    while typed := _typed(console):
        try:
            _show(console, *run_query(home.root, typed), as_json)
        except GoldworksError as error:
            console.print(f"[red]{escape(str(error))}[/]")


def _typed(console: Console) -> str:
    """One query from the prompt, of several lines if need be; empty at the end. A line that is empty within one goes on."""
    lines: list[str] = []
    try:
        while True:
            line = console.input("[bold]...> [/]" if lines else "[bold]sql> [/]").rstrip()
            if not line and (not lines or is_whole("\n".join(lines))):
                return "\n".join(lines)
            lines.append(line)
            if line.endswith(";"):
                return "\n".join(lines)
    except EOFError:
        return "\n".join(lines)


def _show(console: Console, columns: list[str], rows: list[tuple[Any, ...]], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str) + "\n")
        return
    if not rows:
        console.print("no rows" if columns else "done")
        return
    most = MOST_ROWS if _fits(console, columns, rows) else MOST_RECORDS
    cells = [["" if value is None else escape(_text(value)) for value in row] for row in rows[:most]]
    if most == MOST_ROWS:
        table = Table(*(escape(column) for column in columns))
        for row in cells:
            table.add_row(*row)
        console.print(table)
    else:
        for number, row in enumerate(cells, start=1):
            console.rule(f"row {number} of {len(rows):,}", align="left")
            record = Table(show_header=False, box=None)
            for column, cell in zip(columns, row, strict=True):
                record.add_row(f"[bold]{escape(column)}[/]", cell)
            console.print(record)
    if len(rows) > most:
        console.print(f"{len(rows) - most:,} more rows; name fewer columns, or use --json for all")


def _fits(console: Console, columns: list[str], rows: list[tuple[Any, ...]]) -> bool:
    """Whether a table of these rows is readable: each column at least as wide as its name and, up to 20, its values."""
    shown = [columns, *([_text(value)[:20] for value in row] for row in rows[:MOST_ROWS])]
    widths = [max(len(row[index]) for row in shown) for index in range(len(columns))]
    return sum(widths) + 3 * len(widths) + 1 <= console.width


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
