"""Gates on judges and proxies: judged by what people would have said, by hand, by simulation, and fail-closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from release_rows import evidence, gate, policy_of, suite_run

from goldworks.release.judge import judge
from goldworks.release.people import absolute_by_people, relative_by_people
from goldworks.release.rows import Calibration, Compared, Comparisons, Evidence, Labelled, SuiteRun
from goldworks.release.two_sides import both_sides
from goldworks.release.verdict import GateVerdict

FLOOR = policy_of(gate("at_least", at=0.9))
NOT_WORSE = policy_of(gate("not_worse", at=0.05))
OPINION: dict[str, Any] = {"opinions": frozenset({"m"})}


def judged(good: int, bad: int, **more: Any) -> SuiteRun:
    """A run of which a judge calls so many answers good, so many bad."""
    return suite_run({"m": [0.0] * bad + [1.0] * good}, **OPINION, **more)


def elsewhere(hits: int, misses: int, false_alarms: int, right: int) -> list[Labelled]:
    """Labels of other answers: by (judge, people)."""
    cells = [(hits, 0.0, True), (misses, 1.0, True), (false_alarms, 0.0, False), (right, 1.0, False)]
    return [Labelled(value, failed, f"{value}{failed}{n}") for count, value, failed in cells for n in range(count)]


def known(labels: list[Labelled], *, fails_up_to: float = 0.0, is_graded: bool = False) -> dict[str, Any]:
    return {"certificates": {"s/m": "valid"}, "calibrations": {"s/m": Calibration(fails_up_to, is_graded, tuple(labels))}}


def first(policy: Any, candidate: SuiteRun, base: SuiteRun | None = None, **more: Any) -> GateVerdict:
    return judge(policy, evidence(candidate, base, **more)).gates[0]


def of_run(flagged_bad: int, flagged: int, passed_bad: int, passed: int, bad: int, **more: Any) -> list[Labelled]:
    """Labels of the first answers of each word of `judged(good, bad)`."""
    words = [(0.0, n, n < flagged_bad) for n in range(flagged)]
    words += [(1.0, bad + n, n < passed_bad) for n in range(passed)]
    return [Labelled(value, failed, f"c{n:05}", f"c{n:05}", **more) for value, n, failed in words]


def test_worked_example_of_another_population_is_rogan_and_gladens():
    """1,200 of 5,000 flagged, Se 42/50, Sp 135/150: 18.9 % failures (0.1284 to 0.2500 of two-sided 95 %)."""
    found = absolute_by_people(FLOOR.gates[0], evidence(judged(3800, 1200), **known(elsewhere(42, 8, 15, 135))), 0.95)
    estimate = found.rate.estimate
    assert estimate.value == pytest.approx(1 - 0.18918918918918937)
    assert (estimate.low, estimate.high) == pytest.approx((1 - 0.2503087674639363, 1 - 0.12381952071074781), abs=1e-6)
    assert (estimate.method, found.own, found.rate.labels) == ("rogan_gladen_lang_reiczigel", 0.76, 200)
    assert (estimate.n, estimate.n_clusters, estimate.n_missing) == (5000, 5000, 0)


def test_worked_example_of_the_same_population_is_post_stratified():
    """24 % flagged; of 57 labelled flags 42 are failures, of 143 labelled passes 8: 21.936 % failures."""
    found = absolute_by_people(FLOOR.gates[0], evidence(judged(3800, 1200), **known(of_run(42, 57, 8, 143, 1200))), 0.95)
    estimate = found.rate.estimate
    assert estimate.value == pytest.approx(1 - 0.24 * 42 / 57 - 0.76 * 8 / 143)
    assert (estimate.method, found.rate.labels) == ("post_stratified_jeffreys", 200)
    assert estimate.low is not None
    assert estimate.high is not None
    # method: 0.1821..0.2620 with the 5,000 answers taken as all there are; with the answers a sample it is a little wider
    assert estimate.low == pytest.approx(1 - 0.2620, abs=0.006)
    assert estimate.high == pytest.approx(1 - 0.1821, abs=0.006)
    assert estimate.high - estimate.low > 0.2620 - 0.1821


def test_unequal_chances_of_being_drawn_are_weighed():
    """Of the passes 10 failures were drawn for sure (people complained) and 90 good ones with probability 0.1: 10 of 910."""
    labels = of_run(40, 40, 0, 0, 100)
    labels += [Labelled(1.0, True, f"c{n:05}", f"c{n:05}") for n in range(100, 110)]
    labels += [Labelled(1.0, False, f"c{n:05}", f"c{n:05}", probability=0.1) for n in range(110, 200)]
    found = absolute_by_people(FLOOR.gates[0], evidence(judged(900, 100), **known(labels)))
    assert found.rate.estimate.value == pytest.approx(0.9 * 900 / 910)


def test_a_graded_metric_with_a_random_draw_takes_ppi():
    """Labels and scores of PPI++'s worked example shape: the estimate is power * mean + mean of what is left."""
    random = np.random.default_rng(5)
    truth = random.random(600) < 0.7
    values = np.clip(0.5 + 0.25 * np.where(truth, 1, -1) + 0.15 * random.standard_normal(600), 0, 1)
    run = suite_run({"m": values.tolist()}, **OPINION)
    labels = [Labelled(float(values[n]), not truth[n], f"c{n:05}", f"c{n:05}") for n in range(200)]
    found = absolute_by_people(FLOOR.gates[0], evidence(run, **known(labels, fails_up_to=0.5, is_graded=True)))
    y, f, g = truth[:200].astype(float), values[:200], values[200:]
    power = np.cov(y, f)[0, 1] / ((1 + 200 / 400) * values.var(ddof=1))
    estimate = found.rate.estimate
    assert estimate.method == "ppi++"
    assert estimate.value == pytest.approx(min(power, 1) * g.mean() + (y - min(power, 1) * f).mean())
    assert estimate.low is not None
    half = 1.6448536 * np.sqrt(min(power, 1) ** 2 * g.var(ddof=1) / 400 + (y - min(power, 1) * f).var(ddof=1) / 200)
    assert estimate.value - estimate.low == pytest.approx(half, rel=5e-3)
    uneven = [*labels[:-1], Labelled(float(values[199]), not truth[199], "c00199", "c00199", probability=0.5)]
    by_word = absolute_by_people(FLOOR.gates[0], evidence(run, **known(uneven, fails_up_to=0.5, is_graded=True)))
    assert by_word.rate.estimate.method == "post_stratified_jeffreys"


