"""Dawid-Skene on raters whose true competence is known."""

from __future__ import annotations

import numpy as np
import pytest

from goldworks.statistics.dawid_skene import dawid_skene

COMPETENCE = ((0.95, 0.9), (0.9, 0.85), (0.6, 0.6), (0.92, 0.8))  # (specificity, sensitivity) of each rater


def simulated(units: int, seed: int, share: float = 0.3):
    random = np.random.default_rng(seed)
    truth = random.random(units) < share
    says = [np.where(truth, random.random(units) < se, random.random(units) > sp) for sp, se in COMPETENCE]
    return truth, np.array(says).T


def test_competence_and_labels_come_back_and_beat_the_majority():
    truth, says = simulated(2000, 4)
    found = dawid_skene(says.tolist(), (False, True))
    assert np.diagonal(found.confusion, axis1=1, axis2=2) == pytest.approx(np.array(COMPETENCE), abs=0.06)
    assert found.prevalence[1] == pytest.approx(0.3, abs=0.03)
    majority = says.sum(axis=1) > 2
    assert ((found.posteriors[:, 1] > 0.5) == truth).mean() > (majority == truth).mean() + 0.01
    assert ((found.posteriors[:, 1] > 0.5) == truth).mean() > 0.94
    assert not found.is_switched
    assert found.iterations < 500
    assert found.log_likelihood < 0


def test_missing_labels_and_unlabelled_units():
    truth, says = simulated(600, 5)
    labels = [[None if (unit + rater) % 4 == 0 else bool(v) for rater, v in enumerate(row)] for unit, row in enumerate(says)]
    found = dawid_skene([*labels, [None] * 4], (False, True))
    assert ((found.posteriors[:600, 1] > 0.5) == truth).mean() > 0.9
    assert found.posteriors[600] == pytest.approx(found.prevalence)
    assert found.posteriors.sum(axis=1) == pytest.approx(np.ones(601))


def test_raters_who_mostly_lie_are_seen_as_switched():
    # two classes that are named the wrong way round most of the time by raters who cannot all be right
    random = np.random.default_rng(1)
    truth = random.integers(0, 3, 300)
    says = np.array([np.where(random.random(300) < 0.7, 1, truth) for _ in range(3)]).T
    assert dawid_skene(says.tolist(), (0, 1, 2)).is_switched


def test_too_little_to_fit_and_ragged_rows():
    _, says = simulated(99, 1)
    assert dawid_skene(says.tolist(), (False, True)) is None
    assert dawid_skene(says[:, :2].tolist() * 3, (False, True)) is None
    assert dawid_skene([], (False, True)) is None
    with pytest.raises(ValueError, match="different numbers of raters"):
        dawid_skene([[1, 1, 1], [1, 1]], (0, 1))
