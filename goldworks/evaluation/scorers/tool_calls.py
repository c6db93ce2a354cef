"""Scorer `tool_calls`: the calls the assistant asked for against those the case expects, argument by argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

from goldworks.digests import canonical
from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import plain
from goldworks.golden.read import Case, ExpectedCall
from goldworks.policies import Policy

ABSENT = object()


class ToolCalls(Scorer):
    """Calls are paired one to one, as many as match, whatever their order; then by `measure`:

    `match`: 1 when every expected call is met and none is left over, else 0; `recall`: matched / expected; `precision`:
    matched / made; `name`: as `match`, by the tools' names alone.

    A call matches when the name is equal (dots and underscores alike), every expected argument compares equal by its
    comparator, and no other argument is given (`allow_extra: true` permits them). Comparators: `exact` (default; JSON
    values, 2 and 2.0 alike, true is not 1), `casefold` (text without letter case, white space and `,./-_*^"'`), `number` (2 and
    "2.0" alike), `contains` (the expected text stands in the given one; an empty one stands in any), `any` (whatever is given,
    or nothing).

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


def arguments_fit(expected: ExpectedCall, made: Call, *, allow_extra: bool) -> bool:
    """Whether the arguments of a call are those expected. Arguments that are no JSON object fit nothing but an equal value."""
    if not isinstance(made.arguments, Mapping):
        return made.arguments is None and all(how == "any" for how in map(expected.comparators.get, expected.arguments))
    given = cast("Mapping[str, Any]", made.arguments)
    if not allow_extra and any(name not in expected.arguments and name not in expected.comparators for name in given):
        return False
    names = {*expected.arguments, *expected.comparators}
    return all(
        argument_fits(expected.comparators.get(name, "exact"), expected.arguments.get(name, ABSENT), given.get(name, ABSENT))
        for name in names
    )


def argument_fits(comparator: str, wanted: Any, given: Any) -> bool:
    """Whether one argument is what was expected; see `ToolCalls` for the comparators."""
    if comparator == "any":
        return True
    if wanted is ABSENT or given is ABSENT:
        return wanted is given
    if comparator == "number":
        a, b = _number(wanted), _number(given)
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if comparator == "contains":
        return _bare(wanted) in _bare(given)
    if comparator == "casefold":
        return _bare(wanted) == _bare(given)
    return canonical(_whole(wanted)) == canonical(_whole(given))


def plain_name(name: str) -> str:
    """A tool's name with dots as underscores, for providers that forbid dots."""
    return name.replace(".", "_")


def _whole(value: Any) -> Any:
    """Integral floats as integers, at any depth."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in cast("Sequence[Any]", value)]
    return value


def _bare(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(_whole(value)).decode()
    return "".join(ch for ch in plain(text) if not ch.isspace() and ch not in ",./-_*^\"'")


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        number = float(str(value).replace(",", "").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None
