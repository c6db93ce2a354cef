"""MLflow forgets: the pages and files of runs that lost answers are made anew from the tables, and their numbers with them.

Names, parameters and tags of a run hold ids and digests; they stay.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from goldworks.adapters.tracking import DRAFTS, RUN_TAG, MlflowTracking, description, metric_values, write_artifacts
from goldworks.adapters.tracking_traces import compact, log_failures
from goldworks.evaluation.result import find_run, load_result
from goldworks.faults import fault_point
from goldworks.forgetting.holders import Forgotten
from goldworks.lake import Lake
from goldworks.orders import Order

ERASED_TAG = "goldworks.erased_by"


class Experiments:
    """MLflow's store below the home."""

    place = "mlflow"

    def __init__(self, lake: Lake, tracking: MlflowTracking) -> None:
        self._lake, self._tracking = lake, tracking

    def forget(self, order: Order) -> Forgotten:
        """Make anew what is shown of the order's runs; what a killed process was making is removed."""
        fault_point("forgetting.before_tracking")
        rows = [row for run_id in order.scope.runs if (row := find_run(self._lake, run_id)) is not None]
        if not self._tracking.folder.exists():
            return Forgotten({"runs": 0})
        with self._tracking.alone():
            for draft in self._tracking.folder.glob(f"{DRAFTS}*"):
                shutil.rmtree(draft)
            made = self._make_all_anew(rows, order) if rows and (self._tracking.folder / "mlflow.db").exists() else 0
        return Forgotten({"runs": made})

    def _make_all_anew(self, rows: Sequence[Mapping[str, Any]], order: Order) -> int:
        """Runs are looked up by their tag: one whose process was killed may stand there without our knowing."""
        client = self._tracking.client()
        experiments = [experiment.experiment_id for experiment in client.search_experiments()]
        made = 0
        for row in rows:
            for run in client.search_runs(experiments, f"tags.`{RUN_TAG}` = '{row['run_id']}'"):
                self._make_anew(client, run.info.run_id, row, order)
                made += 1
        compact(self._tracking.folder / "mlflow.db")
        return made

    def _make_anew(self, client: Any, mlflow_run_id: str, row: Mapping[str, Any], order: Order) -> None:
        from mlflow.entities import Metric, RunTag

        result = load_result(self._lake, row["run_id"])
        now_ms = int(time.time() * 1000)  # the newest of several values is the one that is shown
        client.log_batch(
            mlflow_run_id,
            metrics=[Metric(name, value, now_ms, 0) for name, value in metric_values(result).items()],
            tags=[
                RunTag("mlflow.note.content", description(result)),
                RunTag("status", result.status),
                RunTag(ERASED_TAG, order.order_id),
            ],
        )
        with tempfile.TemporaryDirectory(dir=self._tracking.folder, prefix=DRAFTS) as folder:
            today = dt.datetime.now(dt.UTC).date()
            write_artifacts(Path(folder), self._lake, result, self._tracking.expectations, written_anew_on=today)
            client.log_artifacts(mlflow_run_id, folder)
        log_failures(client, self._tracking.uri, mlflow_run_id, self._lake, result)
