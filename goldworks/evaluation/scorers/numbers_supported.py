"""Scorer `numbers_supported`: every number of the answer stands in the passages."""

from __future__ import annotations

import re

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.citing import cited_sentences
from goldworks.evaluation.scorers.passages import may_have_passages, passages_of
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.quotes import texts_for
from goldworks.evaluation.scorers.words import numbers
from goldworks.golden.read import Case
from goldworks.policies import Policy

LIST_MARK = re.compile(r"(?m)^\s*\d{1,3}[.)]\s+")


class NumbersSupported(Scorer):
    """Share of the numbers in the answer's sentences that stand in the passages: of a sentence with citations, in the cited
    ones, else in any. A precise alarm with low recall: what is wrong without a new number it does not see.

    - Numbers are compared in one spelling: 1,200 is 1200, 12.50 is 12.5, 5 % is 5. Units are not compared. Number words
      (`five`) and digits within words or redaction tokens are no numbers. The marks of a numbered list are none either.
    - `allow_asked: true` (default): numbers that stand in the messages before the answer are the user's own and left out.
    - The answer has no number to check: not applicable. No passages, in the case or fetched: not applicable.
    - A sentence whose citations all resolve to nothing: its numbers are not supported.
    """

    name = "numbers_supported"

    class Settings(Policy):
        """Which numbers are looked at."""

        allow_asked: bool = True

    def __init__(self, settings: Settings) -> None:
        self._allow_asked = settings.allow_asked

    def applies(self, case: Case) -> bool:
        """See the class."""
        return may_have_passages(case)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        passages = passages_of(case, answer)
        if not passages:
            return not_applicable("there are no passages")
        asked: set[str] = set()
        if self._allow_asked:
            asked.update(*(numbers(message.text) for message in case.messages if message.text))
        stated = supported = 0
        for sentence in cited_sentences(LIST_MARK.sub("", answer.text or ""), passages):
            wanted = numbers(sentence.text) - asked
            if wanted:
                here = frozenset[str]().union(*(numbers(text) for text in texts_for(sentence, passages)))
                stated, supported = stated + len(wanted), supported + len(wanted & here)
        if not stated:
            return not_applicable("no number to check")
        return Score(supported / stated, detail=f"{supported} of {stated} numbers stand in the passages")
