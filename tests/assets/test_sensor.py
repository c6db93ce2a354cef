"""The sensor on the log folder: nothing, new, changed and late files, and a folder that is not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from small_logs import chat, text, write_log

from assets.resources import Goldworks
from goldworks.intake.take import take
from pipelines import sensors

ONE_LINE = [chat("conv-z", "z1", "2026-11-01", [text("user", "hi")], "hello")]


def look(goldworks: Goldworks, cursor: str | None = None) -> Any:
    return sensors.new_log_files(dg.build_sensor_context(cursor=cursor), goldworks=goldworks)


def days_of(result: dg.SensorResult) -> tuple[str, str]:
    [request] = result.run_requests or []
    return request.tags["dagster/asset_partition_range_start"], request.tags["dagster/asset_partition_range_end"]


def key_of(result: dg.SensorResult) -> str | None:
    [request] = result.run_requests or []
    return request.run_key


def take_everything(goldworks: Goldworks) -> None:
    take(goldworks.home.lake, goldworks.source, goldworks.home.key)


def test_days_that_are_new_start_in_one_run_and_a_second_look_starts_nothing(goldworks: Goldworks):
    first = look(goldworks)
    assert days_of(first) == ("2026-11-01", "2026-11-03")
    again = look(goldworks, first.cursor)
    assert isinstance(again, dg.SkipReason)
    assert "nothing has changed" in str(again.skip_message)


def test_an_unchanged_folder_never_gets_another_run_key(goldworks: Goldworks):
    assert key_of(look(goldworks)) == key_of(look(goldworks))


def test_after_the_intake_there_is_nothing_to_start(goldworks: Goldworks):
    take_everything(goldworks)
    result = look(goldworks)
    assert not result.run_requests
    assert isinstance(look(goldworks, result.cursor), dg.SkipReason)


def test_a_new_file_starts_its_day_alone(goldworks: Goldworks, logs: Path):
    take_everything(goldworks)
    before = look(goldworks)
    write_log(logs, "otlp/2026-11-04.jsonl.gz", ONE_LINE)
    assert days_of(look(goldworks, before.cursor)) == ("2026-11-04", "2026-11-04")


def test_a_changed_file_starts_its_day_again_under_another_key(goldworks: Goldworks, logs: Path):
    write_log(logs, "otlp/2026-11-03.jsonl.gz", ONE_LINE)
    first = look(goldworks)
    take_everything(goldworks)
    path = logs / "otlp/2026-11-03.jsonl.gz"
    size = path.stat().st_size
    write_log(logs, "otlp/2026-11-03.jsonl.gz", [ONE_LINE[0].replace("hello", "jello")])
    assert path.stat().st_size == size, "as long as before: its size does not tell"
    second = look(goldworks, first.cursor)
    assert days_of(second) == ("2026-11-03", "2026-11-03")
    assert key_of(second) != key_of(first)


def test_a_file_written_again_with_the_same_bytes_starts_nothing(goldworks: Goldworks, logs: Path):
    take_everything(goldworks)
    before = look(goldworks)
    os.utime(logs / "otlp/2026-11-03.jsonl.gz", (1, 1))
    after = look(goldworks, before.cursor)
    assert not after.run_requests
    assert after.cursor != before.cursor


def test_a_late_file_starts_its_own_day_and_those_that_follow_from_it(goldworks: Goldworks, logs: Path):
    take_everything(goldworks)
    before = look(goldworks)
    write_log(logs, "otlp/late/2026-11-02-part-2.jsonl.gz", ONE_LINE)
    days = days_of(look(goldworks, before.cursor))
    assert days == ("2026-11-01", "2026-11-03"), "the day after it, and the day before, a value of which it revealed"


@pytest.mark.parametrize(
    ("folder", "reason"), [(None, "no log folder yet"), ("absent", "no log folder at"), ("empty", "no log file below")]
)
def test_without_logs_it_says_why_and_starts_nothing(
    goldworks: Goldworks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None, reason: str
):
    (tmp_path / "empty").mkdir()
    if folder is None:
        monkeypatch.delenv("GOLDWORKS_LOGS")
    else:
        monkeypatch.setenv("GOLDWORKS_LOGS", str(tmp_path / folder))
    result = look(goldworks)
    assert isinstance(result, dg.SkipReason)
    assert reason in str(result.skip_message)


def test_a_file_from_the_far_future_is_not_started(goldworks: Goldworks, logs: Path):
    write_log(logs, "otlp/2099-01-01.jsonl.gz", ONE_LINE)
    result = look(goldworks)
    assert isinstance(result, dg.SkipReason)
    assert "dated 2099-01-01, which is after tomorrow" in str(result.skip_message)
