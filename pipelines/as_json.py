"""For machines: the option `--json`, and what it prints."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import orjson
import typer

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


def print_json(value: Any) -> None:
    """`value` on stdout."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