def test_when_people_labelled_every_answer_their_rate_stands():
    labels = of_run(10, 20, 5, 180, 20)
    estimate = absolute_by_people(FLOOR.gates[0], evidence(judged(180, 20), **known(labels))).rate.estimate
    assert (estimate.value, estimate.method) == (185 / 200, "every_answer_labelled_wilson")


def test_a_judge_that_is_ten_points_too_kind_passes_by_its_own_rate_only():
    """It passes 96 of 100 where people pass 86: at least 90 % is what people would not have said."""
    run = judged(960, 40)
    assert first(FLOOR, suite_run({"m": [0.0] * 40 + [1.0] * 960})).status == "pass", "as a program's metric it passes"
    labels = of_run(40, 40, 34, 300, 40)  # 11.3 % of what it passes is bad: people would pass 85.1 %
    got = first(FLOOR, run, **known(labels))
    assert got.status == "fail"
    assert got.own == 0.96
    assert got.estimate is not None
    assert got.estimate.value == pytest.approx(0.96 * 266 / 300)
    assert "people would have called 85.1 % good" in got.words
    assert "m itself said 96 %: at least 90 % is not met" in got.words


def test_a_judge_that_is_too_strict_does_not_fail_what_people_would_pass():
    got = first(FLOOR, judged(850, 150), **known(of_run(15, 150, 1, 300, 150)))
    assert got.status == "pass"
    assert got.own == 0.85


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        ([], 20),
        (elsewhere(0, 0, 0, 200), 10),
        (elsewhere(4, 0, 0, 200), 6),
        ([Labelled(0.0, True, f"x{n}", is_held_out=False) for n in range(50)], 20),
    ],
)
def test_a_certificate_without_labels_to_rest_on_is_inconclusive_and_says_how_many(labels: list[Labelled], missing: int):
    for policy, base in ((FLOOR, None), (NOT_WORSE, judged(190, 10, release="1"))):
        got = first(policy, judged(190, 10), base, **known(labels))
        assert (got.status, got.reason) == ("inconclusive", "labels_missing")
        assert got.settle is not None
        assert got.settle.labels == missing
        assert got.words.startswith("cannot be judged: ")
    alone = first(FLOOR, judged(190, 10), certificates={"s/m": "valid"})
    assert (alone.status, alone.reason) == ("inconclusive", "labels_missing")


