"""The Pareto front of quality, latency and cost: whom no other beats in everything. By the values, not by what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[float | None, float | None, float | None]
"""Quality (more is better), latency and cost (less is better); None is unknown."""


@dataclass(frozen=True, slots=True)
class Place:
    """`beaten_by`: those that are at least as good in all and better in something; none: it is on the front.

    `is_provisional`: it is there only because a measure is unknown, of it or of another: by what is known of both, some other
    beats it.
    """

    beaten_by: tuple[str, ...]
    is_provisional: bool

    @property
    def is_on_front(self) -> bool:
        """Whether nobody beats it."""
        return not self.beaten_by


def front(points: Mapping[str, Point]) -> dict[str, Place]:
    """The place of each. A measure that is known of none is left out; equal ones do not beat each other.

    What is unknown of one of two can neither be said to be better nor worse, so neither beats the other.
    """
    used = [index for index in range(3) if any(point[index] is not None for point in points.values())]
    places: dict[str, Place] = {}
    for name, mine in points.items():
        others = {other: theirs for other, theirs in points.items() if other != name}
        beaten_by = tuple(other for other, theirs in others.items() if _beats(theirs, mine, used))
        by_known = any(_beats(theirs, mine, [i for i in used if None not in (theirs[i], mine[i])]) for theirs in others.values())
        places[name] = Place(beaten_by, not beaten_by and by_known)
    return places


def _beats(one: Point, other: Point, used: list[int]) -> bool:
    is_better = False
    for index in used:
        mine, theirs = one[index], other[index]
        if mine is None or theirs is None:
            return False
        gain = mine - theirs if index == 0 else theirs - mine
        if gain < 0:
            return False
        is_better = is_better or gain > 0
    return is_better
