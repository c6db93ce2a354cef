"""MLflow's pages of old evaluation runs: the one page of a run that quotes questions and answers. Its numbers stay."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

PAGE = "summary.html"


class RunPages:
    """The artifacts of runs in `<home>/mlflow/artifacts/<use case>/<run>/artifacts/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "artifacts"

    def remove(self, mlflow_run_ids: Collection[str]) -> int:
        """Remove the pages of these runs; return how many there were."""
        wanted = set(mlflow_run_ids)
        found = [page for page in self._folder.glob(f"*/*/artifacts/{PAGE}") if page.parent.parent.name in wanted]
        for page in found:
            page.unlink()
        return len(found)
