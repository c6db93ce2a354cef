"""Ways around an approval: whoever edits a policy by hand, or the approvals themselves, holds the release back, and is told the
command that approves it. A home with a key of its own judges a use case of tier T1.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate_called import gate_called
from release_home import approve_as_it_stands, write_home

from goldworks.access.signing import Signer
from goldworks.approvals.policy import ReleasePolicy, load_release_policy
from goldworks.evidence.deriving import derive
from goldworks.evidence.verifying import verify_pack
from goldworks.release.approving import left_open, state_of
from goldworks.release.verdict import Settle
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

SHOP = """
  - name: shop
    owner: shop-team
    tier: T1
    approval: people
    match: {service: shop}
    plan: {size: 200, floor: 3, seed: 20260921}
"""
NOOR = ("--by", "Noor Haddad", "--role", "quality_lead")
ROSA = ("--by", "Rosa Lindqvist", "--role", "release_manager")


class Shop:
    """A use case of tier T1 whose policies are all approved, and the commands."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys, self.expectations = root, capsys, root / "expectations"
        self.lake = write_home(root, {"1": (1.0,), "2": (1.0,)}, 10)
        self.change("use_cases.yml", "use_cases:\n", f"use_cases:{SHOP}")
        approve_as_it_stands(root)

    def change(self, file: str, old: str, new: str) -> None:
        path = self.expectations / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        return gate_called(self.capsys, *arguments)

    def approve(self, *arguments: str) -> tuple[int, str, str]:
        return self("approve", *arguments)

    def judged(self) -> dict[str, Any]:
        return json.loads(self("--release", "2", "--baseline", "1", "--json")[1])

    def lacks(self) -> list[tuple[str, str]]:
        """What is not approved and the command, of a verdict that holds the release back for it."""
        found = self.judged()
        open_ = [(one["words"], one["settle"]["words"]) for one in found["gates"] if one["reason"] == "not_approved"]
        assert not open_ or (found["status"], found["is_blocked"]) in (("inconclusive", True), ("fail", True))
        assert not open_ or "lets it out" not in found["headline"]
        return open_

    def entries(self, change: Callable[[list[dict[str, Any]]], None]) -> None:
        path = self.expectations / "approvals.yml"
        known = yaml.safe_load(path.read_text())
        change(known["approvals"])
        path.write_text(yaml.safe_dump(known))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    return Shop(tmp_path, capsys)


