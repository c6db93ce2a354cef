"""Scorer `tool_calls`: the calls the assistant asked for against those the case expects, argument by argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.comparators import ABSENT, argument_fits, arguments_fit
from goldworks.evaluation.scorers.counts import Counts, counted, place, with_counts
from goldworks.evaluation.scorers.pairing import paired
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

    The detail counts, per tool and argument, what was met of what was expected.
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
        met = paired(expected, made, self._fits)
        matched = len(met)
        told = f"{matched} matched of {len(expected)} expected and {len(made)} made"
        detail = told if self._settings.measure == "name" else with_counts(told, argument_counts(expected, made, met))
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


def argument_counts(expected: Sequence[ExpectedCall], made: Sequence[Call], matched: Mapping[int, int]) -> Counts:
    """Per expected tool whether the call was met, and per expected argument whether it was.

    A call that is not met is held against a call of the same tool that met none, in the order in which they were made.
    """
    left = [j for j in range(len(made)) if j not in matched.values()]
    judged: list[tuple[str, bool]] = []
    for i, wanted in enumerate(expected):
        judged.append((place(wanted.name), i in matched))
        near = matched.get(i, next((j for j in left if plain_name(made[j].name) == plain_name(wanted.name)), None))
        if near in left:
            left.remove(near)
        given = made[near].arguments if near is not None else None
        known = cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}
        for name, value in wanted.arguments.items():
            fits = near is not None and argument_fits(wanted.comparators.get(name, "exact"), value, known.get(name, ABSENT))
            judged.append((place(wanted.name, name), i in matched or fits))
    return counted(judged)
