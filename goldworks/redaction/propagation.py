"""Layer 6: a value found anywhere in a conversation is found everywhere in it, however it is spaced, cased, split or encoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from goldworks.redaction.encoded import decoded
from goldworks.redaction.normalise import View, is_plain, normalise
from goldworks.redaction.values import WORD, folded
from goldworks.redaction.words import NAMES_AND_WORDS

_TO_DELETE = bytes(code for code in range(128) if not chr(code).isalnum())
_GAP = frozenset(" \t\r\n-._()/\\,:;+'\"@[]{}|*~`´’·–=&#!$%^?")
_DIGIT_GAP = frozenset(" \t\r\n-.()/+·–_")
_WIDEST_GAP = 4
SHORTEST_HIDDEN = 12
"""Characters that a text needs for base64 in it to hide anything."""
MOST_PLACES = 1_000_000
"""Places in one text where a value may stand: beyond any log that was not made to stop us."""
_GRAM, _FEW = 3, 40
LOOSE = 8
"""Squeezed characters from which a value is found inside words as well."""


class Needle(msgspec.Struct, frozen=True, gc=False):
    """A squeezed form to look for. A careful one is a part of a name: a whole word, and no common word in lower case; an
    unsure one, of a name that only a model saw, is never found in lower case.
    """

    form: str
    value: Any
    is_careful: bool = False
    is_unsure: bool = False


class Needles:
    """What is looked for in one conversation, in the order in which it was found.

    A few are looked for one by one. Many are looked up by their first letters at each place of a text, so that thousands of
    values in thousands of texts take time by the length of the texts alone.
    """

    def __init__(self) -> None:
        self._all: list[Needle] = []
        self._by_form: dict[str, list[int]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._short: list[int] = []

    def append(self, needle: Needle) -> None:
        """One more."""
        index = len(self._all)
        self._all.append(needle)
        self._by_form.setdefault(needle.form, []).append(index)
        if len(needle.form) < _GRAM:
            self._short.append(index)
            return
        lengths = self._lengths.setdefault(needle.form[:_GRAM], [])
        if len(needle.form) not in lengths:
            lengths.append(len(needle.form))

    def __len__(self) -> int:
        return len(self._all)

    def has(self, form: str) -> bool:
        """Whether exactly this is looked for."""
        return form in self._by_form

    def within(self, text: str) -> list[Needle]:
        """Those whose form stands in a squeezed text."""
        if len(self._all) <= _FEW:
            return [needle for needle in self._all if needle.form in text]
        found = {index for index in self._short if self._all[index].form in text}
        for form in {form for _, form in self._standing(text)}:
            found.update(self._by_form[form])
        return [self._all[index] for index in sorted(found)]

    def places(self, text: str, here: Sequence[Needle]) -> Iterator[tuple[int, Needle]]:
        """Where each of those `within` a squeezed text stands in it, needle by needle."""
        if len(here) <= _FEW:
            for needle in here:
                yield from ((at, needle) for at in _every(needle.form, text))
            return
        standing = [(index, at) for at, form in self._standing(text) for index in self._by_form[form]]
        standing += [(index, at) for index in self._short for at in _every(self._all[index].form, text)]
        for index, at in sorted(standing):
            yield at, self._all[index]

    def _standing(self, text: str) -> Iterator[tuple[int, str]]:
        for at in range(len(text) - _GRAM + 1):
            for length in self._lengths.get(text[at : at + _GRAM], ()):
                form = text[at : at + length]
                if form in self._by_form and len(form) == length:
                    yield at, form


def _every(form: str, text: str) -> Iterator[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


class TooMuchWork(Exception):
    """A text in which so much may stand that it is withheld."""


class Found(NamedTuple):
    """An occurrence in the original text."""

    start: int
    end: int
    needle: Needle


class Haystack:
    """A text, squeezed once, in which many values are looked for."""

    __slots__ = ("_hidden", "_squeezed", "_text", "_view")

    def __init__(self, text: str) -> None:
        self._text = text
        self._view: View | None = None
        self._hidden: list[tuple[int, int, str]] | None = None
        view_text = text
        if not is_plain(text):
            self._view = normalise(text)
            view_text = self._view.text
        self._squeezed = squeezed(view_text)

    def find(self, needles: Needles) -> list[Found]:
        """All occurrences, in no order; they may overlap."""
        here = needles.within(self._squeezed)
        found = [*self._find(needles, here)] if here else []
        if len(self._text) >= SHORTEST_HIDDEN:
            if self._hidden is None:
                self._hidden = [(start, end, squeezed(said)) for start, end, said in decoded(self._text)]
            for start, end, said in self._hidden:
                hit = next((n for n in needles.within(said) if len(n.form) >= 5 and not n.is_careful), None)
                if hit is not None:
                    found.append(Found(start, end, hit))
        return found

    def _find(self, needles: Needles, here: Sequence[Needle]) -> Iterator[Found]:
        view = self._view if self._view is not None else View(self._text)
        text = view.text
        flat, places = _mapped(text)
        for number, (at, needle) in enumerate(needles.places(flat, here)):
            if number > MOST_PLACES:
                raise TooMuchWork
            reach = at + len(needle.form)
            start, end = places[at], places[reach - 1] + 1
            if _fits(text, start, end, needle, places[at:reach]):
                yield Found(*view.origin(start, end), needle)


def _fits(text: str, start: int, end: int, needle: Needle, places: Sequence[int]) -> bool:
    form = needle.form
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    is_digits = form.isdigit()
    if is_digits and (before.isdigit() or after.isdigit() or (len(form) < LOOSE and (before.isalnum() or after.isalnum()))):
        return False
    is_bounded = form.isascii() and not is_digits and (len(form) < LOOSE or needle.is_careful)
    is_numbered = len(form) >= 5 and not needle.is_careful and not before.isalnum() and after.isdigit()
    if is_bounded and (before.isalnum() or after.isalnum()) and not is_numbered:
        return False
    if needle.is_careful:
        return end - start == len(form) and (text[start].isupper() or not (needle.is_unsure or form in NAMES_AND_WORDS))
    if end - start == len(form):
        return True
    gaps = _DIGIT_GAP if is_digits else _GAP
    widest = 0 if len(form) < 5 else _WIDEST_GAP
    for one, two in pairwise(places):
        if two - one > 1 and (two - one - 1 > widest or not gaps.issuperset(text[one + 1 : two])):
            return False
    return True


def squeezed(text: str) -> str:
    """Letters and digits as `values.squeeze` has them, quickly."""
    if text.isascii():
        return text.lower().encode().translate(None, _TO_DELETE).decode()
    return "".join(WORD.findall(folded(text)))


def _mapped(text: str) -> tuple[str, list[int]]:
    """The squeezed text with the place of each of its characters."""
    shown = folded(text)
    places: list[int] = []
    if len(shown) == len(text):
        runs = [match.span() for match in WORD.finditer(shown)]
        for start, end in runs:
            places.extend(range(start, end))
        return "".join([shown[start:end] for start, end in runs]), places
    letters: list[str] = []
    for index, ch in enumerate(text):
        for one in folded(ch):
            if WORD.match(one):
                letters.append(one)
                places.append(index)
    return "".join(letters), places
