"""Kappas: Cohen's of two raters, plain or weighted, Fleiss' of a complete design, and how many units an interval needs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import ceil, sqrt
from typing import Literal

import numpy as np

from goldworks.statistics.estimates import Estimate
from goldworks.statistics.intervals import Floats, normal_quantile
from goldworks.statistics.ratings import LEAST_UNITS, Label, Labels, Resampling, agreeing_share, counts_of, index_estimate, ratio
from goldworks.statistics.resampling import RESAMPLES


def cohen_kappa(
    first: Sequence[Label | None],
    second: Sequence[Label | None],
    categories: Sequence[Label],
    *,
    weights: Literal["linear", "quadratic"] | None = None,
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    least_units: int = LEAST_UNITS,
) -> Estimate:
    """Kappa of two raters over the same units; `weights` for ordered categories.

    - Normal interval with the error of Fleiss, Cohen and Everitt 1969; units that share a cluster: bootstrap over clusters.
    - Both raters constant on one label: no value, `no_variation`. One of them constant: 0 without an interval.
    """
    if len(first) != len(second):
        raise ValueError("the two raters' labels differ in length")
    q = len(categories)
    pairs = list(zip(first, second, strict=True))
    counts = counts_of(pairs, categories)
    places = {label: i for i, label in enumerate(categories)}
    cells = np.zeros((len(pairs), q * q))
    for unit, (a, b) in enumerate(pairs):
        if a is not None and b is not None:
            cells[unit, places[a] * q + places[b]] = 1
    closeness = _closeness(q, weights)

    def index(sums: Floats) -> Floats:
        table = sums.reshape(*sums.shape[:-1], q, q)
        table = table / table.sum(axis=(-2, -1), keepdims=True)
        chance = table.sum(axis=-1)[..., :, None] * table.sum(axis=-2)[..., None, :]
        return _beyond_chance((table * closeness).sum(axis=(-2, -1)), (chance * closeness).sum(axis=(-2, -1)))

    def error(value: float, n: int) -> float | None:
        return kappa_error(cells.sum(axis=0).reshape(q, q) / n, value, n, weights)

    how = Resampling(clusters, confidence, seed, resamples, least_units)
    return index_estimate("cohen_kappa", cells, counts, index, how, error)


def kappa_error(table: Floats, kappa: float, n: int, weights: Literal["linear", "quadratic"] | None = None) -> float | None:
    """Standard error of (weighted) kappa from the table of shares [first, second]: Fleiss, Cohen and Everitt 1969.

    None when a rater uses one label only.
    """
    closeness = _closeness(len(table), weights)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if rows.max() > 1 - 1e-12 or columns.max() > 1 - 1e-12:
        return None
    chance = float((np.outer(rows, columns) * closeness).sum())
    lean = (closeness @ columns)[:, None] + (rows @ closeness)[None, :]
    spread = float((table * (closeness - lean * (1 - kappa)) ** 2).sum()) - (kappa - chance * (1 - kappa)) ** 2
    return sqrt(max(spread, 0.0) / n) / (1 - chance)


def fleiss_kappa(
    labels: Labels,
    categories: Sequence[Label],
    *,
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    least_units: int = LEAST_UNITS,
) -> Estimate:
    """Kappa of Fleiss 1971 over units x raters, bootstrap over units.

    Raises `ValueError` unless each unit has the same number of labels, two or more: for others take `krippendorff_alpha`.
    """
    counts = counts_of(labels, categories)
    sizes = counts.sum(axis=1)
    if len(sizes) and (sizes.min() != sizes.max() or sizes[0] < 2):
        raise ValueError("Fleiss' kappa needs the same number of labels, two or more, on every unit; take krippendorff_alpha")

    def index(sums: Floats) -> Floats:
        shares = sums[..., 2:] / sums[..., 2:].sum(axis=-1, keepdims=True)
        return _beyond_chance(sums[..., 0] / sums[..., 1], (shares**2).sum(axis=-1))

    parts = np.column_stack([agreeing_share(counts), np.ones(len(counts)), counts])
    how = Resampling(clusters, confidence, seed, resamples, least_units)
    return index_estimate("fleiss_kappa", parts, counts, index, how)


def overlap_size(kappa: float, prevalence: float, half_width: float, *, confidence: float = 0.95) -> int:
    """Units that two raters must both label so that the interval of a two-class kappa is `kappa` -+ `half_width`.

    n = (z/w)**2 (1-k) [(1-k)(1-2k) + k(2-k) / (2 p (1-p))] for raters with the same share `p` of positives (Donner and Eliasziw
    1992). A rare label makes it dear; enrich the overlap then.
    """
    if not (0 < prevalence < 1 and 0 <= kappa < 1 and half_width > 0):
        raise ValueError("prevalence must lie between 0 and 1, kappa in 0..1 below 1, half_width above 0")
    spread = (1 - kappa) * (1 - 2 * kappa) + kappa * (2 - kappa) / (2 * prevalence * (1 - prevalence))
    return ceil((1 - kappa) * spread * (normal_quantile(confidence) / half_width) ** 2)


def _closeness(q: int, weights: Literal["linear", "quadratic"] | None) -> Floats:
    """[q, q]: 1 for the same category, 0 for the two farthest apart."""
    far: Floats = np.abs(np.subtract.outer(np.arange(q), np.arange(q))) / max(1.0, q - 1.0)
    if weights is None:
        return np.eye(q)
    return 1 - (far**2 if weights == "quadratic" else far)


def _beyond_chance(seen: Floats, chance: Floats) -> Floats:
    return ratio(seen - chance, 1 - chance)
