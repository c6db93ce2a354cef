"""Which item a label is about: a task, a turn, an answer of a run, a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from goldworks.lake import Lake
from goldworks.review.disagreements import ITEM_COLUMNS
from goldworks.review.population import answer_id
from goldworks.review.rubric import Rubric

Row = dict[str, Any]
NOTHING: Mapping[str, Any] = dict.fromkeys(ITEM_COLUMNS)


class Items:
    """The items that these ids name, looked up once."""

    def __init__(self, lake: Lake, item_ids: Iterable[str], trace_ids: Iterable[str] = ()) -> None:
        ids = {one for one in item_ids if one}
        self._tasks: dict[str, Row] = {row["task_id"]: row for row in lake.rows("review.tasks")}
        self._of_item = {(t["item_id"], t["rubric"], t["rubric_version"], t["kind"]): t for t in self._tasks.values()}
        self._found: dict[str, Row] = {}
        self._find_conversations(lake, ids)
        self._find_turns(lake, {*ids, *(one for one in trace_ids if one)})
        self._find_answers(lake, {one for one in ids if one.count("/") >= 2})

    def find(self, item_id: str, trace_id: str, rubric: Rubric) -> tuple[Row, Row | None] | None:
        """(columns of the item, its task by this rubric or None); None for an id that is not known here.

        A task of another rubric or version is no task of this one. `trace_id` says which turn of a conversation is meant.
        """
        task = self._tasks.get(item_id)
        if task is not None:
            return (task, task) if (task["rubric"], task["rubric_version"]) == (rubric.name, rubric.version) else None
        item = self._found.get(trace_id) if trace_id else None
        if item is not None and item_id not in (trace_id, item["conversation_id"]):
            return None
        item = item or self._found.get(item_id)
        if item is None:
            return None
        task = self._of_item.get((item["item_id"], rubric.name, rubric.version, "sample"))
        return task or item, task

    def _find_conversations(self, lake: Lake, ids: set[str]) -> None:
        columns = ("conversation_id", "use_case", "release")
        for row in lake.rows("logs.conversations", columns, [("conversation_id", "in", sorted(ids))]):
            self._found[row["conversation_id"]] = {
                **NOTHING,
                **row,
                "item_id": row["conversation_id"],
                "item_kind": "conversation",
            }

    def _find_turns(self, lake: Lake, ids: set[str]) -> None:
        columns = ("trace_id", "conversation_id", "release")
        turns = lake.rows("logs.turns", columns, [("trace_id", "in", sorted(ids)), ("has_chat", "=", True)])
        of = sorted({row["conversation_id"] for row in turns})
        names = lake.rows("logs.conversations", ["conversation_id", "use_case"], [("conversation_id", "in", of)])
        use_cases = {row["conversation_id"]: row["use_case"] for row in names}
        for row in turns:
            use_case = use_cases.get(row["conversation_id"])
            self._found[row["trace_id"]] = {
                **NOTHING, **row, "item_id": row["trace_id"], "item_kind": "turn", "use_case": use_case
            }  # fmt: skip

    def _find_answers(self, lake: Lake, ids: set[str]) -> None:
        runs = sorted({one.split("/", 1)[0] for one in ids})
        of_run = {
            row["run_id"]: row for row in lake.rows("evals.runs", ["run_id", "use_case", "release"], [("run_id", "in", runs)])
        }
        columns = ("run_id", "case_id", "repeat", "conversation_id", "cluster_id")
        for row in lake.rows("evals.answers", columns, [("run_id", "in", runs)]):
            item_id = answer_id(row["run_id"], row["case_id"], row["repeat"])
            if item_id in ids and row["run_id"] in of_run:
                cluster = row["conversation_id"] or (row["cluster_id"] if row["cluster_id"] != row["case_id"] else None)
                place = {"run_id": row["run_id"], "case_id": row["case_id"], "repeat": row["repeat"], "conversation_id": cluster}
                known = {**NOTHING, **of_run[row["run_id"]], **place}
                self._found[item_id] = {**known, "item_id": item_id, "item_kind": "answer"}
