"""A gate on a proxy from the tables to the pack: labels and their chances are found, the verdict is recorded, `verify` agrees."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from release_home import VERSION, write_home

from goldworks.calibration.certifying import certify_all
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.suites import load_suite
from goldworks.evidence.verifying import verify_pack
from goldworks.lake import Lake
from goldworks.release.calibrations import certificates
from goldworks.release.gathering import gather, resolve
from goldworks.release.human_rates import human_rates
from goldworks.release.rows import Labelled
from goldworks.review.rubric import load_rubrics
from pipelines.cli import main

NOW = dt.datetime.now(dt.UTC)
CASES, LABELLED, METRIC, OF = 900, 300, "lexical_support", "rag/lexical_support"
POLICY: dict[str, Any] = {
    "version": 1,
    "name": "shop",
    "description": "support",
    "use_cases": ["shop"],
    "without": dict.fromkeys(("safety", "tool"), "not here"),
    "gates": [
        {
            "gate": "supported",
            "family": "quality",
            "kind": "at_least",
            "suite": "rag",
            "metric": METRIC,
            "at": 0.6,
            "means": "the passages hold what it says",
        },
        {
            "gate": "slow",
            "family": "cost_latency",
            "kind": "at_most",
            "suite": "rag",
            "measure": "latency_ms",
            "at": 5000,
            "means": "in time",
        },
    ],
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Release 2 was labelled in part, by trace or by answer; release 1 whole. People call two answers in three good."""
    lake = write_home(tmp_path, {}, CASES)
    expectations = tmp_path / "expectations"
    (expectations / "gates" / "shop.yml").write_text(yaml.safe_dump(POLICY), encoding="utf-8")
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(expectations))
    monkeypatch.setenv("GOLDWORKS_NAMES", "off")
    for number, release in enumerate(("1", "2")):
        _run(lake, expectations, release, number)
    version = load_rubrics(expectations)["docs"].version
    labels: list[dict[str, Any]] = []
    for n in range(CASES):
        for rater in ("ann", "bea"):
            labels.append(_label(f"run-1/case-{n:05}/0", rater, n, version))
            if n < LABELLED:
                labels.append(_label(f"trace-{n}" if n % 2 else f"run-2/case-{n:05}/0", rater, n, version))
    labels.append(_label("trace-0", "ann", 0, version))  # the same answer again, under its other id
    lake.upsert("review.labels", labels)
    certify_all(lake, expectations, NOW)
    return tmp_path


def _is_bad(n: int) -> bool:
    return n % 3 == 0


def _run(lake: Lake, expectations: Path, release: str, number: int) -> None:
    suite = load_suite(expectations / "suites" / "rag.yml")
    digests = suite.scorer_digests
    config = RunConfig(VERSION, suite.model_dump(mode="json"), digests, "live", {"kind": "http", "of": release}, 0, 1)
    here = {"run_id": f"run-{release}"}
    ended = NOW - dt.timedelta(days=2 - number)
    row = {
        **here, "config_digest": "c", "config": config.as_json, "occasion": f"release:{release}", "use_case": "shop",
        "version_id": VERSION, "suite": "rag", "target": "live", "target_kind": "http", "release": release, "seed": 0,
        "repeats": 1, "cases": CASES, "answers": CASES, "missing": 0, "status": "complete", "started_at": ended,
        "ended_at": ended,
    }  # fmt: skip
    lake.replace("evals.runs", [row], here)
    keys = [{**here, "case_id": f"case-{n:05}", "repeat": 0} for n in range(CASES)]
    more = {"status": "ok", "latency_ms": 900.0, "attempts": 1}
    traces = [f"trace-{n}" if release == "2" else None for n in range(CASES)]
    lake.replace("evals.answers", [{**key, **more, "trace_id": t} for key, t in zip(keys, traces, strict=True)], here)
    scores = [
        {
            **key,
            "metric": METRIC,
            "scorer_digest": digests[METRIC],
            "value": (0.2 if _is_bad(n) != (n % 20 == 1) else 0.8) + n % 7 / 100,
        }
        for n, key in enumerate(keys)
    ]
    lake.replace("evals.scores", scores, here)


