"""Instructions about words and letters that an answer must hold, or must not."""

from __future__ import annotations

import re

from pydantic import Field

from goldworks.evaluation.scorers.ifeval.check import Check, Relation, compares
from goldworks.policies import Policy


class Keywords(Policy):
    """`keywords`: each stands in the answer."""

    keywords: tuple[str, ...] = Field(min_length=1)


class Frequency(Policy):
    """`keyword` stands `frequency` times."""

    keyword: str = Field(min_length=1)
    frequency: int = Field(ge=0)
    relation: Relation


class Forbidden(Policy):
    """None of the `forbidden_words` stands in the answer."""

    forbidden_words: tuple[str, ...] = Field(min_length=1)


class Letters(Policy):
    """`letter` occurs `let_frequency` times."""

    letter: str = Field(min_length=1, max_length=1)
    let_frequency: int = Field(ge=0)
    let_relation: Relation


def existence(text: str, settings: Keywords) -> bool:
    """Each keyword stands somewhere, within a word too; letter case does not count."""
    return all(word.lower() in text.lower() for word in settings.keywords)


def frequency(text: str, settings: Frequency) -> bool:
    """Occurrences, within words too, without overlap; letter case does not count."""
    return compares(text.lower().count(settings.keyword.lower()), settings.relation, settings.frequency)


def forbidden_words(text: str, settings: Forbidden) -> bool:
    """No such word as a whole word; letter case does not count, `cat` does not forbid `category`."""
    return not any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in settings.forbidden_words)


def letter_frequency(text: str, settings: Letters) -> bool:
    """Occurrences of the letter, whatever its case."""
    return compares(text.lower().count(settings.letter.lower()), settings.let_relation, settings.let_frequency)


CHECKS = {
    "keywords:existence": Check(Keywords, existence),
    "keywords:frequency": Check(Frequency, frequency),
    "keywords:forbidden_words": Check(Forbidden, forbidden_words),
    "keywords:letter_frequency": Check(Letters, letter_frequency),
}
