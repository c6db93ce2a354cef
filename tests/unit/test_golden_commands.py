"""`goldworks golden` as a user meets it: from a written file to a minted version, with exit codes and errors that help."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from goldworks.errors import GoldworksError
from goldworks.golden.register import read_candidates
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT
from pipelines.golden_commands import app

CASES = """\
- case_id: opening
  use_case: harbor-docs
  question: When do you open on Sundays? I am at jane.roe@example.com
  expected: {facts_required: ["10"]}
- case_id: refund
  use_case: harbor-docs
  question: How long may I return a kayak?
"""


class Command:
    """Runs a command in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lake = Lake(home)

    def __call__(self, *arguments: str, expect: int = 0, given: str | None = None) -> str:
        result = CliRunner().invoke(app, list(arguments), input=given)
        if isinstance(result.exception, GoldworksError):
            assert expect == 1, result.exception
            return str(result.exception)
        assert result.exit_code == expect, (result.output, result.exception)
        return result.output


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name, value in {"HOME": tmp_path / "home", "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(value))
    monkeypatch.setenv("DAGSTER_HOME", "set by the command, put back after the test")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    Path("cases.yaml").write_text(CASES, encoding="utf-8")
    return Command(tmp_path / "home")


def test_from_a_written_file_to_a_version(golden: Command):
    assert "2 added, 0 changed, 0 unchanged, 0 rejected." in golden("import", "cases.yaml", "--author", "Ann")
    assert "jane.roe" not in golden("show", "opening")
    assert "<EMAIL_ADDRESS_1>" in golden("show", "opening")
    assert "no approved case to mint" in golden("mint", "harbor-docs", expect=1)
    assert "1 case approved" in golden("approve", "harbor-docs", "--case", "opening", "--by", "Bea")
    minted = json.loads(golden("mint", "harbor-docs", "--json"))
    assert (minted["cases"], minted["is_new"], minted["leaks"]) == (1, True, [])
    assert "1 case approved" in golden("approve", "harbor-docs", "--all", "--by", "Bea")
    second = json.loads(golden("mint", "harbor-docs", "--json"))["version_id"]
    assert "1 added, 0 removed, 0 changed, 1 unchanged\n+ refund" in golden("diff", minted["version_id"], "harbor-docs")
    assert "1 case retired" in golden("retire", "harbor-docs", "--case", "refund", "--by", "Bea")
    listed = json.loads(golden("list", "--json"))
    (row,) = (row for row in listed["use_cases"] if row["use_case"] == "harbor-docs")
    assert (row["approved"], row["retired"], row["approval"]) == (1, 1, "people")
    assert [version["version_id"] for version in listed["versions"]] == [minted["version_id"], second]
    assert "How long may I return" in golden("show", second)
    table = golden("list")
    assert "current" in table
    assert "docs-team" in table


def test_exported_files_import_without_a_change(golden: Command):
    golden("import", "cases.yaml", "--author", "Ann")
    for name in ("out.csv", "out.yaml"):
        golden("export", "harbor-docs", "--out", name)
        assert "0 added, 0 changed, 2 unchanged, 0 rejected." in golden("import", name, "--author", "Ann")
    csv = golden("export", "refund", "--form", "csv")
    changed = csv.replace("How long may I return a kayak?,,", "How long may I return a kayak?,Thirty days,")
    assert changed != csv
    assert "1 changed" in golden("import", "-", "--form", "csv", "--author", "Ann", given=changed)
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbfcase_id,")


def test_rejected_rows_give_exit_code_1_and_the_rest_comes_in(golden: Command):
    Path("bad.csv").write_text("use_case,question,tier\nharbor-docs,Fine?,T2\nharbor-doc,Typo?,T2\nharbor-docs,Tier?,T9\n")
    output = golden("import", "bad.csv", "--author", "Ann", expect=1)
    assert "line 3: use_case: not one of" in output
    assert "did you mean harbor-docs?" in output
    assert "line 4: tier: must be T1, T2 or T3" in output
    assert "1 added, 0 changed, 0 unchanged, 2 rejected." in output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nothing"), "use cases with candidates: harbor-docs"),
        (("mint", "nothing"), "there are: harbor-docs, harbor-mail, harbor-orders"),
        (("approve", "nothing", "--all", "--by", "Bea"), "use cases that have: harbor-docs"),
        (("approve", "harbor-docs", "--case", "nothing", "--by", "Bea"), "no candidate nothing"),
        (("diff", "nothing", "harbor-docs"), "no golden version or use case"),
        (("import", "absent.csv", "--author", "Ann"), "no such file"),
        (("import", "cases.txt", "--author", "Ann"), "--form yaml or --form csv"),
        (("export", "nothing"), "no use case, golden version or case"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(golden: Command, arguments: tuple[str, ...], says: str):
    golden("import", "cases.yaml", "--author", "Ann")
    assert says in golden(*arguments, expect=1)


def test_approving_needs_a_choice(golden: Command):
    golden("approve", "harbor-docs", "--by", "Bea", expect=2)
    golden("approve", "harbor-docs", "--by", "Bea", "--all", "--case", "x", expect=2)


EDITOR = """
import pathlib, sys
file = pathlib.Path(sys.argv[-1])
text = file.read_text()
pathlib.Path("seen.txt").write_text(str(file))
file.write_text(text.replace("expected: {}", "expected: {reference: CHANGE}"))
"""


def use_editor(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    Path("editor.py").write_text(EDITOR.replace("CHANGE", change))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {Path('editor.py').resolve()}")


def test_editing_imports_what_was_changed_and_leaves_no_file(golden: Command, monkeypatch: pytest.MonkeyPatch):
    golden("import", "cases.yaml", "--author", "Ann")
    golden("approve", "harbor-docs", "--all", "--by", "Bea")
    use_editor(monkeypatch, "Thirty days")
    assert "0 added, 1 changed, 1 unchanged" in golden("edit", "harbor-docs", "--author", "Cem")
    row = read_candidates(golden.lake)["refund"]
    assert (row["state"], row["authored_by"], json.loads(row["expected"])) == ("proposed", "Cem", {"reference": "Thirty days"})
    assert not Path(Path("seen.txt").read_text()).exists()
    assert "Nothing was changed" in golden("edit", "refund", "--author", "Cem")


def test_a_mistake_in_the_editor_can_be_mended_or_given_up(golden: Command, monkeypatch: pytest.MonkeyPatch):
    golden("import", "cases.yaml", "--author", "Ann")
    use_editor(monkeypatch, "[")
    output = golden("edit", "refund", "--author", "Cem", expect=1, given="n\n")
    assert "not YAML" in output
    assert "Go on editing?" in output
    use_editor(monkeypatch, "12")
    assert "Expected str | null, got int at expected.reference" in golden(
        "edit", "refund", "--author", "Cem", expect=1, given="n\n"
    )
    golden("approve", "harbor-docs", "--all", "--by", "Bea")
    version = json.loads(golden("mint", "harbor-docs", "--json"))["version_id"]
    assert "is immutable" in golden("edit", version, "--author", "Cem", expect=1)


def test_a_version_with_personal_data_fails_the_minting(golden: Command, monkeypatch: pytest.MonkeyPatch):
    golden("import", "cases.yaml", "--author", "Ann")
    golden("approve", "harbor-docs", "--all", "--by", "Bea")
    rows = read_candidates(golden.lake)
    rows["refund"]["messages"] = rows["refund"]["messages"].replace("a kayak", "it to jane.roe@example.com")
    golden.lake.replace("golden.candidates", rows.values(), {"use_case": "harbor-docs"})
    output = golden("mint", "harbor-docs", expect=1)
    assert "refund messages.0.text: EMAIL_ADDRESS" in output
    assert "jane.roe" not in output


GUIDE = (PROJECT_ROOT / "docs" / "golden.md").read_text(encoding="utf-8")


def test_every_command_of_the_guide_works(golden: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")
    done: dict[str, str] = {}
    for name, text in re.findall(r"```(\S+(?: \S+)?)\n(.*?)```", GUIDE, re.DOTALL):
        if name == "sh":
            for line in text.splitlines():
                command = shlex.split(line)
                assert command[:2] == ["goldworks", "golden"]
                done[line] = golden(*command[2:])
        else:
            Path(name.split()[1]).write_text(text, encoding="utf-8")
    assert "3 added, 0 changed" in done["goldworks golden import cases.yaml --author Ann"]
    assert "2 added, 1 changed" in done["goldworks golden import answers.csv --author Ann"]
    assert "3 cases." in done["goldworks golden mint harbor-docs"]
    assert len(done) == GUIDE.count("\ngoldworks golden ")
