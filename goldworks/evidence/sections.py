"""What a document is made of: sections of paragraphs and tables, and figures in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """`widths`: relative."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`maps_to`: headings of the frameworks it speaks to."""

    title: str
    maps_to: str
    blocks: tuple[str | Table, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole."""

    title: str
    subtitle: str
    status: str
    headline: str
    sections: tuple[Section, ...]


def estimate_words(one: Mapping[str, Any] | None, *, sign: bool = False) -> str:
    """`91.2 % (88.0 to 93.9), n 243`, or why there is no number."""
    if one is None:
        return "none"
    if one["value"] is None:
        return f"no value: {one['reason']}"
    form = "+.1f" if sign else ".1f"
    ends = (
        "no interval" if one["low"] is None or one["high"] is None else f"{100 * one['low']:{form}} to {100 * one['high']:{form}}"
    )
    return f"{100 * one['value']:{form}} {'points' if sign else '%'} ({ends}), n {one['n']:,}"
