"""docs/privacy.md is followed literally: each command in order, each change of a policy, and what the page says comes out.

Figures, ids and paths are left out of the comparison. The home holds the sample's logs, taken without the rest of the line, so
an erasure finds nothing in golden sets and runs and the second scanner nothing published: test_erasure.py and
tests/unit/test_second_scanner.py look at these.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from goldworks.demo.generate import write_logs
from goldworks.home import Home
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT, load_settings
from goldworks.use_cases import load_use_cases
from pipelines.cli import main

PAGE = (PROJECT_ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|yaml [\w/.]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CHANGES = re.compile(r"conv_\w+|[\w./]*(?:conversation|user|value)-[0-9a-f]{16}\S*|\S*[0-9a-f]{12}\S*|\d+(?:[.,:%-]\d+)*%?")
OF_A_WHOLE_HOME = ("  golden sets", "Nothing found in", "Noor Steiner")
"""Begin of lines that are not compared: what golden sets, runs and marts add, none of which is here, and a name of the sample."""


@dataclass(frozen=True)
class Step:
    """A command of the page and the lines that it shows."""

    command: str
    shown: tuple[str, ...]


def steps(block: str) -> list[Step]:
    found = [part.split("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [Step(lines[0], tuple(line for line in lines[1:] if line.strip() not in ("", "..."))) for lines in found]


def bare(line: str) -> str:
    """What stays the same in every home, with single spaces."""
    return " ".join(CHANGES.sub("#", re.sub(r"\S*/office/", "office/", line).replace("...", "")).split())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """`office` below the working folder, with the sample's logs and policies of its own, its values in a vault."""
    for name in ("KEY", "SIGNING_KEY", "VAULT_KEY", "NAMES", "REGION"):
        monkeypatch.delenv(f"GOLDWORKS_{name}", raising=False)
    for name, value in {"HOME": "office", "EXPECTATIONS": "expectations", "WORKERS": "0"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", "set by the commands, put back after the test")
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.chdir(tmp_path)
    expectations = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    write_logs(tmp_path / "sample" / "logs")
    home = Home(load_settings()).prepare()
    keys = expectations / "policies" / "keys.yml"
    keys.write_text(keys.read_text().replace("vault: off", "vault: on"))
    source = Source(str(tmp_path / "sample" / "logs"), expectations, load_intake_policy(expectations), "off", workers=0)
    take(home.lake, source, home.key)
    merge_conversations(home.lake, load_use_cases(expectations / "use_cases.yml"))
    keys.write_text(keys.read_text().replace("vault: on", "vault: off"))  # as the page begins
    Path("value.txt").write_text("TRN7853B24")
    return home


def change(file: str, text: str) -> None:
    """What a reader does with a piece of a policy: put it in place of what stands there."""
    path = Path(file)
    policy, new = yaml.safe_load(path.read_text()), yaml.safe_load(text)
    if "days" in new:
        new["days"] = policy["days"] | new["days"]
    path.write_text(yaml.safe_dump(policy | new, sort_keys=False))


def with_this_homes_ids(command: str, lake: Lake) -> str:
    """The page's ids of users, certificates and values are those of its own home."""
    if "--user" in command:
        user = next(row["user_hash"] for row in lake.rows("logs.conversations") if row["user_hash"])
        return re.sub(r"--user \w+", f"--user {user}", command)
    if "--verify office/certificates" in command:
        return re.sub(r"--verify \S+", f"--verify {next(Path('office/certificates').glob('value-*'))}", command)
    if "vault read" in command:
        row = next(row for row in lake.rows("logs.entities") if row["type"] == "PERSON")
        return re.sub(r"conv_\w+ --token \S+", f"{row['conversation_id']} --token '{row['token']}'", command)
    return re.sub(r"integrity/\S+", str(next(Path("office/integrity").glob("*.html"), "")).removeprefix("office/"), command)


class Shell:
    """Runs the few kinds of lines that the page has."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, line: str) -> tuple[int, str]:
        piped = ""
        if line.startswith("echo "):
            said, _, line = line.partition(" | ")
            piped = shlex.split(said)[1] + "\n"
        elif " < " in line:
            line, _, file = line.partition(" < ")
            piped = Path(file).read_text()
        words = shlex.split(line)
        assert words[0] == "goldworks", line
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))
        self._capsys.readouterr()
        try:
            main(words[1:])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        output = self._capsys.readouterr()
        return code, output.out + output.err


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    shell, ran = Shell(capsys, monkeypatch), 0
    for kind, block in BLOCKS:
        if kind != "console":
            change(kind.removeprefix("yaml "), block)
            continue
        for step in steps(block):
            ran += 1
            if step.command.startswith("cat "):
                Path(step.command.removeprefix("cat ")).write_text("\n".join(step.shown) + "\n")
            elif step.command.startswith("rm "):
                Path(step.command.removeprefix("rm ")).unlink()
            else:
                if "--read" in step.command:
                    judge_all(Path("sheet.csv"))
                code, output = shell(with_this_homes_ids(step.command, home.lake))
                assert code == 0, f"{step.command}: {output}"
                said = [bare(line) for line in output.split("\n")]
                wanted = [bare(line) for line in step.shown if not line.startswith(OF_A_WHOLE_HOME)]
                missing = [line for line in wanted if not any(line in other for other in said)]
                assert missing == [], f"{step.command}: {output}"
    assert ran == PAGE.count("\n$ ")


def judge_all(sheet: Path) -> None:
    """Nothing is found in any of them."""
    head, *rows = sheet.read_text().splitlines()
    assert head.endswith("leak,types")
    sheet.write_text("\n".join([head, *(re.sub(r",,$", ",no,", row) for row in rows)]) + "\n")


def test_every_test_and_page_that_is_named_is_there():
    named = re.findall(r"`((?:integration/|unit/)?(?:marts/)?test_\w+\.py)`", PAGE)
    assert len(named) >= 10
    tests = PROJECT_ROOT / "tests"
    assert [name for name in named if not any((tests / place / name).exists() for place in ("", "integration"))] == []
    linked = re.findall(r"\]\(([^)#]+)", PAGE)
    assert [link for link in linked if not (PROJECT_ROOT / "docs" / link).exists()] == []
