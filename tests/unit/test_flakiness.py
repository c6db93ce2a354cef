"""Flakiness by the worked numbers, pooling over runs of one configuration, and quarantine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from release_rows import gate
from scoring import case, suite_of

from goldworks.errors import PolicyError
from goldworks.evaluation.flakiness import chance_to_notice, disagreement, flakiness_of, judge, pooled_runs, status_of
from goldworks.evaluation.quarantine import Entry, FlakinessPolicy, Quarantine, expired, gated, load_quarantine
from goldworks.evaluation.run import run
from goldworks.evaluation.targets import load_target
from goldworks.home import Home, open_home
from goldworks.redaction import Document, RedactedDocument, RedactedField
from goldworks.release.gate_policy import Gate
from goldworks.release.repeated import over_repeats
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

POLICY = FlakinessPolicy()
DAY = date(2026, 11, 10)
NOW = datetime(2026, 11, 10, 3, tzinfo=UTC)


def test_disagreement_is_the_chance_that_two_runs_differ():
    pairs = [(5, 5), (4, 5), (3, 5), (1, 2), (0, 5), (9, 10)]
    assert [disagreement(*pair) for pair in pairs] == pytest.approx([0.0, 0.4, 0.6, 1.0, 0.0, 0.2])
    assert disagreement(1, 1) is None


@pytest.mark.parametrize(
    ("passes", "runs", "status", "share", "low"),
    [
        (3, 4, "undetermined", 0.25, 0.0753),
        (5, 5, "stable_pass", 0.0, 0.0),
        (0, 5, "stable_fail", 0.0, 0.0),
        (4, 5, "quarantine", 0.2, 0.0598),
        (3, 5, "quarantine", 0.4, 0.175),
        (9, 10, "flaky_watch", 0.1, 0.0295),
        (8, 10, "quarantine", 0.2, 0.0836),
        (19, 20, "flaky_watch", 0.05, 0.0147),
        (17, 20, "quarantine", 0.15, 0.0729),
        (48, 50, "flaky_watch", 0.04, 0.0162),
    ],
)
def test_the_status_of_a_case(passes: int, runs: int, status: str, share: float, low: float):
    got = status_of(passes, runs, POLICY)
    assert got == (status, pytest.approx(share), pytest.approx(low, abs=5e-5))


def test_how_many_runs_notice():
    got = [round(chance_to_notice(q, runs), 4) for q in (0.02, 0.1, 0.5) for runs in (3, 5, 10)]
    assert got == [0.0588, 0.0961, 0.1829, 0.27, 0.4095, 0.6513, 0.75, 0.9375, 0.998]
    assert chance_to_notice(0.1, 28) < 0.95 < chance_to_notice(0.1, 29)


def test_the_suites_flake_rate_is_the_mean_disagreement():
    rows = [
        {"case_id": name, "metric": "m", "value": value}
        for name, passed in (("a", "11111"), ("b", "11110"), ("c", "00000"), ("d", "0"))
        for value in map(float, passed)
    ]
    rows.append({"case_id": "a", "metric": "m", "value": None})
    found = judge(rows, {}, ["r"], "digest", POLICY)
    assert [(one.case_id, one.passes, one.runs, one.status) for one in found.cases] == [
        ("a", 5, 5, "stable_pass"),
        ("b", 4, 5, "quarantine"),
        ("c", 0, 5, "stable_fail"),
        ("d", 0, 1, "undetermined"),
    ]
    assert (found.rates["m"].value, found.rates["m"].n) == (pytest.approx(0.4 / 3), 3)
    alone = judge([{"case_id": "d", "metric": "m", "value": 1.0}], {}, ["r"], "digest", POLICY)
    assert (alone.rates["m"].value, alone.rates["m"].reason) == (None, "n_too_small")


def test_which_runs_are_pooled():
    def ended(name: str, days: int, **changes: str) -> dict[str, object]:
        return {
            "run_id": name,
            "ended_at": NOW - timedelta(days=days),
            "status": "complete",
            "target_kind": "openai_chat",
            **changes,
        }

    runs = [
        ended("now", 0),
        ended("old", 30),
        ended("older", 31),
        ended("later", -1),
        ended("cut", 1, status="incomplete"),
        ended("logs", 2, target_kind="recorded"),
    ]
    assert [one["run_id"] for one in pooled_runs(runs, NOW, POLICY)] == ["old", "now"]


def entry(case_id: str, metric: str | None = None, since: date = DAY, days: int = 14) -> Entry:
    return Entry(case_id=case_id, metric=metric, owner="o", reason="r", since=since, expires=since + timedelta(days=days))


def test_quarantine_takes_cases_out_until_it_expires():
    quarantine = Quarantine(version=1, cases=(entry("c3", "m"), entry("c4", since=DAY - timedelta(days=20))))
    cases = [msgspec.structs.replace(case(), case_id=f"c{number}") for number in range(40)]
    assert gated(cases, "m", quarantine, DAY).quarantined == ("c3",)
    assert gated(cases, "other", quarantine, DAY).quarantined == ()
    assert gated(cases, "m", quarantine, DAY + timedelta(days=14)).quarantined == ("c3",)
    assert gated(cases, "m", quarantine, DAY + timedelta(days=15)).quarantined == ()
    assert len(gated(cases, "m", quarantine, DAY).counted) == 39
    assert [one.case_id for one in expired(quarantine, DAY)] == ["c4"]


def test_a_suite_is_not_emptied_and_safety_is_never_left_out():
    cases = [msgspec.structs.replace(case(), case_id=f"c{number}") for number in range(20)]
    many = Quarantine(version=1, cases=(entry("c1"), entry("c2")))
    found = gated(cases, "m", many, DAY)
    assert (found.quarantined, len(found.counted)) == ((), 20)
    assert found.problems == ("2 of 20 cases are quarantined, more than 5%: none is taken out",)
    cases[1] = msgspec.structs.replace(cases[1], tier="T1", tags=("safety",))
    found = gated(cases, "m", many, DAY)
    assert (found.quarantined, found.problems) == (("c2",), ("c1 is a safety case of tier T1 and cannot be quarantined",))


def test_the_policy_as_it_ships_and_broken_ones(tmp_path: Path):
    shipped = load_quarantine(PROJECT_ROOT / "expectations")
    assert (shipped.flakiness, shipped.cases) == (POLICY, ())
    folder = tmp_path / "policies"
    folder.mkdir()
    head = "version: 1\ncases:\n"
    one = "  - {case_id: c1, owner: o, reason: r, since: 2026-11-02, expires: %s}\n"
    for text, message in (
        (one % "2026-11-17", r"quarantine\.yml:1: .*cases\.0: expires must be within 14 days"),
        (one % "2026-11-01", "expires must be within 14 days"),
        ((one % "2026-11-03") * 2, "case c1 stands twice"),
        ((one % "2026-11-03").replace("owner: o, ", ""), r"quarantine\.yml:3: cases\.0\.owner: required key is absent"),
    ):
        (folder / "quarantine.yml").write_text(head + text)
        with pytest.raises(PolicyError, match=message):
            load_quarantine(tmp_path)


MODULE = """
count = 0

