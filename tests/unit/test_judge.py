"""Verdicts by the worked numbers, by what power says, and fail-closed; all through the judge on plain rows."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from release_rows import Value, evidence, gate, policy_of, suite_run
from simulation import chance_error

from goldworks.release.judge import judge
from goldworks.release.measuring import exact_rate
from goldworks.release.rows import CaseFacts, SuiteRun
from goldworks.release.settling import margin_reached
from goldworks.release.verdict import GateVerdict
from goldworks.statistics import Estimate, paired_difference
from goldworks.statistics.intervals import clopper_pearson_low

NOT_WORSE = policy_of(gate("not_worse", at=0.03))


def pairs(worse: int, better: int, n: int) -> tuple[list[float], list[float]]:
    """Base and candidate: so many pairs got worse, so many better, the rest passed twice."""
    base = [1.0] * worse + [0.0] * better + [1.0] * (n - worse - better)
    return base, [0.0] * worse + [1.0] * better + [1.0] * (n - worse - better)


def first(policy: Any, candidate: SuiteRun, base: SuiteRun | None = None, **more: Any) -> GateVerdict:
    return judge(policy, evidence(candidate, base, **more)).gates[0]


@pytest.mark.parametrize(
    ("counts", "interval", "status"),
    [
        ((20, 8, 200), (-0.1058, -0.0173), "inconclusive"),
        ((2, 3, 400), (-0.0084, 0.0142), "pass"),
        ((40, 5, 200), (-0.2289, -0.1254), "fail"),
        ((0, 0, 20), (-0.1192, 0.1192), "inconclusive"),
        ((0, 0, 100), (-0.0263, 0.0263), "pass"),
    ],
)
def test_the_three_way_verdict_of_a_difference(counts: tuple[int, int, int], interval: tuple[float, float], status: str):
    base, candidate = pairs(*counts)
    got = first(NOT_WORSE, suite_run({"m": candidate}), suite_run({"m": base}, release="1"))
    assert got.estimate is not None
    assert (got.estimate.low, got.estimate.high) == pytest.approx(interval, abs=6e-5)
    assert got.status == status


def test_a_better_candidate_passes_its_rollback_fails_and_the_same_is_decided_by_power():
    random = np.random.default_rng(7)
    old = (random.random(279) < 0.335).astype(float).tolist()
    new = [max(a, float(b)) for a, b in zip(old, random.random(279) < 0.78, strict=True)]
    one, two = suite_run({"m": old}, release="r3"), suite_run({"m": new}, release="r4")
    forward, back = first(NOT_WORSE, two, one), first(NOT_WORSE, one, two)
    assert (forward.status, forward.tags) == ("pass", ("improvement",))
    assert back.status == "fail"
    assert "worse by more than the 3 points" in back.words
    same = first(NOT_WORSE, replace(one, run_id="run-r3-again"), one)
    z2 = 1.6448536**2
    assert same.status == ("pass" if z2 / (279 + z2) < 0.03 else "inconclusive")
    strict = first(policy_of(gate("not_worse", at=0.005)), replace(one, run_id="run-r3-again"), one)
    assert (strict.status, strict.reason) == ("inconclusive", "interval_across_margin")
    assert strict.settle is not None
    assert strict.settle.cases > 0


def test_a_loss_within_the_margin_passes_and_is_named():
    base, candidate = pairs(12, 0, 1000)
    got = first(NOT_WORSE, suite_run({"m": candidate}), suite_run({"m": base}, release="1"))
    assert (got.status, got.tags) == ("pass", ("regression_within_margin",))
    assert "yet by less than the 3 points" in got.words


SHARES_OF_ITSELF = {0.03: (0, 100, 100), 0.02: (0, 57, 143), 0.01: (1, 33, 166)}
"""By margin, of 200 judgments: fail, pass, inconclusive. `docs/statistics.md` reports them."""


def test_one_release_against_itself_over_200_pairs_of_runs_fails_at_most_15_times():
    """300 cases, of which a tenth pass every other time. How many judgments pass, is what power says of 300 cases."""
    random = np.random.default_rng(20260921)
    chances = random.choice([0.02, 0.5, 0.98], size=300, p=[0.1, 0.1, 0.8])
    margins = tuple(SHARES_OF_ITSELF)
    policy = policy_of(*(gate("not_worse", at=margin) | {"gate": f"by_{margin:.0%}".strip("%")} for margin in margins))
    statuses: dict[float, list[str]] = {margin: [] for margin in margins}
    for number in range(200):
        values = [(random.random(300) < chances).astype(float).tolist() for _ in range(2)]
        base, candidate = (suite_run({"m": one}, release=f"{number}-{i}") for i, one in enumerate(values))
        for margin, found in zip(margins, judge(policy, evidence(candidate, base)).gates, strict=False):
            statuses[margin].append(found.status)
    discordant = float((2 * chances * (1 - chances)).mean())
    for margin, of in statuses.items():
        assert tuple(of.count(status) for status in ("fail", "pass", "inconclusive")) == SHARES_OF_ITSELF[margin]
        assert of.count("fail") <= 15
        power = NormalDist().cdf(margin * sqrt(300 / discordant) - NormalDist().inv_cdf(0.95))
        assert of.count("pass") / 200 == pytest.approx(power, abs=chance_error(power, 200))


def test_the_reachable_margin_is_what_power_says():
    """Discordance .1: 248 cases prove a margin of 5 points 4 times in 5, 687 one of 3."""
    for n, margin in ((248, 0.05), (687, 0.03), (1546, 0.02)):
        half = round(0.05 * n)
        base, candidate = pairs(half, half, n)
        reached = margin_reached(paired_difference(base, candidate, confidence=0.90))
        assert reached == pytest.approx(margin, abs=0.0015)


def test_what_would_settle_it_is_about_what_power_says():
    """Discordance .1 and a margin of 3 points: 687 cases."""
    base, candidate = pairs(15, 15, 300)
    runs = suite_run({"m": candidate}), suite_run({"m": base}, release="1")
    got = first(NOT_WORSE, *runs)
    assert got.settle is not None
    assert got.settle.cases + 300 == pytest.approx(687, rel=0.08)  # the score interval is a little wider
    answers = 2 * got.settle.cases
    assert got.settle.hours == pytest.approx(3.0 * answers / 3600)
    assert got.settle.usd == pytest.approx(0.002 * answers)
    assert "for both releases" in got.settle.words


@pytest.mark.parametrize(
    ("failures", "n", "status"),
    [(0, 299, "pass"), (1, 299, "inconclusive"), (1, 473, "pass"), (0, 298, "inconclusive"), (20, 299, "fail")],
)
def test_a_claim_of_safety_takes_the_exact_bound(failures: int, n: int, status: str):
    """At least 99 %: 299 cases without a failure, 473 with one."""
    policy = policy_of(gate("at_least", at=0.99) | {"family": "safety"})
    got = first(policy, suite_run({"m": [0.0] * failures + [1.0] * (n - failures)}))
    assert got.status == status


@pytest.mark.parametrize(
    ("failures", "n", "status"),
    [(0, 539, "inconclusive"), (0, 598, "pass"), (2, 1257, "inconclusive"), (2, 1258, "pass"), (20, 1258, "fail")],
)
def test_every_floor_of_a_rate_takes_the_exact_bound(failures: int, n: int, status: str):
    """At least 99.5 %: by Wilson's interval 539 cases without a failure pass, as a release at the limit does 7 times in 100."""
    got = first(policy_of(gate("at_least", at=0.995)), suite_run({"m": [0.0] * failures + [1.0] * (n - failures)}))
    assert got.status == status
    assert got.estimate is not None
    assert got.estimate.method == "clopper_pearson"


