"""Marks: which words of an answer decided a label. They come back as offsets, or are refused; the words are kept nowhere."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as parquet
import pytest
from deltalake import write_deltalake
from openpyxl import load_workbook
from review_lake import long_row, to_review, write_long

from goldworks.lake import Lake
from goldworks.review.batch import batch_of
from goldworks.review.importing import take_labels
from goldworks.review.incoming import take_incoming
from goldworks.review.label_files import read_labels
from goldworks.review.mark_overlap import mark_overlaps
from goldworks.review.rubric import load_rubric
from goldworks.review.sheets import write_batch
from goldworks.review.spans import UNREADABLE, find_quotes, in_code_points, merged, overlap, plain, read_spans, written

ANSWER = "Hi 🐱 friend,\n  it takes  4 days.\u2028\x07 We pay 4 days back."
FAILED = "Not fully attributable"
BAD = {"attribution": FAILED, "completeness": "4", "appropriateness": "4"}
MARKED = {"item_id": "docs-1-t", "dimension": "attribution", "value": FAILED, "rater": "x"}


def with_answer(folder: Path, answer: str = ANSWER, **changes: Any) -> tuple[Lake, Path]:
    """The lake to review whose replies all say `answer`."""
    lake, policy = to_review(folder, **changes)
    for day in ("2026-11-16", "2026-11-17"):
        rows = lake.rows("logs.messages", where=[("arrived_on", "=", day)])
        said = [{**row, "text": answer} if row["role"] == "assistant" else row for row in rows]
        lake.replace("logs.messages", said, {"arrived_on": day})
    return lake, policy


def take(lake: Lake, policy: Path, path: Path, *rows: dict[str, Any]) -> Any:
    return take_labels(lake, policy, read_labels(write_long(path, list(rows))))


def stored(lake: Lake) -> list[Any]:
    return sorted((row["spans"] for row in lake.rows("review.labels", ["spans"])), key=repr)


def test_spans_are_read_sorted_and_merged() -> None:
    assert read_spans("55-60 12-40") == ((12, 40), (55, 60))
    assert read_spans("3-5 4-9 9-11") == ((3, 11),)
    assert written(merged([(7, 8), (1, 2)])) == ("1-2", "7-8")
    assert plain("  1-2 \n 3-4") == "1-2 3-4"
    assert plain("") == ""
    assert plain("it takes 4 days") == plain("1-2;3-4") == plain("-1-2") == UNREADABLE
    for wrong in ("", UNREADABLE, "4-4", "5-4", "1-2  3-4", "1-2 ", "1-9999999999"):
        with pytest.raises(ValueError, match="span"):
            read_spans(wrong)


@pytest.mark.parametrize(
    ("start", "end", "words", "found"),
    [
        (5, 11, "friend", (5, 11)),  # code points, as Label Studio 1.23 counts
        (6, 12, "friend", (5, 11)),  # UTF-16 units, as older ones did
        (5, 31, r"friend,\nit takes 4 days", (5, 31)),  # it writes line ends so, and blanks as it shows them
        (3, 4, "🐱", (3, 4)),
        (18, 31, "takes  4 days", (18, 31)),
        (19, 32, "takes  4 days", (18, 31)),
        (0, 2, None, (0, 2)),
        (6, 12, None, (6, 12)),
        (4, 12, "friend", None),  # in UTF-16 it begins within the pair
        (6, 12, "others", None),
        (6, 99, "friend", None),
        (4, 5, " ", None),
    ],
)
def test_offsets_are_code_points(start: int, end: int, words: str | None, found: Any) -> None:
    assert in_code_points(ANSWER, start, end, words) == found


def test_quotes_are_found_as_they_stand() -> None:
    assert find_quotes("friend,\n  it takes  4 days\n", ANSWER) == ((5, 12), (15, 31))
    assert find_quotes("4 days", ANSWER) == ((25, 31), (42, 48)), "wherever they stand"
    assert find_quotes("'=1+1", "See =1+1") == ((4, 8),), "as our CSV has it"
    assert find_quotes("it takes 4 days", ANSWER) is None
    assert find_quotes("friend\nfoe", ANSWER) is None
    assert find_quotes(" \n", ANSWER) is find_quotes("'", ANSWER) is None


def test_overlap_of_two_reviewers() -> None:
    """By hand: 10 and 10 characters, 5 in common: 2 * 5 / 20."""
    assert overlap([(0, 10)], [(5, 15)]) == overlap([(5, 15)], [(0, 10)]) == 0.5
    assert overlap([(0, 10)], [(0, 4), (4, 10)]) == 1.0
    assert overlap([(0, 10)], []) == 0.0
    with pytest.raises(ValueError, match="neither"):
        overlap([], [])


def test_long_format_in_jsonl_and_csv(tmp_path: Path) -> None:
    lake, policy = with_answer(tmp_path, raters=[])
    rows = [long_row(**MARKED, spans="15-31 5-12 6-11"), long_row(**{**MARKED, "item_id": "docs-2-t"}, spans=f"0-{len(ANSWER)}")]
    rows += [long_row(**{**MARKED, "item_id": "docs-3-t"}), long_row(**{**MARKED, "item_id": "docs-4-t"}, spans=None)]
    assert take(lake, policy, tmp_path / "l.jsonl", *rows).refused == {}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows({**row, "rater": "y"} for row in rows)
    (tmp_path / "l.csv").write_text(out.getvalue(), encoding="utf-8")
    assert take_labels(lake, policy, read_labels(tmp_path / "l.csv")).refused == {}
    assert stored(lake) == sorted([["5-12", "15-31"], [f"0-{len(ANSWER)}"], None, None] * 2, key=repr)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"spans": "twelve to forty"}, "invalid_spans"),
        ({"spans": "4-4"}, "invalid_spans"),
        ({"spans": "9-4"}, "invalid_spans"),
        ({"spans": [[1, 2]]}, "invalid_spans"),
        ({"spans": 4}, "invalid_spans"),
        ({"spans": f"0-2 3-{len(ANSWER) + 1}"}, "invalid_spans"),
        ({"spans": "0-4", "value": "Fully attributable"}, "not_markable"),
        ({"spans": "0-4", "value": "Generic"}, "not_markable"),
        ({"spans": "0-4", "dimension": "completeness", "value": "1"}, "not_markable"),
    ],
)
def test_marks_that_cannot_be_are_refused_and_counted(tmp_path: Path, row: dict[str, Any], reason: str) -> None:
    lake, policy = with_answer(tmp_path, raters=[])
    taken = take(lake, policy, tmp_path / "l.jsonl", long_row(**{**MARKED, **row}))
    assert (taken.taken, taken.refused) == (0, {reason: 1})
    assert [one["reason"] for one in lake.rows("review.refusals")] == [reason]


def test_spans_of_a_whole_conversation_are_taken_by_their_form(tmp_path: Path) -> None:
    """It has no one answer, so there is no length to hold them against."""
    lake, policy = with_answer(tmp_path, raters=[])
    rows = [long_row(**{**MARKED, "item_id": "docs-3"}, spans=spans) for spans in ("700-800", "8-7")]
    assert take(lake, policy, tmp_path / "l.jsonl", *rows).refused == {"invalid_spans": 1}
    assert stored(lake) == [["700-800"]]


def test_json_round_trip_and_an_answer_that_changed(tmp_path: Path) -> None:
    lake, policy = with_answer(tmp_path)
    path = tmp_path / "ann.json"
    write_batch(batch_of(lake, policy, load_rubric(policy, "docs"), "ann"), path, "json")
    batch = orjson.loads(path.read_bytes())
    assert [one.get("marks", "")[:5] for one in batch["dimensions"]] == ["Mark ", "", ""]
    tasks = batch["tasks"]
    for task in tasks:
        assert task["spans"] == {"attribution": None}
        task["labels"], task["spans"] = BAD, {"attribution": "5-12 3-4"}
    tasks[0]["answer"] += " "
    tasks[1]["spans"] = ["5-12"]
    tasks[2]["labels"] = {}
    del tasks[3]["spans"]
    path.write_bytes(orjson.dumps(batch))
    taken = take_labels(lake, policy, read_labels(path))
    assert taken.refused == {"invalid_spans": 2, "malformed": 1, "not_markable": 2}
    assert taken.rows == taken.taken + 5
    marked = [row["spans"] for row in lake.rows("review.labels") if row["dimension"] == "attribution"]
    assert marked.count(["3-4", "5-12"]) == len(marked) - 1 == len(tasks) - 4
    assert marked.count(None) == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_sheet_has_the_quoted_words_found(tmp_path: Path, form: Any) -> None:
    lake, policy = with_answer(tmp_path)
    path = tmp_path / f"ann.{form}"
    batch = batch_of(lake, policy, load_rubric(policy, "docs"), "ann")
    write_batch(batch, path, form)
    said = ["friend,\n  it takes  4 days.", "4 days", "another word", "4 days", *[""] * len(batch.tasks)][: len(batch.tasks)]
    values = [FAILED, FAILED, FAILED, "Generic", *[FAILED] * len(batch.tasks)][: len(batch.tasks)]
    said[4], values[4] = "friend", ""
    fill_sheet(path, said, values)
    taken = take_labels(lake, policy, read_labels(path))
    assert taken.refused == {"malformed": 1, "not_markable": 1, "quote_not_found": 1}
    labels = {row["task_id"]: row["spans"] for row in lake.rows("review.labels")}
    assert labels[batch.tasks[0][0]] == ["5-12", "15-32"]
    assert labels[batch.tasks[1][0]] == ["25-31", "42-48"]
    assert len(labels) == taken.taken == len(batch.tasks) - 3


def fill_sheet(path: Path, quotes: list[str], values: list[str]) -> None:
    if path.suffix == ".csv":
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        for row, quote, value in zip(rows[1:], quotes, values, strict=True):
            row[rows[0].index("attribution")], row[rows[0].index("attribution_marks")] = value, quote
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        path.write_text(out.getvalue(), encoding="utf-8")
        return
    book = load_workbook(path)
    header = [cell.value for cell in book["Labels"][1]]
    assert header[-4:] == ["attribution", "attribution_marks", "completeness", "appropriateness"]
    assert any("one quote a line" in str(row[2].value) for row in book["Scales"].iter_rows())
    for number, (quote, value) in enumerate(zip(quotes, values, strict=True), 2):
        book["Labels"].cell(row=number, column=header.index("attribution") + 1).value = value or None
        book["Labels"].cell(row=number, column=header.index("attribution_marks") + 1).value = quote or None
    book.save(path)


def test_a_lake_of_an_earlier_release_reads_and_takes_marks(tmp_path: Path) -> None:
    lake, policy = with_answer(tmp_path, raters=[])
    assert take(lake, policy, tmp_path / "a.jsonl", long_row(**MARKED)).taken == 1
    rows = lake.read("review.labels").drop_columns(["spans"])
    shutil.rmtree(lake.path("review.labels"))
    write_deltalake(str(lake.path("review.labels")), rows)
    old = Lake(lake.home)
    assert "spans" not in old.columns("review.labels")
    assert stored(old) == [None]
    assert mark_overlaps(old, policy) == []
    assert take(old, policy, tmp_path / "b.jsonl", long_row(**{**MARKED, "rater": "y"}, spans="5-12")).taken == 1
    assert stored(old) == [None, ["5-12"]]


def test_no_marked_word_rests_anywhere(tmp_path: Path) -> None:
    """Neither in the lake nor beside a refused file: the word is looked for in whatever can be decoded."""
    secret = "Zanzibarine"
    lake, policy = with_answer(tmp_path, f"It is {secret} and goes.")
    batch = batch_of(lake, policy, load_rubric(policy, "docs"), "ann")
    folder = lake.home / "labels"
    folder.mkdir()
    write_batch(batch, folder / "ann.xlsx", "xlsx")
    quotes = [f"{secret} and" if number % 2 else f"{secret} or" for number, _ in enumerate(batch.tasks)]
    fill_sheet(folder / "ann.xlsx", quotes, [FAILED] * len(quotes))
    task = batch.tasks[0][0]
    wrong = long_row(item_id=task, dimension="attribution", value=FAILED, rater="ann", spans=f"{secret} and")
    write_long(folder / "l.jsonl", [wrong])
    taken = take_incoming(lake, policy).taken
    assert taken["ann.xlsx"].refused == {"quote_not_found": (len(quotes) + 1) // 2}
    assert taken["l.jsonl"].refused == {"invalid_spans": 1}
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["ann.refused.jsonl", "l.refused.jsonl"]
    read = [path.read_bytes() for path in folder.iterdir()] + decoded(lake.folder / "review")
    assert not any(secret.encode() in data for data in read)
    assert any(secret.encode() in data for data in decoded(lake.folder / "logs")), "it can be found where it is"
    assert any(b'"?"' in data for data in read)


def decoded(folder: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            found.append(orjson.dumps(parquet.read_table(path).to_pylist()))
        if path.is_file():
            data = path.read_bytes()
            found.append(gzip.decompress(data) if path.suffix == ".gz" else data)
    return found


def test_reviewers_overlap_is_a_mean_over_items_that_several_failed(tmp_path: Path) -> None:
    lake, policy = with_answer(tmp_path, raters=[])
    assert mark_overlaps(lake, policy) == []

    def label(item: int, rater: str, **values: Any) -> dict[str, Any]:
        return long_row(**{**MARKED, "item_id": f"docs-{item}-t", "rater": rater, **values})

    rows = [label(1, "x", spans="0-10"), label(1, "y", spans="5-15"), label(1, "z", value="Generic")]
    rows += [label(2, "x", spans="0-10"), label(2, "y", spans="0-4 4-10")]
    rows += [label(3, "x", spans="0-10"), label(3, "y")]
    rows += [label(4, "x", spans="0-10"), label(4, "y", value="Fully attributable")]
    rows += [label(5, "x", spans="0-4"), label(5, "y", spans="0-4"), label(5, "z", spans="6-8")]
    rows += [label(6, "x", dimension="completeness", value="1"), label(6, "y", dimension="completeness", value="1")]
    assert take(lake, policy, tmp_path / "l.jsonl", *rows).refused == {}
    [found] = mark_overlaps(lake, policy)
    assert (found.rubric, found.dimension) == ("docs", "attribution")
    assert (found.f1.n, found.f1.n_missing) == (3, 1)
    assert found.f1.value == pytest.approx((0.5 + 1 + 1 / 3) / 3)
