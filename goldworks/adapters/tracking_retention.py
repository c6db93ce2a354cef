"""What MLflow shows of old evaluation runs in words: the page that quotes questions and answers, and the traces. Numbers stay."""

from __future__ import annotations

from collections.abc import Collection

from goldworks.adapters.tracking import MlflowTracking
from goldworks.adapters.tracking_traces import compact, remove_traces

PAGE = "summary.html"


class RunPages:
    """The artifacts of runs in `<home>/mlflow/artifacts/<use case>/<run>/artifacts/`, and their traces."""

    def __init__(self, tracking: MlflowTracking) -> None:
        self._tracking = tracking

    def remove(self, mlflow_run_ids: Collection[str]) -> int:
        """Remove the pages and traces of these runs; return how many pages there were."""
        wanted, file = set(mlflow_run_ids), self._tracking.folder / "mlflow.db"
        if not wanted or not file.exists():
            return 0
        with self._tracking.alone():
            pages = [page for page in self._tracking.folder.glob(f"artifacts/*/*/artifacts/{PAGE}") if page.parts[-3] in wanted]
            for page in pages:
                page.unlink()
            if remove_traces(self._tracking.client(), sorted(wanted)):
                compact(file)
        return len(pages)
