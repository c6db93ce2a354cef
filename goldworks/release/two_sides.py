"""Whether a judge or proxy errs alike on the answers of both releases, as a comparison in the terms of people supposes.

It corrects the difference by one sensitivity and one specificity. Where people labelled answers of both runs it is tested that
both fit both; where they labelled those of one alone, the other is estimated by them, and that must be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from goldworks.release.gate_policy import Gate
from goldworks.release.people import LEAST_PER_WORD, share_right
from goldworks.release.rows import Evidence, Labelled

ALPHA = 0.01
"""Chance that a judge which errs alike is found not to, over bad and good answers together."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Labels of answers of either run. `apart`: where it errs otherwise, in words; None: nowhere that shows."""

    release: int
    baseline: int
    apart: str | None = None

    @property
    def words(self) -> str:
        """What the correction rests on, after the words of a difference."""
        if self.release and self.baseline:
            return f"; of either release's own answers {self.release:,} and, of the baseline's, {self.baseline:,} are labelled"
        if not self.release and not self.baseline:
            return "; no answer of these runs is labelled: that it errs alike on both is supposed"
        named, other = ("the baseline", "the release") if self.baseline else ("the release", "the baseline")
        return f"; of these two runs only answers of {named} are labelled: that it errs alike on those of {other} is supposed"


def both_sides(gate: Gate, evidence: Evidence) -> Sides | None:
    """Of a gate `not_worse` on a judge or proxy; None where both are one run, or nobody knows whose answers were labelled."""
    base, known = evidence.base[gate.suite], evidence.calibrations.get(gate.of)
    compared = evidence.comparisons.of.get(gate.of, ()) if evidence.comparisons is not None else ()
    there = next((one.labels for one in compared if one.run_id == base.run_id), None)
    if known is None or there is None or base.run_id == evidence.candidate[gate.suite].run_id:
        return None
    sides = [[one for one in labels if one.case_id is not None] for labels in (known.labels, there)]
    apart = next((words for failed in (True, False) if (words := _apart(sides, known.fails_up_to, failed=failed))), None)
    return Sides(len(sides[0]), len(sides[1]), apart)


def _apart(sides: Sequence[Sequence[Labelled]], fails_up_to: float, *, failed: bool) -> str | None:
    """Fisher's exact test of the shares that it gets right, on effective numbers of rows (weights, clusters)."""
    from scipy.stats import fisher_exact  # type: ignore[import-untyped]

    shares = [share_right(side, fails_up_to, failed=failed) for side in sides]
    here, there = shares
    if here is None or there is None or min(here.n, there.n) < LEAST_PER_WORD:
        return None
    table = [[round(one.hits), round(one.effective) - round(one.hits)] for one in (here, there)]
    p_value = float(fisher_exact(table)[1])  # pyright: ignore[reportArgumentType]
    if p_value >= ALPHA / 2:
        return None
    kind = "bad" if failed else "good"
    return (
        f"of the answers that people call {kind} it gets {here.value:.0%} of the release's right ({here.n} labels) and "
        f"{there.value:.0%} of the baseline's ({there.n}; p {p_value:.2g})"
    )