WALKS = [
    ("use_cases.yml", "    owner: shop-team\n    tier: T1", "    owner: shop-team\n    tier: T3", "the tier of shop, T3,",
     ("tiers", "shop"), ROSA),
    ("policies/release.yml", "    inconclusive: blocks", "    inconclusive: warns", "the release policy",
     ("release", "release"), ROSA),
    ("policies/release.yml", "    longest_days: 14\n    is_self_approval_refused: true\n    is_approval_needed: true",
     "    longest_days: 14\n    is_self_approval_refused: true\n    is_approval_needed: false",
     "the release policy", ("release", "release"), ROSA),
    ("policies/release.yml", "    signers: [release_manager, security]\n    never_waived: [safety]",
     "    signers: []\n    never_waived: []", "the release policy", ("release", "release"), ROSA),
    ("policies/calibration.yml", "sensitivity_low: 0.90", "sensitivity_low: 0.10", "the calibration policy",
     ("calibration", "calibration"), NOOR),
    ("policies/quarantine.yml", "most_share: 0.05", "most_share: 0.90", "the quarantine", ("quarantine", "quarantine"), NOOR),
    ("suites/chat.yml", "metrics:\n", "metrics:\n  - {metric: always, scorer: token_f1, kpi: none}\n", "the suite chat",
     ("suites", "chat"), NOOR),
    ("gates/chat.yml", "T1: 0.01", "T1: 0.5", "the gates of chat", ("gates", "chat"), NOOR),
    ("use_cases.yml", "    plan: {size: 200, floor: 3, seed: 20260921}", "    plan: {size: 200, floor: 3, seed: 7}",
     "the sampling plan of shop", ("sampling", "shop"), NOOR),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says", "approves", "who"), WALKS, ids=lambda value: str(value)[:24])
def test_what_is_edited_by_hand_decides_nothing_until_it_is_approved(
    shop: Shop, file: str, old: str, new: str, says: str, approves: tuple[str, str], who: tuple[str, ...]
):
    assert shop.lacks() == []
    was = (shop.expectations / file).read_text()
    shop.change(file, old, new)
    ((words, command),) = shop.lacks()
    assert words.startswith(f"cannot be judged: {says}")
    assert "not approved as" in words
    assert command.startswith(f"goldworks gate approve {' '.join(approves)} --by NAME --role ")
    assert command.endswith(who[-1])
    assert shop.approve(*approves, *who)[0] == 0
    assert not [words for words, _ in shop.lacks() if says in words and "run of the release" not in words]
    (shop.expectations / file).write_text(was)
    assert any(says.partition(",")[0] in words for words, _ in shop.lacks()), "what was left behind is approved anew"


def test_a_use_case_that_its_rule_no_longer_names_has_not_the_tier_of_others(shop: Shop):
    shop.change("use_cases.yml", SHOP, "\n")
    ((words, _),) = shop.lacks()
    assert words == "cannot be judged: the tier of shop, T2, is not approved as it stands"


def test_an_entry_written_by_hand_is_refused_with_file_entry_and_command(shop: Shop):
    shop.change("policies/quarantine.yml", "most_share: 0.05", "most_share: 0.90")
    _, wanted = state_of(shop.expectations, "quarantine", "quarantine")
    fresh = {"subject": "quarantine", "name": "quarantine", "digest": wanted, "approved_by": "Noor Haddad"}
    fresh |= {"role": "quality_lead", "approved_on": "2026-11-28"}
    before = yaml.safe_load((shop.expectations / "approvals.yml").read_text())["approvals"]
    shop.entries(lambda known: known.append(fresh))
    ((words, command),) = shop.lacks()
    place = f"expectations/approvals.yml: approvals.{len(before)} (quarantine quarantine)"
    assert f"{place} is not signed: entries are written by goldworks gate approve, not by hand" in words
    assert command == "goldworks gate approve quarantine quarantine --by NAME --role quality_lead"
    signature = {"signature": {"keyid": Signer(shop.root / "home").key_id, "sig": "AAAA"}}
    shop.entries(lambda known: known[-1].update(signature))
    assert "the signature does not fit" in shop.lacks()[0][0]
    assert shop.approve("quarantine", "quarantine", *NOOR)[0] == 0
    assert shop.lacks() == []
    known = yaml.safe_load((shop.expectations / "approvals.yml").read_text())["approvals"]
    assert known[:-1] == before, "the entry that did not count is gone"
    assert known[-1]["subject"] == "quarantine"


def test_a_signed_entry_that_was_changed_or_taken_out_does_not_count(shop: Shop):
    shop.entries(lambda known: next(one for one in known if one["subject"] == "tiers").update(number=99))
    assert [words for words, _ in shop.lacks() if "the tier of shop" in words and "changed after it was signed" in words]
    shop.entries(list.clear)
    assert [words for words, _ in shop.lacks() if "the tier of shop, T1, is not approved as it stands: the newest" in words]
    shop.change("use_cases.yml", "    owner: shop-team\n    tier: T1", "    owner: shop-team\n    tier: T2")
    assert [words for words, _ in shop.lacks() if "the tier of shop, T2," in words], (
        "not the default's, which it was approved away from"
    )


def test_what_was_approved_before_does_not_come_back_when_the_newest_entry_is_taken_out(shop: Shop):
    shop.change("policies/quarantine.yml", "most_share: 0.05", "most_share: 0.01")
    assert shop.approve("quarantine", "quarantine", *NOOR)[0] == 0
    assert shop.lacks() == []
    shop.entries(lambda known: known.pop())
    shop.change("policies/quarantine.yml", "most_share: 0.01", "most_share: 0.05")
    ((words, _),) = shop.lacks()
    assert "gone from expectations/approvals.yml; put it back, or approve anew" in words
    assert shop.approve("quarantine", "quarantine", *NOOR)[0] == 0
    assert shop.lacks() == []


def test_a_key_laid_beside_the_policies_approves_nothing_until_the_environment_names_it(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shop.change("policies/quarantine.yml", "most_share: 0.05", "most_share: 0.90")
    other = Signer(tmp_path / "other")
    (shop.expectations / "keys").mkdir()
    name = other.key_id
    shutil.copy(other.public_file, shop.expectations / "keys" / "other.pub")
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "other"))
    assert shop.approve("quarantine", "quarantine", *NOOR)[0] == 0
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    ((words, _),) = shop.lacks()
    assert f"signed by a key that is not known here: {name[:16]}" in words
    assert "GOLDWORKS_TRUSTED_KEYS" in words
    monkeypatch.setenv("GOLDWORKS_TRUSTED_KEYS", name)
    assert shop.lacks() == []
    monkeypatch.setenv("GOLDWORKS_TRUSTED_KEYS", "0" * 64)
    code, _, err = shop("--release", "2")
    assert (code, "GOLDWORKS_TRUSTED_KEYS names 0000" in err) == (4, True)


