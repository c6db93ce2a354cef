"""Raters' competence and the likely true labels without a gold standard: Dawid and Skene 1979, by expectation maximisation.

For three or more raters and a hundred or more units. With adjudicated labels compare with those instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldworks.statistics.intervals import Floats
from goldworks.statistics.ratings import Label, Labels, counts_of

LEAST_RATERS = 3
LEAST_UNITS = 100
SMOOTHING = 0.01
"""Added to each cell of a rater's confusion, so that one rare label rules nothing out."""


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """`posteriors` [units, categories]: probability of each true label; rows of units without a label hold the prevalence.

    `prevalence` [categories]. `confusion` [raters, true, given]: rows sum to 1. `log_likelihood` and `iterations` belong in the
    record, for EM finds a local optimum from its fixed start, the majority vote. `is_switched`: for some true category most
    raters give another label more often than it; the categories may have changed places, and the result is not to be used.
    """

    posteriors: Floats
    prevalence: Floats
    confusion: Floats
    log_likelihood: float
    iterations: int
    is_switched: bool


def dawid_skene(
    labels: Labels, categories: Sequence[Label], *, tolerance: float = 1e-7, most_iterations: int = 500
) -> DawidSkene | None:
    """Fit over units x raters (each row as long as there are raters, None where missing).

    None with fewer than three raters or a hundred labelled units. Stops when the log-likelihood gains less than `tolerance`
    per unit.
    """
    raters = len(labels[0]) if labels else 0
    if any(len(row) != raters for row in labels):
        raise ValueError("units have different numbers of raters; give None where a rater did not label")
    counts = counts_of(labels, categories)
    has_label = counts.sum(axis=1) > 0
    if raters < LEAST_RATERS or has_label.sum() < LEAST_UNITS:
        return None
    places = {label: i for i, label in enumerate(categories)}
    given = np.zeros((len(labels), raters, len(categories)))
    for unit, row in enumerate(labels):
        for rater, label in enumerate(row):
            if label is not None:
                given[unit, rater, places[label]] = 1
    used, before = given[has_label], -np.inf
    votes = counts[has_label]
    posteriors: Floats = votes / votes.sum(axis=1, keepdims=True)
    iteration = 0
    while True:
        iteration += 1
        prevalence: Floats = (posteriors.sum(axis=0) + SMOOTHING) / (posteriors.sum() + SMOOTHING * len(categories))
        confusion: Floats = np.einsum("uk,urg->rkg", posteriors, used) + SMOOTHING
        confusion = confusion / confusion.sum(axis=2, keepdims=True)
        logs = np.log(prevalence) + np.einsum("urg,rkg->uk", used, np.log(confusion))
        top = logs.max(axis=1, keepdims=True)
        weights = np.exp(logs - top)
        likelihood = float((top[:, 0] + np.log(weights.sum(axis=1))).sum())
        posteriors = weights / weights.sum(axis=1, keepdims=True)
        if iteration >= most_iterations or abs(likelihood - before) < tolerance * len(used):
            break
        before = likelihood
    everyone: Floats = np.tile(prevalence, (len(labels), 1))
    everyone[has_label] = posteriors
    diagonal = np.diagonal(confusion, axis1=1, axis2=2)
    is_switched = bool(((diagonal < confusion.max(axis=2)).sum(axis=0) * 2 > raters).any())
    return DawidSkene(everyone, prevalence, confusion, likelihood, iteration, is_switched)
