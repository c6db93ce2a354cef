"""Scorer `token_f1`: overlap of the words of answer and reference."""

from __future__ import annotations

from collections import Counter

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import words
from goldworks.golden.read import Case


class TokenF1(Scorer):
    """Harmonic mean of precision and recall over casefolded words without punctuation, counted with multiplicity.

    As in SQuAD, except that articles count.

    - No reference, or one without words: not applicable.
    - An empty answer: 0.
    """

    name = "token_f1"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(words(case.expected.reference or ""))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        reference, text = Counter(words(case.expected.reference or "")), Counter(words(answer.text or ""))
        common = (reference & text).total()
        return Score(2 * common / (reference.total() + text.total()))
