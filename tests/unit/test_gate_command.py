"""`goldworks gate` from end to end on small tables: exit codes, outputs, what is recorded, waivers, approvals by digest."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml
from release_home import approve_as_it_stands, write_home

from goldworks.lake import Lake
from pipelines.cli import main

ACCEPT = ("--release", "2", "--use-case", "shop", "--owner", "Jo Berg", "--by", "Rosa Lindqvist", "--role", "release_manager")
CASES = 1600


class Gate:
    """The command in a home of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys = root, capsys
        self.expectations = root / "expectations"
        self.lake = Lake(root / "home")

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["gate", *arguments])
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def judged(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self("--release", "2", "--json", *arguments)
        return code, json.loads(out) if out else {"error": err}


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gate:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    return Gate(tmp_path, capsys)


BASE = (1.0, 1.0, 1.0, 0.0)
BETTER = (1.0, 1.0, 1.0, 1.0)
UNSURE = (1.0, 0.0, 1.0, 1.0)


def test_a_better_release_passes_and_says_who_has_to_sign(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": BETTER}, CASES)
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"], found["is_blocked"], found["unsigned"]) == (0, "pass", False, ["release_manager"])
    assert found["headline"].startswith(
        "PASS. shop 2 against 1 holds all 6 gates of tier T2. It may be released, once it is signed by: release_manager."
    )
    rows = gate.lake.rows("release.verdicts")
    assert {row["verdict"] for row in rows} == {"pass"}
    assert {row["gate"]: row["status"] for row in rows}["facts_not_worse"] == "pass"
    (candidate,) = gate.lake.rows("release.candidates")
    assert (candidate["release"], candidate["baseline"], candidate["tier"]) == ("2", "1", "T2")


def test_the_rollback_fails_in_every_output(gate: Gate):
    write_home(gate.root, {"1": BETTER, "2": BASE}, CASES)
    junit, comment = gate.root / "gates.xml", gate.root / "comment.md"
    code, out, _ = gate("--release", "2", "--baseline", "1", "--junit", str(junit), "--markdown", str(comment))
    assert code == 1
    assert "Do not release it." in re.sub(r"\s+", " ", out)
    suite = ET.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("6", "2", "0")
    text = comment.read_text()
    assert text.startswith(
        "### Fail: shop 2\n\nshop 2 against 1 does not hold 2 of 6 gates: facts_not_worse, reference_not_worse."
    )
    assert "| facts_not_worse<br>it states the facts that a case requires as often as before | FAIL | " in text


def test_too_few_cases_are_inconclusive_and_it_says_how_many_are_missing(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": UNSURE}, 40)
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"], found["is_blocked"]) == (3, "inconclusive", True)
    first = next(one for one in found["gates"] if one["gate"] == "facts_not_worse")
    assert (first["reason"], first["settle"]["cases"] > 500, first["settle"]["hours"] > 0) == (
        "interval_across_margin",
        True,
        True,
    )
    assert first["reachable"] > 0.02


def test_judged_again_it_is_the_same_judgment(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": BETTER}, CASES)
    ids = {gate.judged("--baseline", "1")[1]["judgment_id"] for _ in range(2)}
    assert len(ids) == 1
    assert len(gate.lake.rows("release.verdicts")) == 6


def test_judged_again_nothing_is_written_that_marts_would_have_to_be_built_for(gate: Gate):
    write_home(gate.root, {"1": BETTER, "2": BASE}, CASES)
    gate.judged("--baseline", "1")
    accept(gate, "W-1", *WAIVE)
    versions: list[dict[str, int | None]] = []
    for _ in range(2):
        gate.judged("--baseline", "1")
        versions.append({name: gate.lake.version(f"release.{name}") for name in ("candidates", "verdicts", "waivers")})
    assert versions[0] == versions[1]


def test_a_judgment_that_comes_true_again_is_the_newest(gate: Gate):
    write_home(gate.root, {"1": BETTER, "2": BASE}, CASES)
    first = gate.judged("--baseline", "1")[1]["judgment_id"]
    accept(gate, "W-1", *WAIVE)
    second = gate.judged("--baseline", "1")[1]["judgment_id"]
    (gate.expectations / "waivers" / "W-1.yml").unlink()
    assert gate.judged("--baseline", "1")[1]["judgment_id"] == first != second
    rows = gate.lake.rows("release.verdicts", ["judgment_id", "judged_at"])
    assert max(rows, key=lambda row: row["judged_at"])["judgment_id"] == first


def test_what_cannot_be_judged_is_neither_pass_nor_fail(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": BETTER}, 10)
    assert gate("--release", "9")[0] == 4
    code, _, err = gate("--release", "2", "--baseline", "9")
    assert (code, "no release 9 of shop to be the baseline" in err) == (4, True)
    file = gate.expectations / "gates" / "chat.yml"
    file.write_text(file.read_text().replace("kind: not_worse", "kind: not_wrose", 1))
    code, _, err = gate("--release", "2")
    assert (code, "gates.0.kind" in err) == (4, True)
    assert gate()[0] == 2


def test_an_error_of_ours_is_4_and_its_message_is_withheld(gate: Gate, monkeypatch: pytest.MonkeyPatch):
    write_home(gate.root, {"1": BASE, "2": BETTER}, 10)

    def broken(*_: object) -> None:
        raise RuntimeError("text of a conversation")

    monkeypatch.setattr("goldworks.release.deciding.judge", broken)
    code, _, err = gate("--release", "2")
    assert (code, "RuntimeError at" in err, "text of a conversation" in err) == (4, True, False)


def accept(gate: Gate, name: str, *more: str, until: dt.date | None = None) -> tuple[int, str, str]:
    day = until or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)
    try:
        main(["gate", "accept", name, *ACCEPT, "--reason", "known", "--until", str(day), *more])
    except SystemExit as ended:
        said = gate.capsys.readouterr()
        return int(ended.code or 0), said.out, said.err
    said = gate.capsys.readouterr()
    return 0, said.out, said.err


WAIVE = ("--gate", "facts_not_worse", "--gate", "reference_not_worse", "--mitigation", "shown to half", "--issue", "OPS-1")


def test_a_waiver_makes_a_failure_conditional_until_it_ends(gate: Gate, monkeypatch: pytest.MonkeyPatch):
    write_home(gate.root, {"1": BETTER, "2": BASE}, CASES)
    assert gate.judged("--baseline", "1")[0] == 1
    assert accept(gate, "W-1", *WAIVE)[0] == 0
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"]) == (0, "conditional")
    assert "W-1" in found["headline"]
    (row,) = gate.lake.rows("release.waivers")
    assert (row["state"], row["issue"], row["approved_by"]) == ("valid", "OPS-1", "Rosa Lindqvist")
    _move_dates(gate.expectations / "waivers" / "W-1.yml", gate, days=-30)
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"], found["acceptances"][0]["state"]) == (1, "fail", "expired")


def _move_dates(path: Path, gate: Gate, days: int) -> None:
    """Write the waiver anew with other dates and its signature renewed, as one that was signed then."""
    from goldworks.access.signing import Signer
    from goldworks.release.waivers import Waiver, sign

    plain = yaml.safe_load(path.read_text())
    moved = {name: dt.date.fromisoformat(str(plain[name])) + dt.timedelta(days=days) for name in ("since", "expires")}
    waiver = Waiver.model_validate({**plain, **moved, "signature": None})
    signed = sign(waiver, Signer(gate.root / "home")).model_dump(mode="json", exclude_none=True)
    path.write_text(yaml.safe_dump(signed))


def test_a_waiver_that_was_changed_or_never_signed_does_not_count(gate: Gate):
    write_home(gate.root, {"1": BETTER, "2": BASE}, CASES)
    gate.judged("--baseline", "1")
    accept(gate, "W-1", *WAIVE)
    path = gate.expectations / "waivers" / "W-1.yml"
    path.write_text(path.read_text().replace("Jo Berg", "Jo Borg"))
    code, found = gate.judged("--baseline", "1")
    assert (code, found["acceptances"][0]["state"]) == (1, "changed")
    plain = {name: value for name, value in yaml.safe_load(path.read_text()).items() if name != "signature"}
    path.write_text(yaml.safe_dump(plain))
    assert gate.judged("--baseline", "1")[1]["acceptances"][0]["state"] == "unsigned"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--by", "Jo Berg"), "Jo Berg is not release_manager"),
        (("--owner", "Rosa Lindqvist"), "owns it and approved it"),
    ],
)
def test_who_may_not_approve_is_refused(gate: Gate, more: tuple[str, ...], says: str):
    write_home(gate.root, {"1": BETTER, "2": BASE}, 10)
    code, _, err = accept(gate, "W-1", *WAIVE, *more)
    assert (code, says in err) == (1, True)
    assert not (gate.expectations / "waivers" / "W-1.yml").exists()


def test_a_waiver_may_not_outlast_what_the_tier_allows(gate: Gate):
    write_home(gate.root, {"1": BETTER, "2": BASE}, 10)
    code, _, err = accept(gate, "W-1", *WAIVE, until=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=31))
    assert (code, "the tier allows 30 days" in err) == (1, True)


def test_a_sign_off_answers_for_what_is_open_but_not_for_what_failed(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": UNSURE}, 40)
    gates = [
        part
        for name in ("facts_not_worse", "reference_not_worse", "nothing_forbidden", "slow_answers")
        for part in ("--gate", name)
    ]
    gate.judged("--baseline", "1")
    accept(gate, "S-1", *gates)
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"], found["unsigned"]) == (0, "conditional", ["release_manager"])
    accept(gate, "S-2")
    assert gate.judged("--baseline", "1")[1]["unsigned"] == []
    write_home(gate.root, {"1": BETTER, "2": (0.0, 1.0)}, 40)
    assert gate.judged("--baseline", "1")[0] == 1


def test_stricter_gates_that_a_release_keeps_out_of_by_a_suite_it_has_not_are_named(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": BETTER}, CASES)
    file = gate.expectations / "gates" / "docs.yml"
    file.write_text(file.read_text().replace("use_cases: [harbor-docs]", "use_cases: [shop]"))
    code, found = gate.judged("--baseline", "1")
    assert (code, found["policy"]) == (0, "chat")
    assert (
        "the gates docs are for shop and do not judge it, for the release has no suite instructions, rag, safety: chat does"
        in found["notes"]
    )


def test_changed_thresholds_decide_nothing_until_they_are_approved(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": BETTER}, CASES)
    file = gate.expectations / "gates" / "chat.yml"
    file.write_text(file.read_text().replace("T2: 0.02", "T2: 0.2"))
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"], found["gates"][0]["reason"]) == (3, "inconclusive", "not_approved")
    approve = ["gate", "approve", "gates", "chat", "--role", "quality_lead", "--by"]
    with pytest.raises(SystemExit):
        main([*approve, "Jo Berg"])
    assert "may not approve gates" in gate.capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*approve, "Noor Haddad"])
    gate.capsys.readouterr()
    assert gate.judged("--baseline", "1")[0] == 0


def test_of_tier_t3_an_open_verdict_warns(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": UNSURE}, 40)
    file = gate.expectations / "use_cases.yml"
    file.write_text(file.read_text().replace("  tier: T2\n  approval: policy", "  tier: T3\n  approval: policy"))
    approve_as_it_stands(gate.root)
    code, found = gate.judged("--baseline", "1")
    assert (code, found["status"], found["is_blocked"]) == (3, "inconclusive", False)
    assert "Tier T3 lets it out with this warning" in found["headline"]


def test_words_of_releases_become_no_markup(gate: Gate):
    write_home(gate.root, {"1": BASE, "2": BETTER}, 10)
    row = gate.lake.rows("evals.runs", where=[("run_id", "=", "run-2")])[0]
    gate.lake.replace("evals.runs", [{**row, "release": "2|<b>@x"}], {"run_id": "run-2"})
    comment = gate.root / "comment.md"
    assert gate("--release", "2|<b>@x", "--baseline", "1", "--markdown", str(comment))[0] == 3
    assert "2\\|&lt;b&gt;@\u200bx" in comment.read_text()
    assert "<b>" not in comment.read_text()
