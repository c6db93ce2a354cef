"""`goldworks new` and docs/scorers.md: what they begin passes its own test, and the page's steps and examples work as written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from scoring import case
from scoring import said as said_

from goldworks.errors import InputError
from goldworks.evaluation.aggregates import AGGREGATES
from goldworks.evaluation.scorers import SCORERS
from goldworks.evaluation.suites import Scoring, Suite, load_suite
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


@pytest.mark.slow
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


GUIDE = (PROJECT_ROOT / "docs" / "scorers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: ([\w/.]+))?\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_guide_is_followed_literally(checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    commands = [text for kind, _, text in BLOCKS if kind == "console"]
    command, *shown = commands[0].splitlines()
    assert goldworks(*command.removeprefix("$ goldworks ").split(), "--root", str(checkout)) == 0
    assert capsys.readouterr().out.splitlines() == shown
    command, said = commands[1].splitlines()
    ran = pytest_in(checkout, command.removeprefix("$ pytest "), "--import-mode=importlib")
    assert said in ran.stdout, ran.stdout + ran.stderr

    for kind, place, text in BLOCKS:
        if kind in ("python", "yaml") and "/" in place:
            path = checkout / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(checkout))
    for name in [name for name in sys.modules if name == "own" or name.startswith("own.")]:
        monkeypatch.delitem(sys.modules, name)
    tone = Scoring.of(load_suite(checkout / "expectations" / "suites" / "tone.yml"))
    texts = {"WE ARE OPEN": 0.0, "We are open": 1.0, "": 1.0}
    assert [score["calm"].value for score in tone.scores([(case(), said_(text)) for text in texts])] == list(texts.values())
    others = load_suite(checkout / "expectations" / "suites" / "others.yml")
    assert len(set(others.scorer_digests.values())) == 3


def test_the_guide_names_every_scorer_and_aggregate_and_its_aggregate_is_one():
    table = GUIDE[: GUIDE.index("## Add a scorer")]
    named = set(re.findall(r"`([a-z_0-9]+)`", table))
    assert SCORERS.keys() <= named, SCORERS.keys() - named
    assert AGGREGATES.keys() <= named, AGGREGATES.keys() - named
    [text] = [text for kind, place, text in BLOCKS if place == "aggregates"]
    given = yaml.safe_load(text)["aggregates"]
    metric = {"metric": "accuracy", "scorer": "label", "kpi": "k"}
    suite = {"version": 1, "name": "s", "description": "d", "metrics": [metric], "aggregates": given}
    assert Suite.model_validate(suite).aggregates[0].aggregate == "macro_f1"


def test_the_guide_names_every_ready_suite():
    names = {path.stem for path in (PROJECT_ROOT / "expectations" / "suites").glob("*.yml")}
    assert names == set(re.findall(r"`(\w+)`", GUIDE[GUIDE.index("Ready suites") :].split("\n")[0]))
