"""Scorer `contains`: the reference stands somewhere in the answer."""

from __future__ import annotations

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import holds
from goldworks.golden.read import Case


class Contains(Scorer):
    """1 when the words of the reference stand in the answer one after the other, else 0. For short references.

    - Letter case, punctuation, white space and thousands separators do not count; whole words only.
    - No reference, or an empty one: not applicable.
    - An empty answer: 0.
    """

    name = "contains"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.reference or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return Score(float(holds(answer.text or "", case.expected.reference or "")))
