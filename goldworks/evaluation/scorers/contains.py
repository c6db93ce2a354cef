"""Scorer `contains`: the reference stands somewhere in the answer."""

from __future__ import annotations

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import holds, words
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Contains(Scorer):
    """1 when the words of the reference stand in the answer one after the other, else 0.

    - Letter case, punctuation, white space and the spelling of numbers do not count; whole words and whole numbers only.
    - No reference, or an empty one: not applicable.
    - A reference of more than `most_words` words: not applicable, for no good answer repeats a paragraph word for word.
    - An empty answer: 0.
    """

    name = "contains"

    class Settings(Policy):
        """What counts as a short reference."""

        most_words: int = Field(default=12, ge=1)

    def __init__(self, settings: Settings) -> None:
        self._most_words = settings.most_words

    def applies(self, case: Case) -> bool:
        """See the class."""
        reference = (case.expected.reference or "").strip()
        return bool(reference) and len(words(reference)) <= self._most_words

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return Score(float(holds(answer.text or "", case.expected.reference or "")))
