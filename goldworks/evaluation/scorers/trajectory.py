"""Scorer `trajectory`: the calls in the order in which they were made, against the reference order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.comparators import arguments_fit
from goldworks.evaluation.scorers.pairing import paired
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.tool_names import plain_name
from goldworks.golden.read import Case, ExpectedCall
from goldworks.policies import Policy


class Trajectory(Scorer):
    """The calls made against `expected.tool_calls`, which stand in the reference order; by `measure`:

    `exact`: the same calls in the same order, and no other; `in_order`: every reference call in order, others may stand between;
    `any_order`: every reference call, whatever the order and whatever else; `unordered`: the same calls in any order, and no
    other; `precision`: matched / made; `recall`: matched / reference. A call matches one other at most, so a call made twice
    costs precision. These are the trajectory metrics of Google's Vertex AI, and agentevals' `unordered`.

    Calls match by name and arguments, with the comparators of the case; `arguments: ignore` compares names only,
    `allow_extra: true` permits arguments that the case does not name.

    - The case expects no call: not applicable, unless a suite sets `expects_none: true` for cases that must not act; then
      precision is 0 if the assistant acts and 1 if not, recall, in_order and any_order are 1.
    - Calls were expected and none was made: 0 by every measure.
    - Of a conversation that was replayed all turns count, one after the other.
    """

    name = "trajectory"

    class Settings(Policy):
        """What is measured."""

        measure: Literal["exact", "in_order", "any_order", "unordered", "precision", "recall"] = "in_order"
        arguments: Literal["compare", "ignore"] = "compare"
        allow_extra: bool = False
        expects_none: bool = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def applies(self, case: Case) -> bool:
        """See the class."""
        return self._settings.expects_none or bool(case.expected.tool_calls)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        wanted, made = case.expected.tool_calls, answer.tool_calls
        matched = len(paired(wanted, made, self._fits))
        detail = f"{matched} matched of {len(wanted)} expected and {len(made)} made"
        return Score(self._value(wanted, made, matched), detail=detail)

    def _value(self, wanted: Sequence[ExpectedCall], made: Sequence[Call], matched: int) -> float:
        measure = self._settings.measure
        if measure == "precision":
            return matched / len(made) if made else float(not wanted)
        if measure == "recall":
            return matched / len(wanted) if wanted else 1.0
        if measure == "any_order":
            return float(matched == len(wanted))
        if measure == "unordered":
            return float(matched == len(wanted) == len(made))
        in_order = self._stand_in_order(wanted, made)
        return float(in_order and (measure == "in_order" or len(wanted) == len(made)))

    def _stand_in_order(self, wanted: Sequence[ExpectedCall], made: Sequence[Call]) -> bool:
        """Taking the first call that fits each time finds an order whenever there is one."""
        left = iter(made)
        return all(any(self._fits(one, call) for call in left) for one in wanted)

    def _fits(self, wanted: ExpectedCall, made: Call) -> bool:
        if plain_name(wanted.name) != plain_name(made.name):
            return False
        return self._settings.arguments == "ignore" or arguments_fit(wanted, made, allow_extra=self._settings.allow_extra)
