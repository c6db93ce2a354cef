"""Wrong input to the command line: what is wrong, where, the way out, and an exit code that means it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_logs import write_log

from goldworks.home import open_home
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def goldworks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name, value in {"HOME": str(tmp_path / "home"), "NAMES": "off", "WORKERS": "0"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", "set here so that it is reset")
    monkeypatch.delenv("GOLDWORKS_LOGS", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.mark.parametrize("day", ["2026-13-45", "yesterday", "2026-11-2x", ""])
def test_what_is_no_day_is_wrong_usage(goldworks: Run, tmp_path: Path, day: str):
    write_log(tmp_path / "logs", "2026-11-01.jsonl.gz", ["{}"])
    code, _, err = goldworks("run", "--logs", str(tmp_path / "logs"), "--from", day)
    assert code == 2
    assert "--from" in err


def test_a_range_that_ends_before_it_begins_is_wrong_usage(goldworks: Run, tmp_path: Path):
    write_log(tmp_path / "logs", "2026-11-01.jsonl.gz", ["{}"])
    code, _, err = goldworks("run", "--logs", str(tmp_path / "logs"), "--from", "2026-11-03", "--to", "2026-11-02")
    assert code == 2
    assert "--from 2026-11-03 comes after --to 2026-11-02" in err


def test_a_folder_that_is_not_there_is_named_and_forgotten(goldworks: Run, tmp_path: Path):
    code, _, err = goldworks("run", "--logs", str(tmp_path / "absent"))
    assert (code, f"no log folder at {tmp_path / 'absent'}" in err) == (1, True)
    code, _, err = goldworks("run", "--logs", str(tmp_path / "another"))
    assert f"no log folder at {tmp_path / 'another'}" in err


def test_a_mapping_that_is_no_yaml_names_its_line(goldworks: Run, tmp_path: Path):
    (tmp_path / "broken.yml").write_text("version: 1\nturn: [", encoding="utf-8")
    code, _, err = goldworks("mapping", "check", str(tmp_path / "log.jsonl"), str(tmp_path / "broken.yml"))
    assert (code, "broken.yml:2: not YAML" in err) == (1, True)


def test_a_setting_that_cannot_be_used_is_an_error_with_a_remedy(goldworks: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_WORKERS", "many")
    code, _, err = goldworks("doctor")
    assert (code, "GOLDWORKS_WORKERS" in err, "Traceback" in err) == (1, True, False)


@pytest.mark.parametrize("option", ["--port=99999", "--mlflow-port=0"])
def test_a_port_that_is_none_is_wrong_usage(goldworks: Run, option: str):
    code, _, err = goldworks("ui", option)
    assert code == 2
    assert option.split("=", maxsplit=1)[0] in err


def test_doctor_reads_every_policy_and_names_the_broken_one(goldworks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    expectations = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(expectations))
    (expectations / "suites" / "rag.yml").write_text("version: 1\nname: rag\nmetrics: none\n", encoding="utf-8")
    code, out, _ = goldworks("doctor", "--json")
    found = {finding["what"]: finding for finding in json.loads(out)}
    assert code == 1
    assert "rag.yml" in found["suites"]["state"]
    assert found["targets"]["is_well"]
    assert not [name for name, finding in found.items() if finding["is_well"] and finding["remedy"]]


def test_quarantined_lines_are_listed_whole_however_narrow_the_terminal(
    goldworks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "40")
    source = "otlp/late/2026-11-12_backfill_of_2026-11-10.jsonl.gz"
    where = {"source": source, "line": 4, "byte_offset": 0, "length_bytes": 9, "line_hash": "00"}
    row = {"arrived_on": "2026-11-12", "reason": "invalid_utf8", "detail": "byte 7", **where}
    Lake(tmp_path / "home").replace("logs.quarantine", [row], {"arrived_on": "2026-11-12"})
    code, out, _ = goldworks("quarantine", "list")
    assert (code, out) == (0, f"{source} 4: invalid_utf8 (byte 7)\n")
    code, _, err = goldworks("quarantine", "list", "--reason", "invalid_utf9")
    assert (code, "invalid_utf8" in err) == (1, True)


def test_a_mapping_is_checked_for_machines_too(goldworks: Run, tmp_path: Path):
    (tmp_path / "log.jsonl").write_text('{"traceId": "t1", "type": "GENERATION", "output": "hello"}\n', encoding="utf-8")
    mapping = PROJECT_ROOT / "expectations" / "mappings" / "langfuse.yml"
    code, out, _ = goldworks("mapping", "check", str(tmp_path / "log.jsonl"), str(mapping), "--json")
    report = json.loads(out)
    assert (code, report["is_good"], report["unusable"]) == (1, False, {"missing_conversation_id": 1})


def test_a_quarantined_line_is_shown_while_its_file_is_as_it_was_taken(goldworks: Run, tmp_path: Path):
    logs = tmp_path / "logs"
    write_log(logs, "2026-11-01.jsonl.gz", ["{}", '{"cut": "sho'])
    home = open_home()
    home.remember_logs(str(logs))
    expectations = home.settings.expectations
    take(home.lake, Source(str(logs), expectations, load_intake_policy(expectations), "off", 0), home.key)
    command = ("quarantine", "show", "2026-11-01.jsonl.gz", "2")
    assert goldworks(*command)[:2] == (0, '{"cut": "sho\n')
    write_log(logs, "2026-11-01.jsonl.gz", ["{}", '{"not": "it"}'])
    code, out, err = goldworks(*command)
    assert (code, out, "has changed since it was taken" in err) == (1, "", True)
    (logs / "2026-11-01.jsonl.gz").unlink()
    code, out, err = goldworks(*command)
    assert (code, out, "2026-11-01.jsonl.gz is not below" in err) == (1, "", True)
