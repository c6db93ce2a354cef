"""Evaluation runs forget: answers and scores of cases that are gone go, other texts lose the values; so do the journals.

A run keeps its row and what is left of its scores, which are numbers: what was measured on the remaining cases stays comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from goldworks.access.secret_files import write_secret
from goldworks.evaluation.answers import TEXTS, Answer, answer_of, row_of
from goldworks.evaluation.cache import count_cached, forget_cached
from goldworks.evaluation.status import status_of
from goldworks.faults import fault_point
from goldworks.forgetting.holders import Forgotten
from goldworks.forgetting.lineage import Lineage
from goldworks.forgetting.texts import Redacts, changed, known_of
from goldworks.lake import Lake
from goldworks.locks import alone
from goldworks.orders import Counts, Order

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
        for path in self._journals():
            counts["journalled"] += self._journal(path, order, lineage)
        for run_id in order.scope.runs:
            for name, number in self._run(run_id, order, lineage).items():
                counts[name] += number
            fault_point("forgetting.answers_half_done")
        if order.scope.runs:
            for key in ("evals.answers", "evals.scores", "evals.runs"):
                self._lake.purge(key)
        return Forgotten({**counts, "cached": forget_cached(self._lake.home / "cache", _is_cached_of(order))})

    def foresee(self, order: Order) -> Counts:
        """What `forget` would count, nothing being changed; of journals only those that nobody is writing to."""
        lineage = Lineage(self._lake)
        runs = [self._left(run_id, order, lineage) for run_id in order.scope.runs]
        journals = [_JournalLeft(list(_read(path)), order, lineage, self._redactor) for path in self._journals()]
        return {
            "journalled": sum(one.differing for one in journals),
            **{name: sum(one.counts[name] for one in runs) for name in ("answers", "scores", "rewritten")},
            "cached": count_cached(self._lake.home / "cache", _is_cached_of(order)),
        }

    def _journals(self) -> list[Path]:
        return sorted(path for path in (self._lake.home / "runs").glob("*/answers.jsonl") if path.stat().st_size)

    def _left(self, run_id: str, order: Order, lineage: Lineage) -> _Left:
        answers = self._lake.rows("evals.answers", where=[("run_id", "=", run_id)])
        scores = self._lake.rows("evals.scores", where=[("run_id", "=", run_id)])
        kept = [row for row in answers if not _is_gone(row, order)]
        left = {(row["case_id"], row["repeat"]) for row in kept}
        stays = [row for row in scores if (row["case_id"], row["repeat"]) in left]
        units = {row["case_id"]: set(lineage.answer_units(row)) for row in kept}
        values = order.scope.values
        new = changed(kept, TEXTS, lambda row: known_of(values, lineage.answer_units(row)), self._redactor)
        said = changed(stays, ("detail",), lambda row: known_of(values, units[row["case_id"]]), self._redactor)
        gone = {"answers": len(answers) - len(kept), "scores": len(scores) - len(stays)}
        return _Left(
            [new.get(index, row) for index, row in enumerate(kept)],
            [said.get(index, row) for index, row in enumerate(stays)],
            bool(gone["answers"] or new),
            {**gone, "rewritten": len(new) + len(said)},
        )

    def _run(self, run_id: str, order: Order, lineage: Lineage) -> Counts:
        where = {"run_id": run_id}
        left = self._left(run_id, order, lineage)
        if left.has_other_answers:
            # the row first: it counts what the two tables say when this is over, and is written again after a kill
            self._row(run_id, left)
            self._lake.replace("evals.scores", left.scores, where)
            self._lake.replace("evals.answers", left.answers, where)
        elif left.counts["rewritten"]:
            self._lake.replace("evals.scores", left.scores, where)
        return left.counts

    def _row(self, run_id: str, left: _Left) -> None:
        rows = self._lake.rows("evals.runs", where=[("run_id", "=", run_id)])
        if not rows:
            return
        answers = left.answers
        here = sum(row["status"] == "ok" for row in answers)
        is_unscored = rows[0]["status"] == "inconclusive" and bool(answers) and not left.scores  # killed before it was scored
        counts = {
            "cases": len({row["case_id"] for row in answers}),
            "answers": here,
            "missing": len(answers) - here,
            "status": rows[0]["status"] if is_unscored else status_of(here, len(answers), rows[0]["stopped"]),
        }
        self._lake.replace("evals.runs", [{**rows[0], **counts}], {"run_id": run_id})

    def _journal(self, path: Path, order: Order, lineage: Lineage) -> int:
        """Answers that went or changed. Raises `BusyError` while a run is writing it."""
        with alone(path, "an evaluation run is going on, and its answers may be concerned"):
            left = _JournalLeft(list(_read(path)), order, lineage, self._redactor)
            if left.differing:
                write_secret(path, b"".join(_ENCODER.encode(answer) + b"\n" for answer in left.answers))
            return left.differing


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a run's answers and scores, and the counts of what went or changed."""

    answers: list[Row]
    scores: list[Row]
    has_other_answers: bool
    counts: Counts


class _JournalLeft:
    """What is left of a journal, and how many of its answers went or changed."""

    def __init__(self, answers: Sequence[Answer], order: Order, lineage: Lineage, redactor: Redacts) -> None:
        kept = [answer for answer in answers if not _is_gone(row_of(answer), order)]
        rows, values = [row_of(answer) for answer in kept], order.scope.values
        new = changed(rows, TEXTS, lambda row: known_of(values, lineage.answer_units(row)), redactor)
        self.answers = [answer_of(new[index]) if index in new else answer for index, answer in enumerate(kept)]
        self.differing = len(answers) - len(kept) + len(new)


def _read(path: Path) -> Iterator[Answer]:
    """The answers of a journal; what a killed process left half written is none."""
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            with suppress(msgspec.DecodeError):
                yield _DECODER.decode(line)


def _is_cached_of(order: Order) -> Callable[[str, str | None, str | None], bool]:
    """Which cached answers go, by case, cluster and conversation: where a value stands in them is not looked for, so for an
    erased value all of them do, and for one recognised late all that belong to where it was recognised.
    """
    scope = order.scope
    units = {*scope.conversations, *scope.cases, *scope.values}
    return lambda *ids: order.kind == "value" or not units.isdisjoint(ids)


def _is_gone(row: Row, order: Order) -> bool:
    conversations = order.scope.conversations
    return row["case_id"] in order.scope.cases or row["cluster_id"] in conversations or row["conversation_id"] in conversations
