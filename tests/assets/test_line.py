"""Whole materialisations in this process: a range of days in one run, what its pages show, and what stops it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from small_logs import SECRET, chat, text, write_log

from assets import checks, logs
from assets.resources import Goldworks
from assets.retries import retry_when_away
from goldworks.errors import BusyError, shielded
from pipelines.hooks import log_failed_runs
from pipelines.in_process import reasons
from pipelines.ranges import range_tags

DAYS = ["2026-11-01", "2026-11-02", "2026-11-03"]
INTAKE = [["logs", name] for name in logs.INTAKE_TABLES]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as one:
        yield one


def run_line(
    defs: dg.Definitions, goldworks: Goldworks, instance: dg.DagsterInstance, job: str, days: list[str] | None = None
) -> Any:
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance,
        tags=range_tags(days) if days else {},
        resources={"goldworks": goldworks},
        run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        raise_on_error=False,
    )


def newest(instance: dg.DagsterInstance, key: list[str]) -> dict[str | None, dict[str, Any]]:
    """Metadata of the newest materialisation of each partition."""
    found: dict[str | None, dict[str, Any]] = {}
    for record in instance.fetch_materializations(dg.AssetKey(key), limit=1000).records:
        event = record.asset_materialization
        assert event is not None
        found.setdefault(event.partition, {name: value.value for name, value in event.metadata.items()})
    return found


def test_a_range_of_days_is_one_run_from_logs_to_marts(defs: dg.Definitions, goldworks: Goldworks, instance: dg.DagsterInstance):
    result = run_line(defs, goldworks, instance, "the_line", DAYS)
    assert result.success, [event.message for event in result.all_events if event.is_failure]
    assert len(instance.get_runs()) == 1
    for key in INTAKE:
        assert list(newest(instance, key)) == DAYS[::-1], f"{key}: each day is materialised"
    assert list(newest(instance, ["logs", "conversations"])) == [None]
    assert (goldworks.home.root / "marts.duckdb").exists()
    arrivals = newest(instance, ["logs", "arrivals"])
    assert [arrivals[day]["lines"] for day in DAYS] == [2, 4, 2], "each day's page shows its own counts"
    assert [arrivals[day]["quarantined"] for day in DAYS] == [0, 1, 0]
    assert "truncated_json" in newest(instance, ["logs", "quarantine"])["2026-11-02"]["by_reason"]
    everything = repr([newest(instance, key) for key in INTAKE])
    assert "Sent." in everything, "control: redacted text is previewed"
    assert SECRET not in everything
    assert "ann.lee" not in everything


def test_one_more_day_leaves_the_other_days_pages_alone(goldworks: Goldworks, tmp_path: Path, instance: dg.DagsterInstance):
    materialize_intake(goldworks, instance, DAYS)
    write_log(tmp_path / "logs", "otlp/2026-11-04.jsonl.gz", [chat("conv-z", "z1", "2026-11-04", [text("user", "hi")], "hello")])
    result = materialize_intake(goldworks, instance, ["2026-11-04"])
    assert [e.partition for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(INTAKE[0])] == [
        "2026-11-04"
    ]
    assert sorted(instance.get_materialized_partitions(dg.AssetKey(INTAKE[0]))) == [*DAYS, "2026-11-04"]


def test_a_day_without_files_is_materialised_as_such(goldworks: Goldworks, instance: dg.DagsterInstance):
    result = materialize_intake(goldworks, instance, ["2026-10-31"])
    assert result.success
    assert newest(instance, INTAKE[0])["2026-10-31"]["lines"] == 0


def test_lines_that_do_not_add_up_stop_the_line_before_conversations(
    goldworks: Goldworks, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    materialize_intake(goldworks, instance, DAYS)
    lake = goldworks.home.lake
    rows = lake.rows("logs.arrivals", where=[("arrived_on", "=", DAYS[1])])
    lake.replace("logs.arrivals", [{**row, "lines": 7} for row in rows], {"arrived_on": DAYS[1]})
    everything = [logs.intake, logs.conversations, checks.lines_reconcile]
    result = dg.materialize(
        everything,
        instance=instance,
        resources={"goldworks": goldworks},
        tags=range_tags(DAYS),
        raise_on_error=False,
    )
    assert not result.success
    [check] = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("lines_reconcile", False)
    assert result.asset_materializations_for_node("logs__conversations") == []


def test_what_the_user_must_mend_is_not_tried_again(
    goldworks: Goldworks, instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GOLDWORKS_LOGS", str(tmp_path / "absent"))
    result = materialize_intake(Goldworks(), instance, DAYS[:1])
    assert not result.success
    assert not any(event.is_step_up_for_retry for event in result.all_events)
    assert "give an existing folder or URL" in "\n".join(reasons(result))


@pytest.mark.parametrize("error", [BusyError("another intake is running"), ConnectionResetError(), TimeoutError()])
def test_what_may_be_gone_in_a_moment_is_tried_again(error: Exception):
    with pytest.raises(dg.RetryRequested), retry_when_away(dg.build_asset_context()):
        raise error


def test_a_folder_that_goes_away_while_it_is_read_is_tried_again():
    with pytest.raises(dg.RetryRequested), retry_when_away(dg.build_asset_context()), shielded("reading a.jsonl"):
        raise ConnectionResetError


def test_conversations_by_direct_call(goldworks: Goldworks, instance: dg.DagsterInstance):
    materialize_intake(goldworks, instance, DAYS)
    result: Any = logs.conversations(goldworks=goldworks)
    assert result.metadata["dagster/row_count"] == 3
    assert "| shop | 3 |" in result.metadata["by_use_case"].md_str


def materialize_intake(goldworks: Goldworks, instance: dg.DagsterInstance, days: list[str]) -> Any:
    return dg.materialize(
        [logs.intake],
        instance=instance,
        resources={"goldworks": goldworks},
        tags=range_tags(days),
        raise_on_error=False,
    )


def test_a_failed_run_is_one_line_in_the_log_without_the_text_of_its_error(instance: dg.DagsterInstance):
    @dg.op
    def breaks() -> None:
        raise ValueError(SECRET)

    @dg.job
    def doomed() -> None:
        breaks()

    result = doomed.execute_in_process(instance=instance, raise_on_error=False)
    failed = [event for event in result.all_events if event.event_type_value == "PIPELINE_FAILURE"]
    context = dg.build_run_status_sensor_context("log_failed_runs", failed[0], instance, result.dagster_run).for_run_failure()
    said: list[str] = []
    context.log.addHandler(handler := _Collect(said))
    try:
        log_failed_runs(context)
    finally:
        context.log.removeHandler(handler)
    assert len(said) == 1
    assert result.run_id in said[0]
    assert "doomed failed in breaks" in said[0]
    assert SECRET not in said[0]


class _Collect(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
