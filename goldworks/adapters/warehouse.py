"""The warehouse: dbt builds `warehouse.duckdb` from the lake into a fresh file, and its marts are published as `marts.duckdb`.

dbt runs in this process, for importing it anew would take longer than the build. What it is given (the home) goes through its
variables, so nothing of the environment changes. Which models there are is in
`dbt_project/`; the published file and queries on it are in `published`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb

from goldworks.access.publication import load_publication_policy
from goldworks.adapters.published import publish, query, tables
from goldworks.digests import digest
from goldworks.errors import GoldworksError, InputError
from goldworks.locks import alone
from goldworks.settings import PROJECT_ROOT

__all__ = ["BuildFailed", "Built", "Warehouse", "query"]

WAIT_SECONDS = 300.0
"""How long to wait for another build on the same home."""


@dataclass(frozen=True, slots=True)
class Built:
    """What became of one model or data test. `failures`: rows that a test found; `rows`: rows of a table."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str
    rows: int | None = None

    @property
    def is_test(self) -> bool:
        """A data test; else a model."""
        return self.unique_id.startswith("test.")

    @property
    def is_well(self) -> bool:
        """Built, or passed; a test that only warns is well too."""
        return self.status in ("success", "pass", "warn")


class BuildFailed(GoldworksError):
    """A model could not be built or a data test failed. `built` is what became of every node."""

    def __init__(self, what: str, built: Sequence[Built], *, remedy: str) -> None:
        super().__init__(what, remedy=remedy)
        self.built = tuple(built)


