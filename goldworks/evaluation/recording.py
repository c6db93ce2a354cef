"""Writing a run into the tables, and finding answers that stand there already. Asking and scoring are not here.

The run's row is written first, as incomplete, and again when answers and scores stand: a run that was cut short is visible,
and every answer has its run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from goldworks.evaluation.answers import EXPIRED, Answer, answer_of, row_of
from goldworks.evaluation.config import RunConfig, asked_of
from goldworks.evaluation.journal import Key
from goldworks.evaluation.suites import Scoring, Suite
from goldworks.faults import fault_point
from goldworks.golden.read import Case
from goldworks.lake import Lake


@dataclass(frozen=True, slots=True)
class Record:
    """One run's place in the tables. `head`: the columns of its row that do not change while it runs."""

    lake: Lake
    head: Mapping[str, Any]

    def begin(self, wanted: int, here: int) -> None:
        """Note that the run has begun; `here` of the `wanted` answers are there."""
        self._row(wanted, here, "incomplete")

    def end(self, cases: Sequence[Case], suite: Suite, answers: Sequence[Answer]) -> None:
        """Write all answers, good or failed, with their scores, and then the row that says how it went."""
        run_id = self.head["run_id"]
        rows = [{"run_id": run_id, **row_of(answer)} for answer in answers]
        self.lake.replace("evals.answers", rows, {"run_id": run_id})
        self.lake.replace("evals.scores", _scores(run_id, cases, suite, answers), {"run_id": run_id})
        here = sum(answer.is_ok for answer in answers)
        fault_point("evals.before_run_row")
        self._row(len(answers), here, "complete" if here == len(answers) else "incomplete")

    def _row(self, wanted: int, here: int, status: str) -> None:
        row: dict[str, Any] = {
            **self.head,
            "cases": wanted // self.head["repeats"],
            "answers": here,
            "missing": wanted - here,
            "status": status,
            "ended_at": datetime.now(UTC),
        }
        self.lake.replace("evals.runs", [row], {"run_id": row["run_id"]})


def _scores(run_id: str, cases: Sequence[Case], suite: Suite, answers: Sequence[Answer]) -> list[dict[str, Any]]:
    by_id = {case.case_id: case for case in cases}
    scored = Scoring.of(suite).scores([(by_id[answer.case_id], answer) for answer in answers])
    return [
        {
            "run_id": run_id,
            "case_id": answer.case_id,
            "repeat": answer.repeat,
            "metric": metric,
            "value": score.value,
            "reason": score.reason,
            "detail": score.detail,
            "scorer_digest": suite.scorer_digests[metric],
        }
        for answer, scores in zip(answers, scored, strict=True)
        for metric, score in scores.items()
    ]


def stored_answers(lake: Lake, config: RunConfig, occasion: str) -> dict[Key, Answer]:
    """Answers that stand in the tables: of this run, cut short, or of one that asked the same but scored otherwise."""
    found: dict[Key, Answer] = {}
    same = [("version_id", "=", config.version_id), ("occasion", "=", occasion)]
    for run_row in lake.rows("evals.runs", ["run_id", "config"], same):
        if asked_of(orjson.loads(run_row["config"])) != config.asked:
            continue
        for row in lake.rows("evals.answers", where=[("run_id", "=", run_row["run_id"]), ("status", "=", "ok")]):
            if row["error"] == EXPIRED:
                continue
            found[row["case_id"], row["repeat"]] = answer_of(row)
    return found
