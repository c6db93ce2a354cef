"""What would settle an open gate: repeats where the noise of runs makes the width, cases else, and what labels cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from release_rows import evidence, gate, policy_of, suite_run

from goldworks.release.judge import judge
from goldworks.release.noise import noise_of, repeats_for
from goldworks.release.rows import Evidence, LabelPrice, SuiteRun
from goldworks.release.verdict import GateVerdict
from goldworks.statistics import Estimate

MARGIN = 0.03
POLICY = policy_of(gate("not_worse", at=MARGIN))
LABELS = LabelPrice(3, 40)


def answers(random: np.random.Generator, chances: Sequence[float], repeats: int) -> list[list[float]]:
    """Verdicts of each case, which passes with its chance."""
    return [[float(random.random() < chance) for _ in range(repeats)] for chance in chances]


def runs_of(seed: int, chances: Sequence[float], repeats: int) -> tuple[SuiteRun, SuiteRun]:
    """Candidate and base of the same quality, case by case."""
    random = np.random.default_rng(seed)
    base, candidate = (suite_run({"m": answers(random, chances, repeats)}, release=name) for name in ("1", "2"))
    return candidate, base


def first(policy: Any, candidate: SuiteRun, base: SuiteRun | None = None, **more: Any) -> GateVerdict:
    return judge(policy, evidence(candidate, base, **more)).gates[0]


NOISY = [0.75] * 200
"""Cases that all pass three times in four: all that differs between two runs is noise."""

STEADY = [1.0] * 150 + [0.0] * 50


def test_where_runs_differ_by_chance_alone_repeats_settle_it():
    candidate, base = runs_of(3, NOISY, 2)
    got = first(POLICY, candidate, base)
    assert (got.status, got.reason) == ("inconclusive", "interval_across_margin")
    assert got.settle is not None
    needed = got.settle.repeats + 2
    # (z + z)**2 * 2 * p q / (n K) <= margin**2, of equal releases; a real gain, which the sample may show, needs fewer
    assert 1 < needed <= 1.2 * (1.645 + 0.842) ** 2 * 2 * 0.75 * 0.25 / 200 / MARGIN**2
    assert got.settle.words.startswith(f"{needed} answers per case instead of 2 would settle it 4 times in 5")
    assert "of the variance is noise of single runs" in got.settle.words
    assert "have two looks planned" in got.settle.words
    assert "Without repeats: about" in got.settle.words
    assert got.settle.cases > 0
    asked = 2 * needed * 200
    assert (got.settle.hours, got.settle.usd) == pytest.approx((3.0 * asked / 3600, 0.002 * asked))


def test_so_many_repeats_do_settle_it():
    """Of 60 pairs with the proposed repeats at least 7 in 10 pass, as 4 in 5 would; two looks are planned."""
    policy = policy_of(gate("not_worse", at=MARGIN), looks=2)
    even: list[Evidence] = []
    for seed in range(200):
        candidate, base = runs_of(seed, NOISY, 2)
        known = evidence(candidate, base)
        difference = judge(policy, known).gates[0].estimate
        if difference is not None and difference.value is not None and abs(difference.value) < 0.002:
            even.append(known)
    settles = [found for known in even if (found := judge(policy, known).gates[0].settle) is not None]
    proposals = [found for found in settles if "goldworks eval run --use-case shop --suite s --repeats" in found.words]
    assert len(proposals) >= len(settles) / 2, "where chance makes the width look like that of cases, more of these are asked for"
    settle = sorted(proposals, key=lambda found: found.repeats)[len(proposals) // 2]
    passed = [first(policy, *runs_of(1000 + seed, NOISY, settle.repeats + 2)).status == "pass" for seed in range(60)]
    assert sum(passed) >= 42


def test_where_cases_differ_more_cases_settle_it():
    """One case in twenty turned for good: asking again says the same."""
    base = suite_run({"m": [[value] * 3 for value in STEADY]}, release="1")
    turned = [1 - value if index % 20 == 0 else value for index, value in enumerate(STEADY)]
    got = first(POLICY, suite_run({"m": [[value] * 3 for value in turned]}), base)
    assert got.status == "inconclusive"
    assert got.settle is not None
    assert (got.settle.repeats, got.settle.words.startswith("about ")) == (0, True)


def test_the_noise_is_the_variance_of_single_answers():
    """Two cases: s2 = 0.5 of one in the base, 0.5 / 2 + 0 over n**2 = 4; answered once it comes from how often runs differ."""
    base = suite_run({"m": [[1.0, 0.0], [1.0, 1.0]]}, release="1")
    one = POLICY.gates[0]
    assert noise_of(one, evidence(suite_run({"m": [[1.0, 1.0], [1.0, 1.0]]}), base)) == pytest.approx(0.5 / 2 / 4)
    once, old = suite_run({"m": [1.0, 0.0]}), suite_run({"m": [1.0, 1.0]}, release="1")
    assert noise_of(one, evidence(once, old)) is None
    rate = Estimate(0.1, 0.05, 0.2, 0.9, "t", 2, 2)
    assert noise_of(one, evidence(replace(once, flake_rates={"m": rate}), old)) == pytest.approx(4 * 0.05 / 4)
    assert noise_of(one, evidence(replace(once, flake_rates={"m": rate}, is_fixed=True), old)) is None
    graded = suite_run({"m": [0.4, 0.6]})
    assert noise_of(one, evidence(replace(graded, flake_rates={"m": rate}), old)) is None


@pytest.mark.parametrize(
    ("error", "noise", "wanted", "repeats", "needed"),
    [
        (0.02, 0.0004, 0.01, 1, 4),  # all of it is noise: a quarter of the variance takes four times the answers
        (0.02, 0.0004, 0.01, 2, 8),
        (0.02, 0.0003, 0.0145, 1, 3),  # 0.0001 between cases, 0.00011 may stay of 0.0003 noise
        (0.02, 0.0003, 0.01, 1, None),  # what is between cases is all that is allowed
        (0.02, 0.0002, 0.0145, 1, None),  # 20 would do it, beyond 3 more cases do more
        (0.02, 0.0004, 0.001, 1, None),
        (0.02, 0.0, 0.01, 1, None),
    ],
)
def test_repeats_by_the_formula(error: float, noise: float, wanted: float, repeats: int, needed: int | None):
    assert repeats_for(error, noise, wanted, repeats, 100_000) == needed


def test_labels_have_their_price_in_hours_and_dollars():
    policy = policy_of(gate("at_least", at=0.9))
    run = suite_run({"m": [1.0] * 100}, opinions=frozenset({"m"}))
    got = first(policy, run, labels_missing={"s/m": 60}, certificates={"s/m": "too_few_labels"}, labelling=LABELS)
    assert got.settle is not None
    assert (got.settle.labels, got.settle.label_hours, got.settle.label_usd) == (60, 3.0, 120.0)
    assert got.settle.words.startswith("label 60 more answers and certify")
    assert got.settle.words.endswith(" (3.0 hours of reviewers, $120)")
    unpaid = first(policy, run, labels_missing={"s/m": 5}, labelling=LabelPrice(3))
    assert unpaid.settle is not None
    assert (unpaid.settle.label_usd, unpaid.settle.words.endswith(" (15 minutes of reviewers)")) == (None, True)
    none = first(policy, run, labels_missing={"s/m": 5})
    assert none.settle is not None
    assert (none.settle.label_hours, "reviewers" in none.settle.words) == (None, False)


@pytest.mark.parametrize("clustered", [False, True])
def test_where_no_case_differs_so_many_more_settle_it_and_one_fewer_does_not(clustered: bool):
    """The worked Tango bound without a discordant pair, z^2 / (n + z^2): 268 cases rule out a loss of 1 point."""

    def judged(pairs: int) -> GateVerdict:
        values: list[Any] = [[1.0, 1.0] if clustered else 1.0] * pairs
        base, candidate = (suite_run({"m": values}, release=name) for name in ("1", "2"))
        return first(policy_of(gate("not_worse", at=0.01)), candidate, base)

    got = judged(118)
    assert (got.status, got.reachable) == ("inconclusive", pytest.approx(0.02241, abs=1e-5))
    assert got.settle is not None
    assert got.settle.cases == 150
    assert "would settle it, if again no case differs" in got.settle.words
    assert [judged(118 + more).status for more in (149, 150)] == ["inconclusive", "pass"]


def test_where_nothing_fails_a_floor_needs_what_an_exact_plan_says():
    def judged(cases: int) -> GateVerdict:
        return first(policy_of(gate("at_least", at=0.995)), suite_run({"m": [1.0] * cases}))

    got = judged(118)
    assert got.settle is not None
    assert got.settle.cases == 598 - 118
    assert [judged(598 - 1).status, judged(598).status] == ["inconclusive", "pass"]
