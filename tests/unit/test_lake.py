"""Tables: schemas are kept, partitions replaced whole, text never stands in the Delta log."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT
from goldworks.tables import TABLES


def quarantine(day: str, line: int, reason: str = "not_json") -> dict[str, object]:
    return {
        "arrived_on": day,
        "source": "a.jsonl",
        "line": line,
        "byte_offset": 0,
        "length_bytes": 1,
        "reason": reason,
        "detail": None,
        "line_hash": "00",
    }


def test_replacing_a_partition_leaves_the_others(tmp_path: Path):
    lake = Lake(tmp_path)
    for day in ("2026-11-01", "2026-11-02"):
        lake.replace("logs.quarantine", [quarantine(day, 1), quarantine(day, 2)], {"arrived_on": day})
    lake.replace("logs.quarantine", [quarantine("2026-11-01", 9)], {"arrived_on": "2026-11-01"})
    lines = sorted((row["arrived_on"], row["line"]) for row in lake.rows("logs.quarantine"))
    assert lines == [("2026-11-01", 9), ("2026-11-02", 1), ("2026-11-02", 2)]
    lake.replace("logs.quarantine", [], {"arrived_on": "2026-11-02"})
    assert lake.partitions("logs.quarantine") == [{"arrived_on": "2026-11-01"}]


def test_a_table_that_was_never_written_is_empty_and_has_its_columns(tmp_path: Path):
    assert Lake(tmp_path).read("logs.messages").schema.names == TABLES["logs.messages"].arrow_schema.names


def test_one_of_none_is_no_row(tmp_path: Path):
    lake = Lake(tmp_path)
    lake.replace("logs.quarantine", [quarantine("2026-11-01", 1)], {"arrived_on": "2026-11-01"})
    assert lake.read("logs.quarantine", ["source"], [("source", "in", ["a.jsonl"]), ("line", "=", 1)]).num_rows == 1
    none = lake.read("logs.quarantine", ["source"], [("line", "=", 1), ("source", "in", [])])
    assert (none.num_rows, none.schema.names) == (0, ["source"])


def test_upsert_replaces_rows_with_the_same_keys(tmp_path: Path):
    lake = Lake(tmp_path)
    lake.replace("logs.quarantine", [quarantine("2026-11-01", 1), quarantine("2026-11-01", 2)], {"arrived_on": "2026-11-01"})
    lake.upsert("logs.quarantine", [quarantine("2026-11-01", 2, "wrong_types"), quarantine("2026-11-01", 3)])
    assert {row["line"]: row["reason"] for row in lake.rows("logs.quarantine")} == {
        1: "not_json",
        2: "wrong_types",
        3: "not_json",
    }


def test_a_missing_required_value_is_refused(tmp_path: Path):
    row = {**quarantine("2026-11-01", 1), "reason": None}
    with pytest.raises(ValueError, match=r"logs\.quarantine\.reason is required"):
        Lake(tmp_path).replace("logs.quarantine", [row], {"arrived_on": "2026-11-01"})


def test_a_partition_value_that_is_no_plain_name_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="not a partition value"):
        Lake(tmp_path).replace("logs.quarantine", [], {"arrived_on": "x' OR '1'='1"})


def test_an_unknown_table_names_the_known_ones(tmp_path: Path):
    with pytest.raises(InputError, match=r"logs\.messages"):
        Lake(tmp_path).read("logs.message")


def test_rows_are_found_by_any_column_however_they_were_written(tmp_path: Path):
    lake = Lake(tmp_path)
    row = {"stratum": "base", "item_kind": "turn", "period": "2026-W47", "items": 3, "expected": 0.5, "segment": ""}
    now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    known = {"use_case": "docs", "release": "1", "drawn_at": now}
    rows = [{**row, **known, "rubric": rubric} for rubric in ("agent", "docs", "other")]
    lake.upsert("review.strata", rows)
    assert len(lake.rows("review.strata", where=[("rubric", "=", "docs")])) == 1
    assert lake.rows("review.strata", ["items"], [("rubric", "in", ["agent", "other"]), ("items", ">", 1)]) == [{"items": 3}] * 2
    assert lake.rows("review.strata", ["items"], [("rubric", "=", "x")]) == []


def test_a_process_that_ends_after_a_read_ends_well(tmp_path: Path):
    Lake(tmp_path).replace("logs.quarantine", [quarantine("2026-11-01", 1)], {"arrived_on": "2026-11-01"})
    program = "import sys, pathlib, goldworks.lake as l; l.Lake(pathlib.Path(sys.argv[1])).read('logs.quarantine')"
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert [subprocess.run(command, check=False, cwd=PROJECT_ROOT).returncode for _ in range(6)] == [0] * 6


def test_a_full_disk_is_told_as_the_system_tells_it(tmp_path: Path):
    lake = Lake(tmp_path)
    lake.create()
    hashes = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(3000))
    rows = [{**quarantine("2026-11-01", number), "line_hash": found} for number, found in enumerate(hashes)]
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, limits[1]))  # stands in for a disk without room
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            lake.replace("logs.quarantine", rows, {"arrived_on": "2026-11-01"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.errno == errno.EFBIG


def test_after_rewriting_and_vacuum_no_byte_of_the_old_text_is_left(tmp_path: Path):
    lake = Lake(tmp_path)

    def message(text: str) -> dict[str, object]:
        return {
            "arrived_on": "2026-11-01",
            "source": "a.jsonl",
            "line": 1,
            "conversation_id": "c",
            "message_id": "m",
            "message_index": 0,
            "content_hash": "00",
            "role": "user",
            "text": text,
            "trace_id": "t",
            "is_withheld": False,
            "entities": 0,
        }

    lake.replace("logs.messages", [message("canary-7f3a")], {"arrived_on": "2026-11-01"})
    lake.replace("logs.messages", [message("<PERSON_1>")], {"arrived_on": "2026-11-01"})
    assert lake.vacuum("logs.messages") == 1
    assert [row["text"] for row in lake.rows("logs.messages")] == ["<PERSON_1>"]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"canary-7f3a" in data for data in files)


def test_a_table_of_an_earlier_release_is_read_and_gets_its_new_column_when_it_is_written(tmp_path: Path):
    table = TABLES["logs.arrivals"]
    numbers = dict.fromkeys(("size_bytes", "lines", "records", "duplicates", "quarantined", "empty", "late"), 1)
    row = {"arrived_on": "2026-11-01", "source": "a", "dialect": "otlp", "sha256": "ab", "policy_version": "1", **numbers}
    old = pa.Table.from_pylist([{**row, "is_incomplete": False}], schema=table.arrow_schema).drop_columns(["suppressed"])
    write_deltalake(str(Lake(tmp_path).path("logs.arrivals")), old, partition_by=["arrived_on"])
    lake = Lake(tmp_path)
    (read,) = lake.rows("logs.arrivals")
    assert (read["source"], read["suppressed"]) == ("a", None)
    lake.upsert("logs.arrivals", [{**read, "source": "b", "suppressed": 2}])
    assert {row["source"]: row["suppressed"] for row in Lake(tmp_path).rows("logs.arrivals")} == {"a": None, "b": 2}


def test_a_table_whose_columns_were_described_in_other_words_is_written(tmp_path: Path):
    """A release may say better what a column is; homes that an earlier one made are written all the same."""
    lake = Lake(tmp_path)
    fields = TABLES["logs.quarantine"].arrow_schema
    older = pa.schema([field.with_metadata({"comment": "as it was called once"}) for field in fields])
    DeltaTable.create(str(lake.path("logs.quarantine")), schema=older, partition_by=["arrived_on"])
    lake.replace("logs.quarantine", [quarantine("2026-11-01", 1)], {"arrived_on": "2026-11-01"})
    lake.replace("logs.quarantine", [quarantine("2026-11-01", 2), quarantine("2026-11-02", 1)])
    lake.upsert("logs.quarantine", [quarantine("2026-11-02", 2)])
    assert lake.read("logs.quarantine", ["line"]).num_rows == 3


def test_a_purged_log_begins_anew_whatever_the_clock_says(tmp_path: Path):
    lake = Lake(tmp_path)
    log = lake.path("logs.quarantine") / "_delta_log"
    for line in (1, 2):
        lake.replace("logs.quarantine", [quarantine("2026-11-01", line)], {"arrived_on": "2026-11-01"})
        lake.purge("logs.quarantine")
        for path in log.iterdir():
            os.utime(path, (4e9, 4e9))
    versions = {path.name.partition(".")[0] for path in log.iterdir() if path.name[0].isdigit()}
    assert len(versions) == 1
    assert [row["line"] for row in Lake(tmp_path).rows("logs.quarantine")] == [2]
