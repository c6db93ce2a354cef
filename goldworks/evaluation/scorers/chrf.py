"""Scorer `chrf`: overlap of character sequences with the reference, by sacrebleu."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Chrf(Scorer):
    """chrF2 (Popovic 2015; F with recall twice as heavy, over 1 to 6 characters) in 0..1: sacrebleu's sentence chrF / 100.

    `word_order: 2` makes it chrF++. It needs no word boundaries, so it works for any script.

    - No reference, or one of white space: not applicable.
    - An empty answer: 0.
    """

    name = "chrf"

    class Settings(Policy):
        """`word_order`: longest sequence of words that counts beside characters."""

        word_order: int = Field(default=0, ge=0, le=4)

    def __init__(self, settings: Settings) -> None:
        self._word_order = settings.word_order

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.reference or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        found = self._metric.sentence_score(answer.text or "", [case.expected.reference or ""]).score / 100
        return Score(min(1.0, found))

    @cached_property
    def _metric(self) -> Any:
        from sacrebleu.metrics.chrf import CHRF  # more than a second, once

        return CHRF(word_order=self._word_order)
