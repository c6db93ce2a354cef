"""A run as it stands in the tables: reading it back, with its estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pyarrow as pa

from goldworks.errors import InputError
from goldworks.evaluation.aggregates.protocol import Detail
from goldworks.evaluation.aggregating import aggregates_of
from goldworks.evaluation.metrics import summarise
from goldworks.evaluation.suites import judged
from goldworks.lake import Lake
from goldworks.statistics import Estimate

ENDED = {
    "budget": "It ended at its cap. What was paid for is kept; with a higher cap the same run asks for the rest.",
    "judging_budget": "Some judgments would have passed its cap; with a higher one the same run asks for them.",
    "diverged": "Inconclusive: too many of the replayed conversations left the recording, so its answers prove nothing.",
}


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run. `row` is its row of `evals.runs`; `is_new` is false when the same run had been made before.

    `estimates`: of each metric, then of each aggregate; `details`: tables that explain aggregates. `because` says in words why it
    ended early, `note` what else to know.
    """

    row: Mapping[str, Any]
    estimates: Mapping[str, Estimate]
    not_covered: int
    is_new: bool = True
    because: str | None = None
    note: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict[str, Detail])

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self.row["run_id"]

    @property
    def status(self) -> str:
        """complete, incomplete or inconclusive; see `status`."""
        return self.row["status"]

    @property
    def config(self) -> dict[str, Any]:
        """The complete configuration."""
        return orjson.loads(self.row["config"])

    @property
    def is_complete(self) -> bool:
        """Whether every answer came."""
        return self.status == "complete"

    @property
    def unmeasured(self) -> list[str]:
        """Metrics that no case of this run asks for, or none of its answers gives anything to measure for."""
        return [name for name, estimate in self.estimates.items() if not estimate.n and not estimate.n_missing]

    @property
    def nothing_measured(self) -> str | None:
        """When the run has not a single number: why, in words."""
        if any(estimate.n for estimate in self.estimates.values()):
            return None
        if not self.row["cases"]:
            return "nothing was measured: the target answers none of the cases"
        if not self.row["answers"]:
            return "nothing was measured: every answer is missing"
        return (
            "nothing was measured: no case says what is expected, nor holds passages to measure against. "
            "Add expected outcomes: goldworks golden edit"
        )

    @property
    def ended(self) -> str | None:
        """Why it ended before everything was asked or judged, and what then; None: it did not."""
        if self.because:
            return f"It ended early: {self.because.removesuffix('.')}."
        return ENDED.get(self.row["stopped"])

    @property
    def judging(self) -> str | None:
        """What its judges took, in words; None for a suite without one."""
        if not judged(self.config["suite"]):
            return None
        judgments, tokens, usd = (self.row[name] for name in ("judgments", "judge_tokens", "judge_cost_usd"))
        if judgments is None or tokens is None:
            return "what they took is not known"
        cost = "their price is not known" if usd is None else f"${usd:,.2f}" if usd >= 1 else f"${usd:.2g}"
        return f"{judgments:,} judgments, {tokens:,} tokens, {cost}"

    def reread(self, lake: Lake) -> RunResult:
        """The same with its row as the table has it now."""
        row = find_run(lake, self.run_id)
        return self if row is None else replace(self, row=row)

    @property
    def label(self) -> str:
        """`<release or target> · <suite> · <version short>`: how the run is called wherever people see it."""
        version = str(self.row["version_id"]).rsplit("-", 1)[-1][:8]
        return f"{self.row['release'] or self.row['target']} · {self.row['suite']} · {version}"


def find_run(lake: Lake, run_id: str) -> dict[str, Any] | None:
    """The row of a run, or None."""
    rows = lake.rows("evals.runs", where=[("run_id", "=", run_id)])
    return rows[0] if rows else None


def load_result(
    lake: Lake, run_id: str, *, is_new: bool = False, because: str | None = None, note: str | None = None
) -> RunResult:
    """A run from the tables. Raises `InputError` when there is none."""
    row = find_run(lake, run_id)
    if row is None:
        raise InputError(f"no run {run_id}", remedy="goldworks eval list")
    where = [("run_id", "=", run_id)]
    scores = _some_at_a_time(lake.read("evals.scores", ["case_id", "metric", "value", "reason"], where))
    answers = _some_at_a_time(lake.read("evals.answers", ["case_id", "cluster_id"], where))
    version = lake.read("golden.cases", ["case_id"], [("version_id", "=", row["version_id"])])
    estimates = summarise(scores, clusters_of(answers), run_id)
    named = [metric["metric"] for metric in orjson.loads(row["config"])["suite"]["metrics"]]
    none = summarise([{"case_id": "", "metric": name, "value": None, "reason": "not_applicable"} for name in named], {}, run_id)
    ordered = {name: estimates.get(name, none[name]) for name in named}
    aggregated = aggregates_of(lake, row)
    ordered.update({name: found.estimate for name, found in aggregated.items()})
    opinions = judged(orjson.loads(row["config"])["suite"])
    ordered = {name: replace(one, is_judge=True) if name in opinions else one for name, one in ordered.items()}
    details = {name: found.detail for name, found in aggregated.items() if found.detail is not None}
    return RunResult(row, ordered, max(0, version.num_rows - row["cases"]), is_new, because, note, details)


def _some_at_a_time(rows: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in rows.to_batches(max_chunksize=2048):
        yield from batch.to_pylist()


def clusters_of(answers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The cluster of each case; a case without one is its own."""
    return {row["case_id"]: row["cluster_id"] or row["case_id"] for row in answers}


def record_tracking(lake: Lake, run_id: str, mlflow_run_id: str) -> None:
    """Note the MLflow run in the run's row."""
    row = find_run(lake, run_id)
    if row is None:
        raise InputError(f"no run {run_id}", remedy="goldworks eval list")
    if row["mlflow_run_id"] != mlflow_run_id:
        lake.replace("evals.runs", [{**row, "mlflow_run_id": mlflow_run_id}], {"run_id": run_id})
