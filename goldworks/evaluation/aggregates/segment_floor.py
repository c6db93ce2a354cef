"""Aggregate `segment_floor`: the segment of the cases that fares worst, held against a floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Detail, Floats, Part, Scored, Tally, by_case, ratio
from goldworks.golden.read import Case
from goldworks.policies import Policy
from goldworks.statistics import Estimate, mean, rate
from goldworks.statistics.estimates import undefined

By = Literal["intent", "tier", "origin", "release", "tag", "variant"]


class SegmentFloor(Aggregate):
    """The estimate of the worst segment: that with the lowest value among those of at least `least` clusters. `note` names it.

    `by` says what a segment is: the `intent`, `tier`, `origin` or `release` of its cases, the end of a tag that begins with
    `prefix` (`tag`), or the side of a pair (`variant`). `detail` lists all with their intervals, and what follows for `floor` by
    the one-sided 95 % bounds: pass when the lower one reaches it, fail when the upper one is below it, else inconclusive.

    - Segments with fewer clusters are listed, and never the worst: the lowest of many small ones is low by chance alone.
    - No segment is large enough: no value, `n_too_small`. No case in a segment: `n_zero`.
    - Repeats of a case are averaged first. The worst of several is looked for, so its interval is no test; the floor's verdicts
      are, one by one.
    """

    name = "segment_floor"

    class Settings(Policy):
        """What a segment is, and its floor."""

        by: By
        prefix: str = ""
        floor: float = Field(default=0.8, ge=0, le=1)
        least: int = Field(default=10, ge=2)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        segments = self._by_segment(scores)
        found = {name: _estimate(cases, confidence, seed) for name, cases in sorted(segments.items())}
        bounds = {name: _estimate(cases, 0.90, seed) for name, cases in segments.items()}
        if not found:
            return Aggregated(undefined("segment_floor", "n_zero", confidence, 0))
        rows = tuple(self._row(name, one, bounds[name]) for name, one in found.items())
        title = f"Segments by {self._settings.by}, floor {self._settings.floor:g}"
        detail = Detail(title, ("segment", "clusters", "value", "low", "high", "floor"), rows)
        large = {name: one for name, one in found.items() if one.value is not None and one.n_clusters >= self._settings.least}
        if not large:
            n, clusters, missing = (
                sum(getattr(one, name) for one in found.values()) for name in ("n", "n_clusters", "n_missing")
            )
            none = Estimate(None, None, None, confidence, "segment_floor", n, clusters, missing, reason="n_too_small")
            return Aggregated(none, detail)
        worst = min(large, key=lambda name: (large[name].value or 0.0, name))
        return Aggregated(replace(large[worst], note=f"worst of {len(large)} segments: {worst}"), detail)

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """By segment that is large enough: the sum of its cases' means, and their number."""
        segments = self._by_segment(scores)
        large = [name for name, cases in sorted(segments.items()) if _clusters(cases) >= self._settings.least]
        parts: list[Part] = []
        for case_id, group in by_case([score for score in scores if score.case is not None]).items():
            mean_of = _mean(group)
            counts = [float(case_id in segments[name]) * one for name in large for one in (mean_of or 0.0, 1.0)]
            if any(case_id in segments[name] for name in large):
                parts.append(Part((case_id,), group[0].cluster_id, None if mean_of is None else tuple(counts)))
        return Tally((len(large), 2), tuple(parts), self.whole)

    def whole(self, counts: Floats) -> Floats:
        """The lowest mean of the segments that occur."""
        means = ratio(counts)
        lowest = np.where(np.isnan(means), np.inf, means).min(axis=-1, initial=np.inf)
        return np.where(np.isinf(lowest), np.nan, lowest)

    def _by_segment(self, scores: Sequence[Scored]) -> dict[str, dict[str, list[Scored]]]:
        segments: dict[str, dict[str, list[Scored]]] = {}
        for score in scores:
            if score.case is not None and (score.value is not None or score.is_missing):
                for segment in self._segments(score.case):
                    segments.setdefault(segment, {}).setdefault(score.case_id, []).append(score)
        return segments

    def _segments(self, case: Case) -> list[str]:
        by = self._settings.by
        if by == "tag":
            return [tag[len(self._settings.prefix) :] for tag in case.tags if tag.startswith(self._settings.prefix)]
        if by == "variant":
            pair = case.expected.pair
            return [f"{pair.attribute}={pair.variant}"] if pair is not None else []
        value = getattr(case, by)
        return [value] if value else []

    def _row(self, name: str, one: Estimate, bound: Estimate) -> tuple[str, ...]:
        shown = ["no value" if value is None else f"{value:.4f}" for value in (one.value, one.low, one.high)]
        return (name, str(one.n_clusters), *shown, verdict(bound, self._settings.floor))


def verdict(bound: Estimate, floor: float) -> str:
    """pass, fail or inconclusive, by the bounds of a 90 % interval."""
    if bound.low is None or bound.high is None:
        return "inconclusive"
    return "pass" if bound.low >= floor else "fail" if bound.high < floor else "inconclusive"


def _mean(group: Sequence[Scored]) -> float | None:
    here = [score.value for score in group if score.value is not None]
    return sum(here) / len(here) if here else None


def _clusters(cases: dict[str, list[Scored]]) -> int:
    return len({group[0].cluster_id for group in cases.values() if _mean(group) is not None})


def _estimate(cases: dict[str, list[Scored]], confidence: float, seed: int) -> Estimate:
    """Over cases; repeats of each averaged first."""
    values = [_mean(group) for group in cases.values()]
    clusters = [group[0].cluster_id for group in cases.values()]
    if all(value in (0, 1, None) for value in values):
        return rate(values, clusters, confidence=confidence)
    return mean(values, clusters, confidence=confidence, seed=seed)
