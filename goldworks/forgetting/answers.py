"""Evaluation runs forget: answers and scores of cases that are gone go, other texts lose the values; so do the journals.

A run keeps its row and what is left of its scores, which are numbers: what was measured on the remaining cases stays comparable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from goldworks.access.secret_files import write_secret
from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.asking import calls_json
from goldworks.faults import fault_point
from goldworks.forgetting.holders import Forgotten
from goldworks.forgetting.lineage import Lineage
from goldworks.forgetting.orders import Order
from goldworks.forgetting.texts import Redacts, changed, known_of
from goldworks.lake import Lake
from goldworks.locks import alone

Row = Mapping[str, Any]
_DECODER = msgspec.json.Decoder(Answer)
_ENCODER = msgspec.json.Encoder()


class Evaluations:
    """`evals.*` and the journals. Golden versions must have forgotten before: then no run begins anew on what is to go."""

    place = "evaluations"

    def __init__(self, lake: Lake, redactor: Redacts) -> None:
        self._lake, self._redactor = lake, redactor

    def forget(self, order: Order) -> Forgotten:
        """Journals first: whoever asks for answers holds one, and writes them into the tables when it is done."""
        lineage = Lineage(self._lake)
        counts = {"journalled": 0, "answers": 0, "scores": 0, "rewritten": 0}
        for path in sorted((self._lake.home / "runs").glob("*/answers.jsonl")):
            counts["journalled"] += self._journal(path, order, lineage)
        for run_id in order.scope.runs:
            for name, number in self._run(run_id, order, lineage).items():
                counts[name] += number
            fault_point("forgetting.answers_half_done")
        if order.scope.runs:
            for key in ("evals.answers", "evals.scores", "evals.runs"):
                self._lake.purge(key)
        return Forgotten(counts)

    def _run(self, run_id: str, order: Order, lineage: Lineage) -> dict[str, int]:
        where = {"run_id": run_id}
        answers = self._lake.rows("evals.answers", where=[("run_id", "=", run_id)])
        scores = self._lake.rows("evals.scores", where=[("run_id", "=", run_id)])
        kept = [row for row in answers if not _is_gone(row, order)]
        left = {(row["case_id"], row["repeat"]) for row in kept}
        stays = [row for row in scores if (row["case_id"], row["repeat"]) in left]
        units = {row["case_id"]: set(lineage.answer_units(row)) for row in kept}
        values = order.scope.values
        new = changed(kept, ("text", "tool_calls"), lambda row: known_of(values, lineage.answer_units(row)), self._redactor)
        said = changed(stays, ("detail",), lambda row: known_of(values, units[row["case_id"]]), self._redactor)
        after = [new.get(index, row) for index, row in enumerate(kept)]
        if len(kept) < len(answers) or new:
            # the row first: it counts what the two tables say when this is over, and is written again after a kill
            self._row(run_id, after)
            self._lake.replace("evals.scores", [said.get(index, row) for index, row in enumerate(stays)], where)
            self._lake.replace("evals.answers", after, where)
        elif said:
            self._lake.replace("evals.scores", [said.get(index, row) for index, row in enumerate(stays)], where)
        removed = {"answers": len(answers) - len(kept), "scores": len(scores) - len(stays)}
        return {**removed, "rewritten": len(new) + len(said)}

    def _row(self, run_id: str, answers: Sequence[Row]) -> None:
        rows = self._lake.rows("evals.runs", where=[("run_id", "=", run_id)])
        if not rows:
            return
        here = sum(row["status"] == "ok" for row in answers)
        counts = {
            "cases": len({row["case_id"] for row in answers}),
            "answers": here,
            "missing": len(answers) - here,
            "status": "complete" if here == len(answers) else "incomplete",
        }
        self._lake.replace("evals.runs", [{**rows[0], **counts}], {"run_id": run_id})

    def _journal(self, path: Path, order: Order, lineage: Lineage) -> int:
        """Answers that went or changed. Raises `BusyError` while a run is writing it."""
        if not path.stat().st_size:
            return 0
        with alone(path, "an evaluation run is going on, and its answers may be concerned"):
            answers = list(_read(path))
            kept = [answer for answer in answers if not _is_gone(_row_of(answer), order)]
            rows = [_row_of(answer) for answer in kept]
            known = order.scope.values
            new = changed(rows, ("text", "tool_calls"), lambda row: known_of(known, lineage.answer_units(row)), self._redactor)
            differing = len(answers) - len(kept) + len(new)
            if differing:
                after = [_answer_of(answer, new[index]) if index in new else answer for index, answer in enumerate(kept)]
                write_secret(path, b"".join(_ENCODER.encode(answer) + b"\n" for answer in after))
            return differing


def _read(path: Path) -> Iterator[Answer]:
    """The answers of a journal; what a killed process left half written is none."""
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            with suppress(msgspec.DecodeError):
                yield _DECODER.decode(line)


def _is_gone(row: Row, order: Order) -> bool:
    conversations = order.scope.conversations
    return row["case_id"] in order.scope.cases or row["cluster_id"] in conversations or row["conversation_id"] in conversations


def _row_of(answer: Answer) -> dict[str, Any]:
    columns = {name: getattr(answer, name) for name in Answer.__struct_fields__}
    return {**columns, "tool_calls": calls_json(answer)}


def _answer_of(answer: Answer, row: Row) -> Answer:
    calls = msgspec.json.decode(row["tool_calls"] or "[]", type=tuple[Call, ...])
    return msgspec.structs.replace(answer, text=row["text"], tool_calls=calls)
