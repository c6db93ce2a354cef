"""Counts per tool and argument in the detail of a score, so that a rate per argument can be reported without the texts.

`place_order() 1/2; place_order.quantity 1/2`: of two calls, and of two values of the argument, one was in order. What goes
before the counts ends with ` | `. The aggregate `per_argument` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Counts = Mapping[str, tuple[int, int]]
"""Place -> (in order, judged)."""

SPEAKABLE = re.compile(r"[A-Za-z_][\w.:-]{0,79}")
COUNT = re.compile(r"([A-Za-z_][\w.:-]{0,161}(?:\(\))?) (\d+)/(\d+)")
SEPARATOR = " | "


def spoken(name: str) -> str:
    """A tool's or argument's name; one that is no plain name may hold text of the conversation: it becomes `other`."""
    return name if SPEAKABLE.fullmatch(name) else "other"


def place(tool: str, argument: str | None = None) -> str:
    """`tool()` or `tool.argument`."""
    return f"{spoken(tool)}()" if argument is None else f"{spoken(tool)}.{spoken(argument)}"


def counted(judged: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    """Counts of single judgments (place, in order), in the order of their places."""
    found: dict[str, tuple[int, int]] = {}
    for where, is_good in judged:
        good, all_of = found.get(where, (0, 0))
        found[where] = good + is_good, all_of + 1
    return dict(sorted(found.items()))


def with_counts(words: str, counts: Counts) -> str:
    """A detail: some words, and the counts."""
    told = "; ".join(f"{where} {good}/{all_of}" for where, (good, all_of) in counts.items())
    return f"{words}{SEPARATOR}{told}" if told else words


def counts_in(detail: str | None) -> dict[str, tuple[int, int]]:
    """The counts of a detail; none where it has none."""
    _, separator, told = (detail or "").rpartition(SEPARATOR)
    if not separator:
        return {}
    found = [COUNT.fullmatch(part) for part in told.split("; ")]
    return {match[1]: (int(match[2]), int(match[3])) for match in found if match is not None}
