"""`goldworks choose` on small tables: which runs it takes, what it refuses, its outputs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from release_home import VERSION, write_home, write_run

from goldworks.lake import Lake
from pipelines.cli import main

Choose = Callable[..., tuple[int, str, str]]
GOOD, BAD = (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 0.0, 0.0)


@pytest.fixture
def choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Choose:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            main(["choose", "--use-case", "shop", *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def change(lake: Lake, run: str, **values: Any) -> None:
    """Other values in the row of a run."""
    (row,) = lake.rows("evals.runs", where=[("run_id", "=", f"run-{run}")])
    lake.replace("evals.runs", [{**row, **values}], {"run_id": row["run_id"]})


def test_three_releases_with_a_page(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "3": BAD}, 60)
    change(lake, "3", release="3<b>", target_kind="recorded")
    code, out, _ = choose()
    assert code == 0
    assert "2 is shown better than every other in facts_required." in out
    assert "3<b>: shown worse than 2; not shown different from 1 in facts_required" in out
    assert "not tested: the log's against a live one" in out
    assert "Note: latency of recorded answers is the log's, as production measured it: 3<b>" in out
    page = (tmp_path / "home" / "pages" / "choose" / "shop-chat.html").read_text(encoding="utf-8")
    assert "3&lt;b&gt;" in page
    assert "3<b>" not in page


def test_for_machines(choose: Choose, tmp_path: Path):
    write_home(tmp_path, {"1": BAD, "2": GOOD, "3": GOOD}, 60)
    page = tmp_path / "elsewhere" / "page.html"
    code, out, _ = choose("--release", "1", "--release", "2", "--metric", "token_f1", "--page", str(page), "--json")
    found = json.loads(out)
    assert (code, found["metric"], found["version_id"], found["cases"]) == (0, "token_f1", VERSION, 60)
    assert [one["name"] for one in found["standings"]] == ["1", "2"]
    assert [one["place"]["beaten_by"] for one in found["standings"]] == [["2"], []]
    assert [(claim["measure"], claim["better"]) for claim in found["claims"]] == [
        ("quality", "2"),
        ("latency", None),
        ("cost", None),
    ]
    assert (found["page"], page.exists()) == (str(page), True)


def test_targets_without_a_release_go_by_their_own_name(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "3": GOOD}, 60)
    for name in ("1", "2"):
        change(lake, name, release=None, target=f"vendor-{name}")
    found = json.loads(choose("--target", "vendor-1", "--target", "vendor-2", "--json")[1])
    assert [one["name"] for one in found["standings"]] == ["vendor-1", "vendor-2"]
    mixed = json.loads(choose("--target", "vendor-1", "--release", "3", "--json")[1])
    assert {one["name"] for one in mixed["standings"]} == {"vendor-1", "3"}


def test_of_a_release_the_newest_complete_run_is_taken(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "again": BAD, "later": BAD}, 60)
    change(lake, "again", release="2")
    change(lake, "later", release="2", status="incomplete", missing=1)
    found = json.loads(choose("--json")[1])
    assert [one["run_id"] for one in found["standings"]] == ["run-1", "run-again"]
    assert found["notes"][0] == "2: a newer run is incomplete and was passed over"


def test_what_is_not_named_and_cannot_be_compared_is_left_out_and_said(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "3": GOOD, "4": GOOD}, 60)
    change(lake, "3", status="inconclusive", missing=9)
    change(lake, "4", version_id="shop-older")
    found = json.loads(choose("--json")[1])
    assert [one["name"] for one in found["standings"]] == ["1", "2"]
    assert found["notes"] == [
        "3 is left out: it has no complete run on this golden version",
        "4 is left out: it was asked other golden versions only",
    ]


def test_what_cannot_be_compared_is_refused_with_a_remedy(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "3": GOOD}, 60)
    change(lake, "3", status="incomplete", missing=1)
    change(lake, "2", version_id="shop-older")
    code, _, err = choose("--release", "1", "--release", "2")
    assert (code, f"different golden versions: release 2 on shop-older, not on {VERSION}" in err) == (1, True)
    assert f"goldworks eval run --use-case shop --version {VERSION}" in err
    code, _, err = choose("--release", "1", "--release", "3")
    assert (code, "the run of release 3 is incomplete: 1 answers are missing" in err) == (1, True)
    code, _, err = choose()
    assert (code, "1 complete run of shop" in err, "2 is left out" in err, "To mend it" in err) == (1, True, True, True)
    code, _, err = choose("--release", "9")
    assert (code, "release 9 of shop has no run" in err) == (1, True)
    code, _, err = choose("--version", "shop-none")
    assert (code, "no golden version 'shop-none'" in err) == (1, True)


def test_runs_of_several_suites_or_scored_by_other_code_are_refused(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "3": GOOD}, 60)
    change(lake, "3", suite="rag")
    code, _, err = choose()
    assert (code, "several suites: chat, rag" in err, "--suite NAME" in err) == (1, True, True)
    assert choose("--suite", "chat")[0] == 0
    scores = lake.rows("evals.scores", where=[("run_id", "=", "run-2")])
    changed = [{**row, "scorer_digest": "other"} if row["metric"] == "facts_required" else row for row in scores]
    lake.replace("evals.scores", changed, {"run_id": "run-2"})
    code, _, err = choose("--suite", "chat")
    assert (code, "facts_required was computed by other code or settings" in err) == (1, True)
    code, out, _ = choose("--suite", "chat", "--metric", "token_f1", "--json")
    assert (code, json.loads(out)["notes"][0]) == (
        0,
        "left out, for they were computed by different code or settings: facts_required",
    )


def test_cases_that_not_all_answered_are_said(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD}, 60)
    write_run(lake, "2", [f"case-{number:05}" for number in range(50)], GOOD, 1)
    code, out, _ = choose()
    assert (code, "Over 50 cases" in out, "10 of 60 cases are left out, for not every run has them: 2 lacks 10" in out) == (
        0,
        True,
        True,
    )


def test_the_newest_is_by_the_end_of_the_run(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD, "again": BAD}, 60)
    change(lake, "again", release="2", ended_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert [one["run_id"] for one in json.loads(choose("--json")[1])["standings"]] == ["run-1", "run-2"]


def reconfigured(lake: Lake, runs: Sequence[str], change_suite: Callable[[dict[str, Any]], None], **digests: str) -> None:
    """The same runs by another suite, which must name scorers that the scores stand for."""
    for name in runs:
        (row,) = lake.rows("evals.runs", where=[("run_id", "=", f"run-{name}")])
        config = json.loads(row["config"])
        change_suite(config["suite"])
        config["scorer_digests"].update(digests)
        change(lake, name, config=json.dumps(config))


def test_flaky_cases_in_quarantine_are_not_counted(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": GOOD, "2": BAD}, 60)
    scores = lake.rows("evals.scores", where=[("run_id", "=", "run-1")])
    flaky = [{**row, "value": 0.0} if row["case_id"] == "case-00000" else row for row in scores]
    lake.replace("evals.scores", flaky, {"run_id": "run-1"})
    before = json.loads(choose("--json")[1])["standings"][0]["metrics"]["facts_required"]
    today = dt.datetime.now(dt.UTC).date()
    entry = {"case_id": "case-00000", "metric": "facts_required", "owner": "docs", "reason": "two pages differ"}
    path = tmp_path / "expectations" / "policies" / "quarantine.yml"
    policy = yaml.safe_load(path.read_text())
    ends = {"since": today, "expires": today + dt.timedelta(days=3)}
    path.write_text(yaml.safe_dump({**policy, "cases": [{**entry, **ends}]}))
    code, out, _ = choose("--json")
    found = json.loads(out)
    after = found["standings"][0]["metrics"]["facts_required"]
    assert (code, before["n"], after["n"], before["value"] < 1, after["value"]) == (0, 60, 59, True, 1.0)
    assert found["standings"][0]["metrics"]["token_f1"]["n"] == 60
    assert (found["cases"], found["metric_cases"]) == (60, 59)
    assert "flaky cases in quarantine are not counted: 1 of facts_required" in found["notes"]
    assert not any("do not ask for it" in note for note in found["notes"])


def test_aggregates_are_shown_over_the_common_cases(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD}, 60)

    def with_aggregate(suite: dict[str, Any]) -> None:
        suite["aggregates"] = [{"metric": "solved", "aggregate": "pass_k", "of": "facts_required", "settings": {"k": 1}}]

    reconfigured(lake, "12", with_aggregate, solved="d")
    code, out, _ = choose("--json")
    found = json.loads(out)
    assert (code, [one["aggregates"]["solved"]["value"] for one in found["standings"]]) == (0, [0.5, 1.0])
    out = choose()[1]
    assert "over all cases" in out
    assert "solved" in out
    page = (tmp_path / "home" / "pages" / "choose" / "shop-chat.html").read_text(encoding="utf-8")
    assert "solved" in page
    reconfigured(lake, "2", with_aggregate, solved="other")
    assert [one["aggregates"] for one in json.loads(choose("--json")[1])["standings"]] == [{}, {}]


def test_a_judge_or_proxy_without_certificate_is_advice(choose: Choose, tmp_path: Path):
    lake = write_home(tmp_path, {"1": BAD, "2": GOOD}, 60)

    def as_proxy(suite: dict[str, Any]) -> None:
        for one in suite["metrics"]:
            if one["metric"] == "facts_required":
                one["scorer"] = "lexical_support"

    reconfigured(lake, "12", as_proxy)
    found = json.loads(choose("--json")[1])
    assert found["metric"] != "facts_required", "what is not confirmed is not chosen by unless it is asked for"
    code, out, _ = choose("--metric", "facts_required", "--json")
    found = json.loads(out)
    assert (code, found["advisory"]) == (0, ["facts_required"])
    assert found["headline"].startswith("Nobody is called better: facts_required is advice")
    assert all(claim["better"] is None for claim in found["claims"] if claim["measure"] == "quality")
