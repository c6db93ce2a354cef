"""Longer simulations: whether 95 % intervals hold 93 to 97 times in 100, and how often the same release would be refused."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from goldworks.statistics import paired_difference
from goldworks.statistics.agreement import krippendorff_alpha
from goldworks.statistics.human_rate import prediction_powered
from goldworks.statistics.kappa import cohen_kappa, overlap_size
from goldworks.statistics.sampling import hajek
from goldworks.statistics.score_quality import auroc
from goldworks.statistics.verdicts import not_worse

pytestmark = pytest.mark.slow


def raters(random: np.random.Generator, n: int, share: float, keep: float) -> tuple[list[bool], list[bool]]:
    """Two raters who keep the true label with chance `keep` and else toss a coin of the same share."""
    state = random.random(n) < share
    first, second = (np.where(random.random(n) < keep, state, random.random(n) < share) for _ in range(2))
    return first.tolist(), second.tolist()


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_kappa_of_a_planned_overlap_has_the_planned_width_and_holds(share):
    random, keep, runs = np.random.default_rng(1), 0.6**0.5, 2000
    n = overlap_size(0.6, share, 0.1)
    found = [cohen_kappa(*raters(random, n, share, keep), (False, True)) for _ in range(runs)]
    assert 0.93 <= np.mean([e.low <= 0.6 <= e.high for e in found]) <= 0.97
    assert np.mean([(e.high - e.low) / 2 for e in found]) == pytest.approx(0.1, abs=0.005)


def test_alpha_with_clusters_of_units_holds():
    """Units of a conversation share whether its raters agree well or hardly: the naive bootstrap is too narrow."""
    random, runs, hits, naive = np.random.default_rng(2), 1000, 0, []
    for run in range(runs):
        keep = np.repeat(random.choice([0.98, 0.5], 80), 5)
        state = random.random(400) < 0.5
        said = [np.where(random.random(400) < keep, state, random.random(400) < 0.5) for _ in range(2)]
        labels = list(zip(*(s.tolist() for s in said), strict=True))
        truth = (0.98**2 + 0.5**2) / 2
        found = krippendorff_alpha(labels, (False, True), clusters=np.repeat(np.arange(80), 5).tolist(), seed=run, resamples=500)
        hits += found.low <= truth <= found.high
        if run < 200:
            alone = krippendorff_alpha(labels, (False, True), seed=run, resamples=500)
            naive.append(alone.low <= truth <= alone.high)
    assert 0.93 <= hits / runs <= 0.97
    assert np.mean(naive) < 0.9


def test_prediction_powered_rate_holds():
    random, hits, runs = np.random.default_rng(3), 0, 6000
    for _ in range(runs):
        truth = random.random(3000) < 0.2
        score = np.clip(random.normal(0.3 + 0.4 * truth, 0.2), 0, 1)
        found = prediction_powered(truth[:200].astype(float), score[:200], score[200:])
        hits += found.low <= 0.2 <= found.high
    assert 0.93 <= hits / runs <= 0.97


def test_hajek_holds_for_common_events_and_not_for_rare_ones():
    """At 2 % it holds 82 times in 100, as too often none of the few bad items that nobody flagged is drawn."""
    random, runs, size = np.random.default_rng(4), 4000, 20_000

    def held(rate: float) -> float:
        hits = 0
        for _ in range(runs):
            bad = random.binomial(size, rate)
            caught, alarms = random.binomial(bad, 0.8), random.binomial(size - bad, 0.04)
            sizes, chances = (caught, alarms, bad - caught, size - bad - alarms), (0.5, 0.5, 0.02, 0.02)
            drawn = [random.binomial(*one) for one in zip(sizes, chances, strict=True)]
            found = hajek(np.repeat([1.0, 0, 1, 0], drawn), np.repeat(chances, drawn))
            hits += found.low <= bad / size <= found.high
        return hits / runs

    assert 0.93 <= held(0.3) <= 0.97
    assert held(0.02) == pytest.approx(0.8265, abs=3 * (0.8265 * 0.1735 * 2 / runs) ** 0.5)


def test_auroc_in_clusters_holds():
    random, hits, runs = np.random.default_rng(5), 0, 4000
    truth = NormalDist().cdf(1 / (2 * (0.7**2 + 0.7**2)) ** 0.5)
    for _ in range(runs):
        shift = np.repeat(random.normal(0, 0.7, 60), 4)
        positive = random.random(240) < 0.4
        score = positive + shift + random.normal(0, 0.7, 240)  # scores of a conversation move together
        found = auroc(score.tolist(), positive.tolist(), np.repeat(np.arange(60), 4).tolist())
        hits += found.low <= truth <= found.high
    assert 0.93 <= hits / runs <= 0.97


@pytest.mark.parametrize("margin", [0.03, 0.05])
def test_the_same_release_with_clustered_graded_scores_is_refused_at_most_once_in_twenty(margin):
    random, answers = np.random.default_rng(6), []
    for run in range(300):
        base = np.repeat(random.beta(6, 2, 60), 3)
        noise = [np.repeat(random.normal(0, 0.03, 60), 3) + random.normal(0, 0.05, 180) for _ in range(2)]
        old, new = (np.clip(base + one, 0, 1).tolist() for one in noise)
        difference = paired_difference(old, new, np.repeat(np.arange(60), 3).tolist(), confidence=0.9, seed=run, resamples=300)
        answers.append(not_worse(difference, margin))
    assert np.mean([a.answer == "fail" for a in answers]) <= 0.01
    assert np.mean([a.answer == "pass" for a in answers]) >= 0.8
    assert np.mean([a.is_regression_within_margin for a in answers]) <= 0.08