@pytest.mark.parametrize("state", ["expired", "revoked", "not_usable", "too_few_labels"])
def test_no_label_counts_without_a_valid_certificate(state: str):
    labels = known(of_run(40, 40, 0, 300, 40)) | {"certificates": {"s/m": state}}
    assert first(FLOOR, judged(960, 40), **labels).reason == "judge_not_calibrated"


def test_a_judge_that_tells_next_to_nothing_is_no_ground():
    labels = elsewhere(55, 45, 45, 55)
    for policy, base in ((FLOOR, None), (NOT_WORSE, judged(190, 10, release="1"))):
        assert first(policy, judged(190, 10), base, **known(labels)).reason == "no_variation"


def test_what_would_settle_it_is_labels_when_they_make_the_width():
    few = first(FLOOR, judged(4600, 400), **known(of_run(38, 40, 0, 40, 400)))
    assert few.status == "inconclusive"
    assert few.settle is not None
    assert few.settle.labels > 20
    assert few.settle.cases == 0
    assert "more labels of answers that m judged" in few.settle.words
    more = first(FLOOR, judged(186, 14), **known(elsewhere(1990, 10, 10, 1990)))
    assert more.status == "inconclusive"
    assert more.settle is not None
    assert more.settle.cases > 20
    assert more.settle.labels == 0


def test_so_many_more_labels_do_settle_it():
    policy = policy_of(gate("at_least", at=0.92))
    few = first(policy, judged(9400, 600), **known(of_run(20, 40, 2, 80, 600)))
    assert few.status == "inconclusive"
    assert few.settle is not None
    assert few.settle.cases == 0
    times = (few.settle.labels + 120) / 120
    assert 1.5 < times < 5
    enough = of_run(round(20 * times), round(40 * times), round(2 * times), round(80 * times), 600)
    assert first(policy, judged(9400, 600), **known(enough)).status == "pass"


def test_where_no_answers_are_left_to_label_it_asks_for_cases_and_labels():
    got = first(FLOOR, judged(95, 5), **known(of_run(5, 5, 1, 40, 5)))
    assert got.status == "inconclusive"
    assert got.settle is not None
    assert got.settle.labels > 55
    assert got.settle.cases > 100


def test_a_difference_is_in_the_terms_of_people():
    """Judge: 4 points lost. It sees 70 of 100 differences (Se .8, Sp .9): people would have seen 5.7, more than the margin."""
    base, candidate = judged(1900, 100, release="1"), judged(1820, 180)
    got = first(NOT_WORSE, candidate, base, **known(elsewhere(400, 100, 50, 450)))
    assert got.estimate is not None
    assert got.estimate.value == pytest.approx(-0.04 / 0.7)
    assert got.own == pytest.approx(-0.04)
    assert got.estimate.method.endswith("_over_youden")
    assert got.status == "inconclusive"
    assert "corrected for what m misses or wrongly flags: it itself said -4 points" in got.words
    assert first(NOT_WORSE, suite_run({"m": [0.0] * 180 + [1.0] * 1820}), base).status == "pass", "its own difference passes"


def sides(of_release: list[Labelled], of_baseline: list[Labelled], others: list[Labelled] | None = None) -> dict[str, Any]:
    """What is known when people labelled answers of either run, and others; `Labelled.case_id` is set in the view of its run."""
    own = [replace(one, case_id=f"c{n:05}") for n, one in enumerate(of_release)]
    there = [replace(one, case_id=f"c{n:05}") for n, one in enumerate(of_baseline)]
    limits: Any = None
    of_base = Compared("run-1", (*of_release, *there, *(others or [])), is_graded=False, is_of_baseline=False)
    return {**known([*own, *of_baseline, *(others or [])]), "comparisons": Comparisons(limits, limits, {"s/m": (of_base,)})}


