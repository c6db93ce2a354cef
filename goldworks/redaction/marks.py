"""Values of a conversation, and the stretches of its leaves that stand for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec


class Value(msgspec.Struct, eq=False, gc=False):
    """A value of the conversation; it gets its token where it first stands."""

    type: str
    rule: str
    score: float
    value_hash: str
    variant_hashes: tuple[str, ...]
    variant_words: int
    token: str | None = None


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A stretch of a leaf that will be replaced."""

    start: int
    end: int
    rule: str
    layer: str
    score: float
    value: Value


def resolved(marks: Iterable[Mark], text: str) -> list[Mark]:
    """Marks of `text` that do not overlap, in order: what contains others wins, two that only overlap become one.

    A carried value that begins in one found value and ends in another says nothing more than these: in "Rosa Lindqvist,
    rosa@posteo.example" stand a name and an address, and no "Lindqvist, rosa".
    """
    marks = sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.layer == "propagation", -mark.score))
    if len(marks) > 2:
        found = [mark for mark in marks if mark.layer != "propagation"]
        ends = [*accumulate((mark.end for mark in found), max)]
        marks = [mark for mark in marks if mark.layer != "propagation" or not _is_said_by(found, ends, mark, text)]
    chosen: list[Mark] = []
    for mark in marks:
        if not chosen or mark.start >= chosen[-1].end:
            chosen.append(mark)
        elif mark.end > chosen[-1].end:
            last = chosen[-1]
            better = last if last.score >= mark.score else mark
            chosen[-1] = Mark(last.start, mark.end, better.rule, better.layer, better.score, better.value)
    return chosen


def _is_said_by(found: Sequence[Mark], ends: Sequence[int], carried: Mark, text: str) -> bool:
    """Whether every letter and digit of a carried value lies in found values, in one of them only partly inside it.

    `found` is in order; `ends`: where they and all before them have ended, so that only those near it are looked at.
    """
    at, crosses = carried.start, False
    for index in range(bisect_right(ends, at), len(found)):
        mark = found[index]
        if mark.start >= carried.end:
            break
        if mark.end <= at:
            continue
        if any(map(str.isalnum, text[at : mark.start])):
            return False
        crosses = (
            crosses or mark.start < carried.start < mark.end < carried.end or carried.start < mark.start < carried.end < mark.end
        )
        at = max(at, mark.end)
    return crosses and not any(map(str.isalnum, text[at : carried.end]))
