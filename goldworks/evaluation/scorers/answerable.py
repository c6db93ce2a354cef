"""Scorer `answerable`: an answer when the passages hold it, and none when they do not."""

from __future__ import annotations

from typing import Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.labels import Decision, detail_of
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Answerable(Scorer):
    """1 when a case that is `answerable` is answered, or one that is not is declined; else 0. Whether it is right, others say.

    `cases: answerable` and `cases: unanswerable` look at one kind alone. The detail holds the decision (`answer` or `decline`),
    so that the aggregate `macro_f1` gives the confusion of the two.

    - What declining is, fixed English phrases decide, see `refusal`: it knows no other language, and must not gate alone.
    - The case does not say whether it is answerable: not applicable.
    - A tool call is an answer. An empty answer is neither, and 0 for both kinds.
    """

    name = "answerable"

    class Settings(Policy):
        """Which cases are looked at."""

        cases: Literal["all", "answerable", "unanswerable"] = "all"

    def __init__(self, settings: Settings) -> None:
        self._cases = settings.cases

    def applies(self, case: Case) -> bool:
        """See the class."""
        is_answerable = case.expected.answerable
        return is_answerable is not None and (self._cases == "all" or is_answerable == (self._cases == "answerable"))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        expected = "answer" if case.expected.answerable else "decline"
        text = (answer.text or "").strip()
        said = None
        if answer.tool_calls or text:
            said = "decline" if not answer.tool_calls and is_refusal(text) else "answer"
        return Score(float(said == expected), detail=detail_of(Decision(expected, said)))