def test_a_judge_that_errs_otherwise_on_the_baseline_leaves_a_comparison_open():
    """Se .8 on the release and .4 on the baseline: no one correction fits both, however many labels there are of either."""
    base, candidate = judged(1900, 100, release="1"), judged(1890, 110)
    labels = elsewhere(80, 20, 10, 190)
    got = first(NOT_WORSE, candidate, base, **sides(labels, elsewhere(40, 60, 10, 190)))
    assert (got.status, got.reason, got.estimate) == ("inconclusive", "errs_otherwise", None)
    assert (
        "of the answers that people call bad it gets 80% of the release's right (100 labels) and 40% of the baseline's"
        in got.words
    )
    assert got.settle is not None
    assert "errs alike" in got.settle.words
    floor = first(FLOOR, candidate, base, **sides(labels, elsewhere(40, 60, 10, 190)))
    assert floor.reason != "errs_otherwise", "of the release alone its own labels speak"
    alike = first(NOT_WORSE, candidate, base, **sides(labels, labels))
    assert (alike.status, alike.reason) == ("pass", None)
    assert alike.words.endswith("of either release's own answers 300 and, of the baseline's, 300 are labelled")


@pytest.mark.parametrize(
    ("of_release", "of_baseline", "words"),
    [
        (
            elsewhere(80, 20, 10, 190),
            [],
            "only answers of the release are labelled: that it errs alike on those of the baseline is",
        ),
        (
            [],
            elsewhere(80, 20, 10, 190),
            "only answers of the baseline are labelled: that it errs alike on those of the release is",
        ),
        ([], [], "no answer of these runs is labelled: that it errs alike on both is supposed"),
    ],
)
def test_labels_of_one_side_do_not_estimate_the_other_silently(
    of_release: list[Labelled], of_baseline: list[Labelled], words: str
):
    base, candidate = judged(1900, 100, release="1"), judged(1890, 110)
    others = [] if of_release or of_baseline else elsewhere(80, 20, 10, 190)
    assert words in first(NOT_WORSE, candidate, base, **sides(of_release, of_baseline, others)).words


def test_a_judge_that_errs_alike_seldom_seems_not_to():
    random = np.random.default_rng(20261128)
    base, candidate = judged(190, 10, release="1"), judged(189, 11)
    found = 0
    for _ in range(400):
        drawn = zip(random.binomial(60, 0.8, 2), random.binomial(120, 0.07, 2), strict=True)
        labels = [elsewhere(hits, 60 - hits, alarms, 120 - alarms) for hits, alarms in drawn]
        got = both_sides(NOT_WORSE.gates[0], evidence(candidate, base, **sides(*labels)))
        assert got is not None
        found += got.apart is not None
    assert found <= 12


def test_clusters_of_answers_and_of_labels_widen_it():
    alone = judged(3800, 1200)
    widths: list[float] = []
    for clusters, labels in (
        (None, elsewhere(42, 8, 15, 135)),
        ([f"k{n // 20}" for n in range(5000)], elsewhere(42, 8, 15, 135)),
        (None, [Labelled(one.value, one.is_failure, f"k{n // 5}") for n, one in enumerate(elsewhere(42, 8, 15, 135))]),
    ):
        run = judged(3800, 1200, clusters=clusters) if clusters else alone
        found = absolute_by_people(FLOOR.gates[0], evidence(run, **known(labels))).rate.estimate
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] < widths[1]
    assert widths[0] < widths[2]