class Warehouse:
    """The warehouse of the home folder `root`, built by the dbt project in `dbt_project`; `expectations` say which text of
    conversations is published.
    """

    def __init__(self, root: Path, dbt_project: Path, expectations: Path = PROJECT_ROOT / "expectations") -> None:
        self.root = root
        self.expectations = expectations
        self.dbt_project = dbt_project
        self.file = root / "warehouse.duckdb"
        self.folder = root / "dbt"
        self.log = self.folder / "dbt.log"

    @property
    def target(self) -> Path:
        """Where dbt keeps its artifacts and the parsed project."""
        return self.folder / "target"

    def manifest(self) -> Path:
        """dbt's manifest of the project, parsed only when the project or dbt changed since."""
        path = self.folder / f"manifest-{self._digest()[:12]}.json"
        if not path.exists():
            with self._alone():
                if not path.exists():  # another process may have parsed it meanwhile
                    self._dbt("parse")
                    self._keep("manifest.json", path)
        return path

    def build(self) -> list[Built]:
        """Build every model and run every data test on a fresh file; put it in place only when all is well.

        Raises `BuildFailed`, and leaves the last good build where it is.
        """
        with self._alone():
            fresh = self._fresh_file()
            built = self._dbt("build", "--exclude-resource-type", "unit_test", "exposure")
            bad = [one for one in built if not one.is_well and one.status != "skipped"]
            if bad:
                words = "\n".join(f"  {one.unique_id}: {_first_line(one.message)}" for one in bad)
                raise BuildFailed(
                    f"the warehouse was not built; the last good one stays:\n{words}",
                    built,
                    remedy=f"what dbt said is in {self.log}",
                )
            fresh.chmod(0o600)
            counts = _rows(fresh)
            fresh.replace(self.file)
            return [replace(one, rows=counts.get(one.unique_id.rsplit(".", 1)[-1])) for one in built]

    def publish(self) -> Path:
        """Copy the marts, without staging, into a new file and put it in the place of `marts.duckdb`; return its path. Text that
        the publication policy names goes to `review.duckdb` in the same step.

        Readers keep the file they have open. Raises `InputError` when nothing was built yet.
        """
        if not self.file.exists():
            raise InputError("there is no warehouse to publish", remedy="goldworks run")
        with self._alone():
            return publish(self.file, self.root, load_publication_policy(self.expectations))

    def tables(self) -> list[dict[str, Any]]:
        """Published tables with their row counts, by name."""
        return tables(self.root)

    def docs(self) -> Path:
        """dbt's documentation as one page, written anew only when the project changed; return its path."""
        path = self.root / "pages" / f"marts-{self._digest()[:12]}.html"
        if path.exists():
            return path
        if not self.file.exists():
            raise InputError("there is no warehouse to document", remedy="goldworks run")
        with self._alone():
            shutil.copyfile(self.file, self._fresh_file())
            self._dbt("docs", "generate", "--no-compile", "--static")
            self._keep("static_index.html", path)
        return path

    def _keep(self, artifact: str, path: Path) -> None:
        """Put a copy of one of dbt's artifacts at `path` in one step, and drop those of earlier states of the project."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".new")
        shutil.copyfile(self.target / artifact, draft)
        draft.replace(path)
        for old in path.parent.glob(f"{path.name.split('-')[0]}-*{path.suffix}"):
            if old != path:
                old.unlink(missing_ok=True)

    def _fresh_file(self) -> Path:
        """The path dbt builds into, with nothing there. Views name their database, so the file's name is that of the end."""
        folder = self.folder / "build"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return folder / self.file.name

    def _dbt(self, *command: str) -> list[Built]:
        """Run one dbt command in this process; return what became of its nodes."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        variables = {"home": str(self.root), "warehouse": str(self.folder / "build" / self.file.name)}
        places = {"--project-dir": self.dbt_project, "--profiles-dir": self.dbt_project, "--target-path": self.target}
        options = [part for option, value in places.items() for part in (option, str(value))]
        # dbt's own log files stay open when another command begins: we write what it says ourselves
        options += ["--log-level", "none", "--log-level-file", "none", "--log-path", str(self.folder)]
        options += ["--no-send-anonymous-usage-stats", "--vars", json.dumps(variables)]
        said: list[str] = []

        def note(event: Any) -> None:
            if event.info.level in ("info", "warn", "error"):
                said.append(f"{event.info.level:5} {event.info.msg}\n")

        typed, sys.argv = sys.argv, ["dbt", *command]  # dbt keeps the command line in an artifact: ours is none of its business
        try:
            outcome = dbtRunner(callbacks=[note]).invoke([*command, *options])
        finally:
            sys.argv = typed
            DuckDBConnectionManager.close_all_connections()  # else the file stays locked as long as this process lives
            self.log.write_text("".join(said), encoding="utf-8")
        if outcome.exception is not None:
            raise GoldworksError(
                f"dbt {command[0]} did not run: {_first_line(str(outcome.exception))}",
                remedy=f"what dbt said is in {self.log}",
            ) from outcome.exception
        results: Any = getattr(outcome.result, "results", None) or ()
        return [
            Built(one.node.unique_id, str(one.status), one.execution_time, one.failures, one.message or "")
            for one in results
            if hasattr(one, "node")  # `docs generate` gives a catalog, which has none
        ]

    def _digest(self) -> str:
        """Digest of everything the manifest depends on."""
        names = sorted(path.relative_to(self.dbt_project) for path in self.dbt_project.rglob("*"))
        # below target/ lies what a `dbt build` by hand has left
        files = [name for name in names if name.suffix in (".sql", ".yml", ".py") and name.parts[0] != "target"]
        parts = {str(name): (self.dbt_project / name).read_text(encoding="utf-8") for name in files}
        versions = {name: metadata.version(name) for name in ("dbt-core", "dbt-duckdb")}
        return digest({"project": parts, "versions": versions})

    def _alone(self) -> AbstractContextManager[None]:
        other = f"another process has been building the warehouse of {self.root}"
        return alone(self.folder / "lock", other, wait_seconds=WAIT_SECONDS)


def _rows(file: Path) -> dict[str, int]:
    """Rows of each table that dbt built, by model."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name in ('intermediate', 'marts')"
        )
        return dict(found.fetchall())


def _first_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[0][:300] if lines else "no message"
