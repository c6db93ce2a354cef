"""Scorer `tool_calls`: the calls the assistant asked for against those the case expects, argument by argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.comparators import arguments_fit
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.tool_names import plain_name
from goldworks.golden.read import Case, ExpectedCall
from goldworks.policies import Policy


class ToolCalls(Scorer):
    """Calls are paired one to one, as many as match, whatever their order; then by `measure`:

    `match`: 1 when every expected call is met and none is left over, else 0; `recall`: matched / expected; `precision`:
    matched / made; `name`: as `match`, by the tools' names alone.

    A call matches when the name is equal (dots and underscores alike), every expected argument compares equal by its
    comparator (see `comparators`), and no other argument is given (`allow_extra: true` permits them).

    - The case expects no call: not applicable, unless a suite sets `expects_none: true` for cases that must not act; then 1
      without a call and 0 with one.
    - Calls were expected and none was made: 0.
    """

    name = "tool_calls"

    class Settings(Policy):
        """What is measured."""

        measure: Literal["match", "recall", "precision", "name"] = "match"
        allow_extra: bool = False
        expects_none: bool = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def applies(self, case: Case) -> bool:
        """See the class."""
        return self._settings.expects_none or bool(case.expected.tool_calls)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        expected, made = case.expected.tool_calls or (), answer.tool_calls
        if not expected:
            return Score(float(not made), detail=f"{len(made)} calls where none was expected")
        matched = pairs(expected, made, self._fits)
        detail = f"{matched} matched of {len(expected)} expected and {len(made)} made"
        measure = self._settings.measure
        if measure == "recall":
            return Score(matched / len(expected), detail=detail)
        if measure == "precision":
            return Score(matched / len(made) if made else 0.0, detail=detail)
        return Score(float(matched == len(expected) == len(made)), detail=detail)

    def _fits(self, expected: ExpectedCall, made: Call) -> bool:
        if plain_name(expected.name) != plain_name(made.name):
            return False
        return self._settings.measure == "name" or arguments_fit(expected, made, allow_extra=self._settings.allow_extra)


def pairs(expected: Sequence[ExpectedCall], made: Sequence[Call], fits: Callable[[ExpectedCall, Call], bool]) -> int:
    """Size of a maximum one-to-one matching (augmenting paths), so that the order of calls cannot matter."""
    edges = [[j for j, call in enumerate(made) if fits(wanted, call)] for wanted in expected]
    taken: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for j in edges[i]:
            if j not in seen:
                seen.add(j)
                if j not in taken or place(taken[j], seen):
                    taken[j] = i
                    return True
        return False

    return sum(place(i, set()) for i in range(len(expected)))
