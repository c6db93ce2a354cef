"""Aggregates of two runs over the same cases: both made from the cases they share, and their difference paired."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from goldworks.evaluation.aggregates.protocol import Aggregated, Part
from goldworks.statistics import Estimate
from goldworks.statistics.wholes import PairedWhole, paired_whole


def paired(
    base: Aggregated, candidate: Aggregated, common: Collection[str], *, confidence: float, seed: int
) -> PairedWhole | None:
    """The aggregate in either run and candidate minus base, over the units (cases, or pairs of cases) that both runs have with
    all their cases in `common`. None when one of the runs says nothing case by case, for it cannot be paired then.

    A unit whose value is missing in either run is left out of both, and counted. A run that loses nothing keeps its own
    estimate.
    """
    if base.tally is None or candidate.tally is None:
        return None
    here, there = _units(base.tally.parts, common), _units(candidate.tally.parts, common)
    both = [cases for cases in here if cases in there]
    kept = [cases for cases in both if here[cases].counts is not None and there[cases].counts is not None]
    found = paired_whole(
        np.array([here[cases].counts for cases in kept], dtype=np.float64),
        np.array([there[cases].counts for cases in kept], dtype=np.float64),
        [here[cases].cluster_id for cases in kept],
        base.tally.whole_of,
        candidate.tally.whole_of,
        confidence=confidence,
        seed=seed,
        n_missing=len(both) - len(kept),
    )
    if not kept:
        return found
    return PairedWhole(
        _own(base, len(kept), confidence) or found.base,
        _own(candidate, len(kept), confidence) or found.candidate,
        found.difference,
    )


def _units(parts: tuple[Part, ...], common: Collection[str]) -> dict[tuple[str, ...], Part]:
    found = {part.cases: part for part in parts if all(case in common for case in part.cases)}
    return dict(sorted(found.items()))


def _own(run: Aggregated, kept: int, confidence: float) -> Estimate | None:
    """The run's own estimate, when it is over the same units."""
    assert run.tally is not None
    units = sum(part.counts is not None for part in run.tally.parts)
    return run.estimate if units == kept and run.estimate.confidence == confidence else None
