"""The texts of old answers: blanked in the tables, in journals and on the pages of runs. Scores and runs stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Protocol

from goldworks.evaluation.answers import EXPIRED, TEXTS
from goldworks.faults import fault_point
from goldworks.lake import Lake
from goldworks.locks import alone


class Pages(Protocol):
    """Where evaluation runs are shown."""

    def remove(self, mlflow_run_ids: Collection[str]) -> int:
        """Remove the pages that quote answers; return how many there were."""
        ...


def blank_answers(lake: Lake, runs: Mapping[str, Collection[str]], pages: Pages) -> int:
    """Blank the texts of these runs' answers, but those of the conversations given with each; return how many.

    Killed at any point and called again it ends the same: what is blank already is passed over.
    """
    blanked = 0
    for run_id, kept in sorted(runs.items()):
        rows = lake.rows("evals.answers", where=[("run_id", "=", run_id)])
        changed = 0
        for row in rows:
            is_blank = all(row[name] is None for name in TEXTS)
            if not is_blank and row["cluster_id"] not in kept and row["conversation_id"] not in kept:
                row.update(dict.fromkeys(TEXTS))
                row["error"] = row["error"] or EXPIRED
                changed += 1
        if changed:
            lake.replace("evals.answers", rows, {"run_id": run_id})
            blanked += changed
            fault_point("retention.answers_half_done")
    if runs:
        lake.vacuum("evals.answers")
        known = {row["run_id"]: row["mlflow_run_id"] for row in lake.rows("evals.runs", ["run_id", "mlflow_run_id"])}
        pages.remove([page for run_id in runs if not runs[run_id] and (page := known.get(run_id))])
    return blanked


def old_journals(lake: Lake, first_kept: str) -> list[str]:
    """Journals with answers of a run that was cut short and not gone on with since."""
    return [
        path.parent.name
        for path in sorted((lake.home / "runs").glob("*/answers.jsonl"))
        if path.stat().st_size and _day(path.stat().st_mtime) < first_kept
    ]


def empty_journals(lake: Lake, names: Collection[str]) -> None:
    """Empty these journals. Raises `BusyError` while a run is writing one."""
    for name in names:
        path = lake.home / "runs" / name / "answers.jsonl"
        with alone(path, "an evaluation run is going on"):
            path.write_bytes(b"")


def _day(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
