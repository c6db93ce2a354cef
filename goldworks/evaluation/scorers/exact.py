"""Scorer `exact`: the answer is the reference."""

from __future__ import annotations

from typing import Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import plain, words
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Exact(Scorer):
    """1 when answer and reference are equal, else 0.

    - `ignore: form` (default): letter case, punctuation and white space do not count; `ignore: nothing`: only white space
      at both ends does not count.
    - No reference, or an empty one: not applicable.
    - An empty answer to a reference with text: 0.
    """

    name = "exact"

    class Settings(Policy):
        """What counts as equal."""

        ignore: Literal["form", "nothing"] = "form"

    def __init__(self, settings: Settings) -> None:
        self._is_strict = settings.ignore == "nothing"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.reference or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        reference, text = (case.expected.reference or "").strip(), (answer.text or "").strip()
        if self._is_strict:
            return Score(float(reference == text))
        is_equal = words(reference) == words(text) if words(reference) else plain(reference) == plain(text)
        return Score(float(is_equal))