def _label(item: str, rater: str, n: int, version: int) -> dict[str, Any]:
    return {
        "item_id": item, "item_kind": "turn" if item.startswith("trace") else "answer", "use_case": "shop", "rater": rater,
        "dimension": "attribution", "value": "Not fully attributable" if _is_bad(n) else "Fully attributable",
        "is_pass": not _is_bad(n), "created_at": NOW - dt.timedelta(days=1), "rubric": "docs", "rubric_version": version,
        "label_kind": "human", "role": "first", "came_as": "jsonl", "file_digest": "d", "imported_at": NOW,
    }  # fmt: skip


def labels_of(home: Path) -> tuple[Labelled, ...]:
    lake, expectations = Lake(home / "home"), home / "expectations"
    _, evidence = gather(lake, expectations, resolve(lake, expectations, "2", "1", "shop"), NOW)
    return evidence.calibrations[OF].labels


def test_each_labelled_answer_counts_once_and_those_of_the_run_are_known(home: Path):
    labels = labels_of(home)
    of_run = [one for one in labels if one.case_id is not None]
    assert sorted(one.case_id or "" for one in of_run) == [f"case-{n:05}" for n in range(LABELLED)]
    assert len(labels) == LABELLED + CASES
    assert {one.probability for one in labels} == {1.0}
    assert 0.3 < sum(one.is_held_out for one in labels) / len(labels) < 0.7


def test_the_chance_of_being_drawn_comes_from_the_queue(home: Path):
    lake = Lake(home / "home")
    version = load_rubrics(home / "expectations")["docs"].version
    task = {
        "task_id": "t", "kind": "sample", "item_id": "trace-1", "item_kind": "turn", "rubric": "docs", "rubric_version": version,
        "period": "2026-W48", "inclusion_probability": 0.25, "rules": ["random"], "overlap_probability": 1.0, "labels_wanted": 2,
        "assigned_to": [], "policy_digest": "p", "queued_at": NOW,
    }  # fmt: skip
    lake.upsert("review.tasks", [task, {**task, "task_id": "a", "kind": "adjudication", "inclusion_probability": 1.0}])
    assert {one.case_id for one in labels_of(home) if one.probability == 0.25} == {"case-00001"}


def test_old_labels_and_certificates_that_do_not_hold_bring_none(home: Path):
    lake, expectations = Lake(home / "home"), home / "expectations"
    _, evidence = gather(lake, expectations, resolve(lake, expectations, "2", "1", "shop"), NOW)
    late = certificates(lake, expectations, "shop", evidence.candidate, NOW + dt.timedelta(days=100))
    assert (late[0][OF], late[2]) == ("expired", {})


def test_command_table_and_pack_agree(home: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):  # the gates are approved by nobody, so the release as a whole is open
        main(["gate", "--release", "2", "--baseline", "1", "--use-case", "shop", "--json"])
    (gate,) = (one for one in json.loads(capsys.readouterr().out)["gates"] if one["gate"] == "supported")
    assert (gate["status"], gate["estimate"]["method"]) == ("pass", "ppi++")
    own = sum((0.2 if _is_bad(n) != (n % 20 == 1) else 0.8) + n % 7 / 100 for n in range(CASES)) / CASES
    assert gate["own"] == pytest.approx(own)
    assert own < 0.64, "by its own mean it would not have passed"
    assert gate["estimate"]["value"] == pytest.approx(2 / 3, abs=0.01)
    assert gate["words"].startswith("people would have called 66.")
    (row,) = (row for row in Lake(home / "home").rows("release.verdicts") if row["gate"] == "supported")
    assert (row["own_value"], row["value"]) == pytest.approx((gate["own"], gate["estimate"]["value"]))
    pack = home / "pack"
    with pytest.raises(SystemExit) as ended:
        main(["evidence", "--release", "2", "--baseline", "1", "--use-case", "shop", "--out", str(pack)])
    assert not ended.value.code
    assert verify_pack(pack).problems == ()
    found = json.loads((pack / "judged.json").read_bytes())["calibrations"][OF]["labels"]
    assert len(found) == LABELLED + CASES
    assert b"trace-" not in (pack / "judged.json").read_bytes()
    assert b"run-1/case" not in (pack / "judged.json").read_bytes()
    judged = json.loads((pack / "judged.json").read_bytes())
    label = next(one for one in judged["calibrations"][OF]["labels"] if one["case_id"])
    label["is_failure"] = not label["is_failure"]
    (pack / "judged.json").write_text(json.dumps(judged), encoding="utf-8")
    assert any("gates.supported" in problem for problem in verify_pack(pack).problems)