def test_who_approves_is_said_by_the_release_policy_that_was_approved_last(shop: Shop):
    shop.change("policies/release.yml", "[Rosa Lindqvist]", "[Eve Stranger]")
    eve = ("--by", "Eve Stranger", "--role", "release_manager")
    code, _, err = shop.approve("gates", "chat", *eve)
    assert (code, "the release policy, which says who may approve, is not approved" in err) == (1, True)
    assert "goldworks gate approve release release --by NAME --role release_manager" in err
    assert shop.approve("release", "release", *eve)[0] == 0, "the first of a company's own: whom it names itself"
    shop.change("policies/release.yml", "[Eve Stranger]", "[Rosa Lindqvist]")
    code, _, err = shop.approve("release", "release", *ROSA)
    assert (code, "that was approved last may: release_manager: Eve Stranger" in err) == (1, True)
    assert shop.approve("release", "release", *eve)[0] == 0
    assert shop.approve("tiers", "shop", *ROSA)[0] == 0
    assert shop.lacks() == []


def test_names_that_nothing_has_are_refused(shop: Shop):
    code, _, err = shop.approve("suites", "chatt", *NOOR)
    assert (code, "no suite 'chatt'" in err, "chat, " in err) == (1, True, True)
    code, _, err = shop.approve("quarantine", "mine", *NOOR)
    assert (code, "no quarantine policy 'mine'" in err) == (1, True)


def test_a_release_policy_of_before_names_no_approvers_of_what_came_later():
    plain = load_release_policy(PROJECT_ROOT / "expectations").model_dump(mode="json")
    for subject in ("release", "tiers", "suites", "quarantine", "calibration"):
        del plain["approvers"][subject]
    old = ReleasePolicy.model_validate(plain)
    assert old.roles("quarantine") == old.roles("gates") == ("quality_lead", "release_manager")
    del plain["approvers"]["rubrics"]
    with pytest.raises(ValueError, match="nobody approves rubrics"):
        ReleasePolicy.model_validate(plain)


def test_the_doctor_names_what_is_not_approved(shop: Shop):
    assert left_open(shop.expectations, shop.root / "home") == []
    shop.change("suites/chat.yml", "metrics:\n", "metrics:\n  - {metric: always, scorer: token_f1, kpi: none}\n")
    shop.change("use_cases.yml", "    owner: shop-team\n    tier: T1", "    owner: shop-team\n    tier: T3")
    with pytest.raises(SystemExit):
        main(["doctor", "--json"])
    found = {one["what"]: one["state"] for one in json.loads(shop.capsys.readouterr().out)}
    assert found["approvals"] == "not as approved: tiers shop, suites chat; see goldworks gate approve --help"


def test_a_pack_holds_what_was_not_approved_when_it_was_written(shop: Shop, tmp_path: Path):
    shop.change("policies/quarantine.yml", "most_share: 0.05", "most_share: 0.90")
    ((words, command),) = shop.lacks()
    pack = tmp_path / "pack"
    with pytest.raises(SystemExit):
        main(["evidence", "--release", "2", "--use-case", "shop", "--baseline", "1", "--out", str(pack)])
    assert shop.approve("quarantine", "quarantine", *NOOR)[0] == 0
    assert verify_pack(pack).problems == ()
    first = json.loads((pack / "verdict.json").read_bytes())["gates"][0]
    assert (first["words"], first["settle"]["words"]) == (words, command)
    facts = json.loads((pack / "facts.json").read_bytes())
    content = {path.name: path.read_bytes() for path in pack.iterdir() if path.is_file()}
    before = {
        **content,
        "facts.json": json.dumps({**facts, "preconditions": [words for words, _ in facts["preconditions"]]}).encode(),
    }
    assert derive(before).verdict.gates[0].settle == Settle("goldworks gate approve, by whom policies/release.yml names")
