"""Scorer `rouge_l`: longest common subsequence of the words of answer and reference."""

from __future__ import annotations

from rapidfuzz.distance import LCSseq

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import words
from goldworks.golden.read import Case


class RougeL(Scorer):
    """F1 of the longest common subsequence over casefolded words without punctuation (Lin 2004, beta = 1), no stemming.

    - No reference, or one without words: not applicable.
    - An empty answer: 0.
    """

    name = "rouge_l"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(words(case.expected.reference or ""))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        reference, text = words(case.expected.reference or ""), words(answer.text or "")
        return Score(2 * LCSseq.similarity(reference, text) / (len(reference) + len(text)))
