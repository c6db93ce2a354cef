"""Scorer `rouge_l`: longest common subsequence of the words of answer and reference."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import LCSseq

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import words
from goldworks.golden.read import Case
from goldworks.policies import Policy

ASCII_WORD = re.compile(r"[a-z0-9]+")


class RougeL(Scorer):
    """F1 of the longest common subsequence of the words of answer and reference (Lin 2004, beta = 1), no stemming.

    - `words: ascii` (default): runs of a-z and 0-9 after lower-casing, so that the value equals `rougeL` of the package
      rouge-score. Letters such as é and every other script vanish there; `words: unicode` takes all letters, as the other text
      scorers do, and then equals no published number.
    - No reference, or one without such words: not applicable.
    - An empty answer: 0.
    """

    name = "rouge_l"

    class Settings(Policy):
        """What a word is."""

        words: Literal["ascii", "unicode"] = "ascii"

    def __init__(self, settings: Settings) -> None:
        self._is_ascii = settings.words == "ascii"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(self._words(case.expected.reference or ""))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        reference, text = self._words(case.expected.reference or ""), self._words(answer.text or "")
        return Score(2 * LCSseq.similarity(reference, text) / (len(reference) + len(text)))

    def _words(self, text: str) -> tuple[str, ...]:
        return _ascii_words(text) if self._is_ascii else words(text)


@lru_cache(maxsize=4096)
def _ascii_words(text: str) -> tuple[str, ...]:
    return tuple(ASCII_WORD.findall(text.lower()))