def wavering(question):
    global count
    count += 1
    return "nine" if count % 2 or question.case_id != "case-1" else "ten"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    home = open_home()
    row = {
        "version_id": "shop-1",
        "use_case": "shop",
        "tier": "T2",
        "origin": "authored",
        "tags": [],
        "messages": '[{"role": "user", "text": "When?"}]',
        "passages": "[]",
        "tools": "[]",
        "expected": '{"reference": "nine"}',
        "parents": [],
        "case_digest": "d",
    }
    rows = [{**row, "case_id": f"case-{number}"} for number in range(3)]
    home.lake.replace("golden.cases", rows, {"version_id": "shop-1"})
    version = {
        "version_id": "shop-1",
        "use_case": "shop",
        "content_digest": "shop-1",
        "cases": 3,
        "approvers": ["a"],
        "owner": "o",
        "minted_at": NOW,
        "current_at": NOW,
        "is_tombstone": False,
    }
    home.lake.upsert("golden.versions", [version])
    (tmp_path / "wavering_target.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return home


class AsItIs:
    def redact(self, documents: Sequence[Document]) -> list[RedactedDocument]:
        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields))
            for d in documents
        ]


def test_runs_of_one_configuration_are_pooled_and_entries_proposed(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "wavering.yml"
    path.write_text("kind: callable\nfunction: wavering_target:wavering\nlimits: {concurrency: 1}\n")
    suite, target = suite_of("exact"), load_target(path)
    runs = [run(home.lake, "shop-1", suite, target, occasion=f"again:{n}", repeats=3, redactor=AsItIs()) for n in (1, 2)]
    found = flakiness_of(home.lake, runs[1].run_id, POLICY)
    assert found.run_ids == tuple(run.run_id for run in runs)
    by_case = {case.case_id: (case.runs, case.status) for case in found.cases}
    assert by_case["case-0"] == by_case["case-2"] == (6, "stable_pass")
    assert by_case["case-1"] == (6, "quarantine")
    assert found.rates["m"].n == 3
    assert flakiness_of(home.lake, runs[0].run_id, POLICY).run_ids == (runs[0].run_id,)
    plans = {number: Gate.model_validate(gate("flakiness", at=0.05, verdicts=number)) for number in (3, 6, 7)}
    of = {number: over_repeats(home.lake, runs[1].row, [one], POLICY, {}, 0.9) for number, one in plans.items()}
    assert of[6].rates["m"].value == found.rates["m"].value
    assert of[3].rates["m"].value == flakiness_of(home.lake, runs[0].run_id, POLICY).rates["m"].value
    assert (of[7].rates, len(of[7].missing["m"])) == ({}, 1), "three verdicts in each run"

    with pytest.raises(SystemExit) as ended:
        main(["flaky", runs[1].run_id])
    assert ended.value.code in (None, 0)
    said = capsys.readouterr().out
    assert "2 runs of the same configuration" in said
    assert "- {case_id: case-1, metric: m, owner: WHO" in said
    with pytest.raises(SystemExit):
        main(["flaky", runs[1].run_id, "--json"])
    assert json.loads(capsys.readouterr().out)["cases"][1]["status"] == "quarantine"
    once = run(home.lake, "shop-1", suite_of("exact"), load_target(path), occasion="again:3", seed=7, redactor=AsItIs())
    with pytest.raises(SystemExit):
        main(["flaky", once.run_id])
    said = capsys.readouterr().out
    assert "1 run of the same configuration" in said
    assert "Ask again" in said
