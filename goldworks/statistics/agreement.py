"""How far raters agree: Krippendorff's alpha, with percent agreement and Gwet's AC1 beside it. Two raters also have `kappa`.

Labels come as units x raters: `labels[unit][rater]`, None where that rater did not label the unit. `categories` are the
*defined* ones, in their order for scales, whether or not anybody used them. A unit with fewer than two labels says nothing of
agreement: it is dropped and counted in `n_missing`. Take raw labels, from before adjudication.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from goldworks.statistics.estimates import Estimate
from goldworks.statistics.intervals import Floats
from goldworks.statistics.kappa import cohen_kappa
from goldworks.statistics.ratings import LEAST_UNITS, Label, Labels, Resampling, agreeing_share, counts_of, index_estimate, ratio
from goldworks.statistics.resampling import RESAMPLES

Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Alpha is the headline. Percent agreement and AC1 always stand beside it: with a rare label alpha can be near 0 though
    nearly all labels agree. `kappa` is there when each unit has a place for exactly two raters.
    """

    alpha: Estimate
    ac1: Estimate
    percent: Estimate
    kappa: Estimate | None


def agreement(
    labels: Labels,
    categories: Sequence[Label],
    *,
    level: Level = "nominal",
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    least_units: int = LEAST_UNITS,
) -> Agreement:
    """All indices of the same labels. Cohen's kappa is weighted quadratically unless `level` is nominal."""
    how = Resampling(clusters, confidence, seed, resamples, least_units)
    counts = counts_of(labels, categories)
    kappa = None
    if labels and all(len(row) == 2 for row in labels):
        kappa = cohen_kappa(
            [row[0] for row in labels],
            [row[1] for row in labels],
            categories,
            weights=None if level == "nominal" else "quadratic",
            clusters=clusters,
            confidence=confidence,
            seed=seed,
            resamples=resamples,
            least_units=least_units,
        )
    return Agreement(_alpha(counts, categories, level, how), _ac1(counts, how), _percent(counts, how), kappa)


def percent_agreement(
    labels: Labels,
    categories: Sequence[Label],
    *,
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    least_units: int = LEAST_UNITS,
) -> Estimate:
    """Chance that two raters of a unit, drawn at random, agree, as mean over units."""
    return _percent(counts_of(labels, categories), Resampling(clusters, confidence, seed, resamples, least_units))


def krippendorff_alpha(
    labels: Labels,
    categories: Sequence[Label],
    *,
    level: Level = "nominal",
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    least_units: int = LEAST_UNITS,
) -> Estimate:
    """alpha = 1 - observed / expected disagreement (Krippendorff 2011), bootstrap over units. All labels equal: `no_variation`.

    For the levels interval and ratio the categories are numbers.
    """
    how = Resampling(clusters, confidence, seed, resamples, least_units)
    return _alpha(counts_of(labels, categories), categories, level, how)


def gwet_ac1(
    labels: Labels,
    categories: Sequence[Label],
    *,
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    least_units: int = LEAST_UNITS,
) -> Estimate:
    """AC1 = (pa - pe) / (1 - pe) with pe = sum of share (1 - share) / (q - 1) over the q categories (Gwet 2008).

    Bootstrap over units. A unit with one label counts for the shares, not for the agreement. One defined category: no value.
    """
    return _ac1(counts_of(labels, categories), Resampling(clusters, confidence, seed, resamples, least_units))


def _percent(counts: Floats, how: Resampling) -> Estimate:
    parts = np.column_stack([agreeing_share(counts), counts.sum(axis=1) > 1]).astype(np.float64)
    return index_estimate("percent_agreement", parts, counts, lambda sums: ratio(sums[..., 0], sums[..., 1]), how)


def _alpha(counts: Floats, categories: Sequence[Label], level: Level, how: Resampling) -> Estimate:
    q = len(categories)
    values = np.array(categories, dtype=np.float64) if level in ("interval", "ratio") else np.arange(q, dtype=np.float64)

    def index(sums: Floats) -> Floats:
        pairs = sums.reshape(*sums.shape[:-1], q, q)
        margins = pairs.sum(axis=-1)
        # the ordinal distance, labels between two ranks, is the distance of mid-ranks
        at = np.cumsum(margins, axis=-1) - margins / 2 if level == "ordinal" else values
        far: Floats = (at[..., :, None] - at[..., None, :]) ** 2
        if level == "nominal":
            far = (far > 0).astype(np.float64)
        elif level == "ratio":
            far = far / np.maximum((at[:, None] + at[None, :]) ** 2, 1e-300)
        expected = (margins[..., :, None] * margins[..., None, :] * far).sum(axis=(-2, -1))
        observed = (pairs * far).sum(axis=(-2, -1)) * (margins.sum(axis=-1) - 1)
        return ratio(expected - observed, expected)

    others = np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]
    has_pair = (counts.sum(axis=1) > 1)[:, None, None]
    pairs = has_pair * (counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(q)) / others
    return index_estimate(f"krippendorff_alpha_{level}", pairs.reshape(len(counts), q * q), counts, index, how)


def _ac1(counts: Floats, how: Resampling) -> Estimate:
    sizes, q = counts.sum(axis=1), counts.shape[1]
    shares = counts / np.maximum(sizes, 1)[:, None]

    def index(sums: Floats) -> Floats:
        share = sums[..., 2:] / sums[..., 2:].sum(axis=-1, keepdims=True)
        chance = (share * (1 - share)).sum(axis=-1) / (q - 1) if q > 1 else np.ones(share.shape[:-1])
        return ratio(ratio(sums[..., 0], sums[..., 1]) - chance, 1 - chance)

    parts = np.column_stack([agreeing_share(counts), sizes > 1, shares]).astype(np.float64)
    return index_estimate("gwet_ac1", parts, counts, index, how)
