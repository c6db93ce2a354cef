"""How tools' names are compared."""

from __future__ import annotations


def plain_name(name: str) -> str:
    """A tool's name with dots as underscores, for providers that forbid dots."""
    return name.replace(".", "_")
