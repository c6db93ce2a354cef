"""Scorer `step_limit`: the assistant gets there in a bounded number of calls."""

from __future__ import annotations

from collections import Counter

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.golden.read import Case
from goldworks.policies import Policy


class StepLimit(Scorer):
    """1 when no turn takes more than `most_calls` tool calls, else 0.

    - No call was made, or the case has no tools: not applicable.
    """

    name = "step_limit"

    class Settings(Policy):
        """Calls that one turn may take."""

        most_calls: int = Field(default=10, ge=1)

    def __init__(self, settings: Settings) -> None:
        self._most = settings.most_calls

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(case.tools or case.expected.tool_calls)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        if not answer.tool_calls:
            return not_applicable("no call was made")
        most = max(Counter(call.turn for call in answer.tool_calls).values())
        return Score(float(most <= self._most), detail=f"{most} calls in a turn at most")
