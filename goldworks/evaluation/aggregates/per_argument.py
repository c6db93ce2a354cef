"""Aggregate `per_argument`: how often each argument of each tool is in order, over all answers of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Detail, Part, Scored, Tally, by_case
from goldworks.evaluation.scorers.counts import counts_in
from goldworks.policies import Policy
from goldworks.statistics import Estimate, rate


class PerArgument(Aggregate):
    """The share of arguments in order, of all that a scorer judged, with a row for each tool and argument.

    It reads the counts that `tool_schema`, `tool_calls`, `argument_grounding` and `divergence` leave in the detail of a score.
    Over `tool_calls` it is recall: of what was expected, what was met. `of: calls` takes the counts of whole calls instead.
    Every argument counts once for each time it was judged; the interval is that of a rate, clustered by conversation.

    - No score has such counts: no value, `n_zero`. Answers that are missing count as missing, once each.
    """

    name = "per_argument"

    class Settings(Policy):
        """What is counted."""

        of: Literal["arguments", "calls"] = "arguments"

    def __init__(self, settings: Settings) -> None:
        self._of_calls = settings.of == "calls"

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        told = [(one.cluster_id, self._counts(one.detail)) for one in scores if one.value is not None]
        found = places(told, confidence)
        missing = sum(one.is_missing for one in scores)
        whole = _rate([(cluster, count) for cluster, counts in told for count in counts.values()], confidence, missing)
        rows = tuple((place, *_cells(estimate)) for place, estimate in found.items())
        title = "Calls in order, by tool" if self._of_calls else "Arguments in order, by tool and argument"
        return Aggregated(whole, Detail(title, ("where", "judged", "in order", "interval"), rows) if rows else None)

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """What was in order, and judged, in each case."""
        parts: list[Part] = []
        for case_id, group in by_case(scores).items():
            told = [count for one in group if one.value is not None for count in self._counts(one.detail).values()]
            added = (float(sum(good for good, _ in told)), float(sum(judged for _, judged in told)))
            parts.append(Part((case_id,), group[0].cluster_id, None if all(one.value is None for one in group) else added))
        return Tally((2,), tuple(parts), self.whole)

    def _counts(self, detail: str | None) -> dict[str, tuple[int, int]]:
        return {place: count for place, count in counts_in(detail).items() if place.endswith("()") == self._of_calls}


def places(told: Iterable[tuple[str, Mapping[str, tuple[int, int]]]], confidence: float = 0.95) -> dict[str, Estimate]:
    """The rate of each place, by name, from (cluster, counts) of each answer."""
    found: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    for cluster, counts in told:
        for place, count in counts.items():
            found.setdefault(place, []).append((cluster, count))
    return {place: _rate(counts, confidence, 0) for place, counts in sorted(found.items())}


def _rate(counts: Iterable[tuple[str, tuple[int, int]]], confidence: float, missing: int) -> Estimate:
    values: list[float] = []
    clusters: list[str] = []
    for cluster, (good, judged) in counts:
        values += [1.0] * good + [0.0] * (judged - good)
        clusters += [cluster] * judged
    return rate(values, clusters, confidence=confidence, n_missing=missing)


def _cells(estimate: Estimate) -> tuple[str, str, str]:
    interval = "" if estimate.low is None or estimate.high is None else f"{estimate.low:.3f} to {estimate.high:.3f}"
    return str(estimate.n), f"{estimate.value:.3f}", interval
