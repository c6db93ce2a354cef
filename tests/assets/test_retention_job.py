"""The nightly retention job on a home in which the whole line ran: pages, MLflow and marts follow, and the line goes on."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from every_byte import where
from small_history import NICKNAME, PLACE, write_logs
from whole_line import QUICK, goldworks, goldworks_run

from goldworks.settings import PROJECT_ROOT

JOB = """
import dagster as dg, os
from assets.resources import Goldworks
from goldworks.home import open_home
from pipelines.definitions import build_defs
from pipelines.in_process import prepare_instance
prepare_instance(open_home())
with dg.DagsterInstance.get() as instance:
    job = build_defs().resolve_job_def("daily_retention")
    done = job.execute_in_process(instance=instance)
    (event,) = done.asset_materializations_for_node("governance__retention")
    print("DELETED", event.metadata["rows_deleted"].value)
"""


@pytest.mark.slow
def test_the_nightly_job_leaves_nothing_and_the_line_goes_on(tmp_path: Path):
    home, logs, expectations = tmp_path / "home", tmp_path / "logs", tmp_path / "expectations"
    write_logs(logs)
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    extra = {"GOLDWORKS_EXPECTATIONS": str(expectations)}

    def run_line() -> str:
        process = goldworks_run(home, logs, **extra)
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error.decode()[-3000:]
        return json.loads(out)["status"]

    run_line()
    texts = [PLACE, NICKNAME]
    assert any("dagster" in path for paths in where(home, texts).values() for path in paths), "control: previews quote messages"
    limit = (dt.datetime.now(dt.UTC).date() - dt.date(2026, 11, 3)).days
    (expectations / "policies" / "retention.yml").write_text(yaml.safe_dump({"version": 2, "days": {"conversations": limit}}))
    would = json.loads(goldworks(home, "retention", "--dry-run", "--json", **extra).stdout)
    environment = {**os.environ, **QUICK, "GOLDWORKS_HOME": str(home), **extra}
    ran = subprocess.run(
        [sys.executable, "-c", JOB], env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert f"DELETED {sum(row['deleted'] for row in would['rows'])}" in ran.stdout
    left = {path for paths in where(home, texts).values() for path in paths}
    longer = ("lake/golden", "lake/evals", "mlflow", "review.duckdb")
    assert all(path.startswith(longer) for path in left), f"only golden sets and what quotes them are kept longer: {left}"
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        assert marts.sql("select conversation_id from fct_conversations").fetchall() == [("conv-a",)]
        assert marts.sql("select sum(suppressed) from fct_files").fetchall() == [(4,)]
        assert marts.sql("select count(*) > 3 from fct_golden_cases").fetchall() == [(True,)]
    noted = [json.loads(line) for line in (home / "audit.jsonl").read_text().splitlines()]
    assert [entry["detail"]["deleted"]["logs.turns"] for entry in noted if entry["kind"] == "retention.enforced"] == [4]
    assert run_line() == "done", "every check and every data test holds on what is left"
    again = json.loads(goldworks(home, "retention", "--json", **extra).stdout)
    assert again["rows"] == []
