"""Scorer `bleu`: overlap of word sequences with the reference, by sacrebleu."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Bleu(Scorer):
    """BLEU of one answer against its reference, in 0..1: sacrebleu's sentence BLEU (effective order) / 100.

    The mean of it over cases is not the BLEU of the corpus, which pools counts over all of them: compare it with itself only.
    `tokenize` is sacrebleu's; `zh` for Chinese, `char` for other text without spaces.

    - No reference, or one of white space: not applicable.
    - An empty answer: 0.
    """

    name = "bleu"

    class Settings(Policy):
        """How text is cut into words."""

        tokenize: Literal["13a", "intl", "zh", "char", "none"] = "13a"

    def __init__(self, settings: Settings) -> None:
        self._tokenize = settings.tokenize

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.reference or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        found = self._metric.sentence_score(answer.text or "", [case.expected.reference or ""]).score / 100
        return Score(min(1.0, found))  # 100.00000000000004 for two equal texts

    @cached_property
    def _metric(self) -> Any:
        from sacrebleu.metrics.bleu import BLEU  # more than a second, once

        return BLEU(tokenize=self._tokenize, effective_order=True)