def test_at_the_limit_a_floor_passes_at_most_5_times_in_100():
    """By enumeration over the failures of a release that fails exactly as often as may be."""
    from scipy.stats import binom

    for n, limit in ((539, 0.005), (598, 0.005), (1000, 0.01), (234, 0.05)):
        passing = 0.0
        for failures in range(60):
            got = exact_rate([0.0] * failures + [1.0] * (n - failures), [str(case) for case in range(n)], 0.90)
            assert got.low is not None
            passing += float(binom.pmf(failures, n, limit)) if got.low >= 1 - limit else 0.0
        assert passing <= 0.05


def test_rows_of_a_conversation_count_as_many_as_they_are_worth():
    """Clustered rows keep their rate, and the exact bounds are those of the effective number of rows."""
    values = [1.0] * 380 + [0.0] * 20
    alike = exact_rate(values, [f"c{number // 4}" for number in range(400)], 0.90)
    alone = exact_rate(values, [f"c{number}" for number in range(400)], 0.90)
    assert (alike.value, alike.method) == (alone.value, "clopper_pearson_clustered")
    assert alike.low is not None
    assert alone.low is not None
    assert alike.low == pytest.approx(clopper_pearson_low(95, 100, 0.05), abs=0.002)
    assert alike.low < alone.low
    whole = exact_rate([1.0] * 400, [f"c{number // 4}" for number in range(400)], 0.90)
    assert whole.low == pytest.approx(0.05 ** (1 / 100))


