"""What a rule is: a named regular expression with a cheap hint before it and a check behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Layer = Literal["pattern", "secret", "name"]


class Judged(NamedTuple):
    """How much of its rule's score a match deserves (0 none, 1 all), and the part of the text that is the value."""

    factor: float
    start: int
    end: int


Check = Callable[[re.Match[str]], "float | Judged"]
"""Judges a match. A factor between 0 and 1 may be raised again by a context word near it."""


def value_of(match: re.Match[str]) -> tuple[int, int]:
    """Where the value stands: the group `value` when the expression has one, else the whole match."""
    return match.span("value") if "value" in match.re.groupindex else match.span()


def always(match: re.Match[str]) -> float:
    """The expression alone decides."""
    return 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A built-in rule; the policy switches it on and gives it its score by `name`.

    `hint` matches in every text in which `regex` matches and is what the batch scan looks for (no groups, no looking around,
    so that hyperscan and RE2 read it alike); `regex` has bounded repetitions only, so that no text takes more than linear
    time. `across_lines`: also looked for in the text without the line breaks inside words. `again`: after a match that the
    check refused, the search goes on inside it.
    """

    name: str
    type: str
    layer: Layer
    hint: str
    regex: re.Pattern[str]
    check: Check = always
    across_lines: bool = False
    again: bool = False
