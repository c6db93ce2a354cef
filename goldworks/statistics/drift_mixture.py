"""Whether scores have moved in a way that no change of quality explains.

A better or worse release has other scores too: fewer or more bad answers among the good ones. What a judge's sensitivity and
specificity rest on is that bad answers score as bad ones did and good ones as good ones did. So the scores are held against every
mixture of the two, and the nearest one counts (label shift; Saerens, Latinne and Decaestecker 2002, Lipton, Wang and Smola 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldworks.statistics.drift_scores import LEAST_EFFECT, LEAST_SCORES, RESAMPLES, Sample, distribution, independent, pooled
from goldworks.statistics.intervals import Floats
from goldworks.statistics.resampling import bootstrap_counts

SHARES = np.linspace(0, 1, 101)
PLACES = 256
"""Values at which distributions are compared, at most: even ones of those that occur."""

LEAST_OF_KIND = 10
"""Independent scores of bad and of good answers each."""


@dataclass(frozen=True, slots=True)
class MixtureDrift:
    """`effect`: KS distance to the nearest mixture, in which a share `bad_share` is bad. `limit`: what chance alone exceeds in a
    share alpha of all comparisons. `has_moved`: certain, and no trifle. `reason` n_too_small: too few to say, then it is False.
    """

    has_moved: bool
    effect: float | None
    limit: float | None
    bad_share: float | None
    n_reference: int
    n_current: int
    reason: str | None = None


def mixture_drift(
    bad: Sample,
    good: Sample,
    current: Sample,
    *,
    seed: int,
    alpha: float = 0.05,
    least_effect: float = LEAST_EFFECT,
    least: int = LEAST_SCORES,
    resamples: int = RESAMPLES,
) -> MixtureDrift:
    """Whether `current` is no mixture of the scores of `bad` and `good` answers; clusters of the same name are the same cluster.

    The limit is the 1 - alpha quantile of the distance over samples of whole clusters drawn anew, the current ones moved onto the
    nearest mixture, which is what they would be without drift.
    """
    sizes = len(bad.values) + len(good.values), len(current.values)
    if min(independent(bad), independent(good)) < LEAST_OF_KIND or independent(current) < least:
        return MixtureDrift(False, None, None, None, *sizes, reason="n_too_small")
    if independent(bad) + independent(good) < least:
        return MixtureDrift(False, None, None, None, *sizes, reason="n_too_small")
    grid, places, weights, sides, codes, groups = pooled(bad, good, current)
    looked_at = np.unique(np.linspace(0, len(grid) - 1, PLACES).round().astype(np.int64))

    def distributions(of: Floats) -> list[Floats]:
        return [distribution(places[sides == side], of[sides == side], len(grid))[looked_at] for side in range(3)]

    was_bad, was_good, now = distributions(weights)
    effect, share = _nearest(was_bad, was_good, now)
    moved_by = share * was_bad + (1 - share) * was_good - now
    drawn: list[float] = []
    for block in bootstrap_counts(groups, seed, resamples):
        for counts in block:
            again = counts[codes] * weights
            if all(again[sides == side].any() for side in range(3)):
                new = distributions(again)
                drawn.append(_nearest(new[0], new[1], new[2] + moved_by)[0])
    limit = float(np.quantile(drawn, 1 - alpha))
    return MixtureDrift(effect > limit and effect >= least_effect - 1e-12, effect, limit, share, *sizes)


def _nearest(bad: Floats, good: Floats, current: Floats) -> tuple[float, float]:
    """(KS distance of the nearest mixture, its share of bad ones)."""
    distances = np.abs(current - good - SHARES[:, None] * (bad - good)).max(axis=1)
    best = int(distances.argmin())
    return float(distances[best]), float(SHARES[best])
