"""Judges against people: worked values and independent libraries. Rates that people would find: `test_statistics_human_rate`."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logit
from scipy.stats import brunnermunzel, t

from goldworks.statistics.agreement import krippendorff_alpha
from goldworks.statistics.certificates import CertificateLimits, certificate_requirements
from goldworks.statistics.intervals import clopper_pearson_low, normal_quantile
from goldworks.statistics.judge_quality import judge_quality
from goldworks.statistics.score_quality import auroc, brier, calibration_error
from goldworks.statistics.thresholds import Threshold, cheap_threshold, positives_without_miss, safe_threshold

# TP 42, FN 8, FP 15, TN 135
HUMAN = [True] * 50 + [False] * 150
JUDGE = [True] * 42 + [False] * 8 + [True] * 15 + [False] * 135


def test_figures_of_a_judge_against_people():
    found = judge_quality(HUMAN, JUDGE, confidence=0.90)
    names = (
        "agreement",
        "sensitivity",
        "specificity",
        "ppv",
        "npv",
        "balanced_accuracy",
        "kappa",
        "mcc",
        "judge_rate",
        "human_rate",
    )
    values = [getattr(found, name).value for name in names]
    expected = [0.885, 0.84, 0.9, 0.736842, 0.944056, 0.87, 0.707006, 0.709834, 0.285, 0.25]
    assert values == pytest.approx(expected, abs=5e-7)
    assert found.sensitivity.low == pytest.approx(0.737672, abs=5e-7)
    assert found.specificity.low == pytest.approx(0.852357, abs=5e-7)
    assert (found.balanced_accuracy.low, found.balanced_accuracy.high) == pytest.approx((0.813562, 0.907636), abs=5e-7)
    assert found.kappa.low == pytest.approx(0.61375, abs=5e-7)
    assert (found.kappa.value - found.kappa.low) / normal_quantile(0.90) == pytest.approx(0.056696, abs=5e-7)
    assert (found.bias.value, found.bias.p_value) == pytest.approx((0.035, 0.21004), abs=5e-6)
    assert (found.n, found.n_positive, found.n_negative) == (200, 50, 150)


def test_mcc_equals_scikit_learn():
    from sklearn.metrics import matthews_corrcoef

    found = judge_quality(HUMAN, JUDGE).mcc
    assert found.value == pytest.approx(matthews_corrcoef(HUMAN, JUDGE))
    assert found.low < found.value < found.high


def test_no_verdict_is_wrong_and_unsure_people_are_left_out():
    found = judge_quality([True, False, None, True], [None, None, True, True])
    assert (found.n, found.n_unsure, found.n_abstained) == (3, 1, 2)
    assert (found.sensitivity.value, found.specificity.value) == (0.5, 0.0)


def test_one_class_has_no_kappa():
    found = judge_quality([False] * 40, [True] * 3 + [False] * 37)
    assert (found.kappa.value, found.kappa.reason, found.mcc.reason) == (None, "single_class", "single_class")
    assert (found.balanced_accuracy.reason, found.sensitivity.reason) == ("single_class", "n_zero")
    assert judge_quality([], []).kappa.value is None


def test_auroc_equals_scikit_learn_with_ties_and_scale():
    from sklearn.metrics import brier_score_loss, roc_auc_score

    random = np.random.default_rng(0)
    y = random.random(300) < 0.4
    p = np.round(np.clip(random.normal(0.3 + 0.3 * y, 0.2), 0, 1), 1)
    assert auroc(p.tolist(), y.tolist()).value == pytest.approx(roc_auc_score(y, p))
    assert auroc((100 * p - 7).tolist(), y.tolist()).value == pytest.approx(roc_auc_score(y, p))
    assert brier(p.tolist(), y.tolist()).value == pytest.approx(brier_score_loss(y, p))


def test_auroc_at_its_edges():
    assert auroc([0.5] * 6, [True, False] * 3).value == 0.5
    assert auroc([0.1, 0.2], [True, True]).reason == "single_class"
    perfect = auroc([0.1, 0.2, 0.8, 0.9], [False, False, True, True])
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert perfect.low < 0.5


def test_delong_error_by_the_definition():
    # two positives that beat 1 and 2/3 of the negatives, three negatives beaten by 1/2, 1 and 1 of the positives
    found = auroc([0.9, 0.5, 0.6, 0.2, 0.1], [True, True, False, False, False], confidence=0.4)
    parts = np.var([1, 2 / 3], ddof=1) / 2, np.var([1 / 2, 1, 1], ddof=1) / 3
    assert found.value == pytest.approx(5 / 6)
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / 1 + parts[1] ** 2 / 2)
    half = t.ppf(0.7, degrees) * sum(parts) ** 0.5 / (5 / 6 * 1 / 6)
    assert logit([found.low, found.high]) == pytest.approx([logit(5 / 6) - half, logit(5 / 6) + half])


def test_degrees_of_freedom_of_auroc_are_those_of_brunner_and_munzel():
    """scipy's test of AUROC .5 has the same error and degrees, on the plain scale."""
    random = np.random.default_rng(3)
    above, below = random.normal(0.8, 1, 7), random.normal(0, 2, 40)
    found = auroc([*above.tolist(), *below.tolist()], [True] * 7 + [False] * 40)
    theirs = brunnermunzel(below, above)
    error = (found.value - 0.5) / theirs.statistic
    at = [abs(logit(end) - logit(found.value)) * found.value * (1 - found.value) / error for end in (found.low, found.high)]
    assert at[0] == pytest.approx(at[1])

    def p_value(degrees: float) -> float:
        return 2 * t.sf(abs(theirs.statistic), degrees)

    degrees = brentq(lambda one: t.ppf(0.975, one) - at[0], 2, 100)
    assert p_value(degrees) == pytest.approx(theirs.pvalue)


