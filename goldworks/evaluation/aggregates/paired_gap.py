"""Aggregate `paired_gap`: how much better one side of the pairs fares than the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Detail, Part, Scored, Tally
from goldworks.policies import Policy
from goldworks.statistics import Estimate, paired_difference
from goldworks.statistics.estimates import undefined

ORIGINAL = "original"
"""The side of a pair that is the golden case which it was made of."""


class PairedGap(Aggregate):
    """Mean over pairs of the value of `variant` minus that of `base`, in -1..1; 0 is no gap, a negative one says that `variant`
    fares worse. The interval is that of a paired difference (method: Tango for single yes-or-no pairs, else bootstrap or t over
    clusters), and the cases that the pairs were made of are the clusters: pairs of one question are not independent.

    - Sides are the cases with the same `pair.id` and this `attribute`. The side `original` is the case whose id is the pair's.
    - Repeats of a side, and several cases of it, are averaged first. Without `variant` all sides but `base` are, together.
    - A pair is one of these when its side `base` has a case in the run. It counts as missing when either side has no value, or
      the other one no case. Values that do not apply are left out, as if the case were not there.
    - No pair: no value, `n_zero`. That no gap is seen is no proof of fairness: look at the interval.
    """

    name = "paired_gap"

    class Settings(Policy):
        """Which pairs, and which sides of them."""

        attribute: str
        base: str = ORIGINAL
        variant: str | None = Field(default=None, description="all but base, when not given")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        sides = self._sides(scores)
        clusters = {pair: cluster for pair, (cluster, _) in sides.items()}
        base: list[float | None] = []
        other: list[float | None] = []
        of: list[str] = []
        for pair, (_, values) in sorted(sides.items()):
            left = values.get(self._settings.base, [])
            if not left:
                continue
            right = [value for side, found in values.items() if self._is_other(side) for value in found]
            base.append(_mean(left))
            other.append(_mean(right))
            of.append(clusters[pair])
        if not of:
            return Aggregated(undefined("paired", "n_zero", confidence, 0))
        gap = paired_difference(base, other, of, confidence=confidence, seed=seed)
        return Aggregated(gap, self._detail(sides, gap))

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """The gap of each pair, and 1; a pair rests on all of its cases."""
        members: dict[str, set[str]] = {}
        for score in scores:
            pair = score.case.expected.pair if score.case is not None else None
            if pair is not None and pair.attribute == self._settings.attribute and self._wants(pair.variant) and _counts(score):
                members.setdefault(pair.id, set()).add(score.case_id)
        originals = {score.case_id for score in scores if _counts(score)} if self._settings.base == ORIGINAL else set[str]()
        parts: list[Part] = []
        for pair_id, (cluster, values) in sorted(self._sides(scores).items()):
            left = values.get(self._settings.base, [])
            if left:
                right = _mean([value for side, found in values.items() if self._is_other(side) for value in found])
                mean_left, cases = _mean(left), members[pair_id] | ({pair_id} & originals)
                counts = None if mean_left is None or right is None else (right - mean_left, 1.0)
                parts.append(Part(tuple(sorted(cases)), cluster, counts))
        return Tally((2,), tuple(parts), self.whole)

    def _is_other(self, side: str) -> bool:
        wanted = self._settings.variant
        return side == wanted if wanted is not None else side != self._settings.base

    def _sides(self, scores: Sequence[Scored]) -> dict[str, tuple[str, dict[str, list[float | None]]]]:
        """Pair -> (cluster, side -> its values). Only pairs of the attribute that have one of the wanted sides."""
        found: dict[str, tuple[str, dict[str, list[float | None]]]] = {}
        for score in scores:
            pair = score.case.expected.pair if score.case is not None else None
            if pair is None or pair.attribute != self._settings.attribute or not self._wants(pair.variant) or not _counts(score):
                continue
            assert score.case is not None
            cluster = score.case.parents[0] if score.case.parents else pair.id
            _, sides = found.setdefault(pair.id, (cluster, {}))
            sides.setdefault(pair.variant, []).append(score.value)
        if self._settings.base == ORIGINAL:
            for score in scores:
                if score.case_id in found and _counts(score):
                    found[score.case_id][1].setdefault(ORIGINAL, []).append(score.value)
        return found

    def _wants(self, side: str) -> bool:
        return side == self._settings.base or self._is_other(side)

    def _detail(self, sides: Mapping[str, tuple[str, dict[str, list[float | None]]]], gap: Estimate) -> Detail:
        names = sorted({name for _, values in sides.values() for name in values})
        rows: list[tuple[str, ...]] = []
        for name in names:
            values = [_mean(found[name]) for _, found in sides.values() if name in found]
            here = [value for value in values if value is not None]
            rows.append((name, str(len(here)), f"{sum(here) / len(here):.4f}" if here else "no value"))
        title = f"Sides of the {gap.n} pairs by {self._settings.attribute}"
        return Detail(title, ("side", "pairs", "mean"), tuple(rows))


def _counts(score: Scored) -> bool:
    return score.value is not None or score.is_missing


def _mean(values: Sequence[float | None]) -> float | None:
    here = [value for value in values if value is not None]
    return sum(here) / len(here) if here else None
