"""A waiver or sign-off is for the verdict that was seen when it was signed, or a milder one: not for a gate's name."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate_called import gate_called
from release_home import approve_as_it_stands, write_home

from goldworks.access.signed_entries import trusted_keys
from goldworks.access.signing import Signer
from goldworks.approvals.policy import load_release_policy
from goldworks.digests import digest
from goldworks.lake import Lake
from goldworks.release.accepting import accept
from goldworks.release.outputs import accepted_words
from goldworks.release.verdict import GateVerdict, Status, Verdict
from goldworks.release.waivers import Acceptance, Seen, Waiver, examine, sign
from goldworks.settings import PROJECT_ROOT

BASE, BETTER, UNSURE, WORSE = (1.0, 1.0, 1.0, 0.0), (1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)
RULES = load_release_policy(PROJECT_ROOT / "expectations")
TODAY = dt.date(2026, 11, 20)
WAIVE = ("--mitigation", "shown to half", "--issue", "OPS-1")
FACTS = ("--gate", "facts_not_worse")


class Shop:
    """The commands in a home of their own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys, self.expectations = root, capsys, root / "expectations"
        self.lake = Lake(root / "home")

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        return gate_called(self.capsys, *arguments)

    def judged(self, baseline: str = "1") -> dict[str, Any]:
        return json.loads(self("--release", "2", "--baseline", baseline, "--json")[1])

    def facts(self, baseline: str = "1") -> tuple[str, str, str]:
        """Status of the gate, and state of the newest waiver with its detail."""
        found = self.judged(baseline)
        (one,) = (one for one in found["gates"] if one["gate"] == "facts_not_worse")
        last = found["acceptances"][-1]
        return one["status"], last["state"], last["detail"]

    def accepted(self, name: str, *more: str) -> tuple[int, str, str]:
        until = str(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7))
        who = (
            "--release",
            "2",
            "--use-case",
            "shop",
            "--owner",
            "Jo Berg",
            "--by",
            "Rosa Lindqvist",
            "--role",
            "release_manager",
        )
        return self("accept", name, *who, "--reason", "known", "--until", until, *more)

    def file(self, name: str) -> dict[str, Any]:
        return yaml.safe_load((self.expectations / "waivers" / f"{name}.yml").read_text())


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    return Shop(tmp_path, capsys)


def test_what_was_not_judged_or_is_not_open_cannot_be_accepted(shop: Shop):
    write_home(shop.root, {"1": BASE, "2": UNSURE}, 40)
    code, _, err = shop.accepted("W-1", *FACTS, *WAIVE)
    assert (code, "nothing was judged of 2 of shop" in err) == (1, True)
    assert "goldworks gate --release 2 --use-case shop" in err
    found = shop.judged()
    code, _, err = shop.accepted("W-1", "--gate", "fact_not_worse", *WAIVE)
    assert (code, "the policy chat has no gate 'fact_not_worse' at tier T2" in err) == (1, True)
    assert "one of: " in err
    assert all(one["gate"] in err for one in found["gates"] if one["kind"] != "precondition")
    passing = next(one["gate"] for one in found["gates"] if one["status"] == "pass")
    code, _, err = shop.accepted("W-1", "--gate", passing, *WAIVE)
    assert (code, f"there is nothing to accept of {passing}: pass" in err, "facts_not_worse" in err) == (1, True, True)
    assert not (shop.expectations / "waivers" / "W-1.yml").exists()


def test_nobody_signs_for_a_release_that_fails_so_no_signature_is_there_for_what_becomes_of_it(shop: Shop):
    write_home(shop.root, {"1": BETTER, "2": BASE}, 1600)
    failed = [part for one in shop.judged()["gates"] if one["status"] == "fail" for part in ("--gate", one["gate"])]
    code, _, err = shop.accepted("S-1")
    assert (code, "2 of shop fails, and a failed release is not signed for" in err) == (1, True)
    assert shop.accepted("W-1", *failed, *WAIVE)[0] == 0
    found = shop.judged()
    assert (found["status"], found["unsigned"]) == ("conditional", ["release_manager"])
    assert shop.accepted("S-1")[0] == 0
    assert shop.judged()["unsigned"] == []


