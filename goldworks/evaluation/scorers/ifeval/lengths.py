"""Instructions about how long an answer is: sentences, paragraphs, words."""

from __future__ import annotations

import re

from pydantic import Field

from goldworks.evaluation.scorers.ifeval.check import Check, Relation, compares
from goldworks.evaluation.scorers.words import sentences
from goldworks.policies import Policy

DIVIDER = re.compile(r"\s?\*\*\*\s?")


class Sentences(Policy):
    """So many sentences."""

    num_sentences: int = Field(ge=0)
    relation: Relation


class Paragraphs(Policy):
    """Exactly so many paragraphs, divided by `***`."""

    num_paragraphs: int = Field(ge=1)


class Words(Policy):
    """So many words."""

    num_words: int = Field(ge=0)
    relation: Relation


class FirstWord(Policy):
    """Exactly `num_paragraphs` paragraphs, divided by blank lines, of which number `nth_paragraph` begins with `first_word`."""

    num_paragraphs: int = Field(ge=1)
    nth_paragraph: int = Field(ge=1)
    first_word: str = Field(min_length=1)


def number_sentences(text: str, settings: Sentences) -> bool:
    """Sentences as all scorers cut them (`words.sentences`): at `.`, `!`, `?` before white space, and at line ends."""
    return compares(len(sentences(text)), settings.relation, settings.num_sentences)


def number_paragraphs(text: str, settings: Paragraphs) -> bool:
    """Divided by `***`; one that is empty between two dividers fails, at either end it is no paragraph."""
    parts = DIVIDER.split(text)
    if any(not part.strip() for part in parts[1:-1]):
        return False
    return sum(bool(part.strip()) for part in parts) == settings.num_paragraphs


def number_words(text: str, settings: Words) -> bool:
    """Runs of letters, digits and underscores: `don't` is two words, as in IFEval."""
    return compares(len(re.findall(r"\w+", text)), settings.relation, settings.num_words)


def nth_paragraph_first_word(text: str, settings: FirstWord) -> bool:
    """Empty paragraphs do not count. Quotation marks before the first word and what follows it do not; nor does letter case."""
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    if len(paragraphs) != settings.num_paragraphs or settings.nth_paragraph > len(paragraphs):
        return False
    word = paragraphs[settings.nth_paragraph - 1].split()[0].lstrip("'\"")
    return re.split(r"[.,?!'\"]", word, maxsplit=1)[0].lower() == settings.first_word.lower()


CHECKS = {
    "length_constraints:number_sentences": Check(Sentences, number_sentences),
    "length_constraints:number_paragraphs": Check(Paragraphs, number_paragraphs),
    "length_constraints:number_words": Check(Words, number_words),
    "length_constraints:nth_paragraph_first_word": Check(FirstWord, nth_paragraph_first_word),
}
