"""One number with its interval against published and independently computed numbers, and its coverage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import chance_error, coverage

from goldworks.statistics import mean, paired_difference, rate, seed_of, unpaired_difference
from goldworks.statistics.estimates import effective_size, t_interval
from goldworks.statistics.intervals import (
    clopper_pearson_high,
    clopper_pearson_low,
    cluster_sums,
    clustered_error,
    jeffreys_bound,
    wilson,
)


def zeros_and_ones(x: int, n: int) -> list[int]:
    return [1] * x + [0] * (n - x)


@pytest.mark.parametrize(
    ("x", "n", "score", "exact", "jeffreys"),
    [
        (47, 50, (0.837829, 0.979385), (0.834518, 0.987451), (0.848467, 0.982813)),
        (0, 50, (0.0, 0.071348), (0.0, 0.071122), (0.000010, 0.048758)),
        (50, 50, (0.928652, 1.0), (0.928878, 1.0), (0.951242, 0.999990)),
        (3, 1000, (0.001021, 0.008783), (0.000619, 0.008742), (0.000846, 0.007984)),
        (0, 3000, (0.0, 0.001279), (0.0, 0.001229), (0.0, 0.000837)),
        (1, 1, (0.206549, 1.0), (0.025, 1.0), (0.146746, 0.999614)),
    ],
)
def test_three_intervals_of_a_single_rate(x, n, score, exact, jeffreys):
    from statsmodels.stats.proportion import proportion_confint

    estimate = rate(zeros_and_ones(x, n))
    assert (estimate.value, estimate.method, estimate.n, estimate.n_clusters) == (x / n, "wilson", n, n)
    found = {
        "wilson": (estimate.low, estimate.high),
        "beta": (clopper_pearson_low(x, n, 0.025), clopper_pearson_high(x, n, 0.025)),
        "jeffreys": (jeffreys_bound(x, n, 0.025), jeffreys_bound(x, n, 0.975)),
    }
    for (method, ours), worked in zip(found.items(), (score, exact, jeffreys), strict=True):
        assert ours == pytest.approx(worked, abs=5e-7)
        assert ours == pytest.approx(proportion_confint(x, n, 0.05, method), abs=1e-9)


@pytest.mark.parametrize(
    ("n", "bound", "three"),
    [(100, 0.02951305, 0.03), (300, 0.00993608, 0.01), (1000, 0.00299125, 0.003), (3000, 0.00099808, 0.001)],
)
def test_zero_events_bound_is_exact_and_stands_in_the_note(n, bound, three):
    assert clopper_pearson_high(0, n, 0.05) == pytest.approx(bound, abs=5e-9)
    assert f"0 of {n}: at most {bound:.4f}" in (rate([0] * n).note or "")
    assert 3 / n == pytest.approx(three, abs=5e-7)
    assert bound < 3 / n < 1.02 * bound  # the rule of three is a little on the safe side


def test_clustered_error_is_millers():
    from statsmodels.regression.linear_model import OLS

    y, codes = np.array([1.0, 1, 1, 0, 0, 0]), np.array([0, 0, 1, 1, 2, 2])
    sums, sizes = cluster_sums(y, codes)
    few, plain = clustered_error(sums, sizes), clustered_error(sums, sizes) * (2 / 3) ** 0.5
    assert (few, plain) == pytest.approx((0.288675, 0.235702), abs=5e-7)
    assert t_interval(0.5, sums, sizes, 0.95) == pytest.approx((-0.7420688558751649, 1.742068855875165))
    alone = clustered_error(y, np.ones(6))
    assert alone == pytest.approx(0.223607, abs=5e-7)  # clusters of one: the naive error
    model = OLS(y, np.ones(6))
    assert model.fit(cov_type="cluster", cov_kwds={"groups": codes}).bse[0] == pytest.approx(few)
    uncorrected = model.fit(cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False})
    assert uncorrected.bse[0] == pytest.approx(plain)
    assert model.fit(cov_type="HC1").bse[0] == pytest.approx(alone)


def test_wilson_equals_statsmodels_everywhere():
    from statsmodels.stats.proportion import proportion_confint

    for n in (1, 2, 7, 30, 400):
        for x in {0, 1, n // 3, n - 1, n}:
            low, high = proportion_confint(x, n, 0.1, "wilson")
            assert wilson(x / n, n, 0.9) == pytest.approx((max(0.0, low), min(1.0, high)), abs=1e-12)


def test_bootstrap_bca_agrees_with_scipy():
    from scipy.stats import bootstrap

    values = np.random.default_rng(5).beta(2, 1, 40)
    ours = mean(list(values[:25]), seed=3, resamples=20_000)
    theirs = bootstrap((values[:25],), np.mean, method="BCa", n_resamples=20_000, rng=7).confidence_interval
    assert ours.method == "bootstrap_bca"
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.004)


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


def exact_coverage(n: int, p: float) -> float:
    """Chance that Wilson's interval of a binomial count holds `p`."""
    from scipy.stats import binom

    ends = np.array([wilson(x / n, n, 0.95) for x in range(n + 1)])
    return float(binom.pmf(np.arange(n + 1), n, p) @ ((ends[:, 0] <= p) & (p <= ends[:, 1])))


