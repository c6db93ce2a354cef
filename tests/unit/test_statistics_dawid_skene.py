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


def test_worked_competence_is_one_such_draw():
    """The worked labels are not given: four raters, of which the heading speaks as three, 18 ties, and accuracies of .9532 and
    .893, which of fewer than 500 units only 285 and 267 of 299 have. So of 300 units one had no label.

    Of 300 units, 30 % positive, from which each label is missing 15 times in 100, every worked figure is within two deviations of
    a draw from the mean of 100.
    """
    rows = []
    for seed in range(100):
        truth, says = simulated(300, seed)
        is_there = np.random.default_rng(seed + 1000).random(says.shape) >= 0.15
        labels = [[bool(v) if here else None for v, here in zip(*one, strict=True)] for one in zip(says, is_there, strict=True)]
        found = dawid_skene(labels, (False, True), tolerance=1e-10)
        given, positive, some = is_there.sum(axis=1), (says & is_there).sum(axis=1), is_there.any(axis=1)
        right = ((found.posteriors[:, 1] > 0.5) == truth)[some].mean()
        majority = np.where(truth, 2 * positive > given, 2 * positive < given)[some].mean()  # a tie is wrong
        ties = ((2 * positive == given) & some).sum()
        competence = np.diagonal(found.confusion, axis1=1, axis2=2)
        rows.append([right, majority, ties, found.iterations, found.prevalence[1], *competence.ravel()])
    worked = [285 / 299, 267 / 299, 18, 86, 0.3229, 0.936, 0.833, 0.891, 0.799, 0.559, 0.658, 0.962, 0.794]
    assert worked[:2] == pytest.approx([0.9532, 0.893], abs=5e-5)
    off = (np.array(worked) - np.mean(rows, axis=0)) / np.std(rows, axis=0)
    assert (np.abs(off) < 2).all(), off.round(2)
    rights, majorities = np.array(rows)[:, :2].T
    assert (rights > majorities).mean() > 0.95
    assert rights.mean() == pytest.approx(0.95, abs=0.01)


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
