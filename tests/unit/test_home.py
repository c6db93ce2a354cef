"""The home folder: which logs it belongs to, and settings that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.lake import Lake
from goldworks.settings import load_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("GOLDWORKS_LOGS", raising=False)
    return Home(load_settings(home=tmp_path / "home")).prepare()


def take_a_file(lake: Lake) -> None:
    numbers = dict.fromkeys(("size_bytes", "lines", "records", "duplicates", "quarantined", "empty", "late"), 0)
    texts = {"arrived_on": "2026-11-01", "source": "a.jsonl", "dialect": "otlp", "sha256": "ab", "policy_version": "1"}
    lake.replace("logs.arrivals", [{**numbers, **texts, "is_incomplete": False}], {"arrived_on": "2026-11-01"})


def test_a_mistyped_log_folder_can_be_corrected_until_something_was_taken_from_it(home: Home):
    home.remember_logs("/mistyped")
    assert home.remember_logs("/logs") == "/logs"
    assert home.logs() == "/logs"
    take_a_file(home.lake)
    with pytest.raises(InputError, match="holds the logs of /logs, not of /other"):
        home.remember_logs("/other")
    assert home.logs() == "/logs"


def test_a_log_folder_that_the_environment_contradicts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_LOGS", "/environment")
    home = Home(load_settings(home=tmp_path / "home")).prepare()
    with pytest.raises(InputError, match="GOLDWORKS_LOGS"):
        home.remember_logs("/argument")
    assert home.remember_logs("/environment/") == "/environment"


def test_a_slash_at_the_end_makes_no_other_folder(home: Home):
    home.remember_logs("s3://bucket/logs/")
    take_a_file(home.lake)
    assert home.remember_logs("s3://bucket/logs") == "s3://bucket/logs"


def test_a_setting_that_cannot_be_used_is_named_as_the_variable_it_comes_from(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_WORKERS", "many")
    monkeypatch.setenv("GOLDWORKS_NAMES", "perhaps")
    with pytest.raises(InputError) as caught:
        load_settings()
    assert "GOLDWORKS_WORKERS: Input should be a valid integer" in str(caught.value)
    assert "GOLDWORKS_NAMES: Input should be 'policy' or 'off'" in str(caught.value)


@pytest.mark.parametrize("name", ["a [b]", "a%20b", "a?b", "a|b", "a^b"])
def test_a_home_that_the_databases_cannot_name_is_refused_before_anything_is_made(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="characters"):
        Home(load_settings(home=tmp_path / name)).prepare()
    assert not (tmp_path / name).exists()


def test_a_home_with_spaces_quotes_and_letters_of_any_language_works(tmp_path: Path):
    home = Home(load_settings(home=tmp_path / 'l\'été "1" ü')).prepare()
    take_a_file(home.lake)
    assert home.lake.read("logs.arrivals").num_rows == 1


def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch):
    for name in ("HOME", "LOGS", "NAMES", "WORKERS"):
        monkeypatch.setenv(f"GOLDWORKS_{name}", "")
    settings = load_settings()
    assert (settings.home, settings.logs, settings.names, settings.workers) == (Path(".goldworks"), None, "policy", 2)