def test_coverage_of_rates_independent():
    """Exact, not simulated. It jumps with the rate, as of every interval of counts, and leaves 93-97 % where few are expected."""
    for n, p in ((80, 0.9), (30, 0.8), (300, 0.95), (300, 0.98), (300, 0.99), (1000, 0.99)):
        assert 0.93 <= exact_coverage(n, p) <= 0.97
    named = [exact_coverage(n, p) for n, p in ((20, 0.95), (100, 0.99), (50, 0.9))]
    assert named == pytest.approx([0.9245, 0.9206, 0.9703], abs=5.1e-5)


def clustered_draw(random: np.random.Generator, groups: int = 40, share: float = 0.8):
    """Clusters of 5 rows, ICC 0.3: a beta-binomial."""
    concentration = 1 / 0.3 - 1
    p = random.beta(share * concentration, (1 - share) * concentration, groups).repeat(5)
    return (random.random(5 * groups) < p).tolist(), np.arange(groups).repeat(5).tolist()


def test_coverage_of_rates_clustered_where_the_naive_interval_fails():
    assert 0.93 <= coverage(lambda r: rate(*clustered_draw(r)), 0.8, 2000) <= 0.97
    assert 0.93 <= coverage(lambda r: rate(*clustered_draw(r, share=0.95)), 0.95, 2000) <= 0.97


def test_coverage_with_clusters_is_the_worked_one():
    """200 clusters of five rows: naive .796, clustered t .946, Wilson with n_eff .948, in 500 runs (multiples of 1/500).

    Their design effect is 1 + (5 - 1) 0.3 = 2.2, so the naive interval holds with chance 2 Phi(1.96 / sqrt(2.2)) - 1 = .814.
    """
    from statistics import NormalDist

    runs, theirs = 1500, 500

    def clustered_t(random):
        values, codes = clustered_draw(random, 200)
        low, high = t_interval(float(np.mean(values)), *cluster_sums(np.array(values, dtype=float), np.array(codes)), 0.95)
        return replace(rate(values), low=low, high=high)

    naive = coverage(lambda r: rate(clustered_draw(r, 200)[0]), 0.8, runs)
    found = [naive, coverage(clustered_t, 0.8, runs), coverage(lambda r: rate(*clustered_draw(r, 200)), 0.8, runs)]
    for ours, worked in zip(found, (0.796, 0.946, 0.948), strict=True):
        assert ours == pytest.approx(worked, abs=chance_error(worked, runs, theirs))
    effect = 1 + (5 - 1) * 0.3
    assert effect == pytest.approx(2.2)
    expected = 2 * NormalDist().cdf(1.959964 / effect**0.5) - 1
    assert naive == pytest.approx(expected, abs=chance_error(expected, runs))
    assert all(0.93 <= held <= 0.97 for held in found[1:])


def test_design_effect_of_rows_that_share_clusters():
    """Clusters of five at ICC 0.3 tell as much as the rows over 2.2."""
    values, codes = clustered_draw(np.random.default_rng(3), 20_000)
    data = np.array(values, dtype=float)
    assert len(values) / effective_size(data, *cluster_sums(data, np.array(codes))) == pytest.approx(2.2, abs=0.05)


def test_coverage_of_means():
    assert 0.93 <= coverage(lambda r: mean(r.beta(4, 2, 60).tolist()), 4 / 6, 2000) <= 0.97


def test_few_fractional_values_get_an_interval_that_holds():
    assert 0.93 <= coverage(lambda r: mean(r.beta(2, 1, 9).tolist()), 2 / 3, 4000) <= 0.97
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
