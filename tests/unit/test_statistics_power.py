"""Sample sizes, acceptance plans, multiplicity, ratios and three-way verdicts: worked values, statsmodels, and by simulation."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from simulation import chance_error

from goldworks.statistics import Estimate, paired_difference
from goldworks.statistics.acceptance import acceptance_plan, cases_to_prove, chance_to_pass
from goldworks.statistics.intervals import clopper_pearson_high, tango
from goldworks.statistics.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from goldworks.statistics.power import (
    cases_for_difference,
    cases_for_margin,
    cases_for_scores,
    detectable_difference,
    reachable_margin,
)
from goldworks.statistics.rate_ratio import cases_for_reduction, rate_ratio
from goldworks.statistics.verdicts import at_least, at_most, not_worse


@pytest.mark.parametrize(
    ("discordant", "difference", "cases"), [(0.1, 0.05, 312), (0.1, 0.03, 870), (0.2, 0.05, 626), (0.05, 0.02, 979)]
)
def test_cases_to_show_a_difference(discordant, difference, cases):
    assert cases_for_difference(discordant, difference) == cases


@pytest.mark.parametrize(
    ("discordant", "margin", "cases"),
    [(0.1, 0.05, 248), (0.1, 0.03, 687), (0.1, 0.02, 1546), (0.05, 0.02, 773), (0.2, 0.05, 495)],
)
def test_cases_for_a_margin_and_back(discordant, margin, cases):
    assert cases_for_margin(discordant, margin) == cases
    assert reachable_margin(discordant, cases) == pytest.approx(margin, rel=0.003)
    assert cases_for_margin(discordant, margin, true_difference=-margin / 2) > 3 * cases


def test_three_hundred_cases_show_five_points_and_not_two():
    assert 0.02 < reachable_margin(0.1, 300) <= 0.05


def test_detectable_differences():
    assert [detectable_difference(0.1, n) for n in (200, 500, 1000)] == pytest.approx([0.0626, 0.0396, 0.028], abs=5e-5)


@pytest.mark.parametrize(("repeats", "cases"), [(1, 3876), (2, 2423), (5, 1551), (10, 1260), (1_000_000_000, 969)])
def test_repeats_spare_cases_only_so_far(repeats, cases):
    assert cases_for_scores(1 / 9, 1 / 6, 1 / 6, 0.03, repeats_base=repeats, repeats_candidate=repeats) == cases


def test_impossible_plans_are_refused():
    with pytest.raises(ValueError, match="as bad as the margin"):
        cases_for_margin(0.1, 0.03, true_difference=-0.03)
    with pytest.raises(ValueError, match="no larger"):
        cases_for_difference(0.02, 0.05)
    with pytest.raises(ValueError, match="below the limit"):
        acceptance_plan(0.05, 0.05)
    with pytest.raises(ValueError, match="claimed reduction"):
        cases_for_reduction(0.1, 0.2, 0.2)


def share(draws, holds) -> float:
    """Share of drawn (worse, better, same) counts whose 90 % interval `holds`; equal draws are computed once."""
    counts, times = np.unique(draws, axis=0, return_counts=True)
    found = [holds(*tango(worse, better, worse + better + same, 0.9)) for worse, better, same in counts.tolist()]
    return float(times[np.array(found)].sum() / times.sum())


def test_power_is_as_computed():
    """248 cases, a tenth of them discordant, no true difference: the margin of 5 points is shown 77 times in 100, not 80."""
    random, n = np.random.default_rng(3), cases_for_margin(0.1, 0.05)
    draws = random.multinomial(n, [0.05, 0.05, 0.9], 4000)
    assert share(draws, lambda low, _: low > -0.05) == pytest.approx(0.774, abs=chance_error(0.774, 4000))  # by enumeration
    at_margin = random.multinomial(n, [0.075, 0.025, 0.9], 4000)  # truly worse by the margin: a pass would be false
    assert share(at_margin, lambda low, _: low > -0.05) <= 0.06


def test_the_same_release_is_hardly_ever_failed():
    random = np.random.default_rng(4)
    for n, discordant in ((60, 0.1), (300, 0.06)):
        draws = random.multinomial(n, [discordant / 2, discordant / 2, 1 - discordant], 4000)
        assert share(draws, lambda _, high: high < 0) <= 0.065  # even with no margin at all
        assert share(draws, lambda _, high: high < -0.01) <= 0.05


@pytest.mark.parametrize(
    ("limit", "cases"),
    [
        (0.05, [59, 93, 124, 153]),
        (0.01, [299, 473, 628, 773]),
        (0.005, [598, 947, 1258, 1549]),
        (0.002, [1497, 2371, 3146, 3875]),
        (0.001, [2995, 4742, 6294, 7752]),
    ],
)
def test_cases_to_prove_a_rate(limit, cases):
    assert [cases_to_prove(limit, failures) for failures in range(4)] == cases
    for failures, n in enumerate(cases):
        assert clopper_pearson_high(failures, n, 0.05) <= limit < clopper_pearson_high(failures, n - 1, 0.05)


def test_cases_at_99_percent_and_the_low_power_of_zero_failure_plans():
    assert [cases_to_prove(limit, confidence=0.99) for limit in (0.01, 0.005, 0.001)] == [459, 919, 4603]
    assert [chance_to_pass(2995, 0, p) for p in (1e-5, 1e-4, 5e-4)] == pytest.approx([0.9705, 0.7412, 0.2236], abs=5e-5)
    assert [chance_to_pass(7752, 3, p) for p in (1e-5, 1e-4, 5e-4)] == pytest.approx([1.0, 0.9918, 0.458], abs=5e-5)


@pytest.mark.parametrize(
    ("limit", "truth", "cases", "failures"),
    [
        (0.05, 0.02, 234, 6),
        (0.10, 0.05, 179, 11),
        (0.15, 0.08, 134, 13),
        (0.005, 0.001, 1258, 2),
        (0.01, 0.003, 913, 4),
        (0.02, 0.007, 523, 5),
        (0.001, 0.0002, 6294, 2),
        (0.002, 0.0005, 3875, 3),
        (0.01, 0.001, 473, 1),
        (0.02, 0.004, 313, 2),
        (0.05, 0.01, 124, 2),
        (0.02, 0.005, 386, 3),
        (0.03, 0.01, 303, 4),
        (0.2, 0.1, 82, 10),
    ],
)
def test_acceptance_plans(limit, truth, cases, failures):
    plan = acceptance_plan(limit, truth)
    assert (plan.cases, plan.failures) == (cases, failures)
    assert plan.power >= 0.8
    assert cases_to_prove(0.2) == 14


P_VALUES = [0.001, 0.008, 0.012, 0.039, 0.041, 0.3]


def test_multiplicity_against_worked_values_and_statsmodels():
    from statsmodels.stats.multitest import multipletests

    assert benjamini_hochberg(P_VALUES) == pytest.approx([0.006, 0.024, 0.024, 0.0492, 0.0492, 0.3])
    assert holm(P_VALUES) == pytest.approx([0.006, 0.04, 0.048, 0.117, 0.117, 0.3])
    assert benjamini_yekutieli(P_VALUES) == pytest.approx([0.0147, 0.0588, 0.0588, 0.12054, 0.12054, 0.735])
    for found, rejected in ((benjamini_hochberg, 5), (holm, 3), (benjamini_yekutieli, 1)):
        assert [q <= 0.05 for q in found(P_VALUES)] == [True] * rejected + [False] * (6 - rejected)
    shuffled = np.random.default_rng(0).random(20).tolist()
    for ours, name in ((holm, "holm"), (benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by")):
        assert ours(shuffled) == pytest.approx(multipletests(shuffled, method=name)[1])
    assert holm([]) == []
    with pytest.raises(ValueError, match="p values"):
        holm([float("nan")])


def test_rate_ratio_and_what_proves_a_reduction():
    found = rate_ratio((60, 600), (40, 600))
    assert (found.value, found.low, found.high) == pytest.approx((0.6667, 0.4542, 0.9785), abs=5e-5)
    assert 1 - found.value == pytest.approx(0.3333, abs=5e-5)
    assert rate_ratio((60, 600), (40, 600), confidence=0.9).high == pytest.approx(0.92, abs=5e-4)
    sizes = [cases_for_reduction(0.1, 0.3), cases_for_reduction(0.1, 0.3, 0.2), cases_for_reduction(0.1, 0.4, 0.2)]
    assert [*sizes, cases_for_reduction(0.05, 0.4, 0.2)] == [1084, 7728, 1843, 3835]
    none = rate_ratio((10, 100), (0, 100))
    assert none.low < none.value < 0.2
    assert none.note == "half an event added to each side"
    assert rate_ratio((1, 10), (0, 0)).reason == "n_zero"


def test_rate_ratio_holds_its_coverage():
    random = np.random.default_rng(2)
    base, candidate = random.binomial(800, 0.1, 2000), random.binomial(800, 0.07, 2000)
    hits = [e.low <= 0.7 <= e.high for e in (rate_ratio((x, 800), (y, 800)) for x, y in zip(base, candidate, strict=True))]
    assert 0.93 <= np.mean(hits) <= 0.97


def paired(worse: int, better: int, n: int) -> Estimate:
    base = [1] * worse + [0] * better + [1] * (n - worse - better)
    candidate = [0] * worse + [1] * better + [1] * (n - worse - better)
    return paired_difference(base, candidate, confidence=0.9)


@pytest.mark.parametrize(
    ("worse", "better", "n", "low", "high", "answer"),
    [
        (20, 8, 200, -0.1058, -0.0173, "inconclusive"),
        (2, 3, 400, -0.0084, 0.0142, "pass"),
        (40, 5, 200, -0.2289, -0.1254, "fail"),
        (0, 0, 20, -0.1192, 0.1192, "inconclusive"),
        (0, 0, 100, -0.0263, 0.0263, "pass"),
    ],
)
def test_three_way_verdicts(worse, better, n, low, high, answer):
    difference = paired(worse, better, n)
    assert (difference.low, difference.high) == pytest.approx((low, high), abs=5e-5)
    assert not_worse(difference, 0.03).answer == answer


def test_a_sure_but_small_regression_passes_and_is_named():
    small = not_worse(paired(20, 8, 200), 0.12)
    assert (small.answer, small.is_regression_within_margin) == ("pass", True)
    assert not not_worse(paired(2, 3, 400), 0.03).is_regression_within_margin
    with pytest.raises(ValueError, match="above 0"):
        not_worse(paired(0, 0, 20), 0)


def test_floors_and_ceilings():
    seen = Estimate(0.9, 0.85, 0.94, 0.9, "wilson", 100, 100)
    assert [at_least(seen, t).answer for t in (0.85, 0.9, 0.94, 0.95)] == ["pass", "inconclusive", "inconclusive", "fail"]
    assert [at_most(seen, t).answer for t in (0.94, 0.9, 0.85, 0.84)] == ["pass", "inconclusive", "inconclusive", "fail"]
    nothing = Estimate(None, None, None, 0.9, "wilson", 0, 0, reason="n_zero")
    assert {at_least(nothing, 0.5).answer, at_most(nothing, 0.5).answer, not_worse(nothing, 0.1).answer} == {"inconclusive"}


def test_exact_plan_never_claims_too_often():
    """A system exactly at the limit passes at most one time in twenty."""
    for limit in (0.05, 0.02):
        plan = acceptance_plan(limit, limit / 3)
        at_limit = sum(comb(plan.cases, k) * limit**k * (1 - limit) ** (plan.cases - k) for k in range(plan.failures + 1))
        assert at_limit <= 0.05