def test_accepted_while_open_it_does_not_cover_a_later_failure(shop: Shop):
    write_home(shop.root, {"1": BASE, "2": UNSURE}, 40)
    seen = shop.judged()
    code, out, _ = shop.accepted("W-1", *FACTS, *WAIVE)
    assert code == 0
    assert "It covers facts_not_worse (inconclusive) on golden version shop-0123456789ab against 1." in out
    assert shop.file("W-1")["seen"] == {
        "version_id": seen["version_id"],
        "policy_digest": seen["policy_digest"],
        "baseline": "1",
        "verdict": "inconclusive",
        "gates": {"facts_not_worse": "inconclusive"},
    }
    assert shop.facts() == ("conditional", "valid", "")
    (row,) = shop.lake.rows("release.waivers")
    assert (row["seen"], row["version_id"], row["baseline"]) == (["facts_not_worse: inconclusive"], seen["version_id"], "1")
    write_home(shop.root, {"1": BASE, "2": WORSE}, 40)
    status, state, detail = shop.facts()
    assert (status, state) == ("fail", "not_as_seen")
    assert detail == "it was given when facts_not_worse could not be decided, and now that has failed"


def test_it_is_for_one_baseline_and_one_state_of_the_gates(shop: Shop):
    write_home(shop.root, {"0": BETTER, "1": BETTER, "2": BASE}, 1600)
    shop.judged()
    assert shop.accepted("W-1", *FACTS, *WAIVE)[0] == 0
    assert shop.facts()[:2] == ("conditional", "valid")
    status, state, detail = shop.facts("0")
    assert (status, state, detail) == ("fail", "not_as_seen", "it was given for baseline 1, and this is 0")
    file = shop.expectations / "gates" / "chat.yml"
    file.write_text(file.read_text().replace("T2: 0.02", "T2: 0.01"))
    approve_as_it_stands(shop.root)
    status, state, detail = shop.facts()
    assert (status, state) == ("fail", "not_as_seen")
    assert "before the policy was changed" in detail


def test_one_that_follows_another_is_for_what_the_gate_found_and_not_for_what_the_other_made_of_it(shop: Shop):
    write_home(shop.root, {"1": BETTER, "2": BASE}, 1600)
    shop.judged()
    assert shop.accepted("W-1", *FACTS, *WAIVE)[0] == 0
    assert shop.facts()[0] == "conditional"
    assert shop.accepted("W-2", *FACTS, *WAIVE)[0] == 0
    assert shop.file("W-2")["seen"]["gates"] == {"facts_not_worse": "fail"}


def test_one_can_be_signed_in_another_home_for_the_verdict_that_was_written(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_home(shop.root, {"1": BETTER, "2": BASE}, 1600)
    verdict = tmp_path / "gate.json"
    verdict.write_text(json.dumps(shop.judged()))
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "rosa"))
    assert shop.accepted("W-1", *FACTS, *WAIVE, "--verdict", str(verdict))[0] == 0
    code, _, err = shop.accepted("W-2", *FACTS, *WAIVE, "--verdict", str(shop.expectations / "risks.yml"))
    assert (code, "not a verdict" in err) == (1, True)
    monkeypatch.setenv("GOLDWORKS_HOME", str(shop.root / "home"))
    assert shop.facts()[:2] == ("fail", "unknown_key")
    signer = Signer(tmp_path / "rosa")
    (shop.expectations / "keys").mkdir()
    (shop.expectations / "keys" / "rosa.pub").write_bytes(signer.public_file.read_bytes())
    assert shop.facts()[:2] == ("fail", "unknown_key"), "a key laid beside the policies is not enough"
    monkeypatch.setenv("GOLDWORKS_TRUSTED_KEYS", signer.key_id)
    assert shop.facts()[:2] == ("conditional", "valid")
    (row,) = shop.lake.rows("release.waivers")
    assert row["key_id"] == signer.key_id, "whose home signed it"


