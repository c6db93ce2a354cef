"""Layer 5's interface: whoever finds names of people finds them through `Names`.

spaCy's finder is in `people`. Any other model only has to say where names stand in plain text: `Viewed` shows it the text as
a scanner should see it, tidies what it finds and puts it in its place in the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from goldworks.redaction.normalise import normalise
from goldworks.redaction.tokens import PLACEHOLDER

Place = tuple[int, int]
"""Start and end of a stretch of text, in code points."""
Model = Callable[[Sequence[str]], list[list[Place]]]
"""Finds names in texts in which nothing is odd any more; its places may be untidy."""
_PIECE = re.compile(r"[^\n\r\x1a]+")
_POSSESSIVE = re.compile(r"(?:['’]s|['’])$")


class Names(Protocol):
    """Finds names of people."""

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text: code points, in order, not overlapping.

        What is found in a text depends on that text alone, never on those beside it.
        """
        ...


class Viewed:
    """A model behind `Names`."""

    def __init__(self, model: Model, not_names: Iterable[str]) -> None:
        self._model = model
        self._not_names = frozenset(name.casefold() for name in not_names)

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        views = [normalise(text) for text in texts]
        found: list[list[Place]] = [[] for _ in texts]
        asked = [index for index, view in enumerate(views) if any(map(str.isalpha, view.text))]
        answers = self._model([views[index].text.replace(PLACEHOLDER, "_") for index in asked])
        for index, places in zip(asked, answers, strict=True):
            view = views[index]
            tidy = (place for start, end in places for place in self._tidied(view.text, start, end))
            found[index] = in_order(view.origin(*place) for place in tidy)
        return found

    def _tidied(self, text: str, start: int, end: int) -> Iterator[Place]:
        """The names in [start, end): cut at line breaks and tokens, without what stands around a name."""
        for piece in _PIECE.finditer(text, start, end):
            first, last = piece.span()
            while first < last and _is_edge(text[first]):
                first += 1
            while last > first and _is_edge(text[last - 1]):
                last -= 1
            if possessive := _POSSESSIVE.search(text, first, last):
                last = possessive.start()
            name = text[first:last]
            if not any(map(str.isalpha, name)) or (len(name) == 1 and name.isascii()):
                continue
            if name.casefold() not in self._not_names:
                yield first, last


def in_order(places: Iterable[Place]) -> list[Place]:
    """Places sorted, those that overlap made one."""
    merged: list[Place] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_edge(char: str) -> bool:
    """White space, punctuation or a symbol. Not by `\\W`: many scripts write vowels as marks, and names end in them."""
    return unicodedata.category(char)[0] in "ZPSC"
