"""Writing a run into the tables, and finding answers that stand there already. Asking and scoring are not here.

The run's row is written first, with all that is missing, and again when answers and scores stand: a run that was cut short is
visible, and every answer has its run. Answers and scores are made ready some at a time and written in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from goldworks.evaluation.answers import EXPIRED, Answer, answer_of, row_of
from goldworks.evaluation.budget import Budget
from goldworks.evaluation.config import RunConfig, asked_of
from goldworks.evaluation.scorers.conversation_turns import MOST_DIVERGING_RATE
from goldworks.evaluation.scorers.divergence import diverging, is_too_far
from goldworks.evaluation.status import THOUGH_ANSWERED, Status, status_of
from goldworks.evaluation.suites import Scoring
from goldworks.faults import fault_point
from goldworks.golden.read import Case
from goldworks.lake import Lake, as_arrow, declared

Pair = tuple[Case, Answer]


@dataclass(frozen=True, slots=True)
class Record:
    """One run's place in the tables. `head`: the columns of its row that do not change while it runs. `budget`: its own."""

    lake: Lake
    head: Mapping[str, Any]
    budget: Budget

    def begin(self, wanted: int, here: int) -> None:
        """Note that the run has begun; `here` of the `wanted` answers are there. Until it ends it is inconclusive, for also when
        every answer is there already they are still to be scored.
        """
        self._row(wanted, here, None, "inconclusive")

    def end(self, blocks: Iterable[Sequence[Pair]], scoring: Scoring, stopped: str | None = None) -> None:
        """Write all answers, good or failed, with their scores, and then the row that says how it went.

        `blocks`: every case with its answer, some at a time. `stopped`: why not everything was asked. What judges were not asked,
        for the budget would not hold it, leaves the run inconclusive, and started again they are.
        """
        run_id = self.head["run_id"]
        answers: list[pa.Table] = []
        scores: list[pa.Table] = []
        wanted = here = left = replayed = 0
        for block in blocks:
            rows = [{"run_id": run_id, **row_of(answer)} for _, answer in block]
            answers.append(as_arrow(declared("evals.answers"), rows))
            scores.append(_scores(run_id, scoring, block))
            wanted += len(block)
            here += sum(answer.is_ok for _, answer in block)
            off, of = diverging(answer for _, answer in block)
            left, replayed = left + off, replayed + of
        self.lake.replace("evals.answers", pa.concat_tables(answers) if answers else [], {"run_id": run_id})
        self.lake.replace("evals.scores", pa.concat_tables(scores) if scores else [], {"run_id": run_id})
        fault_point("evals.before_run_row")
        if self.budget.judges.refused:
            stopped = stopped or "judging_budget"
        stopped = stopped or ("diverged" if is_too_far(left, replayed, self._most_diverging_rate) else None)
        self._row(wanted, here, stopped, status_of(here, wanted, stopped))

    @property
    def _most_diverging_rate(self) -> float:
        return orjson.loads(self.head["config"])["target"].get("most_diverging_rate", MOST_DIVERGING_RATE)

    def _row(self, wanted: int, here: int, stopped: str | None, status: Status) -> None:
        row: dict[str, Any] = {
            **self.head,
            "cases": wanted // self.head["repeats"],
            "answers": here,
            "missing": wanted - here,
            "status": status,
            "stopped": stopped if here < wanted or stopped in THOUGH_ANSWERED else None,
            "ended_at": datetime.now(UTC),
            **self.budget.judges.columns,
        }
        self.lake.replace("evals.runs", [row], {"run_id": row["run_id"]})


def _scores(run_id: str, scoring: Scoring, block: Sequence[Pair]) -> pa.Table:
    """Column by column: there are many more scores than answers."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("case_id", "repeat", "metric", "value", "reason", "detail", "scorer_digest")
    }
    digests = scoring.suite.scorer_digests
    add = [column.append for column in columns.values()]
    for (_, answer), scores in zip(block, scoring.scores(block), strict=True):
        for metric, score in scores.items():
            values = answer.case_id, answer.repeat, metric, score.value, score.reason, score.detail, digests[metric]
            for append, value in zip(add, values, strict=True):
                append(value)
    columns["run_id"] = [run_id] * len(columns["case_id"])
    table = declared("evals.scores")
    schema = table.arrow_schema
    return as_arrow(table, pa.table({name: pa.array(columns[name], schema.field(name).type) for name in schema.names}, schema))


def stored_answers(lake: Lake, config: RunConfig, occasion: str) -> Iterator[Answer]:
    """Answers that stand in the tables: of this run, cut short, or of one that asked the same but scored otherwise."""
    same = [("version_id", "=", config.version_id), ("occasion", "=", occasion)]
    for run_row in lake.rows("evals.runs", ["run_id", "config"], same):
        if asked_of(orjson.loads(run_row["config"])) != config.asked:
            continue
        rows = lake.read("evals.answers", where=[("run_id", "=", run_row["run_id"]), ("status", "=", "ok")])
        for batch in rows.to_batches(max_chunksize=512):
            yield from (answer_of(row) for row in batch.to_pylist() if row["error"] != EXPIRED)
