"""What a conversation has said so far, and whether a value of a tool's argument is supported by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from rapidfuzz import fuzz, process

from goldworks.evaluation.scorers.moments import RELATIVE, SMALL, WEEKDAYS, date_in, dates, time_in, times
from goldworks.evaluation.scorers.words import STOP, numbers, stem, words

TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
NUMBER_WORDS = {word: number for number, word in enumerate(SMALL)} | TENS | {"couple": 2, "both": 2, "pair": 2, "dozen": 12}
INDIFFERENT = frozenset(["dontcare", "any", "none", "null", "n/a", "true", "false", "yes", "no", "unknown", "default"])
PERCENT = re.compile(r"\b\d+(?:\.\d+)? ?%")
NUMERIC = re.compile(r"[$€£]?\s*-?\d[\d,.]*")
LONG_DIGITS = 5
"""A number of so many digits is an identifier: it may stand within a word, and leading zeros count."""
SHORTEST_ALIKE = 5
"""Words of fewer letters must be the same."""
ALIKE = 80
"""Similarity (rapidfuzz ratio, 0..100) from which a longer word is another spelling."""


class Evidence:
    """Text seen so far. `tell` adds some; `supports` asks about a value."""

    def __init__(self, least_words: float = 0.5, synonyms: Mapping[str, Sequence[str]] | None = None) -> None:
        """`least_words`: share of the words of a text that must have been said; `synonyms`: other words for a value."""
        self._least = least_words
        self._synonyms = {squeeze(value): tuple(map(squeeze, others)) for value, others in (synonyms or {}).items()}
        self._words: set[str] = set()
        self._squeezed = " "
        self._numbers: set[str] = set()
        self._dates: set[tuple[int | None, int]] = set()
        self._weekdays: set[str] = set()
        self._times: set[int] = set()
        self._is_relative = False

    def tell(self, text: str) -> None:
        """Add what somebody said."""
        self._add(text)
        lower = _lower(text)
        self._numbers |= numbers(PERCENT.sub(" ", text))
        self._numbers |= {str(NUMBER_WORDS[word]) for word in words(text) if word in NUMBER_WORDS}
        self._is_relative = self._is_relative or RELATIVE.search(lower) is not None
        self._times |= times(lower)
        self._weekdays |= {day for day in WEEKDAYS if day in lower}

    def tell_result(self, value: Any) -> None:
        """Add what a tool returned. Its numbers count where they are a whole value: `2% milk` is no quantity."""
        for leaf in leaves(value):
            text = leaf if isinstance(leaf, str) else str(leaf)
            self._add(text)
            if NUMERIC.fullmatch(text.strip()):
                self._numbers |= numbers(text)
            if (found := time_in(text)) is not None:
                self._times |= found

    def supports(self, value: Any, schema: Any = None) -> bool | None:
        """Whether a single value is supported; None when it cannot be judged. See `ArgumentGrounding`."""
        if value is None or isinstance(value, bool):
            return None
        declared = cast("Mapping[str, Any]", schema) if isinstance(schema, Mapping) else {}
        text = str(value).strip()
        if not text or text.casefold() in INDIFFERENT or value == declared.get("default"):
            return None
        supported = self._holds(text)
        choices = declared.get("enum")
        if not supported and isinstance(choices, list):
            others = [str(choice) for choice in cast("list[Any]", choices) if isinstance(choice, str | int | float)]
            return False if any(self._holds(other) for other in others if other != text) else None
        return supported

    def _holds(self, text: str) -> bool:
        if (day := date_in(text)) is not None:
            named = WEEKDAYS[day.weekday()] in self._weekdays
            return named or self._is_relative or (day.month, day.day) in self._dates or (None, day.day) in self._dates
        if (found := time_in(text)) is not None:
            return bool(found & self._times)
        if NUMERIC.fullmatch(text):
            digits = "".join(ch for ch in text if ch.isdigit())
            if len(digits) >= LONG_DIGITS:
                return digits in self._squeezed.replace(" ", "")
            return bool(numbers(text) & (self._numbers | {"1"}))
        squeezed = squeeze(text)
        wordings = (squeezed, *self._synonyms.get(squeezed, ()), _initials(squeezed))
        return any(wording and f" {wording} " in self._squeezed for wording in wordings) or self._holds_words(text)

    def _holds_words(self, text: str) -> bool:
        here = words(text)
        wanted = {stem(word) for word in here if word not in STOP} or {stem(word) for word in here}
        if not wanted:
            return False
        found = {word for word in wanted if self._holds_word(word)}
        is_whole = all(word in found for word in wanted if any(ch.isdigit() for ch in word))
        return is_whole and len(found) >= self._least * len(wanted)

    def _holds_word(self, word: str) -> bool:
        """Whether a word was said, but for its inflection, a slip of the pen, or an abbreviation."""
        if word in self._words:
            return True
        if len(word) < SHORTEST_ALIKE or not word.isalpha():
            return False
        if any(other.startswith(word) or word.startswith(other) for other in self._words if len(other) >= SHORTEST_ALIKE):
            return True
        return process.extractOne(word, self._words, scorer=fuzz.ratio, score_cutoff=ALIKE) is not None

    def _add(self, text: str) -> None:
        self._words |= {stem(word) for word in words(text)}
        self._squeezed += f"{squeeze(text)} "
        self._dates |= dates(_lower(text))


def squeeze(text: str) -> str:
    """Words of letters and digits with single blanks between, without case."""
    return " ".join(re.findall(r"[^\W_]+", _lower(text)))


def _initials(squeezed: str) -> str:
    """`sf` of `san francisco`; nothing of a single word."""
    parts = squeezed.split()
    return "".join(part[0] for part in parts) if len(parts) > 1 else ""


def leaves(value: Any) -> Iterator[Any]:
    """Single values of a JSON value: texts and numbers, at any depth; keys are none."""
    if isinstance(value, Mapping):
        for item in cast("Mapping[str, Any]", value).values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Any]", value):
            yield from leaves(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def _lower(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
