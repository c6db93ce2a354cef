"""Further looks at a release: what counts as one, what two cost, and that no number of runs makes a bad release pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from release_home import approve_as_it_stands, write_home, write_run
from release_rows import evidence, gate, policy_of, suite_run

from goldworks.access.signing import Signer
from goldworks.errors import PolicyError
from goldworks.lake import Lake
from goldworks.release.deciding import decide
from goldworks.release.gate_policy import load_gate_policies
from goldworks.release.judge import judge
from goldworks.release.outputs import markdown
from goldworks.release.rows import Evidence, Look
from goldworks.release.verdict import GateVerdict, Verdict

BASE = (1.0, 1.0, 1.0, 0.0)
BETTER = (1.0, 1.0, 1.0, 1.0)
WORSE = (1.0, 0.0, 1.0, 0.0)
UNSURE = (1.0, 0.0, 1.0, 1.0)
GATE = "facts_not_worse"
STEADY = "  - {gate: steady, family: quality, kind: flakiness, suite: chat, metric: token_f1, at: 0.05, means: steady}\n"


class Shop:
    """A use case with release 1 and runs of release 2, judged one after another."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lake: Lake | None = None
        self.cases = 0
        self.days = 0

    def starts(self, first: Sequence[float], cases: int, looks: int = 1) -> None:
        self.lake, self.cases = write_home(self.root, {"1": BASE, "2": first}, cases), cases
        if looks > 1:
            path = self.root / "expectations" / "gates" / "chat.yml"
            path.write_text(path.read_text().replace("version: 1\n", f"version: 1\nlooks: {looks}\n", 1))
            approve_as_it_stands(self.root)

    def runs(
        self,
        values: Sequence[float],
        name: str,
        scorer: str = "d",
        release: str = "2",
        occasion: str | None = None,
        beside: dict[str, str] | None = None,
    ) -> None:
        assert self.lake is not None
        ids = [f"case-{number:05}" for number in range(self.cases)]
        self.days += 1
        write_run(self.lake, release, ids, values, 24 * self.days, again=name, scorer=scorer, occasion=occasion, beside=beside)

    def judged(self, baseline: str = "1") -> tuple[Verdict, GateVerdict]:
        assert self.lake is not None
        self.days += 1
        now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC) + dt.timedelta(days=self.days)
        signer = Signer(self.root / "home")
        verdict = decide(self.lake, self.root / "expectations", signer, "2", baseline=baseline, use_case="shop", now=now).verdict
        return verdict, next(one for one in verdict.gates if one.gate == GATE)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_same_runs_judged_again_are_the_same_look(shop: Shop):
    shop.starts(UNSURE, 40)
    for _ in range(3):
        _, one = shop.judged()
        assert (one.status, one.reason, one.look) == ("inconclusive", "interval_across_margin", 1)


def test_a_look_that_was_not_planned_decides_nothing_however_good_it_is(shop: Shop):
    shop.starts(UNSURE, 40)
    before = shop.judged()[1]
    shop.runs(BETTER, "-more")
    verdict, one = shop.judged()
    assert (verdict.status, verdict.is_blocked, verdict.run_ids) == ("inconclusive", True, ("run-1", "run-2"))
    assert (one.status, one.reason, one.look, one.estimate) == ("inconclusive", "looks_used_up", 1, before.estimate)
    assert "newer answers are not looked at: one look was planned, made on 2026-11-21 at run-1, run-2" in one.words
    assert one.settle is not None
    assert one.settle.words.startswith("mint a golden version")
    assert "goldworks canary" in one.settle.words
    assert one.settle.cases > 0
    assert shop.lake is not None
    assert {row["look"] for row in shop.lake.rows("release.verdicts", ["gate", "look"]) if row["gate"] == GATE} == {1}


def test_what_passed_at_the_last_planned_look_stays_passed(shop: Shop):
    """Latency passed and the facts are open; runs after it change neither."""
    shop.starts(UNSURE, 400)
    first = shop.judged()[0]
    shop.runs(WORSE, "-more")
    then = shop.judged()[0]
    assert [(one.gate, one.status) for one in then.gates] == [(one.gate, one.status) for one in first.gates]
    assert {"pass", "inconclusive"} <= {one.status for one in then.gates}


