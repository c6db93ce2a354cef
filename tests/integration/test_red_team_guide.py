"""docs/red-team.md is followed literally: each file, each command in order, and what the page says comes out.

Ids of versions are left out of the comparison, and so is what the page leaves out with `...`.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

PAGE = (PROJECT_ROOT / "docs" / "red-team.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VERSION = re.compile(r"-[0-9a-f]{12}\b")


def bare(line: str) -> str:
    return " ".join(VERSION.sub("-#", line).split())


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr()
    assert ended.value.code == 0, (arguments, told)
    return [bare(line) for line in (told.out + told.err).splitlines()]


def metric(told: list[str], name: str) -> str:
    return next(line for line in told if re.search(rf"(?:^|\W){name}\b", line))


@pytest.mark.slow
def test_every_command_of_the_guide_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    for name, value in {"HOME": str(tmp_path / "home"), "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", "set by the commands, put back after the test")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    done: dict[str, list[str]] = {}
    count = 0
    for kind, file, text in BLOCKS:
        if kind != "console":
            Path(file).write_text(text, encoding="utf-8")
            continue
        for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, *shown = step.splitlines()
            words = shlex.split(command)
            assert words[0] == "goldworks"
            told = done[command] = run(words[1:], capsys)
            count += 1
            for line in shown:
                assert line.strip() in ("", "...") or bare(line) in told, (command, line, told)
    assert count == PAGE.count("\n$ goldworks ") == 18
    sys.modules.pop("our_moderation", None)
    weak = next(told for command, told in done.items() if "--target harbor-mail-1.0" in command)
    mended = next(told for command, told in done.items() if "injection --target harbor-mail-1.1" in command)
    for name in ("attack_resisted", "indirect_injection_resisted", "prompt_extraction_resisted", "hidden_request_resisted"):
        assert "1.000 [" in metric(mended, name)
        assert "1.000 [" not in metric(weak, name)


def test_the_guide_names_every_technique():
    from goldworks.evaluation.attacks.techniques import TECHNIQUES

    table = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    assert {name for name in TECHNIQUES if f"`{name}`" not in table} == set()
