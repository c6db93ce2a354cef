"""`goldworks run` is killed as by `kill -9` and started again: the tables end as if nothing had happened."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_logs import three_days
from whole_line import goldworks_run

from goldworks.lake import Lake
from goldworks.tables import TABLES

POINTS = (
    "intake.messages_written",
    "intake.reveal_half_written",
    "golden.cases_written",
    "evals.before_run_row",
    "warehouse.before_publish",
)
OF_THE_MOMENT = {
    "reviewed_at",
    "proposed_at",
    "minted_at",
    "current_at",
    "started_at",
    "ended_at",
    "duration_s",
    "judged_at",
    "first_judged_at",
    "dagster_run_id",
    "mlflow_run_id",
}
"""Columns that say when and by which process a row was written."""


def finish(home: Path, logs: Path) -> dict[str, Any]:
    process = goldworks_run(home, logs)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error.decode()[-3000:]
    return json.loads(out)


def state(home: Path) -> dict[str, list[str]]:
    """Every row of the lake and of the marts, without what belongs to the moment."""
    lake = Lake(home)
    found = {key: lake.rows(key) for key in TABLES}
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        for (name,) in marts.execute("select table_name from information_schema.tables").fetchall():
            found[f"marts.{name}"] = marts.sql(f'select * from "{name}"').to_arrow_table().to_pylist()
    return {key: sorted(_said(row) for row in rows) for key, rows in found.items()}


def _said(row: dict[str, Any]) -> str:
    kept = {name: value for name, value in row.items() if name not in OF_THE_MOMENT}
    return json.dumps(kept, default=str, sort_keys=True)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kill") / "logs"
    three_days(folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(logs: Path) -> dict[str, list[str]]:
    home = logs.parent / "undisturbed"
    assert finish(home, logs)["status"] == "done"
    return state(home)


@pytest.mark.slow
def test_killed_at_each_point_and_run_again(logs: Path, undisturbed: dict[str, list[str]]) -> None:
    home = logs.parent / "killed"
    for point in POINTS:
        process = goldworks_run(home, logs, GOLDWORKS_FAULT=point)
        _, error = process.communicate(timeout=300)
        assert process.returncode == -signal.SIGKILL, f"{point} was not reached: {error.decode()[-2000:]}"
    assert finish(home, logs)["status"] == "done"
    assert state(home) == undisturbed
    assert finish(home, logs)["status"] == "nothing to do"


@pytest.mark.slow
def test_killed_at_random_moments_and_run_again(logs: Path, undisturbed: dict[str, list[str]]) -> None:
    moments = random.Random(20261125)
    for attempt in range(3):
        home = logs.parent / f"random-{attempt}"
        for _ in range(3):
            process = goldworks_run(home, logs)
            time.sleep(moments.uniform(2, 15))
            process.kill()
            process.communicate(timeout=60)
        finish(home, logs)
        assert state(home) == undisturbed
