"""Labels of several raters as counts, and the interval of an index over them; the indices are in `agreement` and `kappa`.

Labels come as units x raters: `labels[unit][rater]`, None where that rater did not label the unit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from goldworks.statistics.estimates import Estimate, undefined
from goldworks.statistics.intervals import Floats, normal_quantile, wilson
from goldworks.statistics.resampling import RESAMPLES, bootstrap_counts, percentile_interval

Label = str | int | float | bool
Labels = Sequence[Sequence[Label | None]]

LEAST_UNITS = 20
"""Below this many units (clusters) an index of agreement has no interval: `n_too_small`."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How an interval is made. `clusters`: what each unit belongs to, when units are dependent; None: each stands alone."""

    clusters: Sequence[Hashable] | None = None
    confidence: float = 0.95
    seed: int = 0
    resamples: int = RESAMPLES
    least_units: int = LEAST_UNITS

    @property
    def is_clustered(self) -> bool:
        """Whether any two units share a cluster."""
        return self.clusters is not None and len(set(self.clusters)) < len(self.clusters)


def counts_of(labels: Labels, categories: Sequence[Label]) -> Floats:
    """[units, categories]: how many raters gave each label. Raises `ValueError` for a label that is no category."""
    places = {label: i for i, label in enumerate(categories)}
    if len(places) < len(categories):
        raise ValueError("a category is named twice")
    counts = np.zeros((len(labels), len(categories)))
    for unit, row in enumerate(labels):
        for label in row:
            if label is None:
                continue
            if label not in places:
                raise ValueError(f"label {label!r} of unit {unit} is none of the categories {', '.join(map(str, categories))}")
            counts[unit, places[label]] += 1
    return counts


def agreeing_share(counts: Floats) -> Floats:
    """Per unit the share of pairs of raters that agree; 0 where there is no pair."""
    sizes = counts.sum(axis=1)
    return (counts * (counts - 1)).sum(axis=1) / np.maximum(sizes * (sizes - 1), 1)


def ratio(above: Floats, below: Floats) -> Floats:
    """above / below, NaN where below is 0."""
    is_there = np.abs(below) > 1e-12
    return np.where(is_there, above / np.where(is_there, below, 1.0), np.nan)


def index_estimate(
    method: str,
    parts: Floats,
    counts: Floats,
    index: Callable[[Floats], Floats],
    how: Resampling,
    error: Callable[[float, int], float | None] | None = None,
) -> Estimate:
    """`index` of the `parts` [units, parts] summed over units, with its interval.

    - `index` takes [..., parts] and gives [...]; NaN where it is undefined.
    - The interval is a bootstrap over clusters of units; with `error` (value, n) -> standard error and independent units it is
      the normal one, and an error of None means that the data allow none (`no_variation`).
    - Where no unit disagrees a bootstrap has no width. The lower bound then puts the share of disagreeing units at its Wilson
      bound and counts each of them as one disagreement by chance.
    """
    if how.clusters is not None and len(how.clusters) != len(parts):
        raise ValueError("labels and clusters differ in length")
    has_pair = counts.sum(axis=1) > 1
    n, missing = int(has_pair.sum()), int((~has_pair).sum())
    if n == 0:
        return undefined(method, "n_zero", how.confidence, missing)
    sums, groups = _by_cluster(parts, counts, how.clusters)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = float(index(sums.sum(axis=0)))
        if np.isnan(value):
            return Estimate(None, None, None, how.confidence, method, n, groups, missing, reason="no_variation")
        if groups < how.least_units:
            return Estimate(value, None, None, how.confidence, method, n, groups, missing, reason="n_too_small")
        if not (agreeing_share(counts)[has_pair] < 1).any():
            shares = counts[has_pair].sum(axis=0) / counts[has_pair].sum()
            slip, chance = 1 - wilson(1.0, groups, how.confidence)[0], float(1 - (shares**2).sum())
            low = 1 - slip if method == "percent_agreement" or chance == 0 else 1 - slip / chance
            note = f"no disagreement in {groups}"
            return Estimate(value, max(-1.0, low), 1.0, how.confidence, f"{method}_wilson", n, groups, missing, note=note)
        if error is not None and not how.is_clustered:
            spread = error(value, n)
            name = f"{method}_asymptotic"
            if spread is None:
                return Estimate(value, None, None, how.confidence, name, n, groups, missing, reason="no_variation")
            half = normal_quantile(how.confidence) * spread
            return Estimate(value, max(-1.0, value - half), min(1.0, value + half), how.confidence, name, n, groups, missing)
        draws = np.concatenate([index(block @ sums) for block in bootstrap_counts(len(sums), how.seed, how.resamples)])
    defined = draws[~np.isnan(draws)]
    note = f"undefined in {len(draws) - len(defined)} of {len(draws)} resamples" if len(defined) < len(draws) else None
    bounds = percentile_interval(defined, how.confidence)
    name = f"{method}_bootstrap"
    return Estimate(value, *bounds, how.confidence, name, n, groups, missing, seed=how.seed, note=note)


def _by_cluster(parts: Floats, counts: Floats, clusters: Sequence[Hashable] | None) -> tuple[Floats, int]:
    """(parts summed within each cluster that has a label, number of clusters with a pair of labels)."""
    keys: Sequence[Hashable] = clusters if clusters is not None else range(len(parts))
    sizes = counts.sum(axis=1)
    used: list[int] = np.flatnonzero(sizes > 0).tolist()
    paired: list[int] = np.flatnonzero(sizes > 1).tolist()
    numbers: dict[Hashable, int] = {}
    codes = np.array([numbers.setdefault(keys[unit], len(numbers)) for unit in used], dtype=np.int64)
    sums = np.zeros((len(numbers), parts.shape[1]))
    np.add.at(sums, codes, parts[used])
    return sums, len({keys[unit] for unit in paired})