def test_when_the_runs_of_a_look_are_gone_other_answers_decide_nothing():
    found = judge(
        policy_of(gate("at_least", at=0.5)),
        evidence(suite_run({"m": [1.0] * 50}), looks={"s": (Look("2026-11-20", ("run-2",)),)}),
    )
    assert (found.gates[0].status, found.gates[0].reason, found.gates[0].look) == ("inconclusive", "looks_used_up", 2)
    assert "their runs are gone" in found.gates[0].words


@pytest.mark.parametrize("gone", [("2",), ("1",), ("1", "2")])
def test_a_look_counts_though_its_runs_were_deleted(shop: Shop, gone: tuple[str, ...]):
    shop.starts(UNSURE, 400)
    assert shop.judged()[1].look == 1
    shop.runs(BETTER, "-more")
    shop.runs(BASE, "-more", release="1")
    assert shop.lake is not None
    for release in gone:
        for table in ("evals.runs", "evals.answers", "evals.scores"):
            shop.lake.replace(table, [], {"run_id": f"run-{release}"})
    for _ in range(2):
        verdict, one = shop.judged()
        assert (verdict.status, one.status, one.reason, one.look) == ("inconclusive", "inconclusive", "looks_used_up", 2)
        assert "their runs are gone" in one.words
        assert "made on 2026-11-21 at run-1, run-2, undecided" in one.words


def test_a_run_of_another_suite_that_was_deleted_is_no_look_at_this_one(shop: Shop):
    shop.starts(UNSURE, 40)
    assert shop.lake is not None
    shop.judged()
    rows = shop.lake.rows("release.verdicts")
    more = [{**row, "run_ids": [*row["run_ids"], "run-of-safety"]} for row in rows]
    shop.lake.upsert("release.verdicts", more)
    _, one = shop.judged()
    assert (one.reason, one.look) == ("interval_across_margin", 1)


def test_a_second_look_that_was_planned_decides_and_a_third_does_not(shop: Shop):
    shop.starts(UNSURE, 40, looks=2)
    _, one = shop.judged()
    assert one.estimate is not None
    assert (one.status, one.look, one.estimate.confidence) == ("inconclusive", 1, 0.95)
    shop.runs((1.0, 0.0, 1.0, 1.0, 1.0), "-second")
    _, one = shop.judged()
    assert one.estimate is not None
    assert (one.status, one.reason, one.look, one.estimate.confidence) == ("inconclusive", "interval_across_margin", 2, 0.95)
    shop.runs(BETTER, "-third")
    _, one = shop.judged()
    assert (one.reason, one.look) == ("looks_used_up", 2)
    assert "2 looks were planned, made on 2026-11-21 at run-1, run-2 and on 2026-11-23 at run-1, run-2-se" in one.words


def test_the_planned_second_look_can_pass(shop: Shop):
    shop.starts(UNSURE, 400, looks=2)
    assert shop.judged()[1].status == "inconclusive"
    shop.runs(BETTER, "-second")
    _, one = shop.judged()
    assert (one.status, one.look) == ("pass", 2)


@pytest.mark.parametrize(("first", "then", "status"), [(BETTER, WORSE, "pass"), (WORSE, BETTER, "fail")])
def test_what_was_decided_stands_whatever_is_run_afterwards(
    shop: Shop, first: Sequence[float], then: Sequence[float], status: str
):
    shop.starts(first, 1600)
    assert shop.judged()[0].status == status
    for night in range(3):
        shop.runs(then, f"-night{night}")
        verdict, one = shop.judged()
        assert (verdict.status, one.look, verdict.run_ids) == (status, 1, ("run-1", "run-2"))


def test_runs_scored_otherwise_are_another_measurement(shop: Shop):
    shop.starts(WORSE, 1600)
    assert shop.judged()[0].status == "fail"
    shop.runs(BETTER, "-mended", "e")
    shop.runs(BASE, "-mended", "e", release="1")
    verdict, one = shop.judged()
    assert (verdict.status, one.look, verdict.run_ids) == ("pass", 1, ("run-1-mended", "run-2-mended"))


def test_a_metric_that_no_gate_looks_at_makes_no_other_measurement(shop: Shop):
    """Else any metric added to the suite would undo what was decided."""
    shop.starts(WORSE, 1600)
    assert shop.judged()[0].status == "fail"
    shop.runs(BETTER, "-more", beside={"words": "d"})
    assert shop.judged()[0].run_ids == ("run-1", "run-2")


