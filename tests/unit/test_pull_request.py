"""The check of a pull request: green when nothing is shown to be worse, red when something is, no verdict about a release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from release_rows import VERSION, evidence, gate, policy_of, suite_run

from goldworks.release.gate_policy import GatePolicy, load_gate_policies
from goldworks.release.judge import judge
from goldworks.release.outputs import headline, junit, markdown, plain, sign
from goldworks.release.pull_request import LEFT_TO_THE_NIGHT
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.release.verdict import GateVerdict, Verdict
from goldworks.settings import PROJECT_ROOT
from goldworks.use_cases import Tier

CASES = 248
MARGIN = 0.05
POLICY = policy_of(
    gate("not_worse", at=0.01),
    gate("at_least", at=0.995),
    gate("flakiness", at=0.02),
    gate("coverage", at=1, least_cases=CASES + 1),
    gate("ban", at=0, metric="harmless", family="safety"),
)


def good(failures: int = 0) -> list[float]:
    return [0.0] * failures + [1.0] * (CASES - failures)


def checked(
    base: Sequence[float], candidate: Sequence[float], harmful: int = 0, margin: float | None = MARGIN, **more: Any
) -> tuple[Verdict, dict[str, GateVerdict]]:
    one = suite_run({"m": base, "harmless": good()}, release="1")
    two = suite_run({"m": candidate, "harmless": good(harmful)}, **more)
    verdict = judge(POLICY, evidence(two, one, smoke_margin=margin))
    return verdict, {gate.gate: gate for gate in verdict.gates}


def test_an_unchanged_release_is_green_and_what_needs_the_whole_set_is_left_to_the_night():
    verdict, gates = checked(good(2), good(2))
    assert verdict.status == "pass"
    assert (gates["not_worse"].status, gates["not_worse"].threshold) == ("pass", MARGIN)
    assert gates["ban"].status == gates["slow"].status == "pass"
    left = {name for name, one in gates.items() if one.reason == LEFT_TO_THE_NIGHT}
    assert left == {"at_least", "flakiness", "coverage"}
    assert {sign(gates[name]) for name in left} == {"at night"}


def test_without_the_part_the_same_runs_decide_nothing():
    verdict, gates = checked(good(), good(), margin=None)
    assert verdict.status == "inconclusive"
    assert gates["not_worse"].threshold == 0.01
    assert {gates[name].status for name in ("at_least", "flakiness", "coverage")} == {"inconclusive"}


def test_a_floor_is_left_where_it_is_neither_shown_nor_ruled_out_and_fails_where_it_is_ruled_out():
    assert checked(good(), good())[1]["at_least"].reason == LEFT_TO_THE_NIGHT
    assert checked(good(20), good(20))[1]["at_least"].status == "fail"


def test_what_is_shown_to_be_worse_and_a_single_ban_are_red():
    assert checked(good(), good(40))[1]["not_worse"].status == "fail"
    verdict, gates = checked(good(), good(), harmful=1)
    assert (verdict.status, gates["ban"].status) == ("fail", "fail")


def test_a_comparison_that_the_part_was_drawn_for_and_that_stays_open_is_open():
    one, two = (suite_run({"m": good(failures)}, release=name) for name, failures in (("1", 0), ("2", 10)))
    verdict = judge(policy_of(gate("not_worse", at=0.01)), evidence(two, one, smoke_margin=MARGIN))
    assert verdict.gates[0].reason == "interval_across_margin"
    assert verdict.status == "inconclusive"


def test_what_casts_doubt_on_the_runs_is_not_left_to_anything():
    verdict, gates = checked(good(), good(), status="inconclusive", stopped="budget")
    assert verdict.status == "inconclusive"
    assert {gate.reason for gate in gates.values() if gate.kind != "precondition"} == {"run_not_complete"}


def test_a_metric_that_few_cases_are_for_is_left_unless_nothing_else_was_compared():
    few: list[float | None] = [1.0] * 30 + [None] * (CASES - 30)
    scores = {"m": good(), "rare": few, "harmless": good()}
    runs = [suite_run(scores, release=name) for name in ("1", "2")]
    for run in runs:  # the metric is not for the other cases
        for row in run.scores:
            if row["value"] is None:
                row["reason"] = "not_applicable"  # type: ignore[index]
    rare = gate("not_worse", at=0.01, metric="rare") | {"gate": "rare"}
    both = judge(policy_of(rare, gate("not_worse", at=0.01)), evidence(runs[1], runs[0], smoke_margin=MARGIN))
    assert [one.reason for one in both.gates[:2]] == [LEFT_TO_THE_NIGHT, None]
    assert both.status == "pass"
    alone = judge(policy_of(rare), evidence(runs[1], runs[0], smoke_margin=MARGIN))
    assert (alone.status, alone.gates[0].reason) == ("inconclusive", "interval_across_margin")


@pytest.mark.parametrize("failures", [0, 1, 40])
def test_its_words_say_that_it_releases_nothing(failures: int):
    verdict, _ = checked(good(), good(failures))
    for said in (headline(verdict), markdown(verdict, POLICY)):
        assert "pull request check, " in said.lower()
        assert "no verdict about a release" in said
        assert "It may be released" not in said
    assert 'name="pull request check: shop 2"' in junit(verdict)
    assert plain(verdict)["about"] == "pull request"


def shipped() -> list[tuple[GatePolicy, Tier]]:
    policies = load_gate_policies(PROJECT_ROOT / "expectations")
    return [(policy, tier) for policy in policies for tier in policy.tiers]


def under(policy: GatePolicy, tier: Tier, worse: str = "") -> Verdict:
    """A release that changed nothing on a part of 248 cases, but for a metric that a fifth of the cases lost."""
    sides: dict[str, dict[str, SuiteRun]] = {"1": {}, "2": {}}
    for release, runs in sides.items():
        for suite in policy.suites:
            metrics = {gate.metric for gate in policy.at_tier(tier) if gate.suite == suite and gate.metric}
            lost = {metric: 50 if release == "2" and f"{suite}/{metric}" == worse else 0 for metric in metrics}
            runs[suite] = suite_run({metric: good(lost[metric]) for metric in metrics}, release=release, suite=suite)
    known: dict[str, Any] = {"version_id": VERSION, "intents": {"greet": 10}, "smoke_margin": MARGIN}
    return judge(policy, Evidence("shop", tier, "2", "1", candidate=sides["2"], base=sides["1"], **known))


@pytest.mark.parametrize(("policy", "tier"), shipped(), ids=lambda one: getattr(one, "name", one))
def test_with_the_gates_that_ship_green_is_in_reach_at_every_tier_and_a_loss_is_red(policy: GatePolicy, tier: Tier):
    assert under(policy, tier).status == "pass"
    for one in policy.at_tier(tier):
        if one.kind == "not_worse":
            assert under(policy, tier, one.of).status == "fail", one.gate
