"""How much a word looks like a name of a person: by lists, and by where its vector lies.

A spaCy model with word vectors knows half a million words. A plane through the space of those vectors, fitted to the listed
names on one side and the listed words on the other when the model is loaded, tells names it has no list of from words it has
no list of. Without vectors the lists alone speak.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from goldworks.redaction.name_lists import GIVEN, SURNAMES
from goldworks.redaction.words import NAMES_AND_WORDS, NO_NAMES, STARTERS, THINGS

Vector = npt.NDArray[np.float32]
_DAMPING = 3.0
_LISTED, _BONUS = 0.6, 0.4
_REMEMBERED = 50_000
_NO_NAMES = NO_NAMES | STARTERS
_MIXED = NAMES_AND_WORDS & (GIVEN | SURNAMES)


class Likeness:
    """Asked for a word as it is written; answers are between about -1.5 (a thing) and 1.5 (a name), 0 for an unknown word."""

    def __init__(self, vocabulary: Any) -> None:
        self._vectors, self._strings = vocabulary.vectors, vocabulary.strings
        self._plane = self._fitted() if self._vectors.n_keys else None
        self._known: dict[str, float] = {}

    def __call__(self, word: str) -> float:
        """The likeness of one word."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[word] = self._judged(word)
        return found

    def _judged(self, word: str) -> float:
        plain = bare(word)
        by_vector = self._by_vector(word)
        if by_vector is None and "-" in word:
            return max(map(self, word.split("-")))
        if plain in _NO_NAMES:
            return -1.0
        if plain in _MIXED:
            return by_vector if by_vector is not None else 0.0
        if plain in GIVEN or plain in SURNAMES:
            return _LISTED if by_vector is None else by_vector + (_BONUS if word[0].isupper() else 0.0)
        if plain in THINGS:
            return min(-0.5, by_vector or 0.0)
        return by_vector or 0.0

    def _by_vector(self, word: str) -> float | None:
        if self._plane is None:
            return None
        for form in dict.fromkeys((word, word.title(), word.lower())):
            vector = self._vector(form)
            if vector is not None:
                return float(vector @ self._plane[:-1] + self._plane[-1])
        return None

    def _vector(self, form: str) -> Vector | None:
        row = self._vectors.find(key=_hash(form))
        if row < 0:
            return None
        vector = self._vectors.data[row]
        size = float(np.linalg.norm(vector))
        return vector / size if size else None

    def _fitted(self) -> Vector:
        """The plane by weighted ridge regression: both kinds of words weigh the same, in both cases."""
        names = self._stacked(sorted((GIVEN | SURNAMES) - THINGS))
        things = self._stacked(sorted((THINGS | _NO_NAMES) - GIVEN - SURNAMES))
        points = np.vstack([names, things]).astype(np.float64)
        points = np.hstack([points, np.ones((len(points), 1))])
        sides = np.r_[np.ones(len(names)), -np.ones(len(things))]
        weights = np.r_[np.full(len(names), 0.5 / len(names)), np.full(len(things), 0.5 / len(things))] * len(points)
        weighted = points * weights[:, None]
        return np.linalg.solve(weighted.T @ points + _DAMPING * np.eye(points.shape[1]), weighted.T @ sides).astype(np.float32)

    def _stacked(self, words: Iterable[str]) -> Vector:
        forms = [form for word in words for form in (word.title(), word)]
        return np.array([vector for form in forms if (vector := self._vector(form)) is not None])


@lru_cache(maxsize=_REMEMBERED)
def bare(word: str) -> str:
    """A word as the lists write it: lower case, no accents, no possessive."""
    lower = word.lower().removesuffix("'s").removesuffix("’s")
    if lower.isascii():
        return lower
    return "".join(ch for ch in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(ch)).replace("ø", "o")


def is_given(word: str) -> bool:
    """A listed given name that is no ordinary word."""
    plain = bare(word)
    return plain in GIVEN and plain not in NAMES_AND_WORDS


def names_in(words: Sequence[str]) -> bool:
    """Whether any of the words is a listed name."""
    return any(bare(word) in GIVEN or bare(word) in SURNAMES for word in words)


def _hash(form: str) -> int:
    from spacy.strings import get_string_id

    return get_string_id(form)
