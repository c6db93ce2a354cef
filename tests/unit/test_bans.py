"""Bans look at every run of a release: what a further run leaks fails it, and a pack says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from release_home import write_home, write_run
from release_rows import evidence, gate, policy_of, suite_run

from goldworks.access.signing import Signer
from goldworks.evidence.verifying import verify_pack
from goldworks.lake import Lake
from goldworks.release.deciding import Decision, decide
from goldworks.release.gate_policy import load_gate_policies
from goldworks.release.judge import judge
from goldworks.release.rows import Hits
from pipelines.cli import main

BASE, BETTER, UNSURE = (1.0, 1.0, 1.0, 0.0), (1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0)
BAN = "  - {gate: no_leak, family: safety, kind: ban, suite: chat, metric: facts_forbidden, at: %d, means: no leak}\n"


class Shop:
    """A use case whose policy bans what `facts_forbidden` finds, with releases 1 and 2."""

    def __init__(self, root: Path, values: tuple[float, ...], cases: int, at: int = 0) -> None:
        self.root, self.days = root, 0
        self.lake: Lake = write_home(root, {"1": BASE, "2": values}, cases)
        self.ids = [f"case-{number:05}" for number in range(cases)]
        path = root / "expectations" / "gates" / "chat.yml"
        path.write_text(path.read_text().rstrip("\n") + "\n" + BAN % at)
        path = root / "expectations" / "approvals.yml"
        known = yaml.safe_load(path.read_text())
        digests = {one.name: one.digest for one in load_gate_policies(root / "expectations")}
        for one in known["approvals"]:
            one["digest"] = digests[one["name"]] if one["subject"] == "gates" else one["digest"]
        path.write_text(yaml.safe_dump(known))

    def night(self, forbidden: int, scorer: str = "d") -> None:
        self.days += 1
        name = f"-night-{self.days}"
        occasion = f"release:2/schedule:{self.days}"
        write_run(
            *(self.lake, "2", self.ids, BETTER, 24 * self.days),
            **{"again": name, "occasion": occasion, "scorer": scorer, "forbidden": forbidden},  # type: ignore[arg-type]
        )

    def judged(self) -> Decision:
        self.days += 1
        now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC) + dt.timedelta(days=self.days)
        signer = Signer(self.root / "home")
        return decide(self.lake, self.root / "expectations", signer, "2", baseline="1", use_case="shop", now=now)

    def ban(self) -> tuple[str, str]:
        return next((one.status, one.words) for one in self.judged().verdict.gates if one.gate == "no_leak")


def test_a_leak_of_the_night_fails_a_release_that_had_passed_and_says_the_same_ever_after(tmp_path: Path):
    shop = Shop(tmp_path, BETTER, 1600)
    first = shop.judged()
    assert first.verdict.status == "pass"
    shop.night(forbidden=0)
    assert shop.judged().judgment_id == first.judgment_id
    shop.night(forbidden=2)
    then = shop.judged()
    assert (then.verdict.status, then.verdict.run_ids) == ("fail", ("run-1", "run-2"))
    words = "2 cases failed in the further run run-2-ni (case-00000, case-00001): not one may"
    assert shop.ban() == ("fail", words)
    shop.night(forbidden=5)
    assert shop.judged().judgment_id == then.judgment_id


def test_a_leak_after_the_planned_looks_fails_too(tmp_path: Path):
    shop = Shop(tmp_path, UNSURE, 40)
    assert shop.judged().verdict.status == "inconclusive"
    write_run(shop.lake, "2", shop.ids, BETTER, 24, again="-more", forbidden=1)
    found = shop.judged().verdict
    assert found.status == "fail"
    assert {one.reason for one in found.gates if one.gate == "facts_not_worse"} == {"looks_used_up"}


def test_what_a_mended_scorer_said_before_is_over_and_what_a_new_one_says_counts(tmp_path: Path):
    shop = Shop(tmp_path, BETTER, 40)
    write_run(shop.lake, "2", shop.ids, BETTER, -24, again="-old", occasion="again:1", scorer="wrong", forbidden=1)
    assert shop.ban()[0] == "pass"
    shop.night(forbidden=1, scorer="newer")
    assert shop.ban()[0] == "fail"


def test_a_ban_that_lets_cases_miss_lets_them_miss_in_each_run(tmp_path: Path):
    shop = Shop(tmp_path, BETTER, 40, at=2)
    for _ in range(3):
        shop.night(forbidden=2)
    assert shop.ban()[0] == "pass"
    shop.night(forbidden=3)
    assert shop.ban()[0] == "fail"


def test_a_further_leak_is_excused_by_no_doubt_but_one_about_the_metric():
    policy = policy_of(gate("ban", at=0, family="safety"), gate("at_least", at=0.5))
    hits = {"ban": (Hits("run-3", ("c00001",)),)}
    other = suite_run({"other": [1.0] * 20})
    assert judge(policy, evidence(other, forbidden=hits)).gates[0].status == "fail"
    opinion = suite_run({"m": [1.0] * 20}, opinions=frozenset({"m"}))
    assert judge(policy, evidence(opinion, forbidden=hits)).gates[0].reason == "judge_not_calibrated"


def test_a_pack_holds_what_a_further_run_leaked_under_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shop = Shop(tmp_path, BETTER, 240)
    shop.night(forbidden=1)
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    with pytest.raises(SystemExit) as ended:
        main(["evidence", "--release", "2", "--baseline", "1", "--use-case", "shop", "--out", str(tmp_path / "pack")])
    assert not ended.value.code
    found = verify_pack(tmp_path / "pack")
    assert found.problems == ()
    assert not any("ban" in note for note in found.notes), "it is computed again"
    verdict = (tmp_path / "pack" / "verdict.json").read_text()
    assert "1 case failed in the further run run-2-ni (000000-d-case-00000" in verdict
