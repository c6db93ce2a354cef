"""Aggregate `share_of_cases`: the share of cases whose repeats reach a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Part, Scored, Tally, by_case
from goldworks.policies import Policy
from goldworks.statistics import rate


class ShareOfCases(Aggregate):
    """A case counts when `repeats` of its values (`all`, the default; `most`, more than half; `any`) are at least `at_least`.

    The interval is that of a rate over cases (Wilson, clustered).

    - A case with a missing repeat: missing, whatever its other repeats are, for the missing one could decide.
    - A case the metric does not apply to is left out; one with some repeats that do not apply is judged by the others.
    - No case left: no value, `n_zero`.
    """

    name = "share_of_cases"
    needs_cases = False

    class Settings(Policy):
        """Which value is reached, by how many repeats."""

        at_least: float = Field(default=1.0, gt=0, le=1)
        repeats: Literal["all", "most", "any"] = "all"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        cases = by_case(scores)
        values = [self._counts([score.value for score in group]) for group in cases.values()]
        return Aggregated(rate(values, [group[0].cluster_id for group in cases.values()], confidence=confidence))

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """Whether each case counts, and 1."""
        parts: list[Part] = []
        for case_id, group in by_case(scores).items():
            counts = self._counts([score.value for score in group])
            parts.append(Part((case_id,), group[0].cluster_id, None if counts is None else (float(counts), 1.0)))
        return Tally((2,), tuple(parts), self.whole)

    def _counts(self, values: Sequence[float | None]) -> bool | None:
        reached = [value >= self._settings.at_least for value in values if value is not None]
        if len(reached) < len(values):
            return None
        if self._settings.repeats == "all":
            return all(reached)
        return any(reached) if self._settings.repeats == "any" else 2 * sum(reached) > len(reached)
