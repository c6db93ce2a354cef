"""The mutated releases of the development logs are found by the scorers of tool calls; their truth is compared afterwards."""

from __future__ import annotations

import pytest
from release_rows import evidence, gate, policy_of, suite_run

from benchmarks.tools import AFTER, BEFORE, MUTATED, Found, Judged, measure
from goldworks.release.gate_policy import load_gate_policies
from goldworks.release.judge import judge
from goldworks.settings import PROJECT_ROOT

DATA = PROJECT_ROOT.parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the development logs are not here: nothing was checked")


@needs_data
def test_every_missing_argument_of_the_sample_is_found_and_nothing_else():
    found = measure(DATA / "sample" / "logs", DATA / "tool_schemas", DATA / "sample" / "truth")
    assert {release: found.of_required(release) for release in found.calls} == {"2.4.0": (39, 39, 0)}


@pytest.fixture(scope="module")
def everything() -> Found:
    return measure(DATA / "logs", DATA / "tool_schemas", DATA / "truth")


@needs_data
@pytest.mark.full
def test_missing_required_arguments_are_found_in_one_release_and_nowhere_else(everything: Found):
    counts = {release: everything.of_required(release) for release in everything.calls}
    assert counts.pop("2.4.0") == (169, 169, 0)
    assert len(counts) == 4
    assert set(counts.values()) == {(0, 0, 0)}


@needs_data
@pytest.mark.full
def test_swapped_values_raise_the_rate_of_what_is_not_supported(everything: Found):
    rates = {release: everything.grounded(release) for release in (BEFORE, MUTATED, AFTER)}
    for other in (BEFORE, AFTER):
        difference = everything.difference(other, MUTATED)
        assert difference.low is not None
        assert difference.low > 0.03
        assert (rates[other].value or 1) < 0.02
    recall, alarms = everything.recall()["all"]
    assert recall.n == 144
    assert (recall.value or 0) > 0.9
    assert (alarms.value or 1) < 0.02
    assert everything.not_judged() == 0


def verdict(rows: list[Judged], least: float) -> str:
    """The gate of a tool metric, judged arguments of a conversation being one cluster."""
    run = suite_run({"m": [float(good) for _, _, good in rows]}, clusters=[conversation for conversation, _, _ in rows])
    return judge(policy_of(gate("at_least", family="tool", at=least)), evidence(run)).gates[0].status


@needs_data
@pytest.mark.full
def test_the_mutated_releases_fail_their_tool_gates_and_the_others_pass(everything: Found):
    """By the shipped floor of valid arguments at T1 and T2. Of grounded ones, which the shipped gates compare case by case, the
    logs have other conversations for each release: a floor of 97 % tells them apart.
    """
    shipped = next(one for one in load_gate_policies(PROJECT_ROOT / "expectations") if one.name == "agent")
    floors = next(one for one in shipped.gates if one.gate == "arguments_valid").at
    assert isinstance(floors, dict)
    for tier in ("T1", "T2"):
        assert {release: verdict(everything.schema[release, "required"], floors[tier]) for release in everything.calls} == {
            release: "fail" if release == "2.4.0" else "pass" for release in everything.calls
        }
    grounded = {release: verdict(everything.grounding[release], 0.97) for release in (BEFORE, MUTATED, AFTER)}
    assert grounded == {BEFORE: "pass", MUTATED: "fail", AFTER: "pass"}
