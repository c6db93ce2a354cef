"""Handing a finished run to an experiment tracker and noting its id in the run's row. Which tracker, the adapters know."""

from __future__ import annotations

from typing import Protocol

from goldworks.evaluation.result import RunResult, record_tracking
from goldworks.lake import Lake


class Tracking(Protocol):
    """An experiment tracker."""

    def log_run(self, lake: Lake, result: RunResult, *, dagster_run_id: str | None = None) -> str:
        """Log a run and return its id there. Logging the same run again changes nothing and gives the same id."""
        ...


def publish(lake: Lake, result: RunResult, tracking: Tracking, *, dagster_run_id: str | None = None) -> str:
    """Log the run and note where. Idempotent."""
    mlflow_run_id = tracking.log_run(lake, result, dagster_run_id=dagster_run_id)
    record_tracking(lake, result.run_id, mlflow_run_id)
    return mlflow_run_id