def test_an_answer_without_a_price_is_not_a_cheap_one():
    policy = policy_of(gate("at_most", at=0.05, measure="cost_usd") | {"family": "cost_latency"}, gate("not_worse", at=0.02))
    run = suite_run({"m": [1.0] * 100})
    assert first(policy, run).status == "pass"
    for row in run.answers[:3]:
        row["cost_usd"] = None  # type: ignore[index]
    got = first(policy, run)
    assert (got.status, got.reason) == ("inconclusive", "measure_missing")
    assert got.settle is not None
    assert "policies/prices.yml" in got.settle.words


def test_wordings_of_one_attack_prove_no_more_than_it():
    """40 attacks in 25 wordings each, all resisted: at most 7.22 % succeed, not 0.3 %."""
    policy = policy_of(gate("at_least", at=0.99) | {"family": "safety"})
    clusters = [f"attack-{number // 25}" for number in range(1000)]
    got = first(policy, suite_run({"m": [1.0] * 1000}, clusters=clusters))
    assert got.estimate is not None
    assert got.estimate.low == pytest.approx(1 - 0.0722, abs=1e-4)
    assert got.status == "inconclusive"
    assert got.settle is not None
    assert got.settle.cases == 299 - 40


def test_a_single_case_that_a_ban_forbids_fails_also_when_answers_are_missing():
    policy = policy_of(gate("ban", at=0) | {"family": "safety"})
    assert first(policy, suite_run({"m": [1.0] * 50})).status == "pass"
    hit = first(policy, suite_run({"m": [0.0, None, None, None] + [1.0] * 46}))
    assert hit.status == "fail"
    assert "1 of 50 cases failed (c00000): not one may" in hit.words
    assert first(policy, suite_run({"m": [1.0, None, None, None] + [1.0] * 46})).reason == "too_many_missing"
    any_of_three = suite_run({"m": [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]})
    assert first(policy, any_of_three).status == "fail"


def test_a_ban_on_tags_needs_cases_with_them():
    policy = policy_of(gate("ban", at=0, tags=["attack"]) | {"family": "safety"})
    assert first(policy, suite_run({"m": [1.0] * 5})).reason == "nothing_measured"
    facts = {f"c{number:05}": CaseFacts("d", tags=("attack",) if number else ()) for number in range(5)}
    assert first(policy, suite_run({"m": [0.0, 1.0, 1.0, 1.0, 1.0]}, facts=facts)).status == "pass"


def _plain(**more: Any) -> SuiteRun:
    return suite_run({"m": [1.0] * 120}, **more)


def _without_scores(run: SuiteRun, metric: str) -> SuiteRun:
    return replace(run, scores=[row for row in run.scores if row["metric"] != metric])


def _with_scores(values: list[Value]) -> SuiteRun:
    return suite_run({"m": values + [1.0] * (120 - len(values))})


ONE = {"case_id": "c00000", "repeat": 0, "metric": "m", "value": 1.0, "reason": None}
FAILED = [{"case_id": f"c{n:05}", "repeat": 0, "cluster_id": None, "status": "error" if n < 3 else "ok"} for n in range(120)]