def test_a_class_in_one_cluster_has_no_interval():
    found = auroc([0.9, 0.4, 0.5, 0.2, 0.1], [True, True, False, False, False], ["a", "a", "b", "c", "d"])
    assert (found.value, found.low, found.reason) == (pytest.approx(5 / 6), None, "n_too_small")


@pytest.mark.parametrize(
    ("positive", "negative", "apart", "worst"),
    [(30, 120, 1, 0.93), (30, 120, 2, 0.93), (10, 100, 1, 0.93), (10, 100, 2, 0.91), (5, 50, 1, 0.93), (100, 100, 1, 0.93)],
)
def test_coverage_of_auroc_with_few_positives(positive, negative, apart, worst):
    """Of ten positives and an AUROC of .92 it is 92 to 93: one slip of ten decides. Plain normal intervals hold 84 times."""
    random, truth, runs = np.random.default_rng(6), NormalDist().cdf(apart / 2**0.5), 3000
    flags, hits = [True] * positive + [False] * negative, 0
    for _ in range(runs):
        found = auroc([*random.normal(apart, 1, positive).tolist(), *random.normal(0, 1, negative).tolist()], flags)
        hits += found.low <= truth <= found.high
    assert worst <= hits / runs <= 0.97


def test_worked_values_of_ten_scores():
    """The worked values come without their scores and outcomes; these ten give all four of them."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    scores = [0.05, 0.2, 0.4, 0.45, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95]
    outcome = [False, False, True, False, True, True, False, True, True, True]
    assert calibration_error(scores, outcome, bins=5).value == pytest.approx(0.18)
    assert calibration_error(scores, outcome, bins=5, equal="width").value == pytest.approx(0.12)
    assert brier(scores, outcome).value == pytest.approx(0.143) == brier_score_loss(outcome, scores)
    assert auroc(scores, outcome).value == pytest.approx(0.833333, abs=5e-7) == roc_auc_score(outcome, scores)


def test_bins_of_equal_width_by_hand():
    scores, outcome = [0.0, 0.1, 0.7, 0.70001, 1.0], [True, False, False, True, True]
    found = calibration_error(scores, outcome, bins=10, equal="width")
    assert found.value == pytest.approx((abs(1 - 0.1) + 0.7 + (1 - 0.70001) + 0) / 5), "0 and 0.1 share the first bin"
    assert (found.method, found.reason) == ("ece_10_equal_width", "n_too_small")
    random = np.random.default_rng(1)
    p = random.random(600)
    y = random.random(600) < p
    bins = np.minimum((p * 10).astype(int), 9)
    expected = sum(abs((y - p)[bins == b].sum()) for b in range(10)) / 600
    assert calibration_error(p.tolist(), y.tolist(), equal="width").value == pytest.approx(expected)


def test_calibration_error_by_hand():
    scores = [0.1, 0.1, 0.3, 0.3, 0.9, 0.9]
    outcome = [False, False, False, True, True, True]
    found = calibration_error(scores, outcome, bins=3)
    assert found.value == pytest.approx((0.2 + 0.4 + 0.2) / 6)
    assert found.note == "biased upwards with 6 items"
    even = calibration_error(
        np.linspace(0.005, 0.995, 4000).tolist(), (np.random.default_rng(1).random(4000) < np.linspace(0, 1, 4000)).tolist()
    )
    assert even.value < 0.03
    assert even.low <= even.value <= even.high


def test_safe_threshold_and_how_many_positives_it_takes():
    assert clopper_pearson_low(116, 120, 0.05) == pytest.approx(0.9253471918334457)
    random = np.random.default_rng(0)
    positive = np.round(random.beta(6, 3, 60), 2)
    scores = [*positive.tolist(), *np.round(random.beta(2, 5, 140), 2).tolist()]
    flags = [True] * 60 + [False] * 140
    found = safe_threshold(scores, flags, 0.9)
    assert found.sensitivity_low >= 0.9
    assert found.sensitivity_low == clopper_pearson_low((positive >= found.value).sum(), 60, 0.05)
    higher = min(v for v in scores if v > found.value and (positive >= v).sum() < (positive >= found.value).sum())
    assert clopper_pearson_low((positive >= higher).sum(), 60, 0.05) < 0.9
    assert safe_threshold(scores[40:], flags[40:], 0.9) is None  # twenty positives cannot show it
    assert [positives_without_miss(t) for t in (0.90, 0.95, 0.98)] == [29, 59, 149]
    with pytest.raises(ValueError, match="positive and negative"):
        safe_threshold([0.1], [True], 0.9)


def test_the_worked_threshold():
    """Its scores are not given. Its sensitivity and bound together are those of 116 of 120 positives and of no other count; its
    specificity is, for one, that of 244 of 280 negatives. 114 of 120 would still show 90 %: three scores must have been equal.
    """
    positive = [0.3, 0.36, 0.42, 0.42, *[0.48] * 3, *[0.6] * 113]
    negative = [0.24] * 244 + [0.48] * 20 + [0.6] * 16
    found = safe_threshold([*positive, *negative], [True] * 120 + [False] * 280, 0.9)
    assert found == Threshold(0.48, 116 / 120, clopper_pearson_low(116, 120, 0.05), 244 / 280)
    assert (found.sensitivity, found.sensitivity_low) == pytest.approx((0.9666666666666667, 0.9253471918334457))
    assert found.specificity == pytest.approx(0.8714, abs=5e-5)
    alike = [(n, k) for n in range(30, 500) for k in (round(n * 29 / 30),) if abs(k / n - 29 / 30) < 1e-9]
    assert [n for n, k in alike if abs(clopper_pearson_low(k, n, 0.05) - 0.9253471918334457) < 1e-9] == [120]


def test_cheap_threshold_weighs_misses_against_alarms():
    scores, flags = [0.1, 0.4, 0.4, 0.6, 0.8], [False, False, True, True, True]
    assert cheap_threshold(scores, flags, cost_of_miss=10, cost_of_false_alarm=1).value == 0.4
    assert cheap_threshold(scores, flags, cost_of_miss=1, cost_of_false_alarm=10).value == 0.6
    assert cheap_threshold(scores, flags, cost_of_miss=0, cost_of_false_alarm=1).value is None


LIMITS = CertificateLimits(100, 30, 30, 90, 0.67, 0.80, 0.60, None, None, None, None)


def alpha_of_raters():
    return krippendorff_alpha([(0, 0)] * 60 + [(1, 1)] * 60 + [(0, 1)] * 4, (0, 1), confidence=0.9)


def test_the_worked_judge_is_calibrated():
    lines = certificate_requirements(
        judge_quality(HUMAN, JUDGE, confidence=0.9), LIMITS, oldest_label_days=30, human_alpha=alpha_of_raters()
    )
    assert {line.name: line.holds for line in lines} == dict.fromkeys(
        ("labels", "positives", "negatives", "age", "human_alpha", "balanced_accuracy", "kappa"), True
    )
    assert all(line.missing is None for line in lines)


def test_a_certificate_says_what_is_missing():
    quality = judge_quality(HUMAN[25:85], JUDGE[25:85], confidence=0.9)
    strict = replace(LIMITS, sensitivity_low=0.9, self_consistency=0.95, most_bias=0.05, most_unsure=0.1)
    lines = {line.name: line for line in certificate_requirements(quality, strict, oldest_label_days=91, human_alpha=None)}
    assert lines["labels"].missing == "40 more labels: 60 of 100"
    assert lines["positives"].missing == "5 more items that people call positive: 25 of 30"
    assert lines["age"].missing == "labels younger than 90 days: the oldest is 91 days old"
    assert lines["human_alpha"].missing == "agreement of the raters has no bound: not measured"
    assert "better judge" in lines["sensitivity"].missing
    assert lines["self_consistency"].missing == "anchors were not judged again"
    assert lines["bias"].missing == "bias after correction has no interval: not measured"
    assert lines["unsure"].holds


def test_twenty_nine_positives_without_a_miss_show_ninety_percent():
    limits = replace(LIMITS, sensitivity_low=0.9)
    for positives, holds in ((29, True), (28, False)):
        verdicts = [True] * positives + [False] * 100
        quality = judge_quality(verdicts, verdicts, confidence=0.9)
        lines = certificate_requirements(quality, limits, oldest_label_days=1, human_alpha=alpha_of_raters())
        assert next(line.holds for line in lines if line.name == "sensitivity") is holds
