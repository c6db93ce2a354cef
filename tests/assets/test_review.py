"""The review in the graph: the queue, labels from the folder, agreement, their checks and the sensor."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
import pytest
from review_lake import USE_CASES, to_review

from assets import review
from assets.resources import Goldworks
from goldworks.review.batch import batch_of
from goldworks.review.incoming import waiting
from goldworks.review.rubric import load_rubric
from goldworks.review.sheets import write_batch
from pipelines import sensors

GOOD = {"attribution": "Fully attributable", "completeness": "4", "appropriateness": "4"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Goldworks:
    """Forty turns in the queue, for two reviewers who get all of them."""
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "use_cases.yml").write_text("version: 1\ndefault: {owner: o, tier: T2}\n")
    raters = [{"name": "ann"}, {"name": "bob"}]
    _, expectations = to_review(tmp_path, 40, raters=raters)
    for name in ("HOME", "EXPECTATIONS"):
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(tmp_path / "home" if name == "HOME" else expectations))
    monkeypatch.setenv("GOLDWORKS_NAMES", "off")
    return Goldworks()


def filled(home: Goldworks, rater: str, choose: Any) -> Path:
    folder = home.home.root / "labels"
    folder.mkdir(exist_ok=True)
    path = folder / f"{rater}.json"
    batch = batch_of(home.home.lake, home.expectations, load_rubric(home.expectations, "docs"), rater)
    write_batch(batch, path, "json")
    tasks = orjson.loads(path.read_bytes())
    for number, task in enumerate(sorted(tasks["tasks"], key=lambda task: task["task_id"])):
        task["labels"] = choose(number)
    path.write_bytes(orjson.dumps(tasks))
    return path


def run(found: Any) -> dict[str, Any]:
    """Metadata and check results by name."""
    said: dict[str, Any] = {}
    for one in found:
        if isinstance(one, dg.AssetCheckResult):
            said[str(one.check_name)] = one
        else:
            said["/".join(one.asset_key.path)] = one.metadata
    return said


def test_queue_labels_and_agreement_on_clean_and_on_bad_labels(home: Goldworks) -> None:
    queue = run(review.review_queue(home))
    assert queue["review/tasks"]["new"] == "none", "the queue was filled before"
    assert review.late_tasks(home.home.lake, home) == {}
    for rater in ("ann", "bob"):
        filled(
            home,
            rater,
            lambda n: {**GOOD, "completeness": "1234"[n % 4], "attribution": ["Generic", "Fully attributable"][n % 2]},
        )
    taken = run(review.labels(home))
    assert taken["review/labels"] == {"files": 2, "taken": 240}
    assert taken["every_file_was_taken"].passed
    assert waiting(home.home.root) == [], "a file that was taken held texts, so it is deleted"
    agreed = run(review.review_agreement(home))
    assert agreed["labels_are_a_reference"].passed

    shutil.rmtree(home.home.lake.path("review.labels"))
    filled(home, "ann", lambda n: {**GOOD, "completeness": "1234"[n % 4]})
    filled(home, "bob", lambda n: {**GOOD, "completeness": "3412"[n % 4]})
    run(review.labels(home))
    bad = run(review.review_agreement(home))["labels_are_a_reference"]
    assert not bad.passed
    assert "completeness: do not use" in bad.metadata["problems"].text


def test_what_is_refused_or_unreadable_fails_the_check_and_is_not_lost(home: Goldworks) -> None:
    filled(home, "ann", lambda n: {**GOOD, "completeness": "9"} if n == 0 else GOOD)
    (home.home.root / "labels" / "notes.csv").write_text("a,b\n")
    said = run(review.labels(home))
    check = said["every_file_was_taken"]
    assert not check.passed
    assert said["review/refusals"] == {"refused": 1}
    problems = check.metadata["problems"].text
    assert "notes.csv: no column" in problems
    assert "invalid_value" in problems
    assert [path.name for path in waiting(home.home.root)] == ["notes.csv"]
    left = home.home.root / "labels" / "ann.refused.jsonl"
    assert orjson.loads(left.read_bytes())["reason"] == "invalid_value"
    assert b"How long does it take" not in left.read_bytes()


def test_the_sensor_starts_one_run_for_the_files_that_wait(home: Goldworks) -> None:
    def look(cursor: str | None = None) -> Any:
        return sensors.finished_labels(dg.build_sensor_context(cursor=cursor), goldworks=home)

    assert "no file" in str(look().skip_message)
    filled(home, "ann", lambda n: GOOD)
    first = look()
    assert len(first.run_requests) == 1
    assert "already" in str(look(first.cursor).skip_message)
    filled_again = home.home.root / "labels" / "bob.jsonl"
    filled_again.write_text("{}\n")
    assert look(first.cursor).run_requests[0].run_key != first.run_requests[0].run_key
    assert USE_CASES.get("docs").tier == "T2"