def test_rates_of_the_newest_runs_are_kept_and_go_with_their_certificate(home: Path):
    lake, expectations = Lake(home / "home"), home / "expectations"
    rows = {row["release"]: row for row in human_rates(lake, expectations, NOW)}
    assert {name: row["method"] for name, row in rows.items()} == {"1": "every_answer_labelled_wilson", "2": "ppi++"}
    assert rows["1"]["value"] == 2 / 3
    assert rows["1"]["own_value"] == rows["2"]["own_value"] < 0.64
    assert rows["2"]["low"] < 2 / 3 < rows["2"]["high"]
    assert {row["confidence"] for row in rows.values()} == {0.95}
    version = lake.version("review.human_rates")
    human_rates(lake, expectations, NOW + dt.timedelta(hours=1))
    assert lake.version("review.human_rates") == version, "the same again writes nothing"
    assert human_rates(lake, expectations, NOW + dt.timedelta(days=100)) == []
    assert lake.rows("review.human_rates") == []


def test_a_newer_run_takes_the_place_of_an_older_one_and_one_of_another_scorer_has_no_rate(home: Path):
    lake, expectations = Lake(home / "home"), home / "expectations"
    (run,) = lake.rows("evals.runs", where=[("run_id", "=", "run-1")])
    config = json.loads(run["config"])
    config["scorer_digests"][METRIC] = "other"
    again = {**run, "run_id": "run-3", "ended_at": NOW, "config": json.dumps(config)}
    lake.replace("evals.runs", [again], {"run_id": "run-3"})
    assert [row["release"] for row in human_rates(lake, expectations, NOW)] == ["2"]


def test_the_asset_shows_them_and_says_when_there_are_none(home: Path):
    from assets.calibration import human_rates_of_runs
    from assets.resources import Goldworks

    shown = human_rates_of_runs(Goldworks()).metadata
    assert shown is not None
    assert "ppi++" in str(shown["rates"])
    lake = Lake(home / "home")
    lake.upsert("review.certificates", [{**row, "state": "not_usable"} for row in lake.rows("review.certificates")])
    none = human_rates_of_runs(Goldworks()).metadata
    assert none is not None
    assert none["rates"] == "No metric has a valid certificate."


WHO = ("--by", "Noor Haddad", "--role", "quality_lead")


def _changed(home: Path, file: str, was: str, now: str) -> None:
    path = home / "expectations" / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


def _judged(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with pytest.raises(SystemExit):
        main(["gate", "--release", "2", "--baseline", "1", "--use-case", "shop", "--json"])
    return next(one for one in json.loads(capsys.readouterr().out)["gates"] if one["gate"] == "supported")


@pytest.mark.parametrize(
    ("file", "was", "now", "command"),
    [
        ("rubrics/docs.yml", "Judge one answer", "Judge each answer", "goldworks gate approve rubrics docs"),
        ("policies/review.yml", "  random: 0.02 ", "  random: 0.03 ", "goldworks gate approve review review"),
    ],
)
def test_labels_count_only_by_a_rubric_and_a_way_to_draw_that_are_approved(
    home: Path, capsys: pytest.CaptureFixture[str], file: str, was: str, now: str, command: str
):
    _changed(home, file, was, now)
    lake, expectations = Lake(home / "home"), home / "expectations"
    row = next(row for row in certify_all(lake, expectations, NOW) if row["metric"] == METRIC)
    assert row["state"] == "not_approved"
    assert [line for line in row["missing"] if command in line and "is not approved as it stands" in line]
    gate = _judged(capsys)
    assert (gate["status"], gate["reason"], gate["estimate"]) == ("inconclusive", "labels_not_approved", None)
    assert "rests on labels that do not count" in gate["words"]
    assert gate["settle"]["words"] == f"{command} --by NAME --role quality_lead"
    assert human_rates(lake, expectations, NOW) == []
    pack = home / "pack"
    with pytest.raises(SystemExit):
        main(["evidence", "--release", "2", "--baseline", "1", "--use-case", "shop", "--out", str(pack)])
    assert verify_pack(pack).problems == ()
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*command.removeprefix("goldworks ").split(), *WHO])
    assert not ended.value.code
    capsys.readouterr()
    assert _judged(capsys)["status"] == "pass", "the certificate was made, and what it rests on is approved now"
    row = next(row for row in certify_all(lake, expectations, NOW) if row["metric"] == METRIC)
    assert (row["state"], row["missing"]) == ("valid", [])


