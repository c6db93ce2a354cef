"""Which files of a log folder are logs: odd names, links, other file systems, and folders that cannot be used."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import fsspec
import pytest
from small_logs import chat, text, write_log

from goldworks.errors import InputError
from goldworks.intake.arrivals import find_files
from goldworks.intake.folder import fingerprint
from goldworks.intake.policy import FileRule, IntakePolicy, load_intake_policy
from goldworks.intake.reading import ReadJob, read
from goldworks.settings import PROJECT_ROOT

POLICY = load_intake_policy(PROJECT_ROOT / "expectations")
TODAY = dt.date(2026, 11, 25)
LINES = [chat("conv-a", "a1", "2026-11-01", [text("user", "hi")], "hello")]


def sources(folder: str | Path, policy: IntakePolicy = POLICY) -> list[str]:
    return [file.source for file in find_files(str(folder), policy, {}, TODAY)]


@pytest.mark.parametrize("name", ["a b/2026-11-01 ü.jsonl.gz", "a::b.jsonl.gz", "50%20#1?.jsonl.gz", "[x]/'q\".jsonl.gz"])
def test_a_file_of_any_name_is_found_and_read(tmp_path: Path, name: str):
    folder = tmp_path / "log's [1] ü"
    write_log(folder, name, LINES)
    [found] = find_files(str(folder), POLICY, {}, TODAY)
    assert found.source == name
    assert read(ReadJob(found.location, found.source, None, None, b"k")).lines == 1


def test_files_below_a_linked_folder_are_found_and_a_circle_ends(tmp_path: Path):
    write_log(tmp_path / "elsewhere", "2026-11-02.jsonl.gz", LINES)
    write_log(tmp_path / "logs", "2026-11-01.jsonl.gz", LINES)
    (tmp_path / "logs" / "app").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "logs")
    assert sources(tmp_path / "logs") == ["2026-11-01.jsonl.gz", "app/2026-11-02.jsonl.gz"]


def test_hidden_files_and_what_no_rule_matches_are_no_logs(tmp_path: Path):
    for name in ("2026-11-01.jsonl.gz", ".2026-11-01.jsonl.gz.part", ".goldworks/x.jsonl", "notes.txt"):
        write_log(tmp_path, name, LINES)
    before = fingerprint(str(tmp_path), POLICY)
    assert sources(tmp_path) == ["2026-11-01.jsonl.gz"]
    write_log(tmp_path, ".goldworks/x.jsonl", [*LINES, *LINES])
    assert fingerprint(str(tmp_path), POLICY) == before
    write_log(tmp_path, "2026-11-01.jsonl.gz", [*LINES, *LINES])
    assert fingerprint(str(tmp_path), POLICY) != before


@pytest.mark.parametrize("match", ["otlp/*.jsonl.gz", "**/otlp/*", "otlp/2026-11-01.jsonl.gz"])
def test_a_glob_holds_for_the_relative_path(tmp_path: Path, match: str):
    write_log(tmp_path, "otlp/2026-11-01.jsonl.gz", LINES)
    policy = POLICY.model_copy(update={"files": (FileRule(match=match),)})
    assert sources(tmp_path, policy) == ["otlp/2026-11-01.jsonl.gz"]
    assert fingerprint(str(tmp_path), policy) != fingerprint(str(tmp_path / "otlp"), policy)


@pytest.mark.parametrize("folder", ["memory://", "memory://shop/", "memory://shop"])
def test_another_file_system_is_a_folder_like_any_other(folder: str):
    memory = fsspec.filesystem("memory")
    memory.pipe("/shop/2026-11-01.jsonl", LINES[0].encode())
    try:
        [found] = find_files(folder, POLICY, {}, TODAY)
        assert found.source == ("2026-11-01.jsonl" if "shop" in folder else "shop/2026-11-01.jsonl")
        assert read(ReadJob(found.location, found.source, None, None, b"k")).lines == 1
    finally:
        memory.rm("/shop", recursive=True)


@pytest.mark.parametrize("url", ["nosuch://bucket/logs", "s3://bucket/logs"])
def test_a_url_that_nothing_here_can_open_says_so(url: str):
    with pytest.raises(InputError, match=f"cannot open {url}"):
        find_files(url, POLICY, {}, TODAY)
