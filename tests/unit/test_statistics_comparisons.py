"""Two runs on the same or on other cases: worked values, other libraries, and the exact or simulated coverage."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from simulation import chance_error, coverage

from goldworks.statistics import paired_difference, unpaired_difference
from goldworks.statistics.intervals import mcnemar, normal_quantile, tango
from goldworks.statistics.resampling import bootstrap_means, percentile_interval, sign_flip


@pytest.mark.parametrize(
    ("worse", "better", "n", "low", "high"),
    [
        (20, 8, 200, -0.1153961689531152, -0.008680051338626793),
        (0, 0, 100, -0.036993, 0.036993),
        (0, 0, 20, -0.161125, 0.161125),
        (1, 0, 100, -0.054486, 0.027363),
        (3, 0, 500, -0.01749, 0.00167),
        (9, 2, 300, -0.050261, -0.002014),
        (7, 1, 21, -0.5172322764212659, -0.026003032480949283),  # airway example of Fagerland et al. 2014
    ],
)
def test_tango_against_worked_numbers(worse, better, n, low, high):
    assert tango(worse, better, n, 0.95) == pytest.approx((low, high), abs=5e-7)


def test_one_sided_gate_bound_is_the_end_of_the_90_percent_interval():
    assert tango(20, 8, 200, 0.90) == pytest.approx((-0.1057731667710809, -0.017269550422342586), abs=1e-9)


@pytest.mark.parametrize(
    ("worse", "better", "p", "mid"),
    [(15, 5, 0.041389, 0.026604), (9, 2, 0.06543, 0.038574), (1, 0, 1.0, 0.5), (6, 0, 0.03125, 0.015625)],
)
def test_mcnemar_exact(worse, better, p, mid):
    """The mid-p value, which is not shown, is the exact one less the chance of just what was seen."""
    from scipy.stats import binom
    from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

    assert mcnemar(worse, better) == pytest.approx(p, abs=5e-7)
    assert mcnemar(worse, better) == pytest.approx(of_statsmodels([[10, worse], [better, 10]], exact=True).pvalue)
    assert mcnemar(worse, better) - binom.pmf(better, worse + better, 0.5) == pytest.approx(mid, abs=5e-7)
    assert mcnemar(better, worse) == mcnemar(worse, better)


def test_mcnemar_of_no_change():
    assert mcnemar(0, 0) == 1.0


def wald(worse: int, better: int, n: int) -> tuple[float, float]:
    """The naive interval of a paired difference, which is not used."""
    difference = (better - worse) / n
    half = normal_quantile(0.95) * sqrt(worse + better - (worse - better) ** 2 / n) / n
    return difference - half, difference + half


def test_the_naive_interval_of_a_pair_and_the_z_that_both_tests_share():
    from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

    low, high = wald(20, 8, 200)
    assert (low, high) == pytest.approx((-0.11118471369181812, -0.008815286308181874))
    assert (high - low) / 2 / normal_quantile(0.95) == pytest.approx(0.026115129714401192)
    z = (8 - 20) / sqrt(28)
    assert z == pytest.approx(-2.267787, abs=5e-7)
    assert z**2 == pytest.approx(of_statsmodels([[150, 20], [8, 22]], exact=False, correction=False).statistic)
    # Tango's interval ends at 0 with just the confidence that McNemar's z gives
    assert tango(20, 8, 200, 2 * NormalDist().cdf(-z) - 1)[1] == pytest.approx(0, abs=1e-9)


def exact_coverage(interval, n: int, fails: float, mends: float) -> float:
    """Chance that `interval` holds the true difference, summed over all but the unlikeliest counts of changed pairs."""
    from scipy.stats import multinomial

    worse, better = (counts.ravel() for counts in np.indices((n + 1, n + 1)))
    is_count = worse + better <= n
    counts = np.stack([worse, better, n - worse - better], axis=1)[is_count]
    chances = multinomial.pmf(counts, n, [fails, mends, 1 - fails - mends])
    held, total = 0.0, 0.0
    for (a, b, _), chance in zip(counts[chances > 1e-8].tolist(), chances[chances > 1e-8].tolist(), strict=True):
        low, high = interval(a, b, n)
        held, total = held + chance * (low <= mends - fails <= high), total + chance
    assert total == pytest.approx(1, abs=1e-4)
    return held


def tango95(worse: int, better: int, n: int) -> tuple[float, float]:
    return tango(worse, better, n, 0.95)


@pytest.mark.parametrize(
    ("n", "fails", "mends", "covered"),
    [(100, 0.06, 0.03, 0.9402), (200, 0.05, 0.05, 0.9479), (300, 0.03, 0.01, 0.9484), (100, 0.02, 0.005, 0.9883)],
)
def test_exact_coverage_of_tango_by_enumeration(n, fails, mends, covered):
    assert exact_coverage(tango95, n, fails, mends) == pytest.approx(covered, abs=5.1e-5)


def test_tango_holds_where_a_few_pairs_change_and_the_naive_interval_does_not():
    """Of the worked simulation of 4,000 runs (its figures are multiples of 1/4000) the exact coverages are .9402 and .9430.

    With 2.5 changed pairs expected in a hundred Tango's interval is on the safe side, outside 93-97 %, and the naive one fails.
    """
    for interval, worked in ((tango95, 0.937), (wald, 0.94575)):
        assert exact_coverage(interval, 100, 0.06, 0.03) == pytest.approx(worked, abs=chance_error(worked, 4000))
    for n, fails, mends in ((50, 0.05, 0.05), (50, 0.1, 0.1), (100, 0.051, 0.03), (300, 0.01, 0.01), (300, 0.05, 0.05)):
        assert 0.93 <= exact_coverage(tango95, n, fails, mends) <= 0.97
    assert exact_coverage(wald, 100, 0.02, 0.005) == pytest.approx(0.8643, abs=5.1e-5)
    assert exact_coverage(tango95, 100, 0.01, 0.01) == pytest.approx(0.986, abs=5.1e-5)


def test_paired_binary_takes_tango_and_says_so():
    base = [1] * 150 + [1] * 20 + [0] * 8 + [0] * 22
    candidate = [1] * 150 + [0] * 20 + [1] * 8 + [0] * 22
    result = paired_difference(base, candidate)
    assert result.value == pytest.approx(-0.06)
    assert (result.low, result.high) == pytest.approx((-0.1153961689531152, -0.008680051338626793), abs=1e-9)
    assert (result.method, result.n, result.seed) == ("paired_tango", 200, None)
    assert result.p_value == pytest.approx(mcnemar(20, 8))


# Scores of ten conversations in twentieths. The worked values name figures, not rows; these rows have all of them.
BASE = tuple(x / 20 for x in (14, 10, 10, 11, 7, 16, 6, 11, 12, 11))
CANDIDATE = tuple(x / 20 for x in (15, 11, 10, 11, 7, 15, 5, 8, 9, 7))
DELTAS = tuple(b - a for a, b in zip(BASE, CANDIDATE, strict=True))


def test_graded_pairs_have_the_worked_figures():
    a, b, deltas = np.array(BASE), np.array(CANDIDATE), np.array(DELTAS)
    assert deltas.mean() == pytest.approx(-0.05)
    assert np.std(deltas, ddof=1) / 10**0.5 == pytest.approx(0.027888667551135855)
    assert sqrt(a.var(ddof=1) / 10 + b.var(ddof=1) / 10) == pytest.approx(0.0701585505994973)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.8485516799988961)


def test_graded_pairs_bootstrap_is_seeded_and_sign_flip_is_exact():
    """The worked interval [-.095, -.005], seed 0 and B = 10,000, is the percentile one of 90 %; that of 95 % is [-.105, 0].
    Of ten pairs the product takes t, which is wider: the percentile would hold 90 of 100 for 95.
    """
    from scipy.stats import bootstrap, permutation_test, ttest_1samp

    means = bootstrap_means(np.array(DELTAS), np.ones(len(DELTAS)), 0, 10_000)
    low, high = percentile_interval(means, 0.9)
    assert (low, high) == pytest.approx((-0.095, -0.005))
    assert percentile_interval(means, 0.95) == pytest.approx((-0.105, 0.0))
    theirs = bootstrap((DELTAS,), np.mean, method="percentile", confidence_level=0.9, n_resamples=10_000, rng=1)
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.0051)  # one step of the means
    result = paired_difference(BASE, CANDIDATE, confidence=0.9)
    assert (result.value, result.method) == (pytest.approx(-0.05), "paired_t")
    assert (result.low, result.high) == pytest.approx(tuple(ttest_1samp(DELTAS, 0).confidence_interval(0.9)))
    assert result.low is not None
    assert result.low < low
    flips = permutation_test((DELTAS,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert result.p_value == pytest.approx(0.171875)
    assert flips.pvalue == pytest.approx(0.171875)


def test_an_end_is_never_nearer_than_that_of_t():
    """Five of a hundred pairs differ: the bootstrap leans on these few. Its draws depend on the seed, and on nothing else."""
    from scipy.stats import ttest_1samp

    base = [0.5] * 100
    candidate = [0.5 + step for step in (0.4, 0.3, 0.3, 0.1, -0.1)] + [0.5] * 95
    result = paired_difference(base, candidate, seed=3)
    ends = ttest_1samp(np.subtract(candidate, base), 0).confidence_interval(0.95)
    assert (result.low, result.high) != pytest.approx(tuple(ends))
    assert result.low is not None
    assert result.high is not None
    assert result.low <= ends[0] + 1e-12
    assert result.high >= ends[1] - 1e-12
    assert (result.method, result.seed) == ("paired_bootstrap_bca", 3)
    assert result == paired_difference(base, candidate, seed=3)


def test_sign_flip_monte_carlo_agrees_with_enumeration():
    values = np.array([*DELTAS, 0.1, -0.1])
    exact = sign_flip(values, 0, 10)
    assert sign_flip(np.array([*values, 0.0]), 0, 20_000) == pytest.approx(exact, abs=chance_error(exact, 20_000))


def test_identical_runs_keep_an_honest_width():
    assert paired_difference([1] * 20, [1] * 20).high == pytest.approx(0.161125, abs=5e-7)
    graded = paired_difference([0.5] * 20, [0.5] * 20)
    assert (graded.low, graded.high) == pytest.approx((-0.161125, 0.161125), abs=5e-7)


def test_newcombe_hybrid_score_against_his_example():
    # Newcombe 1998, table II (a): 56/70 against 48/80, method 10: 0.0524 .. 0.3339
    result = unpaired_difference([1] * 48 + [0] * 32, [1] * 56 + [0] * 14)
    assert (result.value, result.low, result.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert result.method == "unpaired_newcombe"


def test_welch_equals_scipy():
    from scipy.stats import ttest_ind

    random = np.random.default_rng(1)
    a, b = random.beta(2, 2, 40), random.beta(3, 2, 60)
    expected = ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    result = unpaired_difference(list(a), list(b))
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high))
    assert result.method == "unpaired_welch"


def test_coverage_of_differences_of_other_cases():
    def unpaired(random):
        return unpaired_difference(list(random.random(90) < 0.8), list(random.random(70) < 0.9))

    assert 0.93 <= coverage(unpaired, 0.1, 2000) <= 0.97


def test_few_graded_pairs_get_an_interval_that_holds():
    def graded(random):
        return paired_difference(random.beta(2, 1, 5).tolist(), random.beta(2, 1, 5).tolist())

    assert 0.93 <= coverage(graded, 0.0, 2000) <= 0.97
    two = paired_difference([0.5, 0.2], [0.6, 0.9])
    assert two.low < 0 < two.high  # both are better, which a coin would say one time in two
    assert (two.method, two.note) == ("paired_t", "only 2 clusters")


def test_percentile_interval_of_the_clusters_means():
    sums, sizes = np.array([1.0, 4.0, 0.0]), np.array([2.0, 4.0, 1.0])
    means = bootstrap_means(sums, sizes, 0, 4000)
    assert means.mean() == pytest.approx(5 / 7, abs=0.08)
    low, high = percentile_interval(means, 0.95)
    assert 0 <= low < 5 / 7 < high <= 1
