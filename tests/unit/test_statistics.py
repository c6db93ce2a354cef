"""Estimates and comparisons against published and independently computed numbers, and their coverage by simulation."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldworks.statistics import mean, paired_difference, rate, seed_of, unpaired_difference
from goldworks.statistics.estimates import t_interval
from goldworks.statistics.intervals import (
    clopper_pearson_high,
    clopper_pearson_low,
    cluster_sums,
    clustered_error,
    mcnemar,
    tango,
    wilson,
)
from goldworks.statistics.resampling import bootstrap_means, percentile_interval, sign_flip


def zeros_and_ones(x: int, n: int) -> list[int]:
    return [1] * x + [0] * (n - x)


@pytest.mark.parametrize(
    ("x", "n", "low", "high", "exact_low", "exact_high"),
    [
        (47, 50, 0.837829, 0.979385, 0.834518, 0.987451),
        (0, 50, 0.0, 0.071348, 0.0, 0.071122),
        (50, 50, 0.928652, 1.0, 0.928878, 1.0),
        (3, 1000, 0.001021, 0.008783, 0.000619, 0.008742),
        (0, 3000, 0.0, 0.001279, 0.0, 0.001229),
        (1, 1, 0.206549, 1.0, 0.025, 1.0),
    ],
)
def test_wilson_and_exact_bounds_of_a_single_rate(x, n, low, high, exact_low, exact_high):
    estimate = rate(zeros_and_ones(x, n))
    assert (estimate.value, estimate.method, estimate.n, estimate.n_clusters) == (x / n, "wilson", n, n)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-7)
    assert (clopper_pearson_low(x, n, 0.025), clopper_pearson_high(x, n, 0.025)) == pytest.approx(
        (exact_low, exact_high), abs=5e-7
    )


@pytest.mark.parametrize(("n", "bound"), [(100, 0.02951305), (300, 0.00993608), (1000, 0.00299125), (3000, 0.00099808)])
def test_zero_events_bound_is_exact_and_stands_in_the_note(n, bound):
    assert clopper_pearson_high(0, n, 0.05) == pytest.approx(bound, abs=5e-9)
    assert f"0 of {n}: at most {bound:.4f}" in (rate([0] * n).note or "")


def test_clustered_error_is_millers():
    y, codes = np.array([1.0, 1, 1, 0, 0, 0]), np.array([0, 0, 1, 1, 2, 2])
    sums, sizes = cluster_sums(y, codes)
    assert clustered_error(sums, sizes) == pytest.approx(0.288675, abs=5e-7)
    assert clustered_error(sums, sizes) * (2 / 3) ** 0.5 == pytest.approx(0.235702, abs=5e-7)
    assert t_interval(0.5, sums, sizes, 0.95) == pytest.approx((-0.7420688558751649, 1.742068855875165))
    assert clustered_error(y, np.ones(6)) == pytest.approx(0.223607, abs=5e-7)  # clusters of one: the naive error


def test_wilson_equals_statsmodels_everywhere():
    from statsmodels.stats.proportion import proportion_confint

    for n in (1, 2, 7, 30, 400):
        for x in {0, 1, n // 3, n - 1, n}:
            low, high = proportion_confint(x, n, 0.1, "wilson")
            assert wilson(x / n, n, 0.9) == pytest.approx((max(0.0, low), min(1.0, high)), abs=1e-12)


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


@pytest.mark.parametrize(("n", "fails", "mends", "covered"), [(100, 0.06, 0.03, 0.9402), (100, 0.02, 0.005, 0.9883)])
def test_exact_coverage_of_tango_by_enumeration(n, fails, mends, covered):
    truth, total = mends - fails, 0.0
    for worse in range(n + 1):
        for better in range(n + 1 - worse):
            p = (
                comb(n, worse)
                * comb(n - worse, better)
                * fails**worse
                * mends**better
                * (1 - fails - mends) ** (n - worse - better)
            )
            if p > 1e-7:
                low, high = tango(worse, better, n, 0.95)
                total += p * (low <= truth <= high)
    assert total == pytest.approx(covered, abs=2e-4)


def test_one_sided_gate_bound_is_the_end_of_the_90_percent_interval():
    assert tango(20, 8, 200, 0.90) == pytest.approx((-0.1057731667710809, -0.017269550422342586), abs=1e-9)


@pytest.mark.parametrize(
    ("worse", "better", "p"), [(15, 5, 0.041389), (9, 2, 0.06543), (1, 0, 1.0), (0, 0, 1.0), (6, 0, 0.03125)]
)
def test_mcnemar_exact(worse, better, p):
    assert mcnemar(worse, better) == pytest.approx(p, abs=5e-7)


def test_paired_binary_takes_tango_and_says_so():
    base = [1] * 150 + [1] * 20 + [0] * 8 + [0] * 22
    candidate = [1] * 150 + [0] * 20 + [1] * 8 + [0] * 22
    result = paired_difference(base, candidate)
    assert result.value == pytest.approx(-0.06)
    assert (result.low, result.high) == pytest.approx((-0.1153961689531152, -0.008680051338626793), abs=1e-9)
    assert (result.method, result.n, result.seed) == ("paired_tango", 200, None)
    assert result.p_value == pytest.approx(mcnemar(20, 8))


# Ten differences with the published mean (-0.05), paired error (0.0278887) and exact sign-flip p (0.171875).
DELTAS = (-0.20, -0.15, -0.15, -0.05, -0.05, 0, 0, 0, 0.05, 0.05)


def test_graded_pairs_bootstrap_is_seeded_and_sign_flip_is_exact():
    base = [0.5] * 10
    candidate = [0.5 + d for d in DELTAS]
    result = paired_difference(base, candidate, seed=0, resamples=10_000)
    assert result.value == pytest.approx(-0.05)
    assert np.std(DELTAS, ddof=1) / 10**0.5 == pytest.approx(0.027888667551135855)
    assert result.p_value == pytest.approx(0.171875)
    assert (result.low, result.high) == pytest.approx((-0.105, 0.0), abs=0.0126)
    assert result == paired_difference(base, candidate, seed=0, resamples=10_000)
    assert (result.method, result.seed) == ("paired_bootstrap_percentile", 0)


def test_bootstrap_bca_agrees_with_scipy():
    from scipy.stats import bootstrap

    values = np.random.default_rng(5).beta(2, 1, 40)
    ours = mean(list(values[:25]), seed=3, resamples=20_000)
    theirs = bootstrap((values[:25],), np.mean, method="BCa", n_resamples=20_000, rng=7).confidence_interval
    assert ours.method == "bootstrap_bca"
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.004)


def test_sign_flip_monte_carlo_agrees_with_enumeration():
    values = np.array([*DELTAS, 0.1, -0.1])
    exact = sign_flip(values, 0, 10)
    assert sign_flip(np.array([*values, 0.0]), 0, 20_000) == pytest.approx(exact, abs=0.02)


def test_identical_runs_keep_an_honest_width():
    assert paired_difference([1] * 20, [1] * 20).high == pytest.approx(0.161125, abs=5e-7)
    graded = paired_difference([0.5] * 20, [0.5] * 20)
    assert (graded.low, graded.high) == pytest.approx((-0.161125, 0.161125), abs=5e-7)


def test_missing_is_counted_and_drops_the_pair():
    result = paired_difference([1, None, 0, 1], [1, 1, None, 0])
    assert (result.n, result.n_missing, result.value) == (2, 2, -0.5)
    assert rate([1, None, 0], n_missing=3).n_missing == 4


def test_what_cannot_be_estimated_is_none_with_a_reason():
    assert (rate([]).value, rate([]).reason) == (None, "n_zero")
    assert (mean([None]).value, mean([None]).reason, mean([None]).n_missing) == (None, "n_zero", 1)
    assert paired_difference([None], [1]).reason == "n_zero"
    one_cluster = rate([1, 0, 1], ["a", "a", "a"])
    assert (one_cluster.low, one_cluster.reason) == (None, "n_too_small")
    assert unpaired_difference([1], [0, 1]).reason == "n_too_small"


def test_clusters_widen_the_interval_and_zero_failures_count_clusters():
    values = [1] * 60 + [0] * 40
    clusters = [i // 5 for i in range(100)]  # twenty clusters, each all alike
    clustered, plain = rate(values, clusters), rate(values)
    assert clustered.method == "wilson_clustered"
    assert clustered.low < plain.low
    assert clustered.high > plain.high
    assert (clustered.n, clustered.n_clusters) == (100, 20)
    assert (rate([1] * 100, clusters).low) == pytest.approx(wilson(1, 20, 0.95)[0])
    few = rate(values, [i // 20 for i in range(100)])
    assert few.method == "clopper_pearson_on_clusters"
    assert "5 clusters" in (few.note or "")


def test_few_clusters_of_unequal_size_keep_the_value_inside():
    few = rate([1, 1, 1, 1] + [0] * 100, [0, 1, 2, 3] + [4] * 100)
    assert few.method == "clopper_pearson_on_clusters"
    assert few.low <= few.value <= few.high
    equal = rate([1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 2, 2])  # one cluster all right, two with anything right, of three
    assert (equal.low, equal.high) == pytest.approx((clopper_pearson_low(1, 3, 0.025), clopper_pearson_high(2, 3, 0.025)))


def test_clusters_of_one_change_nothing():
    values = [1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1]
    assert rate(values, list("abcdefghijkl")) == rate(values)


def test_newcombe_hybrid_score_against_his_example():
    # Newcombe 1998, table II (a): 56/70 against 48/80, method 10: 0.0524 .. 0.3339
    result = unpaired_difference(zeros_and_ones(48, 80), zeros_and_ones(56, 70))
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


def test_constant_scores_are_not_certain():
    result = mean([0.5] * 12)
    assert result.method == "wilson_at_mean"
    assert result.low < 0.5 < result.high
    assert mean([0.7]).low < 0.7


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="0 and 1"):
        rate([0.5])
    with pytest.raises(ValueError, match=r"0\.\.1"):
        mean([1.5])
    with pytest.raises(ValueError, match="NaN"):
        mean([float("nan")])
    with pytest.raises(ValueError, match="length"):
        paired_difference([1], [1, 0])


def test_seed_depends_on_every_part():
    assert seed_of("run", "metric") != seed_of("run", "metric2") != seed_of("runm", "etric")


def coverage(draw, truth: float, runs: int) -> float:
    hits = 0
    for run in range(runs):
        estimate = draw(np.random.default_rng(1000 + run))
        hits += estimate.low <= truth <= estimate.high
    return hits / runs


def test_coverage_of_rates_independent():
    assert 0.93 <= coverage(lambda r: rate(list(r.random(80) < 0.9)), 0.9, 1500) <= 0.97


def clustered_draw(random: np.random.Generator):
    """40 clusters of 5 rows, ICC 0.3, rate 0.8: a beta-binomial."""
    concentration = 1 / 0.3 - 1
    p = random.beta(0.8 * concentration, 0.2 * concentration, 40).repeat(5)
    return list(random.random(200) < p), list(np.arange(40).repeat(5))


def test_coverage_of_rates_clustered_where_the_naive_interval_fails():
    assert 0.93 <= coverage(lambda r: rate(*clustered_draw(r)), 0.8, 1000) <= 0.97
    assert coverage(lambda r: rate(clustered_draw(r)[0]), 0.8, 1000) < 0.88


def test_coverage_of_means():
    assert 0.93 <= coverage(lambda r: mean(list(r.beta(4, 2, 60))), 4 / 6, 1000) <= 0.97


def test_coverage_of_paired_and_unpaired_differences():
    def paired(random):
        base = random.random(100) < 0.85
        flips = random.random(100)
        candidate = np.where(base, flips > 0.06, flips < 0.2)
        return paired_difference(list(base), list(candidate))

    assert 0.93 <= coverage(paired, 0.15 * 0.2 - 0.85 * 0.06, 1000) <= 0.975

    def unpaired(random):
        return unpaired_difference(list(random.random(90) < 0.8), list(random.random(70) < 0.9))

    assert 0.93 <= coverage(unpaired, 0.1, 1000) <= 0.97

    def graded(random):
        base = random.beta(3, 2, 50)
        return paired_difference(list(base), list(np.clip(base + random.normal(0, 0.01, 50), 0, 1)), resamples=500)

    assert 0.90 <= coverage(graded, 0.0, 200) <= 0.985


def test_few_graded_cases_get_an_interval_that_holds():
    def fractional(random):
        return mean(list(random.beta(2, 1, 5)))

    def graded(random):
        return paired_difference(list(random.beta(2, 1, 5)), list(random.beta(2, 1, 5)))

    assert coverage(fractional, 2 / 3, 1000) >= 0.92
    assert 0.93 <= coverage(graded, 0.0, 1000) <= 0.97
    two = paired_difference([0.5, 0.2], [0.6, 0.9])
    assert two.low < 0 < two.high  # both are better, which a coin would say one time in two
    assert (two.method, two.note) == ("paired_t", "only 2 clusters")
    assert mean([0.1, 0.9, 0.4]).note == "only 3 clusters"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 1, None]), st.sampled_from([0, 1, None]), st.integers(0, 6)), max_size=40))
def test_any_rows_give_ordered_bounds_or_a_reason(rows):
    a, b, clusters = [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]
    for result in (
        rate(a, clusters),
        mean(a, clusters, resamples=50),
        paired_difference(a, b, clusters, resamples=50),
        paired_difference(a, b),
        unpaired_difference(a, b, clusters, clusters),
    ):
        if result.low is None or result.high is None:
            assert result.reason in {"n_zero", "n_too_small"}
        else:
            assert result.low <= result.value + 1e-12
            assert result.value - 1e-12 <= result.high


def test_percentile_interval_of_the_clusters_means():
    sums, sizes = np.array([1.0, 4.0, 0.0]), np.array([2.0, 4.0, 1.0])
    means = bootstrap_means(sums, sizes, 0, 4000)
    assert means.mean() == pytest.approx(5 / 7, abs=0.08)
    low, high = percentile_interval(means, 0.95)
    assert 0 <= low < 5 / 7 < high <= 1