@pytest.mark.parametrize(("first", "status", "reason"), [(UNSURE, "inconclusive", "looks_used_up"), (WORSE, "fail", None)])
def test_another_baseline_is_no_way_to_look_at_other_answers(shop: Shop, first: Sequence[float], status: str, reason: str | None):
    shop.starts(first, 40 if first == UNSURE else 1600)
    assert shop.judged()[0].status == status
    shop.runs(BETTER, "-more")
    shop.runs(BASE, "", release="0")
    for _ in range(2):
        verdict, one = shop.judged(baseline="0")
        assert (verdict.run_ids, one.status, one.reason, one.look) == (("run-0", "run-2"), status, reason, 1)
        assert reason is None or "made on 2026-11-21 at run-0, run-2" in one.words


def test_a_side_that_had_no_run_yet_is_no_further_look(shop: Shop):
    shop.starts(UNSURE, 40)
    assert shop.lake is not None
    (run,) = shop.lake.rows("evals.runs", where=[("run_id", "=", "run-1")])
    shop.lake.replace("evals.runs", [{**run, "suite": "safety"}], {"run_id": "run-1"})
    _, one = shop.judged()
    assert one.reason == "no_baseline"
    shop.runs(BASE, "-chat", release="1")
    _, one = shop.judged()
    assert (one.reason, one.look) == ("interval_across_margin", 1)


def test_a_ban_fails_at_any_look():
    looks = {"s": (Look("2026-11-20", ("run-2",)),)}
    found = judge(policy_of(gate("ban", at=0, family="safety")), evidence(suite_run({"m": [1.0] * 50 + [0.0]}), looks=looks))
    assert found.gates[0].status == "fail"
    assert found.gates[1].reason == "looks_used_up"


def test_the_comment_says_the_confidence_of_its_intervals():
    policy = policy_of(gate("at_least", at=0.5), looks=2)
    verdict = judge(policy, evidence(suite_run({"m": [1.0] * 50})))
    assert "Intervals are two-sided 95 %" in markdown(verdict, policy)
    with pytest.raises(TypeError, match="policy"):
        markdown(verdict)  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("looks", [0, 3])
def test_a_policy_plans_one_look_or_two(looks: int):
    with pytest.raises(ValueError, match="looks"):
        policy_of(gate("at_least", at=0.5), looks=looks)


def _false_passes(looks: int, decide_at: Callable[[Evidence, int], str], times: int) -> float:
    """How often a release that is worse by exactly the margin passes at one of so many looks, each at further answers."""
    random = np.random.default_rng(20261128)
    cases, margin, passed = 300, 0.05, 0
    for _ in range(times):
        base = suite_run({"m": [float(one) for one in random.random(cases) < 0.9]}, release="1")
        for number in range(1, looks + 1):
            lost = random.random(cases)
            old = np.array([row["value"] for row in base.scores])
            # of what the base solves 1 in 10 is lost, of what it does not 4 in 10 are won: 0.9 * 0.1 - 0.1 * 0.4 = 0.05
            new = np.where(old == 1, lost >= 0.1, lost < 0.4).astype(float)
            candidate = suite_run({"m": new.tolist()}, release="2")
            answer = decide_at(evidence(candidate, base, looks=_earlier(number - 1)), looks)
            if answer != "inconclusive":
                passed += answer == "pass"
                break
    assert margin == pytest.approx(0.9 * 0.1 - 0.1 * 0.4)
    return passed / times


def _earlier(number: int) -> dict[str, tuple[Look, ...]]:
    return {"s": tuple(Look("2026-11-20", (f"run-{one}",)) for one in range(number))}


def test_two_planned_looks_pass_a_bad_release_no_more_often_than_one():
    policies = {looks: policy_of(gate("not_worse", at=0.05), looks=looks) for looks in (1, 2)}

    def planned(known: Evidence, looks: int) -> str:
        return judge(policies[looks], known).gates[0].status

    def careless(known: Evidence, _: int) -> str:
        return judge(policies[1], replace(known, looks={})).gates[0].status

    assert _false_passes(2, planned, 2000) <= 0.05
    assert _false_passes(2, careless, 1000) > 0.07


def _steady(shop: Shop, first: Sequence[float], cases: int, verdicts: int | None = None) -> None:
    shop.starts(first, cases)
    path = shop.root / "expectations" / "gates" / "chat.yml"
    more = STEADY.replace("at: 0.05", f"at: 0.05, verdicts: {verdicts}") if verdicts else STEADY
    path.write_text(path.read_text().rstrip("\n") + "\n" + more)
    approve_as_it_stands(shop.root)


def _flakiness(shop: Shop) -> GateVerdict:
    return next(gate for gate in shop.judged()[0].gates if gate.gate == "steady")


