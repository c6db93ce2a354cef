"""Scorer `loops`: the assistant does not go round in circles."""

from __future__ import annotations

from collections import Counter

from pydantic import Field

from goldworks.digests import canonical
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.comparators import whole
from goldworks.evaluation.scorers.counts import spoken
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.tool_names import plain_name
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Loops(Scorer):
    """1 when no call is made more than `most_identical` times in one turn, else 0.

    Calls are identical when tool, arguments and, where it is told, the result are: asking again until something has changed is
    no loop. Arguments are compared as canonical JSON, 2 and 2.0 alike.

    - No call was made, or the case has no tools: not applicable.
    - In a conversation that was replayed each turn counts for itself: a user may ask the same again.
    """

    name = "loops"

    class Settings(Policy):
        """How often one and the same call is fine."""

        most_identical: int = Field(default=1, ge=1)

    def __init__(self, settings: Settings) -> None:
        self._most = settings.most_identical

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(case.tools or case.expected.tool_calls)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        if not answer.tool_calls:
            return not_applicable("no call was made")
        times = Counter(
            (call.turn, spoken(plain_name(call.name)), canonical(whole([call.name, call.arguments, call.result])))
            for call in answer.tool_calls
        )
        (_, name, _), most = max(times.items(), key=lambda found: found[1])
        return Score(float(most <= self._most), detail=f"{name} made {most} times alike")
