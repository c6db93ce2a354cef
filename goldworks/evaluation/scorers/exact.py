"""Scorer `exact`: the answer is the reference."""

from __future__ import annotations

from typing import Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import plain, spelled
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Exact(Scorer):
    """1 when answer and reference are equal, else 0.

    - `ignore: form` (default): letter case, punctuation, white space and the spelling of numbers do not count (1,250 is 1250,
      12.50 is 12.5), but -5 is not 5. Symbols are punctuation: `5 %` equals `5`, and `C++` equals `C`.
    - `ignore: nothing`: only white space at both ends does not count.
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
        is_equal = spelled(reference) == spelled(text) if spelled(reference) else plain(reference) == plain(text)
        return Score(float(is_equal))
