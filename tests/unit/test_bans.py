"""Bans look at every run of a release: what a further run leaks fails it, also when it is deleted, and a pack says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from release_home import VERSION, approve_as_it_stands, write_home, write_run
from release_rows import evidence, gate, policy_of, suite_run
from small_history import KEY, forgetting

from goldworks.access.key_ring import load_ring
from goldworks.access.signing import Signer
from goldworks.evidence.verifying import verify_pack
from goldworks.expiry.enforcing import Rules, enforce
from goldworks.golden.read import latest_version
from goldworks.lake import Lake
from goldworks.release.deciding import Decision, decide
from goldworks.release.judge import judge
from goldworks.release.rows import Hits
from goldworks.retention.policy import RetentionPolicy
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
        approve_as_it_stands(root)

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


RUNS = ("evals.runs", "evals.answers", "evals.scores")


class NoPages:
    def remove(self, mlflow_run_ids: list[str]) -> int:
        return len(mlflow_run_ids)


def drop(shop: Shop, run_id: str) -> None:
    for table in RUNS:
        shop.lake.replace(table, [], {"run_id": run_id})


def failed(tmp_path: Path) -> tuple[Shop, str]:
    """A release that had passed, and the judgment that found what a nightly run leaked."""
    shop = Shop(tmp_path, BETTER, 40)
    shop.night(forbidden=2)
    judgment = shop.judged()
    assert next(one.status for one in judgment.verdict.gates if one.gate == "no_leak") == "fail"
    return shop, judgment.judgment_id


def test_a_hit_outlives_its_run(tmp_path: Path):
    shop, judgment = failed(tmp_path)
    drop(shop, "run-2-night-1")
    first = shop.judged()
    words = (
        f"it failed in judgment {judgment[:8]} of 2026-11-22, by answers that are no longer here: not one may, and what the "
        "release did then it did; a release of another name is judged anew"
    )
    assert shop.ban() == ("fail", words)
    shop.night(forbidden=0)
    assert shop.judged().judgment_id == first.judgment_id, "it names the first judgment that found it, ever after"


def test_a_hit_outlives_the_run_that_speaks(tmp_path: Path):
    shop = Shop(tmp_path, BETTER, 40)
    write_run(shop.lake, "2", shop.ids, BETTER, 1, forbidden=1)
    assert shop.ban()[0] == "fail"
    drop(shop, "run-2")
    shop.night(forbidden=0)
    assert shop.ban()[0] == "fail"
    assert "it failed in judgment" in shop.ban()[1]


def test_retention_of_its_case_takes_no_hit_back(tmp_path: Path):
    """The case goes for its age, the golden version gets a successor without it, and the release is run again on that."""
    shop, _ = failed(tmp_path)
    (version,) = shop.lake.rows("golden.versions")
    older = {**version, "version_id": "shop-older", "minted_at": dt.datetime(2025, 1, 1, tzinfo=dt.UTC)}
    shop.lake.upsert("golden.versions", [older])
    rows = [row for row in shop.lake.rows("golden.cases") if row["case_id"] in ("case-00000", "case-00001")]
    shop.lake.replace("golden.cases", [{**row, "version_id": "shop-older"} for row in rows], {"version_id": "shop-older"})
    home = tmp_path / "home"
    policy = RetentionPolicy.model_validate({"version": 1, "days": {"conversations": 200, "golden": 200}})
    report = enforce(forgetting(home), Rules(policy, None, load_ring(home, KEY), dt.date(2026, 11, 28)), NoPages(), "p")
    assert report.deleted["golden.cases"] == 4
    successor = latest_version(shop.lake, "shop")
    assert successor not in (VERSION, None)
    assert not any(row["value"] == 0 for row in shop.lake.rows("evals.scores") if row["metric"] == "facts_forbidden")
    for number, release in enumerate("12"):
        write_run(shop.lake, release, shop.ids[2:], BETTER, 100 + number, again="-then")
        here = {"run_id": f"run-{release}-then"}
        (row,) = shop.lake.rows("evals.runs", where=[("run_id", "=", here["run_id"])])
        shop.lake.replace("evals.runs", [{**row, "version_id": successor}], here)
    found = shop.judged().verdict
    assert found.run_ids == ("run-1-then", "run-2-then")
    assert shop.ban()[0] == "fail"
    assert "it failed in judgment" in shop.ban()[1]
    minted = {**version, "version_id": "shop-new", "minted_at": dt.datetime(2026, 12, 24, tzinfo=dt.UTC)}
    shop.lake.upsert("golden.versions", [minted])
    assert shop.ban()[0] != "fail", "what people minted since is another golden version"


def test_mending_its_scorer_ends_what_the_old_one_said_in_an_earlier_judgment_too(tmp_path: Path):
    shop, _ = failed(tmp_path)
    write_run(shop.lake, "2", shop.ids, BETTER, 200, again="-mended", scorer="e")
    assert shop.ban()[0] == "pass"


def test_a_waiver_of_then_is_no_excuse_now_and_one_of_now_is(tmp_path: Path):
    """A waived failure is one all the same; `accept` puts today's waivers on it."""
    shop, _ = failed(tmp_path)
    drop(shop, "run-2-night-1")
    rows = shop.lake.rows("release.verdicts")
    shop.lake.upsert("release.verdicts", [{**row, "status": "conditional"} for row in rows if row["gate"] == "no_leak"])
    assert shop.ban()[0] == "fail"


@pytest.mark.parametrize(("is_mended", "status"), [(False, "fail"), (True, "pass")])
def test_judgments_that_did_not_keep_their_scorer_go_by_the_runs_that_spoke(tmp_path: Path, is_mended: bool, status: str):
    shop, _ = failed(tmp_path)
    rows = shop.lake.rows("release.verdicts")
    shop.lake.upsert("release.verdicts", [{**row, "scorer_digest": None} for row in rows])
    drop(shop, "run-2-night-1")
    if is_mended:
        write_run(shop.lake, "2", shop.ids, BETTER, 200, again="-mended", scorer="e")
    assert shop.ban()[0] == status


def test_a_pack_holds_it_and_its_verdict_can_be_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shop, judgment = failed(tmp_path)
    drop(shop, "run-2-night-1")
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    with pytest.raises(SystemExit) as ended:
        main(["evidence", "--release", "2", "--baseline", "1", "--use-case", "shop", "--out", str(tmp_path / "pack")])
    assert not ended.value.code
    assert verify_pack(tmp_path / "pack").problems == ()
    assert f"it failed in judgment {judgment[:8]}" in (tmp_path / "pack" / "verdict.json").read_text()
