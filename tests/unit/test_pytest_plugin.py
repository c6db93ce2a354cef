"""The pytest plugin: pytest itself, in a process of its own, on a golden version and a callable target."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from bridge_cases import write_shop

from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

pytest_plugins = ["pytester"]

ASSISTANT = """
import pathlib
from goldworks.evaluation.answers import NoAnswer

def answer(question):
    asked = question.messages[-1]["text"]
    with pathlib.Path("asked.txt").open("a") as file:
        file.write(question.case_id + "\\n")
    if pathlib.Path("dies").exists() and question.case_id == "shop-topic":
        import os
        os._exit(9)
    if asked.startswith("Is the phone") and not pathlib.Path("mended").exists():
        raise NoAnswer("http_503")
    if asked.startswith("How long"):
        return "Within thirty days, unused."
    if asked.startswith("What does"):
        return "It is a placeholder."
    return "We open at 9. No."
"""
TARGET = "kind: callable\nfunction: shop_assistant:answer\nlimits: {concurrency: 1, attempts: 1}\n"
SUITE = """\
version: 1
name: shop
description: What the shop's assistant must state.
metrics:
  - {metric: facts_required, scorer: facts, kpi: quality, settings: {which: required}}
  - {metric: facts_forbidden, scorer: facts, kpi: quality, settings: {which: forbidden}}
  - {metric: contains, scorer: contains, kpi: quality}
