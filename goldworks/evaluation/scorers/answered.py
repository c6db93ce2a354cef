"""Scorer `answered`: there is an answer at all."""

from __future__ import annotations

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.golden.read import Case


class Answered(Scorer):
    """1 when the answer says or does something, 0 when it is empty or declines. Not whether it is right.

    It stands beside metrics that have nothing to say of such answers (`lexical_support`): a release that looks better only
    because it answers less shows here. What declining is, fixed English phrases decide; see `refusal`.

    - A tool call is an answer.
    - The case should be refused: not applicable.
    """

    name = "answered"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return not case.expected.should_refuse

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = (answer.text or "").strip()
        if answer.tool_calls:
            return Score(1.0, detail="tool call")
        if not text:
            return Score(0.0, detail="empty answer")
        return Score(0.0, detail="refused") if is_refusal(text) else Score(1.0)