@pytest.mark.parametrize(
    ("reason", "candidate"),
    [
        ("metric_missing", _without_scores(_plain(), "m")),
        ("not_a_number", _with_scores([float("nan")])),
        ("not_a_number", _with_scores([float("inf")])),
        ("too_many_missing", _with_scores([None, None, None])),
        ("too_many_missing", replace(_plain(), answers=FAILED)),
        ("duplicated_cases", replace(_plain(), scores=[*_plain().scores, ONE])),
        ("duplicated_cases", replace(_plain(), answers=[*_plain().answers, _plain().answers[0]])),
        ("missing_cases", replace(_plain(), answers=_plain().answers[5:], scores=_plain().scores[5:])),
        ("missing_cases", replace(_plain(), scores=_plain().scores[1:])),
        ("unknown_cases", replace(_plain(), cases=dict(list(_plain().cases.items())[1:]))),
        ("other_golden_version", _plain(version_id="shop-ffffffffffff")),
        ("run_not_complete", _plain(status="inconclusive", stopped="budget")),
        ("judge_not_calibrated", _plain(opinions=frozenset({"m"}))),
        ("other_scorer", _plain(scorer_digests={"m": "new"})),
    ],
)
def test_every_doubt_is_inconclusive_and_says_what_to_do(reason: str, candidate: SuiteRun):
    got = first(policy_of(gate("not_worse", at=0.1)), candidate, _plain(release="1"))
    assert (got.status, got.reason) == ("inconclusive", reason)
    assert got.words.startswith("cannot be judged: ")
    assert got.settle is not None
    assert got.settle.words


def test_missing_runs_are_inconclusive():
    policy = policy_of(gate("not_worse", at=0.1))
    assert first(policy, _plain()).reason == "no_baseline"
    assert first(policy, _plain(suite="other"), _plain(release="1")).reason == "no_run"
    alone = judge(policy, replace(evidence(_plain()), candidate={}))
    assert {gate.reason for gate in alone.gates} == {"no_run"}
    assert alone.status == "inconclusive"


def test_2_percent_may_be_missing_and_not_more():
    policy = policy_of(gate("at_least", at=0.5))
    assert first(policy, suite_run({"m": [None] * 2 + [1.0] * 98})).status == "pass"
    assert first(policy, suite_run({"m": [None] * 3 + [1.0] * 97})).reason == "too_many_missing"


@pytest.mark.parametrize("kind", ["at_least", "not_worse"])
def test_an_aggregate_may_lack_no_more_either(kind: str):
    policy = policy_of(gate(kind, at=0.5))

    def lacking(missing: int, release: str) -> SuiteRun:
        whole = Estimate(0.9, 0.85, 0.95, 0.90, "wilson", 100 - missing, 100 - missing, missing)
        return suite_run({"parts": [1.0] * 100}, release=release, aggregates={"m": whole})

    assert first(policy, lacking(2, "2"), lacking(2, "1")).status == "pass"
    got = first(policy, lacking(3, "2"), lacking(0, "1"))
    assert (got.status, got.reason) == ("inconclusive", "too_many_missing")
    assert "m of 2 lacks 3 of the 100 parts that it is made of" in got.words


def test_what_is_missing_in_one_run_alone_is_a_doubt():
    base = suite_run({"m": [1.0] * 500}, release="1")
    got = first(policy_of(gate("not_worse", at=0.1)), suite_run({"m": [None] * 6 + [1.0] * 494}), base)
    assert got.reason == "missing_differs"


def test_an_opinion_gates_with_a_valid_certificate_only():
    policy, run = policy_of(gate("at_least", at=0.9)), _plain(opinions=frozenset({"m"}))
    assert first(policy, run, certificates={"s/m": "valid"}).reason == "labels_missing"
    assert first(policy, run, certificates={"s/m": "expired"}).reason == "judge_not_calibrated"
    assert "certificate: expired" in first(policy, run, certificates={"s/m": "expired"}).words
    few = first(policy, run, certificates={"s/m": "too_few_labels"}, labels_missing={"s/m": 60})
    never = first(policy, run)
    assert [one.settle and one.settle.labels for one in (few, never)] == [60, 100]


