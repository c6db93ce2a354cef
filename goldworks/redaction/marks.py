"""Values of a conversation, and the stretches of its leaves that stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Value:
    """A value of the conversation; it gets its token where it first stands."""

    type: str
    rule: str
    score: float
    value_hash: str
    variant_hashes: tuple[str, ...]
    variant_words: int
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a leaf that will be replaced."""

    start: int
    end: int
    rule: str
    layer: str
    score: float
    value: Value


def resolved(marks: Iterable[Mark]) -> list[Mark]:
    """Marks that do not overlap, in order: what contains others wins, two that only overlap become one."""
    chosen: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.layer == "propagation", -mark.score)):
        if not chosen or mark.start >= chosen[-1].end:
            chosen.append(mark)
        elif mark.end > chosen[-1].end:
            last = chosen[-1]
            better = last if last.score >= mark.score else mark
            chosen[-1] = Mark(last.start, mark.end, better.rule, better.layer, better.score, better.value)
    return chosen
