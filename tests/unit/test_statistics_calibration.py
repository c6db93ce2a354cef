"""Judges against people: worked values, independent libraries, and coverage of human-equivalent rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from goldworks.statistics.agreement import krippendorff_alpha
from goldworks.statistics.certificates import CertificateLimits, certificate_requirements
from goldworks.statistics.human_rate import Stratum, post_stratified, prediction_powered, rogan_gladen
from goldworks.statistics.intervals import clopper_pearson_low
from goldworks.statistics.judge_quality import judge_quality
from goldworks.statistics.score_quality import auroc, brier, calibration_error
from goldworks.statistics.thresholds import cheap_threshold, positives_without_miss, safe_threshold

# TP 42, FN 8, FP 15, TN 135
HUMAN = [True] * 50 + [False] * 150
JUDGE = [True] * 42 + [False] * 8 + [True] * 15 + [False] * 135
UNLABELLED = [1.0] * 1200 + [0.0] * 3800


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
    variances = np.var([1, 2 / 3], ddof=1) / 2 + np.var([1 / 2, 1, 1], ddof=1) / 3
    assert found.value == pytest.approx(5 / 6)
    assert found.value - found.low == pytest.approx(0.5244005 * variances**0.5)


def test_coverage_of_auroc_with_few_positives():
    from statistics import NormalDist

    random, truth = np.random.default_rng(6), NormalDist().cdf(1 / 2**0.5)
    hits = 0
    for _ in range(500):
        found = auroc([*random.normal(1, 1, 30).tolist(), *random.normal(0, 1, 120).tolist()], [True] * 30 + [False] * 120)
        hits += found.low <= truth <= found.high
    assert 0.92 <= hits / 500 <= 0.975


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


def test_rogan_gladen_with_the_interval_of_lang_and_reiczigel():
    found = rogan_gladen(1200, 5000, (42, 50), (135, 150))
    assert (found.value, found.low, found.high) == pytest.approx((0.18918918918918937, 0.12381952071074781, 0.2503087674639363))
    below = rogan_gladen(400, 5000, (42, 50), (135, 150))
    assert (below.value, below.low, below.high) == pytest.approx((0, 0, 0.030670911486418984))
    assert below.note == "estimate -0.0270 cut to 0"
    assert rogan_gladen(400, 5000, (30, 50), (80, 150)).reason == "no_variation"
    assert rogan_gladen(0, 0, (1, 1), (1, 1)).reason == "n_zero"


def test_prediction_powered_mean():
    human, judge = [float(h) for h in HUMAN], [float(j) for j in JUDGE]
    plain = prediction_powered(human, judge, UNLABELLED, power=1)
    assert (plain.value, plain.low, plain.high) == pytest.approx((0.205, 0.156663, 0.253337), abs=5e-7)
    tuned = prediction_powered(human, judge, UNLABELLED)
    assert (tuned.value, tuned.low, tuned.high) == pytest.approx((0.217088, 0.173721, 0.260456), abs=5e-7)
    classical = prediction_powered(human, judge, UNLABELLED, power=0)
    assert classical.value == 0.25
    widths = [(e.high - e.low) for e in (classical, tuned)]
    assert 200 * (widths[0] / widths[1]) ** 2 == pytest.approx(384.9, abs=0.05)  # labels it is worth
    assert prediction_powered(human[:40], judge[:40], UNLABELLED).reason == "n_too_small"
    assert prediction_powered([1.0] * 5 + [0.0] * 95, [0.0] * 100, UNLABELLED).low is None
    # another implementation, with ddof 0: 0.217253 (0.174015, 0.260491)
    assert (tuned.value, tuned.low, tuned.high) == pytest.approx((0.217253, 0.174015, 0.260491), abs=4e-4)


def test_post_stratified_rate():
    found = post_stratified([Stratum("flagged", 1200, 57, 42), Stratum("not flagged", 3800, 143, 8)])
    assert found.value == pytest.approx(0.21936, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((0.1821, 0.262), abs=0.004)
    rare = post_stratified([Stratum("flagged", 200, 100, 80), Stratum("not flagged", 99_800, 300, 0)], draws=20_000)
    assert rare.value == pytest.approx(0.0016)
    assert (rare.low, rare.high) == pytest.approx((0.0011, 0.0099), abs=0.002)


def test_strata_at_their_edges():
    whole = post_stratified([Stratum("all", 10, 10, 3)])
    assert (whole.value, whole.low, whole.high) == (0.3, 0.3, 0.3)
    bare = post_stratified([Stratum("a", 10, 5, 1), Stratum("b", 10, 0, 0)])
    assert (bare.value, bare.reason, bare.note) == (None, "n_too_small", "no label in b")
    assert post_stratified([Stratum("a", 10, 0, 0)]).reason == "n_zero"
    assert post_stratified([Stratum("a", 100, 50, 0)]).low == 0
    with pytest.raises(ValueError, match="stratum a"):
        post_stratified([Stratum("a", 10, 11, 0)])


def test_coverage_of_the_human_equivalent_rate_where_the_raw_rate_never_holds():
    """True rate 5 %, judge Se .8 Sp .95, 200 random labels of 5,000."""
    random, runs = np.random.default_rng(11), 400
    hits = dict.fromkeys(("raw", "stratified", "rogan_gladen"), 0)
    for run in range(runs):
        truth = random.random(5000) < 0.05
        judge = np.where(truth, random.random(5000) < 0.8, random.random(5000) < 0.05)
        picked = random.permutation(5000)[:200]
        strata = []
        for flag in (True, False):
            labelled = picked[judge[picked] == flag]
            strata.append(Stratum(str(flag), int((judge == flag).sum()), len(labelled), int(truth[labelled].sum())))
        if min(s.labelled for s in strata) == 0:
            continue
        found = post_stratified(strata, seed=run, draws=1000)
        corrected = rogan_gladen(
            int(judge.sum()), 5000, (int(random.binomial(50, 0.8)), 50), (int(random.binomial(150, 0.95)), 150)
        )
        raw = judge.mean()
        hits["raw"] += abs(raw - 0.05) < 2 * (raw * (1 - raw) / 5000) ** 0.5
        hits["stratified"] += found.low <= 0.05 <= found.high
        hits["rogan_gladen"] += corrected.low <= 0.05 <= corrected.high
    assert hits["raw"] == 0
    assert 0.92 <= hits["stratified"] / runs <= 0.975
    assert 0.92 <= hits["rogan_gladen"] / runs <= 0.98


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
