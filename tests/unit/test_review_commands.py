"""`goldworks review` from the command line: the whole round, exit codes, and Label Studio by the fake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from review_lake import long_row, to_review, write_long

from goldworks.adapters.label_studio_fake import FakeLabelStudio
from pipelines.cli import main

GOOD = {"attribution": "Fully attributable", "completeness": "4", "appropriateness": "4"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "use_cases.yml").write_text("version: 1\ndefault: {owner: o, tier: T2}\n")
    to_review(tmp_path, 40, raters=[{"name": "ann"}, {"name": "bob"}])
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "e"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as done:
        main(["review", *arguments])
    return int(done.value.code or 0)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    run(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_whole_round(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("guide", "docs", "--out", "guide.html") == 0
    assert "labelling guide" in (folder / "guide.html").read_text()
    assert run("queue") == 0
    assert "nothing new" in capsys.readouterr().out
    for rater in ("ann", "bob"):
        assert run("export", "docs", "--rater", rater, "--out", f"{rater}.json") == 0
        assert "delete it once it is imported" in capsys.readouterr().out
        batch = orjson.loads((folder / f"{rater}.json").read_bytes())
        for number, task in enumerate(sorted(batch["tasks"], key=lambda task: task["task_id"])):
            wrong = "4321"[number % 4] if rater == "bob" else "1234"[number % 4]
            task["labels"] = {**GOOD, "completeness": "1234"[number % 4], "appropriateness": wrong}
        batch["tasks"][0]["labels"]["attribution"] = "maybe"
        (folder / f"{rater}.json").write_bytes(orjson.dumps(batch))
        assert run("import", f"{rater}.json") == 1, "one label was refused"
        assert "not on the scale" in capsys.readouterr().out
    assert run("agreement") == 1
    text = capsys.readouterr().out
    assert "not_usable" in text
    assert "do not use these labels" in text
    rows = said(capsys, "agreement")
    assert {row["dimension"]: row["status"] for row in rows if row["scope"] == "all"} == {
        "attribution": "undecided",
        "completeness": "strong",
        "appropriateness": "not_usable",
    }
    assert said(capsys, "queue")["new"]["adjudication"] > 0
    status = said(capsys, "status")
    assert status["refused"] == {"invalid_value": 2}
    assert status["failed"] == len(said(capsys, "backlog")) > 0
    assert run("status") == 0
    assert "refused: 2 invalid_value" in capsys.readouterr().out
    assert run("backlog") == 0


def test_wrong_usage_and_nothing_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "docs", "--rater", "ann", "--out", "a.txt") == 2
    assert run("export", "docs", "--rater", "nobody", "--out", "a.csv") == 0
    assert "Nothing to label" in capsys.readouterr().out
    assert not (folder / "a.csv").exists()
    assert run("guide", "other") == 1
    assert "there are: agent, docs" in capsys.readouterr().err


def test_status_says_how_far_reviewers_mark_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed = {"item_id": "docs-1-t", "dimension": "attribution", "value": "Not fully attributable"}
    rows = [long_row(**failed, rater="ann", spans="0-10"), long_row(**failed, rater="bob", spans="5-15")]
    write_long(folder / "l.jsonl", rows)
    assert run("import", "l.jsonl") == 0
    assert [one["f1"]["value"] for one in said(capsys, "status")["marks"]] == [0.5]
    assert run("status") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "marks of docs attribution: reviewers share 0.50" in text
    assert "of 1 items that several failed, 0 of them not marked by two" in text


def test_label_studio_by_the_command(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeLabelStudio("t") as server:
        where = ("docs", "--rater", "ann", "--url", server.url)
        assert run("push", *where) == 1
        assert "GOLDWORKS_LABEL_STUDIO_TOKEN is not set" in capsys.readouterr().err
        monkeypatch.setenv("GOLDWORKS_LABEL_STUDIO_TOKEN", "t")
        assert run("push", *where) == 0
        assert "40 items sent" in capsys.readouterr().out
        server.annotate("docs v1 ann", GOOD)
        assert run("pull", *where, "--close") == 0
        assert "120 taken" in capsys.readouterr().out
        assert server.projects == {}
