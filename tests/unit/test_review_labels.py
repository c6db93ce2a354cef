"""Batches out and labels in: JSON, CSV, XLSX and the long format; what is refused, and that nothing is lost or taken twice."""

from __future__ import annotations

import csv
import datetime as dt
import io
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook
from review_lake import ANSWER, USE_CASES, long_row, to_review, write_long

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.review.batch import batch_of, open_tasks
from goldworks.review.disagreements import backlog, disagreements, human_labels, references
from goldworks.review.importing import REASONS, take_labels
from goldworks.review.label_files import read_labels
from goldworks.review.policy import load_review_policy
from goldworks.review.queue import fill
from goldworks.review.rubric import load_rubric, load_rubrics
from goldworks.review.sheets import write_batch
from goldworks.review.status import status
from pipelines.review_views import print_status

GOOD = {"attribution": "Fully attributable", "completeness": "4", "appropriateness": "4"}
FAILED = {"dimension": "attribution", "value": "Not fully attributable"}


def fill_json(path: Path, choose: Any) -> None:
    batch = orjson.loads(path.read_bytes())
    for number, task in enumerate(batch["tasks"]):
        task["labels"] = choose(number, task)
    path.write_bytes(orjson.dumps(batch))


def label_all(lake: Lake, policy: Path, rater: str, folder: Path, choose: Any) -> Any:
    path = folder / f"{rater}-{len(list(folder.iterdir()))}.json"
    write_batch(batch_of(lake, policy, load_rubric(policy, "docs"), rater), path, "json")
    fill_json(path, choose)
    return take_labels(lake, policy, read_labels(path))


def test_a_batch_shows_texts_and_not_why_it_was_drawn(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path)
    rubric = load_rubric(policy, "docs")
    batch = batch_of(lake, policy, rubric, "ann")
    assert batch.tasks
    assert batch.gone == 0
    _, material = batch.tasks[0]
    assert [said.role for said in material.conversation] == ["user"]
    assert material.answer == ANSWER
    assert material.passages[0].startswith("Passage")
    path = tmp_path / "ann.json"
    assert write_batch(batch, path, "json") == len(batch.tasks)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert not any(word in text for word in ("sample", "docs-1", '"r1"', "release", "probability"))
    with pytest.raises(InputError, match="is there already"):
        write_batch(batch, path, "json")
    assert len(batch_of(lake, policy, rubric, "ann", 2).tasks) == 2


def test_xlsx_round_trip_with_choices_and_no_formulas(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path)
    batch = batch_of(lake, policy, load_rubric(policy, "docs"), "ann")
    path = tmp_path / "ann.xlsx"
    write_batch(batch, path, "xlsx")
    book = load_workbook(path)
    sheet = book["Labels"]
    header = [cell.value for cell in sheet[1]]
    assert len(sheet.data_validations.dataValidation) == 3
    answer = sheet.cell(row=2, column=header.index("answer") + 1)
    assert (answer.value, answer.data_type) == (ANSWER, "s")
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row=row, column=header.index("attribution") + 1).value = "Fully attributable"
        sheet.cell(row=row, column=header.index("completeness") + 1).value = 3 if row == 2 else 4.0  # as spreadsheets make of it
        sheet.cell(row=row, column=header.index("appropriateness") + 1).value = "4" if row > 2 else "great"
    book.save(path)
    taken = take_labels(lake, policy, read_labels(path))
    tasks = len(batch.tasks)
    assert (taken.rows, taken.taken, taken.refused) == (3 * tasks, 3 * tasks - 1, {"invalid_value": 1})
    labels = lake.rows("review.labels")
    assert {row["value"] for row in labels if row["dimension"] == "completeness"} == {"3", "4"}
    assert {row["came_as"] for row in labels} == {"xlsx"}
    assert len(open_tasks(lake, load_rubric(policy, "docs"), "ann")) == 1, "the one whose label was refused stays open"
    again = take_labels(lake, policy, read_labels(path))
    assert (again.taken, again.refused) == (0, {"duplicate": 3 * tasks - 1, "invalid_value": 1})
    assert len(lake.rows("review.labels")) == 3 * tasks - 1
    assert len(lake.rows("review.refusals")) == 1, "the same file again adds no refusal"


