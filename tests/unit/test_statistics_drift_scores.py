"""Distances of score distributions and of texts against worked values, other libraries and, by simulation, their error rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, chi2_contingency, ks_2samp, kstwobign, wasserstein_distance

from goldworks.statistics.drift_scores import (
    Sample,
    histogram,
    jensen_shannon,
    psi,
    psi_limit,
    quantile_edges,
    score_drift,
    share_drift,
)
from goldworks.statistics.drift_texts import (
    centroid_distance,
    classifier_auc,
    fit_features,
    stable_limit,
    text_drift,
)

WAS, IS = [250, 250, 250, 250], [200, 300, 250, 250]
"""Vectors that give the worked values of PSI, Jensen-Shannon and chi-square; which shares stay as they are does not matter."""


def test_worked_values_of_distances():
    assert psi(np.array(WAS) / 1000, np.array(IS) / 1000, smoothing=0) == pytest.approx(0.020273, abs=1e-6)
    assert psi(WAS, IS) == pytest.approx(0.020273, abs=1e-4), "half a case in each bin changes little"
    assert jensen_shannon(WAS, IS) == pytest.approx(0.00365, abs=1e-5)
    assert jensen_shannon(WAS, IS) ** 0.5 == pytest.approx(0.060412, abs=1e-6)
    assert jensen_shannon(WAS, IS) ** 0.5 == pytest.approx(jensenshannon(WAS, IS, base=2))
    assert chi2_contingency([WAS, IS]).pvalue == pytest.approx(0.01772674, abs=1e-8)
    ten = score_drift(Sample(range(10)), Sample(range(1, 11)), seed=1, least=10)
    assert (ten.effect, ten.wasserstein, ten.has_moved) == (pytest.approx(0.1), pytest.approx(1.0), False)
    assert ten.p_value > 0.9
    assert tuple(ks_2samp(range(10), range(1, 11)))[:2] == pytest.approx((0.1, 1.0))


@pytest.mark.parametrize(
    ("n", "m", "strict", "usual"),
    [
        (100, 1000, 0.30665, 0.18611),
        (1000, 1000, 0.05575, 0.03384),
        (1000, 28000, 0.02887, 0.01752),
        (100, 28000, 0.27977, 0.16979),
    ],
)
def test_the_limit_of_psi_depends_on_the_sizes(n, m, strict, usual):
    assert psi_limit(m, n, alpha=0.001) == pytest.approx(strict, abs=1e-5)
    assert psi_limit(n, m) == pytest.approx(usual, abs=1e-5)


def test_the_usual_limit_of_psi_alarms_for_nothing():
    """Shares of 4,000 worked comparisons that did not move, and of 12,000 of ours: within three standard errors of both."""
    random, runs = np.random.default_rng(1), 12_000
    found = []
    for _ in range(runs):
        reference, current = random.normal(size=1000), random.normal(size=100)
        edges = quantile_edges(reference)
        found.append(psi(histogram(reference, edges), histogram(current, edges)))
    for limit, share in ((0.1, 0.39325), (0.2, 0.03075), (psi_limit(1000, 100), 0.045)):
        over = np.mean(np.array(found) > limit)
        assert over == pytest.approx(share, abs=3 * (share * (1 - share) * (1 / 4000 + 1 / runs)) ** 0.5), limit


def test_a_certain_trifle_is_no_drift():
    """The worked pair, 50,000 each and 0.02 standard deviations apart, has p 2.99e-3 and an effect of .0094, which no pair has.

    p 2.99e-3 is that of a distance of .0114; .0094 has .0241. Of 40 pairs both lie well within what is seen, and none of them is
    drift by its size.
    """
    assert kstwobign.sf(0.01141 * 25_000**0.5) == pytest.approx(2.99e-3, rel=0.02)
    assert kstwobign.sf(0.0094 * 25_000**0.5) == pytest.approx(0.0241, abs=0.0005)
    random = np.random.default_rng(0)
    pairs = [(random.normal(size=50_000), random.normal(size=50_000) + 0.02) for _ in range(40)]
    tests = [ks_2samp(*pair) for pair in pairs]
    effects, chances = ([getattr(one, name) for one in tests] for name in ("statistic", "pvalue"))
    assert np.quantile(effects, 0.05) < 0.0094 < np.quantile(effects, 0.95) < 0.02
    assert np.quantile(chances, 0.1) < 2.99e-3 < np.quantile(chances, 0.9)
    assert np.mean(np.array(chances) < 0.05) > 0.6, "significant"
    reference, current = next(pair for pair, chance in zip(pairs, chances, strict=True) if chance < 2.99e-3)
    found = score_drift(Sample(reference.tolist()), Sample(current.tolist()), seed=1, resamples=40)
    assert found.effect == pytest.approx(ks_2samp(reference, current).statistic)
    assert found.limit < found.effect < 0.05
    assert not found.has_moved


def test_distances_are_those_of_scipy():
    random = np.random.default_rng(2)
    a, b = random.random(80).round(2), random.beta(2, 3, 120).round(2)
    found = score_drift(Sample(a.tolist()), Sample(b.tolist()), seed=1)
    assert found.effect == pytest.approx(ks_2samp(a, b).statistic)
    assert found.wasserstein == pytest.approx(wasserstein_distance(a, b))
    w, v = random.integers(1, 9, 80), random.integers(1, 9, 120)
    found = score_drift(Sample(a.tolist(), w.tolist()), Sample(b.tolist(), v.tolist()), seed=1)
    assert found.effect == pytest.approx(ks_2samp(np.repeat(a, w), np.repeat(b, v)).statistic)
    assert found.wasserstein == pytest.approx(wasserstein_distance(a, b, w, v))


def graded(random, n: int) -> list[float]:
    return random.beta(4, 2, n).round(3).tolist()


@pytest.mark.slow
def test_the_same_scores_move_in_at_most_five_of_a_hundred():
    random, runs = np.random.default_rng(3), 300
    plain = clustered = drawn = shared = shares = 0
    for seed in range(runs):
        a, b = graded(random, 150), graded(random, 400)
        plain += score_drift(Sample(a), Sample(b), seed=seed, resamples=200).has_moved
        a, b = (np.repeat(graded(random, n), 4).tolist() for n in (80, 100))  # four alike in each conversation
        names = [list(np.repeat(np.arange(n) + start, 4)) for n, start in ((80, 0), (100, 1000))]
        clustered += score_drift(Sample(a, clusters=names[0]), Sample(b, clusters=names[1]), seed=seed, resamples=200).has_moved
        pool = np.array(graded(random, 800))  # the bad ones are drawn four times as often
        chance = np.where(pool < 0.5, 0.8, 0.2)
        taken = random.random(800) < chance
        sample = Sample(pool[taken].tolist(), (1 / chance[taken]).tolist())
        drawn += score_drift(sample, Sample(graded(random, 400)), seed=seed, resamples=200).has_moved
        ids = np.arange(800)
        own = Sample(sample.values, sample.weights, ids[taken].tolist())
        shared += score_drift(own, Sample(pool.tolist(), clusters=ids.tolist()), seed=seed, resamples=200).has_moved
        shares += share_drift((int(random.binomial(150, 0.3)), 150), (int(random.binomial(400, 0.3)), 400)).has_moved
    for count in (plain, clustered, drawn, shared, shares):
        assert count / runs <= 0.075, "5 % and three standard errors"
    unweighted = score_drift(Sample(pool[taken].tolist()), Sample(graded(random, 400)), seed=1)
    assert unweighted.has_moved, "without weights the sampling rule itself looks like drift"


def test_moved_scores_are_found():
    random = np.random.default_rng(4)
    found = [
        score_drift(Sample(graded(random, 200)), Sample(random.beta(3, 3, 400).tolist()), seed=seed, resamples=200)
        for seed in range(40)
    ]
    assert all(one.has_moved for one in found)
    assert score_drift(Sample([0.0] * 80 + [1.0] * 120), Sample([0.0] * 220 + [1.0] * 180), seed=1).method == "fisher_exact"


def test_verdicts_take_the_exact_test():
    found = score_drift(Sample([0] * 80 + [1] * 120), Sample([0] * 220 + [1] * 180), seed=1)
    assert found.effect == pytest.approx(0.15)
    assert found.p_value == pytest.approx(share_drift((120, 200), (180, 400)).p_value)
    assert found.has_moved
    assert not share_drift((5000, 10_000), (5300, 10_000)).has_moved, "certain, but three points"
    assert share_drift((5000, 10_000), (5300, 10_000)).p_value < 0.001
    assert not share_drift((15, 30), (10, 30)).has_moved
    names = ["a", "b"] * 100
    assert score_drift(Sample([0, 1] * 100, clusters=names), Sample([1] * 200), seed=1, least=2).method == "ks_bootstrap"


def test_too_few_say_nothing():
    few = score_drift(Sample([0.1] * 29), Sample([0.9] * 500), seed=1)
    assert (few.has_moved, few.effect, few.reason) == (False, None, "n_too_small")
    heavy = score_drift(Sample([0.5] * 100, [1000.0, *[1.0] * 99]), Sample([0.9] * 500), seed=1)
    assert heavy.reason == "n_too_small", "one weighs as much as all others"
    assert score_drift(Sample([]), Sample([]), seed=1).reason == "n_too_small"


def test_the_same_scores_rarely_move():
    random = np.random.default_rng(13)
    moved = [score_drift(Sample(graded(random, 150)), Sample(graded(random, 400)), seed=n, resamples=200) for n in range(40)]
    assert sum(one.has_moved for one in moved) <= 6
    assert all(0.05 < one.limit < 0.2 for one in moved)


def test_what_is_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Sample([1.0], clusters=["a", "b"])
    with pytest.raises(ValueError, match="finite"):
        Sample([float("nan")])
    with pytest.raises(ValueError, match="above 0"):
        Sample([1.0], [0.0])
    with pytest.raises(ValueError, match="same bins"):
        psi([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="something in it"):
        jensen_shannon([0, 0], [1, 1])
    with pytest.raises(ValueError, match="ones <= verdicts"):
        share_drift((3, 2), (1, 2))


scores = st.lists(st.integers(0, 20), min_size=5, max_size=60)


@settings(max_examples=60, deadline=None)
@given(scores, scores)
def test_a_distance_has_two_equal_directions_and_no_unit(a, b):
    there = score_drift(Sample(a), Sample(b), seed=1, least=2, resamples=20)
    back = score_drift(Sample(b), Sample(a), seed=1, least=2, resamples=20)
    assert there.effect == pytest.approx(back.effect)
    assert 0 <= there.effect <= 1
    other = score_drift(Sample([one**3 + 5 for one in a]), Sample([one**3 + 5 for one in b]), seed=1, least=2, resamples=20)
    assert other.effect == pytest.approx(there.effect)
    assert score_drift(Sample(a), Sample(a), seed=1, least=2, resamples=20).effect == pytest.approx(0)
    edges = quantile_edges(a)
    p, q = histogram(a, edges), histogram(b, edges)
    assert psi(p, q) == pytest.approx(psi(q, p) if p.sum() == q.sum() else psi(p, q))
    assert psi(p, q) >= 0
    assert 0 <= jensen_shannon(p, q) <= 1 + 1e-12
    assert (p.sum(), q.sum()) == (len(a), len(b))
    twice = Sample([*a, *a], [0.5] * (2 * len(a)))
    assert score_drift(twice, Sample(b), seed=1, least=2, resamples=20).effect == pytest.approx(there.effect)


def vectors(random, n: int, moved: float = 0.0) -> np.ndarray:
    """64 numbers each; of a share `moved` three lie two standard deviations off."""
    rows = random.normal(size=(n, 64))
    rows[: int(n * moved), :3] += 2
    return rows[random.permutation(n)]


def mmd(reference: np.ndarray, day: np.ndarray) -> float:
    """The unbiased MMD squared with a Gaussian kernel of median width, which the product does without."""
    rows = np.vstack([reference, day])
    norms = (rows**2).sum(axis=1)
    squares = np.maximum(norms[:, None] + norms - 2 * rows @ rows.T, 0)
    kernel = np.exp(-squares / np.median(squares[: len(reference), len(reference) :]))
    n, m = len(reference), len(day)
    own = [(block.sum() - size) / (size * (size - 1)) for block, size in ((kernel[:n, :n], n), (kernel[n:, n:], m))]
    return float(sum(own) - 2 * kernel[:n, n:].mean())


@pytest.mark.parametrize(
    ("measure", "worked", "references", "draws"),
    [
        pytest.param(centroid_distance, (0.42851, 0.49849, 0.9667, 1.0), 60, 100, id="centroid"),
        pytest.param(classifier_auc, (0.50279, 0.53826, 0.70, 1.0), 20, 60, id="classifier", marks=pytest.mark.slow),
        pytest.param(mmd, (-0.00005, 0.00038, 0.80, 1.0), 12, 60, id="mmd", marks=pytest.mark.slow),
    ],
)
def test_worked_values_of_vectors(measure, worked, references, draws):
    """The worked values are of one reference of 1,000 and 30 days of 500 of each kind, and of what such draws give."""
    found = []
    for seed in range(references):
        random = np.random.default_rng(seed)
        reference = vectors(random, 1000)
        null = [measure(reference, vectors(random, 500)) for _ in range(draws)]
        over = [np.mean([measure(reference, vectors(random, 500, moved)) > worked[1] for _ in range(30)]) for moved in (0.1, 0.2)]
        found.append((np.mean(null), np.quantile(null, 0.99), *over))
    for values, value in zip(np.array(found).T, worked, strict=True):
        assert abs(value - values.mean()) < 2 * values.std() + 0.01 * (value == 1), (value, values.mean(), values.std())


@pytest.mark.parametrize(
    ("measure", "power"),
    [
        pytest.param(centroid_distance, 0.7, id="centroid"),
        pytest.param(classifier_auc, 0.35, id="classifier", marks=pytest.mark.slow),
    ],
)
def test_limits_of_stable_days_hold_for_any_reference(measure, power):
    """A reference drawn anew each time: one stable comparison in a hundred is over the limit, and a fifth that moved is seen."""
    random = np.random.default_rng(5)
    stable = [vectors(random, 500) for _ in range(28)]
    found = stable_limit(measure, stable, 1000, 500, seed=1)
    shares = [
        np.mean([measure(vectors(random, 1000), vectors(random, 500, moved)) > found for _ in range(100)])
        for moved in (0, 0.1, 0.2)
    ]
    assert shares[0] <= 0.04
    assert shares[1] == pytest.approx(power, abs=0.2)
    assert shares[2] > 0.9
    if measure is centroid_distance:  # its square is (1/1000 + 1/500) chi2 with 64 degrees of freedom: the exact limit
        assert found == pytest.approx((0.003 * chi2.ppf(0.99, 64)) ** 0.5, abs=0.015)


WORDS = [f"word{n}" for n in range(300)]


def texts(random, n: int, topic: float = 0.0) -> list[str]:
    """Twelve words each, the first ones more often; a share `topic` of the texts is about something else."""
    chance = 1 / (np.arange(300) + 5)
    chance /= chance.sum()
    found = [" ".join(random.choice(WORDS, 12, p=chance)) for _ in range(n)]
    for i in range(int(n * topic)):
        found[i] = " ".join(random.choice(WORDS[40:60], 12))
    return found


def test_texts_of_another_topic_are_found_and_their_words_named():
    random = np.random.default_rng(6)
    stable = [texts(random, 40) for _ in range(30)]
    same = text_drift(stable, texts(random, 40), seed=1, draws=60)
    moved = text_drift(stable, texts(random, 40, 0.4), seed=1, draws=30)
    assert not same.has_moved
    assert moved.has_moved
    assert moved.centroid > moved.centroid_limit
    assert moved.auc > moved.auc_limit > 0.5
    features = fit_features([text for day in stable for text in day])
    named = features.words(stable[0] + stable[1], texts(random, 60, 0.9))
    assert set(named) & set(WORDS[40:60])
    assert features.of(["nothing known here"]).tolist() == [[0.0] * 64]


@pytest.mark.slow
def test_stable_texts_rarely_move():
    random, runs = np.random.default_rng(7), 20
    stable = [texts(random, 30) for _ in range(40)]
    moved = sum(text_drift(stable, texts(random, 30), seed=seed, draws=60).has_moved for seed in range(runs))
    assert moved <= 2, "2 % each, and chance"


def test_few_texts_or_days_say_nothing():
    random = np.random.default_rng(8)
    stable = [texts(random, 20) for _ in range(28)]
    assert text_drift(stable, texts(random, 19), seed=1).reason == "n_too_small"
    assert text_drift(stable[:27], texts(random, 20), seed=1).reason == "n_too_small"
    assert stable_limit(centroid_distance, [np.zeros((5, 2))] * 13, 10, 5, seed=1) is None
    with pytest.raises(ValueError, match="at least 5"):
        classifier_auc(np.zeros((4, 2)), np.zeros((9, 2)))
