"""Paths as a person would type them."""

from __future__ import annotations

from pathlib import Path


def shown(path: Path) -> str:
    """A path below the working folder without what leads there, any other as it is."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