"""
TESTS = "version: 1\nuse_case: shop\nsuite: suite.yml\ntarget: target.yml\nrelease: '1.0'\n"


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = pytester.path / "home"
    monkeypatch.delenv("DAGSTER_HOME", raising=False)  # of what this process made before
    values = {"GOLDWORKS_HOME": home, "GOLDWORKS_NAMES": "off", "GOLDWORKS_EXPECTATIONS": PROJECT_ROOT / "expectations"}
    for name, value in {**values, "PYTHONPATH": pytester.path}.items():
        monkeypatch.setenv(name, str(value))
    write_shop(Lake(home))
    files = {"shop_assistant.py": ASSISTANT, "target.yml": TARGET, "suite.yml": SUITE, "shop.goldworks.yml": TESTS}
    for name, text in files.items():
        Path(pytester.path / name).write_text(text, encoding="utf-8")
    return pytester.path


def test_one_case_one_test(pytester: pytest.Pytester, folder: Path):
    result = pytester.runpytest_subprocess("-rA", "--junitxml=report.xml")
    result.assert_outcomes(passed=2, failed=1, errors=1, skipped=4)
    assert result.ret == 1
    output = result.stdout.str()
    assert re.search(r"facts_required: 0, must reach 1 \(0 of 1 stated\)\n  asked:    When do you open", output)
    assert "  answered: We open at 9. No." in output
    assert re.search(r"no verdict, for something is missing: contains: missing_answer: http_503", output)
    assert "the case asks for no metric of the suite" in output
    assert re.search(r"run \w{24}, inconclusive: 8 cases, 7 answers, 1 missing\n  facts_required: 0.667 ", output)
    assert 'name="goldworks_facts_required" value="0.0"' in (folder / "report.xml").read_text(encoding="utf-8")
    asked = (folder / "asked.txt").read_text().splitlines()
    assert len(asked) == 8
    [run] = Lake(folder / "home").rows("evals.runs")
    assert (run["occasion"], run["release"], run["target"]) == ("release:1.0", "1.0", "target")
    (folder / "mended").touch()
    pytester.runpytest_subprocess().assert_outcomes(passed=3, failed=1, skipped=4)
    assert (folder / "asked.txt").read_text().splitlines()[8:] == ["shop-down"], "only the missing answer is asked for"
    [again] = Lake(folder / "home").rows("evals.runs")
    assert again["run_id"] == run["run_id"]
    assert pytester.runpytest_subprocess("shop.goldworks.yml::shop-returns").ret == 0


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on(pytester: pytest.Pytester, folder: Path):
    (folder / "mended").touch()
    (folder / "dies").touch()
    assert pytester.runpytest_subprocess().ret == 9
    before = len((folder / "asked.txt").read_text().splitlines())
    (folder / "dies").unlink()
    pytester.runpytest_subprocess().assert_outcomes(passed=3, failed=1, skipped=4)
    assert len((folder / "asked.txt").read_text().splitlines()) == before + 1


@pytest.mark.slow
def test_it_is_the_run_that_the_command_makes(pytester: pytest.Pytester, folder: Path):
    (folder / "mended").touch()
    pytester.runpytest_subprocess()
    [run] = Lake(folder / "home").rows("evals.runs")
    options = ["--use-case", "shop", "--suite", "suite.yml", "--target", "target.yml", "--release", "1.0"]
    made = pytester.run("goldworks", "eval", "run", *options, "--no-track")
    assert made.ret == 0
    assert f"Run {run['run_id']}: was done before." in re.sub(r"\s+", " ", made.stdout.str())


@pytest.mark.slow
def test_a_graded_metric_needs_its_mark(pytester: pytest.Pytester, folder: Path):
    (folder / "mended").touch()
    graded = SUITE + "  - {metric: token_f1, scorer: token_f1, kpi: quality}\n"
    (folder / "suite.yml").write_text(graded, encoding="utf-8")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=8)
    assert "pass_at: token_f1 gives values between 0 and 1" in result.stdout.str()
    marks = TESTS + "pass_at: {token_f1: 0.01, facts_required: 0}\n"
    (folder / "shop.goldworks.yml").write_text(marks, encoding="utf-8")
    pytester.runpytest_subprocess().assert_outcomes(passed=4, skipped=4)
    (folder / "shop.goldworks.yml").write_text(TESTS + "pass_at: {token_f1: null, tone: 1}\n", encoding="utf-8")
    assert "pass_at: the suite has no metric 'tone'" in pytester.runpytest_subprocess().stdout.str()


def test_files_that_cannot_be_used_say_why(pytester: pytest.Pytester, folder: Path):
    says = {
        "version: 1\nuse_cas: shop\n": "use_cas",
        TESTS.replace("shop\n", "docs\n", 1): "use case docs has no golden version",
        TESTS + "golden_version: gone\n": "no golden version 'gone'",
        TESTS.replace("target.yml", "absent.yml"): "absent.yml: no such file",
    }
    for number, text in enumerate(says):
        (folder / f"broken{number}.goldworks.yml").write_text(text, encoding="utf-8")
    result = pytester.runpytest_subprocess("--collect-only")
    assert result.ret == 2
    result.assert_outcomes(errors=len(says))
    for said in says.values():
        assert said in result.stdout.str()


def test_other_tests_are_left_as_they_were(pytester: pytest.Pytester, folder: Path, request: pytest.FixtureRequest):
    mask = os.umask(0o022)  # commands that ran in this process made it strict
    request.addfinalizer(lambda: os.umask(mask))
    (folder / "mended").touch()
    pytester.makepyfile(
        test_zz="import os, pathlib\n\ndef test_it():\n    assert 'DAGSTER_HOME' not in os.environ\n"
        "    pathlib.Path('made').touch()\n    assert pathlib.Path('made').stat().st_mode & 0o777 == 0o666 & ~MASK\n".replace(
            "MASK", "0o022"
        )
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=4, failed=1, skipped=4)


def test_the_plugin_imports_nothing_before_it_is_needed(pytester: pytest.Pytester):
    pytester.makepyfile(
        "import sys\n\ndef test_it():\n    assert 'pipelines.pytest_plugin' in sys.modules\n"
        "    assert not [name for name in sys.modules if name.startswith(('goldworks.', 'pyarrow', 'deltalake', 'dagster'))]\n"
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
