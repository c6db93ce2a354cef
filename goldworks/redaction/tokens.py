"""Tokens such as `<PERSON_1>` and withheld markers: how they look, and how they are numbered in a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable

TOKEN = re.compile(r"<(?:([A-Z][A-Z0-9_]*)_([0-9]{1,9})|WITHHELD:[a-z_]{1,40})>")
"""A token or a withheld marker; group 1 is the type and group 2 the number of a token."""

PLACEHOLDER = "\x1a"
"""Stands for a whole token while a text is searched: no rule matches it, and it is longer or shorter than no number."""


def withheld(reason: str) -> str:
    """The marker that replaces a field that could not be processed."""
    return f"<WITHHELD:{reason}>"


class Numbering:
    """Gives out the numbers of one conversation, per type, in the order of asking. Known tokens keep theirs."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._last: dict[str, int] = {}
        for token in taken:
            self.reserve(token)

    def reserve(self, text: str) -> None:
        """Never give out a token that stands in `text` already."""
        for match in TOKEN.finditer(text):
            if match[1]:
                self._last[match[1]] = max(self._last.get(match[1], 0), int(match[2]))

    def next(self, type_: str) -> str:
        """The next token of a type."""
        number = self._last.get(type_, 0) + 1
        self._last[type_] = number
        return f"<{type_}_{number}>"