def verdict_of(*gates: tuple[str, Status], version: str = "v1") -> Verdict:
    found = tuple(
        GateVerdict(
            name, "quality", "not_worse", "chat", name, status, 0.02, "", reason="wide" if status == "inconclusive" else None
        )
        for name, status in gates
    )
    worst: Status = "fail" if any(status == "fail" for _, status in gates) else "pass"
    return Verdict("shop", "T2", "2", "1", "chat", "d" * 64, version, (), worst, found)


def waiver_of(verdict: Verdict | None, *gates: tuple[str, str], said: str = "fail", kind: str = "waiver") -> Acceptance:
    plain = {
        "version": 1, "waiver": "W-1", "kind": kind, "use_case": "shop", "release": "2", "gates": [name for name, _ in gates],
        "owner": "Jo", "reason": "known", "mitigation": "half", "issue": "OPS-1", "approved_by": "Rosa Lindqvist",
        "role": "release_manager", "since": "2026-11-20", "expires": "2026-11-27",
    }  # fmt: skip
    if verdict is not None:
        seen = {"version_id": verdict.version_id, "policy_digest": verdict.policy_digest, "baseline": verdict.baseline}
        plain["seen"] = Seen.model_validate({**seen, "verdict": said, "gates": dict(gates)})
    return Acceptance(Waiver.model_validate(plain), "valid")


def test_it_covers_what_is_milder_and_of_several_gates_those_that_are_not_worse():
    now = verdict_of(("a", "inconclusive"), ("b", "fail"))
    got = accept(now, RULES, [waiver_of(now, ("a", "fail"), ("b", "inconclusive"))])
    assert [gate.status for gate in got.gates] == ["conditional", "fail"]
    assert (got.acceptances[0].state, "given when b could not be decided" in got.acceptances[0].detail) == ("valid", True)
    words = accepted_words(got.acceptances[0])
    assert words.endswith("It does not cover all of them: it was given when b could not be decided, and now that has failed.")
    assert accept(now, RULES, got.acceptances) == got, "once more, the same: packs derive it again"


def test_another_golden_version_is_another_verdict():
    given = waiver_of(verdict_of(("a", "fail")), ("a", "fail"))
    got = accept(verdict_of(("a", "fail"), version="v2"), RULES, [given])
    assert (got.status, got.acceptances[0].state) == ("fail", "not_as_seen")
    assert got.acceptances[0].detail == "it was given for golden version v1, and this is v2"


@pytest.mark.parametrize(("said", "state"), [("pass", "not_as_seen"), ("inconclusive", "valid"), ("fail", "valid")])
def test_a_signature_for_the_release_is_for_the_verdict_that_was_seen_or_a_milder_one(said: str, state: str):
    now = verdict_of(("a", "inconclusive"))
    got = accept(now, RULES, [waiver_of(now, said=said, kind="sign_off")])
    assert got.acceptances[0].state == state
    assert got.unsigned == (() if state == "valid" else ("release_manager",))


def test_one_signed_before_that_was_kept_has_its_digest_and_counts_until_it_ends(tmp_path: Path):
    old = waiver_of(None, ("a", "fail")).waiver
    assert "seen" not in old.content
    assert old.digest == digest(
        {name: value for name, value in old.model_dump(mode="json").items() if name not in ("seen", "signature")}
    )
    signer = Signer(tmp_path)
    found = examine(sign(old, signer), RULES, RULES.tiers["T2"], None, trusted_keys(signer, tmp_path), TODAY)
    assert found.state == "valid"
    assert accept(verdict_of(("a", "fail")), RULES, [found]).status == "conditional"
    changed = sign(old, signer).model_copy(update={"seen": waiver_of(verdict_of(("a", "fail")), ("a", "fail")).waiver.seen})
    assert examine(changed, RULES, RULES.tiers["T2"], None, trusted_keys(signer, tmp_path), TODAY).state == "changed"