@pytest.mark.parametrize("verdicts", [None, 3])
def test_flakiness_has_one_number_however_often_the_same_is_asked(shop: Shop, verdicts: int | None):
    """None before the planned verdicts, and then that of the first runs, which later ones do not change."""
    _steady(shop, BETTER, 400, verdicts)
    planned = verdicts or 5
    for number in range(1, planned):
        one = _flakiness(shop)
        assert (one.status, one.reason, one.estimate) == ("inconclusive", "no_repeats", None)
        assert f"the planned {planned} verdicts" in one.words
        left = [str(name) for name in range(number, planned)]
        again = f"--again {left[0]}" + (f", then {', '.join(left[1:])}" if left[1:] else "")
        assert one.settle is not None
        assert one.settle.words.startswith(f"{len(left)} more run{'s' if left[1:] else ''} of the same: goldworks eval run")
        assert f"--release 2 {again} (" in one.settle.words
        assert one.settle.repeats == len(left)
        shop.runs(BETTER, f"-again-{number}", occasion=f"release:2/again:{number}")
    first = _flakiness(shop)
    assert (first.status, first.reason) == ("pass", None)
    for number in range(planned, planned + 3):
        shop.runs(WORSE, f"-again-{number}", occasion=f"release:2/again:{number}")
        one = _flakiness(shop)
        assert (one.status, one.estimate, one.words) == (first.status, first.estimate, first.words)


def test_runs_of_other_occasions_are_repeats_and_the_numbers_that_are_free_are_proposed(shop: Shop):
    _steady(shop, BETTER, 40)
    shop.runs(BETTER, "-night", occasion="release:2/schedule:1")
    shop.runs(BETTER, "-again-2", occasion="release:2/again:2")
    settle = _flakiness(shop).settle
    assert settle is not None
    assert settle.words.startswith("2 more runs of the same")
    assert "--again 1, then 3 (" in settle.words


def test_a_flakiness_that_its_repeats_leave_open_asks_for_cases_and_not_for_repeats(shop: Shop):
    _steady(shop, BETTER, 40)
    for number in range(1, 5):
        shop.runs((*[0.0] * 4, *[1.0] * 36) if number == 1 else BETTER, f"-again-{number}", occasion=f"release:2/again:{number}")
    one = _flakiness(shop)
    assert (one.status, one.reason) == ("inconclusive", "interval_across_threshold")
    assert one.settle is not None
    assert (one.settle.repeats, one.settle.cases > 0) == (0, True)
    assert "more independent cases" in one.settle.words
    assert one.settle.words.endswith("each answered 5 times")


def test_repeats_after_the_decision_change_no_verdict_though_something_else_does(shop: Shop):
    """Approvals that lapse and come back make further judgments; the gates stay as they were when they decided."""
    _steady(shop, BETTER, 1600, 2)
    shop.runs(BETTER, "-again", occasion="release:2/again:1")
    first = shop.judged()[0]
    assert first.status == "pass"
    for number in range(4):
        shop.runs(WORSE, f"-night-{number}", occasion=f"release:2/again:{number + 2}")
    approvals = shop.root / "expectations" / "approvals.yml"
    known = approvals.read_text()
    approvals.write_text("version: 1\napprovals: []\n")
    assert shop.judged()[0].is_blocked
    approvals.write_text(known)
    for _ in range(2):
        assert [(one.gate, one.status, one.words) for one in shop.judged()[0].gates] == [
            (one.gate, one.status, one.words) for one in first.gates
        ]


def test_two_flakiness_gates_on_one_metric_rest_on_the_same_verdicts(shop: Shop):
    """There is one rate of a metric; two numbers of it would be two looks."""
    shop.starts(BETTER, 4)
    path = shop.root / "expectations" / "gates" / "chat.yml"
    more = STEADY.replace("gate: steady", "gate: steadier").replace("at: 0.05", "at: 0.02")
    path.write_text(path.read_text().rstrip("\n") + "\n" + STEADY + more)
    assert load_gate_policies(shop.root / "expectations")
    path.write_text(path.read_text().replace("at: 0.02", "at: 0.02, verdicts: 9"))
    with pytest.raises(PolicyError) as refused:
        load_gate_policies(shop.root / "expectations")
    said = str(refused.value)
    assert "chat.yml" in said
    assert "verdicts: 'steadier' rests the flakiness of chat/token_f1 on 9 verdicts per case, 'steady' on 5" in said
    assert "give both the same `verdicts`" in said