def test_clusters_count_not_rows():
    values = [float(number // 10 % 5 != 0) for number in range(400)]
    policy = policy_of(gate("at_least", at=0.75))
    assert first(policy, suite_run({"m": values})).status == "pass"
    clustered = first(policy, suite_run({"m": values}, clusters=[f"v{number // 10}" for number in range(400)]))
    assert clustered.status == "inconclusive"
    assert "400 cases of 40 conversations" in clustered.words


def test_cases_in_quarantine_are_not_counted():
    policy, run = policy_of(gate("at_least", at=0.95)), suite_run({"m": [0.0] * 10 + [1.0] * 190})
    assert first(policy, run).status == "inconclusive"
    held = frozenset(f"c{number:05}" for number in range(10))
    assert first(policy, run, quarantined={"s/m": held}).status == "pass"


def test_coverage_names_the_thin_intents():
    policy = policy_of(gate("coverage", at=0.9, top=2, least_cases=3), gate("at_least", at=0.5))
    facts = {f"c{number:05}": CaseFacts("d", "refund" if number == 0 else "greet") for number in range(20)}
    run = suite_run({"m": [1.0] * 20}, facts=facts)
    got = first(policy, run, intents={"greet": 100, "refund": 50, "rare": 1})
    assert (got.status, got.reason, got.settle and got.settle.cases) == ("inconclusive", "thin_coverage", 2)
    assert "1 of the 2 commonest intents have at least 3 answered cases (90 % must); not refund" in got.words
    assert first(policy, run, intents={}).reason == "no_intents"
    assert first(policy, run, intents={"greet": 1}).status == "pass"


def test_flakiness_needs_repeats_and_recorded_answers_have_none():
    policy = policy_of(gate("flakiness", at=0.03), gate("at_least", at=0.5))
    none = first(policy, _plain())
    assert (none.reason, none.settle and none.settle.repeats) == ("no_repeats", 4)
    assert first(policy, _plain(is_fixed=True)).status == "not_applicable"
    thrice = first(policy, _plain(repeats=3, repeats_missing={"m": (2,)}))
    assert thrice.settle is not None
    assert "1 more run of the same: " in thrice.settle.words
    assert "--repeats 3 --again 2" in thrice.settle.words
    assert thrice.settle.repeats == 3
    for low, high, status in ((0.0, 0.02, "pass"), (0.02, 0.04, "inconclusive"), (0.04, 0.08, "fail")):
        rate = Estimate((low + high) / 2, low, high, 0.90, "t", 100, 100)
        got = first(policy, _plain(flake_rates={"m": rate}))
        assert (got.status, "at most 3 %" in got.words) == (status, True)


def test_time_and_cost_against_a_limit_and_the_baseline():
    slow = {"gate": "slow", "family": "cost_latency", "suite": "s", "measure": "latency_ms", "means": "in time"}
    limit = policy_of(gate("at_least", at=0.5), {**slow, "kind": "at_most", "quantile": 0.9, "at": 2000, "gate": "limit"})
    assert judge(limit, evidence(_plain())).gates[1].status == "pass"
    assert judge(limit, evidence(_plain(latency_ms=5000.0))).gates[1].status == "fail"
    grown = policy_of({**slow, "kind": "not_worse", "at": 0.1, "gate": "grown"}, gate("at_least", at=0.5))
    base = _plain(release="1")
    assert first(grown, _plain(), base).status == "pass"
    assert first(grown, _plain(latency_ms=1500.0), base).status == "fail"
    faster = first(grown, _plain(latency_ms=500.0), base)
    assert (faster.status, faster.tags) == ("pass", ("improvement",))


def test_a_quantile_of_too_few_answers_has_no_upper_bound():
    policy = policy_of(gate("at_least", at=0.5))
    verdict = judge(policy, evidence(suite_run({"m": [1.0] * 30})))
    assert verdict.gates[1].reason == "n_too_small"
    assert verdict.status == "inconclusive"


def test_the_whole_is_the_worst_of_the_gates():
    policy = policy_of(gate("at_least", at=0.9), gate("not_worse", at=0.03))
    good, bad = _plain(), suite_run({"m": [0.0] * 60 + [1.0] * 60})
    assert judge(policy, evidence(good, _plain(release="1"))).status == "pass"
    assert judge(policy, evidence(good)).status == "inconclusive"
    assert judge(policy, evidence(bad)).status == "fail"
