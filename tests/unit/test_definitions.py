"""What Dagster is told: the graph as it was last reviewed, what jobs are given, when schedules start which day."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import dagster as dg
import pytest
from graph_snapshot import SNAPSHOT, describe

from goldworks.errors import InputError
from goldworks.settings import PROJECT_ROOT
from goldworks.tables import TABLES
from pipelines.ranges import range_tags
from pipelines.schedules import intake_each_morning


def test_the_graph_is_as_it_was_reviewed(defs: dg.Definitions):
    assert describe(defs) == SNAPSHOT.read_text(encoding="utf-8"), (
        "the graph changed; if that is meant: uv run python tests/graph_snapshot.py"
    )


def test_every_asset_says_what_it_is_and_whose(defs: dg.Definitions):
    graph = defs.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert len(node.description or "") > 20, key
        assert node.kinds, key
        assert node.owners, key
        assert node.group_name in ("logs", "golden", "evals", "review", "release", "staging", "marts", "governance"), key


def test_every_table_of_the_lake_is_an_asset(defs: dg.Definitions):
    keys = {".".join(key.path) for key in defs.resolve_asset_graph().materializable_asset_keys}
    assert set(TABLES) <= keys


def test_columns_and_their_meaning_show_on_the_log_tables(defs: dg.Definitions):
    graph = defs.resolve_asset_graph()
    for name in ("arrivals", "quarantine", "turns", "messages", "entities", "conversations"):
        schema: Any = graph.get(dg.AssetKey(["logs", name])).metadata["dagster/column_schema"]
        shown = [(column.name, column.description) for column in schema.columns]
        assert shown == [(column.name, column.description) for column in TABLES[f"logs.{name}"].columns]


def test_the_benchmark_is_told_that_it_is_one_and_the_nightly_run_is_not(defs: dg.Definitions):
    def config(job: str) -> Any:
        return defs.resolve_job_def(job).run_config or {}

    assert config("weekly_benchmark")["ops"]["evaluate"]["config"]["is_benchmark"] is True
    assert not config("nightly_eval").get("ops")


def test_the_morning_takes_the_day_before():
    tick = dt.datetime(2026, 11, 4, 1, 30, tzinfo=dt.UTC)
    request: Any = intake_each_morning(dg.build_schedule_context(scheduled_execution_time=tick))
    assert (request.partition_key, request.run_key) == ("2026-11-03", "2026-11-03")


@pytest.mark.parametrize("ahead", [0, 1])
def test_logs_of_today_and_of_tomorrow_elsewhere_have_a_partition(defs: dg.Definitions, ahead: int):
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=ahead)).date().isoformat()
    partitions = defs.resolve_asset_graph().get(dg.AssetKey(["logs", "arrivals"])).partitions_def
    assert partitions is not None
    assert partitions.has_partition_key(day)
    assert range_tags([day])["dagster/asset_partition_range_end"] == day


def test_a_day_without_a_partition_is_refused_before_anything_starts():
    with pytest.raises(InputError, match="after tomorrow"):
        range_tags(["2026-11-01", "2099-01-01"])


def test_importing_declares_and_does_nothing_else(tmp_path: Any):
    program = (
        "import json, sys, pipelines.definitions; heavy = ('mlflow', 'great_expectations', 'spacy', 'torch');"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        env={"PATH": "", "GOLDWORKS_HOME": str(tmp_path / "home")},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == []
    assert not (tmp_path / "home").exists()