def simulated(random: np.random.Generator, kind: str, good: float = 0.85) -> Evidence:
    """300 answers of which people would call 85 % good; a judge with Se .8, Sp .93; 150 labels of the run or of elsewhere."""
    truth = random.random(300) < good

    def says_good(are_good: np.ndarray) -> np.ndarray:
        return np.where(are_good, random.random(len(are_good)) < 0.93, random.random(len(are_good)) >= 0.8)

    if kind == "graded":
        values = np.clip(0.5 + 0.25 * np.where(truth, 1, -1) + 0.2 * random.standard_normal(300), 0, 1)
    else:
        values = says_good(truth).astype(float)
    if kind == "elsewhere":
        other = random.random(400) < 0.7
        labels = [Labelled(float(v), not t, f"x{n}") for n, (v, t) in enumerate(zip(says_good(other), other, strict=True))]
    elif kind == "unequal":  # all that the judge flags, and of what it passes each with probability 0.4
        chance = np.where(values == 0, 1.0, 0.4)
        drawn = np.flatnonzero(random.random(300) < chance)
        labels = [Labelled(float(values[n]), not truth[n], f"c{n:05}", f"c{n:05}", probability=float(chance[n])) for n in drawn]
    else:
        labels = [Labelled(float(values[n]), not truth[n], f"c{n:05}", f"c{n:05}") for n in random.permutation(300)[:150]]
    found = known(labels, fails_up_to=0.5 if kind == "graded" else 0.0, is_graded=kind == "graded")
    return evidence(suite_run({"m": values.tolist()}, **OPINION), **found)


@pytest.mark.parametrize("kind", ["binary", "graded", "elsewhere", "unequal"])
def test_the_interval_of_the_gate_holds_the_rate_of_people(kind: str):
    random, runs, held, raw = np.random.default_rng(20261128), 500, 0, 0
    for _ in range(runs):
        found = absolute_by_people(FLOOR.gates[0], simulated(random, kind), 0.95)
        estimate = found.rate.estimate
        assert estimate.low is not None
        assert estimate.high is not None
        assert found.own is not None
        held += estimate.low <= 0.85 <= estimate.high
        raw += abs(found.own - 0.85) < 1.96 * (found.own * (1 - found.own) / 300) ** 0.5
    assert 0.93 <= held / runs <= 0.97
    assert raw / runs < 0.9


def test_it_holds_it_among_conversations_too():
    """100 conversations of 4 answers, good ones together (ICC 0.2); 200 of them labelled. 2,000 runs: 94.8 % hold it."""
    random, runs, held = np.random.default_rng(20261129), 600, 0
    clusters = [f"k{n // 4}" for n in range(400)]
    for _ in range(runs):
        truth = (random.random((100, 4)) < random.beta(3.4, 0.6, 100)[:, None]).ravel()
        values = np.where(truth, random.random(400) < 0.93, random.random(400) < 0.2).astype(float)
        drawn = random.permutation(400)[:200]
        labels = [Labelled(float(values[n]), not truth[n], clusters[n], f"c{n:05}", 0) for n in drawn]
        run = suite_run({"m": values.tolist()}, clusters=clusters, **OPINION)
        estimate = absolute_by_people(FLOOR.gates[0], evidence(run, **known(labels)), 0.95).rate.estimate
        assert estimate.low is not None
        assert estimate.high is not None
        held += estimate.low <= 0.85 <= estimate.high
    assert 0.93 <= held / runs <= 0.97


def test_the_interval_of_a_difference_holds_that_of_people():
    """People: 90 % before, 85 % now, of the same cases. Judge: Se .8, Sp .95, from 200 others. 95.6 % of 2,000 runs hold it."""
    random, runs, held = np.random.default_rng(20261130), 300, 0

    def judge_of(good: np.ndarray) -> np.ndarray:
        return np.where(good, random.random(len(good)) < 0.95, random.random(len(good)) < 0.2).astype(float)

    for _ in range(runs):
        base = random.random(600) < 0.9
        candidate = np.where(base, random.random(600) < 0.9, random.random(600) < 0.4)
        other = random.random(200) < 0.6
        labels = [Labelled(float(v), not t, f"x{n}") for n, (v, t) in enumerate(zip(judge_of(other), other, strict=True))]
        before, now = (
            suite_run({"m": judge_of(one).tolist()}, release=r, **OPINION) for r, one in (("1", base), ("2", candidate))
        )
        found = relative_by_people(NOT_WORSE.gates[0], evidence(now, before, **known(labels)), 0.95)
        estimate = found.rate.estimate
        assert estimate.low is not None
        assert estimate.high is not None
        held += estimate.low <= -0.05 <= estimate.high
    assert 0.93 <= held / runs <= 0.97
