"""`goldworks new` and docs/scorers.md: what they begin passes its own test, and the page's steps and examples work as written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from goldworks.errors import InputError
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main
from pipelines.new_commands import What, class_name, written_for


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python looks in, with expectations of its own."""
    shutil.copytree(PROJECT_ROOT / "expectations", tmp_path / "expectations")
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def goldworks(*words: str) -> int:
    """The command, and its exit code."""
    with pytest.raises(SystemExit) as ended:
        main([*words])
    return int(ended.value.code or 0)


def pytest_in(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *names]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_each_starting_point_passes_its_own_test(checkout: Path, capsys: pytest.CaptureFixture[str]):
    for what in What:
        assert goldworks("new", what.value, "polite_tone", "--root", str(checkout)) == 0
    assert 'scorer: "own.scorers.polite_tone:PoliteTone"' in capsys.readouterr().out
    ran = pytest_in(checkout, "own", "--import-mode=importlib")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "6 passed" in ran.stdout


def test_they_keep_the_rules_of_the_house(checkout: Path):
    for what in What:
        goldworks("new", what.value, "polite_tone", "--root", str(checkout))
    shutil.copy(PROJECT_ROOT / "pyproject.toml", checkout)
    ran = subprocess.run([sys.executable, "-m", "ruff", "check", "own", "--ignore", "D,S,PLR"], cwd=checkout,
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stdout


def test_nothing_is_overwritten_and_a_name_is_a_name(checkout: Path, capsys: pytest.CaptureFixture[str]):
    assert goldworks("new", "scorer", "tone", "--root", str(checkout)) == 0
    file = checkout / "own" / "scorers" / "tone.py"
    file.write_text("mine")
    assert goldworks("new", "scorer", "tone", "--root", str(checkout)) != 0
    assert file.read_text() == "mine"
    assert "own/scorers/tone.py exists" in capsys.readouterr().err
    for name in ("Tone", "a-b", "../tone", "", "1a"):
        with pytest.raises(InputError, match="cannot be a name"):
            written_for(What.SUITE, name, checkout, checkout)
    assert class_name("polite_tone_2") == "PoliteTone2"
