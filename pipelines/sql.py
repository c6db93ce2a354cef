"""`goldworks sql`: one query, or a prompt, on the published marts. Read-only, and without access to other files."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from goldworks.adapters.warehouse import query as run_query
from goldworks.errors import GoldworksError
from goldworks.home import Home

MOST_ROWS = 200
"""Rows shown on a terminal; --json gives all."""


def run_sql(home: Home, text: str | None, as_json: bool) -> None:
    """Run one query, or read queries from a prompt until an empty line or ctrl-D."""
    console = Console()
    if text is not None:
        _show(console, *run_query(home.root, text), as_json)
        return
    tables = "select table_name from information_schema.tables order by 1"
    names = ", ".join(str(row[0]) for row in run_query(home.root, tables)[1])
    console.print(f"Marts of {home.root}, read-only. Tables: {names}\nOne query per line; an empty line ends.")
    while True:
        try:
            line = console.input("[bold]sql> [/]").strip()
        except EOFError:
            return
        if not line:
            return
        try:
            _show(console, *run_query(home.root, line), as_json)
        except GoldworksError as error:
            console.print(f"[red]{escape(str(error))}[/]")


def _show(console: Console, columns: list[str], rows: list[tuple[Any, ...]], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str) + "\n")
        return
    table = Table(*(escape(column) for column in columns))
    for row in rows[:MOST_ROWS]:
        table.add_row(*("" if value is None else escape(_text(value)) for value in row))
    console.print(table)
    if len(rows) > MOST_ROWS:
        console.print(f"{len(rows) - MOST_ROWS:,} more rows; use --json for all")


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