def test_csv_round_trip(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path)
    path = tmp_path / "bob.csv"
    batch = batch_of(lake, policy, load_rubric(policy, "docs"), "bob")
    write_batch(batch, path, "csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    assert rows[0]["answer"] == f"'{ANSWER}"
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows({**row, **GOOD} for row in rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    taken = take_labels(lake, policy, read_labels(path))
    assert (taken.taken, taken.refused) == (3 * len(batch.tasks), {})


def test_every_reason_of_refusal_and_the_counts_add_up(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path)
    tasks = {task["item_id"]: task for task in lake.rows("review.tasks")}
    lake.upsert("review.tasks", [{**task, "queued_at": dt.datetime(2026, 11, 18, tzinfo=dt.UTC)} for task in tasks.values()])
    mine = next(item for item, task in tasks.items() if "ann" in task["assigned_to"])
    others = next(item for item, task in tasks.items() if "ann" not in task["assigned_to"])
    wrong = {
        "malformed": [b"{not json", long_row(value=None), long_row(created_at="2026-11-18"), long_row(label_kind="robot"), [1]],
        "future": [long_row(created_at="2031-01-01T00:00:00Z")],
        "unknown_rubric": [long_row(rubric="other")],
        "stale_rubric": [long_row(rubric_version=0), long_row(rubric_version=None)],
        "unknown_dimension": [long_row(dimension="charm")],
        "invalid_value": [long_row(value=5)],
        "unknown_item": [long_row(item_id="nowhere")],
        "unknown_rater": [long_row(item_id=mine, rater="eve")],
        "not_assigned": [long_row(item_id=others)],
        "late": [long_row(item_id=mine, created_at="2027-03-01T00:00:00Z")],
        "not_markable": [long_row(item_id=mine, value=1, spans="0-4")],
        "invalid_spans": [long_row(item_id=mine, **FAILED, spans="4 days")],
        "duplicate": [long_row(item_id=mine), long_row(item_id=mine, value=1)],
    }
    rows = [row for of in wrong.values() for row in of]
    good = [long_row(item_id=mine), long_row(item_id=others, rater="a-model", label_kind="judge_model")]
    at = dt.datetime(2027, 3, 2, tzinfo=dt.UTC)
    taken = take_labels(lake, policy, read_labels(write_long(tmp_path / "l.jsonl", [*good, *rows])), now=at)
    assert taken.refused == {reason: len(of) for reason, of in wrong.items()}
    assert taken.taken == 2
    assert taken.rows == taken.taken + sum(taken.refused.values()) == len(good) + len(rows)
    assert set(taken.refused) | {"not_blind", "quote_not_found"} == set(REASONS)
    refusals = lake.rows("review.refusals")
    assert len(refusals) == len(rows)
    assert {row["reason"] for row in refusals} == set(wrong)
    assert not any("eve" in str(row) or "charm" in str(row) for row in refusals), "what stands in a refused row may be anything"


def test_labels_of_another_tool_find_their_items(tmp_path: Path) -> None:
    """As `human_labels` has them: the conversation as item, the rated turn beside it, another name of the rubric, no version."""
    lake, policy = to_review(tmp_path)
    rows = [
        long_row(item_id="docs-2", trace_id="docs-2-t", rater="x1", rubric="Somebody's scale", rubric_version=None),
        long_row(item_id="docs-3", rater="x1", rubric="Somebody's scale", rubric_version=None),
        long_row(item_id="docs-3", trace_id="docs-2-t", rater="x1", rubric="Somebody's scale", rubric_version=None),
    ]
    lake.replace("review.tasks", [])
    file = read_labels(write_long(tmp_path / "l.jsonl", rows))
    assert take_labels(lake, policy, file).refused == {"unknown_rubric": 3}
    assert take_labels(lake, policy, file, rubric="docs").refused == {"unknown_item": 1}
    items = {row["item_id"]: row["item_kind"] for row in lake.rows("review.labels")}
    assert items == {"docs-2-t": "turn", "docs-3": "conversation"}


def test_disagreements_are_adjudicated_blindly_by_a_senior(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path)
    rubric, folder = load_rubric(policy, "docs"), tmp_path / "files"
    folder.mkdir()
    assert label_all(lake, policy, "ann", folder, lambda n, task: GOOD).refused == {}
    assert label_all(lake, policy, "bob", folder, lambda n, task: {**GOOD, "completeness": "3"}).refused == {}
    assert disagreements(lake, rubric) == [], "4 and 3 both pass"
    assert label_all(lake, policy, "cem", folder, lambda n, task: {**GOOD, "completeness": "1"}).refused == {}
    wrong = disagreements(lake, rubric)
    assert 0 < len(wrong) < 12
    assert fill(lake, policy, USE_CASES).new == {"adjudication": len(wrong)}
    assert fill(lake, policy, USE_CASES).new == {}
    tasks = [task for task in lake.rows("review.tasks") if task["kind"] == "adjudication"]
    assert {name for task in tasks for name in task["assigned_to"]} == {"sue"}
    before = references(human_labels(lake, "docs", 1), rubric)
    assert {one.item["item_id"] for one in before if one.dimension == "completeness"}.isdisjoint(one.item_id for one in wrong)
    assert label_all(lake, policy, "sue", folder, lambda n, task: {**GOOD, "completeness": "2"}).refused == {}
    after = references(human_labels(lake, "docs", 1), rubric)
    decided = [one for one in after if one.basis == "adjudicated" and one.dimension == "completeness"]
    assert {one.value for one in decided} == {"2"}
    assert len(decided) == len(wrong)
    failed = [row for row in backlog(lake, load_rubrics(policy)) if row["basis"] == "adjudicated"]
    assert {row["item_id"] for row in failed} == {one.item_id for one in wrong}
    said = status(lake, policy, load_review_policy(policy))
    assert said["rubrics"][-1].tasks["adjudication"] == {"open": 0, "begun": 0, "done": len(wrong)}


def test_without_names_whoever_disagreed_cannot_adjudicate(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path, raters=[])
    rubric, folder = load_rubric(policy, "docs"), tmp_path / "files"
    folder.mkdir()
    label_all(lake, policy, "x", folder, lambda n, task: GOOD)
    label_all(lake, policy, "y", folder, lambda n, task: {**GOOD, "attribution": "Generic"})
    assert open_tasks(lake, rubric, "z") == [], "two labels each are enough"
    assert fill(lake, policy, USE_CASES).new == {"adjudication": 12}
    assert open_tasks(lake, rubric, "x") == []
    assert len(open_tasks(lake, rubric, "z")) == 12
    task = next(task for task in lake.rows("review.tasks") if task["kind"] == "adjudication")
    row = long_row(item_id=task["task_id"], rater="x", dimension="attribution", value="Generic")
    assert take_labels(lake, policy, read_labels(write_long(tmp_path / "l.jsonl", [row]))).refused == {"not_blind": 1}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "x", "neither"),
        ("a.csv", "x,y\n1,2\n", "no column dimension, item_id, value"),
        ("a.json", "{}", "not a batch"),
        ("a.xlsx", "x", "not an XLSX workbook"),
        ("a.csv", "task_id,rater\n", "no column rubric, rubric_version"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_labels(path)


def test_items_that_nobody_labelled_in_time_are_counted_and_flagged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rate of the items that people chose to label is no rate of all that were drawn."""
    lake, policy = to_review(tmp_path)
    folder = tmp_path / "files"
    folder.mkdir()
    label_all(lake, policy, "ann", folder, lambda n, task: GOOD if n else None)
    given = {row["item_id"] for row in lake.rows("review.labels")}
    (docs,) = [one for one in status(lake, policy, load_review_policy(policy))["rubrics"] if one.rubric == "docs"]
    assert (docs.due, docs.is_skipped_much) == (0, False), "their time is not over"
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=load_review_policy(policy).late_after_days + 1)
    lake.upsert("review.tasks", [{**task, "queued_at": old} for task in lake.rows("review.tasks")])
    found = status(lake, policy, load_review_policy(policy))
    (docs,) = [one for one in found["rubrics"] if one.rubric == "docs"]
    assert (docs.due, docs.skipped, docs.is_skipped_much) == (12, 12 - len(given), True)
    print_status({**found, "reviewers": [], "marks": []})
    assert "were never labelled" in " ".join(capsys.readouterr().out.split())