def test_where_the_tier_asks_for_no_approval_labels_count_all_the_same(home: Path):
    _changed(home, "policies/review.yml", "  random: 0.02 ", "  random: 0.03 ")
    _changed(home, "use_cases.yml", "tier: T2", "tier: T3")
    rows = certify_all(Lake(home / "home"), home / "expectations", NOW)
    assert next(row for row in rows if row["metric"] == METRIC)["state"] == "valid"


def test_who_reviews_is_nobodys_approval(home: Path):
    raters = "raters: [{name: ann}, {name: bea}]"
    _changed(home, "policies/review.yml", "raters: []", raters)
    rows = certify_all(Lake(home / "home"), home / "expectations", NOW)
    assert next(row for row in rows if row["metric"] == METRIC)["state"] == "valid"


def test_only_who_may_approves_a_rubric(home: Path, capsys: pytest.CaptureFixture[str]):
    for arguments, words in (
        (("rubrics", "docs", "--by", "Rosa Lindqvist", "--role", "release_manager"), "may not approve rubrics"),
        (("rubrics", "nothing", *WHO), "no rubric 'nothing'"),
        (("review", "queue", *WHO), "goldworks gate approve review review"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["gate", "approve", *arguments])
        assert ended.value.code
        assert words in " ".join(capsys.readouterr().err.split())


def test_choosing_claims_by_a_metric_as_long_as_its_certificate_is_valid(home: Path, capsys: pytest.CaptureFixture[str]):
    def chosen() -> dict[str, Any]:
        with pytest.raises(SystemExit) as ended:
            main(["choose", "--use-case", "shop", "--metric", METRIC, "--json"])
        assert not ended.value.code
        return json.loads(capsys.readouterr().out)

    found = chosen()
    assert METRIC not in found["advisory"]
    assert all(claim["p_adjusted"] is not None for claim in found["claims"] if claim["measure"] == "quality")
    _changed(home, "rubrics/docs.yml", "Judge one answer", "Judge each answer")
    found = chosen()
    assert METRIC in found["advisory"]
    assert all(claim["p_adjusted"] is None for claim in found["claims"] if claim["measure"] == "quality")


def test_labels_that_come_after_the_judgment_are_not_looked_at_and_a_pack_says_the_same(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    """What was found at the labels of then stands, and the row says how many they were."""
    ask = ["--release", "2", "--baseline", "1", "--use-case", "shop"]

    def judged() -> dict[str, Any]:
        with pytest.raises(SystemExit):
            main(["gate", *ask, "--json"])
        return next(one for one in json.loads(capsys.readouterr().out)["gates"] if one["gate"] == "supported")

    first = judged()
    assert (first["status"], first["look"], first["labels"]) == ("pass", 1, LABELLED + CASES)
    lake, expectations = Lake(home / "home"), home / "expectations"
    version = load_rubrics(expectations)["docs"].version
    later = {"imported_at": NOW + dt.timedelta(hours=1)}
    rows = [_label(f"run-2/case-{n:05}/0", rater, n, version) | later for n in range(301, 600) for rater in ("ann", "bea")]
    lake.upsert("review.labels", rows)
    then = judged()
    assert (then["status"], then["look"], then["labels"]) == ("pass", 1, LABELLED + CASES)
    assert then["estimate"]["value"] == first["estimate"]["value"]
    assert "stands: labels that came or went since are not looked at" in then["words"]
    lake.keep("review.labels", lambda row: row["item_id"] not in ("trace-1", "run-2/case-00002/0"))  # as an erasure does
    assert judged() == then
    recorded = {row["labels_digest"] for row in lake.rows("release.verdicts") if row["gate"] == "supported"}
    assert recorded == {first["labels_digest"]}
    with pytest.raises(SystemExit) as ended:
        main(["evidence", *ask, "--out", str(home / "pack")])
    assert not ended.value.code
    assert verify_pack(home / "pack").problems == ()
