"""Erasure reaches the review: tasks, labels and refusals of what is erased go, with their bytes. Retention does the same."""

from __future__ import annotations

from pathlib import Path

import msgspec
from review_lake import to_review

from goldworks.expiry.enforcing import ALL_PLACES
from goldworks.forgetting.reviews import Reviews
from goldworks.lake import Lake
from goldworks.orders import Order, Scope, new_order
from goldworks.review.batch import batch_of
from goldworks.review.importing import take_labels
from goldworks.review.label_files import Given, LabelFile
from goldworks.review.rubric import load_rubric
from goldworks.review.sheets import write_batch


def order_for(conversations: tuple[str, ...] = (), cases: tuple[str, ...] = ()) -> Order:
    order = new_order("conversation", conversations or cases, "1")
    return msgspec.structs.replace(order, scope=Scope(conversations=conversations, cases=cases), is_located=True)


def test_what_is_erased_leaves_the_review_with_its_bytes(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path, raters=[])
    labels = [
        Given(1, "docs-3-t", "x", "completeness", "4", "2026-11-18T10:00:00Z", "docs", "1", "human"),
        Given(2, "docs-3-t", "x", "completeness", "9", "2026-11-18T10:00:00Z", "docs", "1", "human"),
        Given(3, "docs-4-t", "x", "completeness", "4", "2026-11-18T10:00:00Z", "docs", "1", "human"),
    ]
    take_labels(lake, policy, LabelFile("jsonl", "d", tuple(labels)))
    reviews, order = Reviews(lake), order_for(("docs-3",))
    folder = tmp_path / "home" / "labels"
    folder.mkdir()
    rubric = load_rubric(policy, "docs")
    write_batch(batch_of(lake, policy, rubric, "y"), folder / "waiting.xlsx", "xlsx")
    (folder / "old.refused.jsonl").write_text('{"item_id": "docs-3-t"}\n')
    (folder / "other.jsonl").write_text('{"item_id": "docs-4-t"}\n')
    assert b"docs-3-t" in all_bytes(lake)
    wanted = {"tasks": 1, "labels": 1, "refusals": 1, "files": 2}
    assert reviews.foresee(order) == wanted
    assert reviews.forget(order).counts == wanted
    assert reviews.forget(order).counts == {**wanted, **dict.fromkeys(wanted, 0)}, "asked again, it ends the same"
    assert {row["item_id"] for row in lake.rows("review.labels")} == {"docs-4-t"}
    assert b"docs-3-t" not in all_bytes(lake)
    assert [path.name for path in folder.iterdir()] == ["other.jsonl"]


def test_answers_of_erased_cases_go_and_others_stay(tmp_path: Path) -> None:
    lake, _ = to_review(tmp_path, raters=[])
    task = lake.rows("review.tasks")[0]
    of_case = {
        "conversation_id": None,
        "trace_id": None,
        "run_id": "run",
        "case_id": "case-1",
        "repeat": 0,
        "item_kind": "answer",
    }
    lake.upsert("review.tasks", [{**task, **of_case, "task_id": "task-x", "item_id": "run/case-1/0"}])
    assert Reviews(lake).forget(order_for(cases=("case-1",))).counts["tasks"] == 1
    assert len(lake.rows("review.tasks")) == 12
    assert Reviews(lake).forget(order_for()).counts["tasks"] == 0
    assert Reviews(Lake(tmp_path / "new")).forget(order_for(("c",))).counts["labels"] == 0


def test_retention_leaves_out_no_review() -> None:
    """Its orders leave out the places they name; the review is not among them, so it forgets with logs and with golden sets."""
    assert "reviews" not in ALL_PLACES


def all_bytes(lake: Lake) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((lake.folder / "review").rglob("*")) if path.is_file())
