"""A golden version for promptfoo, OpenAI Evals and Inspect: what stands in the files, and what is said not to."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import orjson
import pytest
from bridge_cases import FOLDER, VERSION, write_shop
from typer.testing import CliRunner

from goldworks.errors import InputError
from goldworks.evaluation.exports import FORMATS, Exported, Minted, export_version
from goldworks.evaluation.exports.carrying import Left
from goldworks.golden.case import Attack, Case, CaseMessage, Expected
from goldworks.lake import Lake
from pipelines.golden_commands import app


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home")
    write_shop(lake)
    return lake


def left_of(exported: Exported) -> dict[str, int]:
    return {part: count for (part, _), count in exported.left.items()}


@pytest.mark.parametrize(
    ("form", "file"),
    [
        ("promptfoo", "promptfoo/cases.json"),
        ("inspect", "inspect/cases.jsonl"),
        ("openai-evals", "openai-evals/samples.jsonl"),
    ],
)
def test_the_fixtures_that_the_tools_ran_on_are_what_is_exported(lake: Lake, form: str, file: str):
    assert export_version(lake, VERSION, form).text == (FOLDER / file).read_text(encoding="utf-8")


def test_promptfoo_tests_carry_ids_and_what_it_can_check(lake: Lake):
    exported = export_version(lake, VERSION, "promptfoo")
    tests = {test["metadata"]["case_id"]: test for test in json.loads(exported.text)}
    checks = {name: [(one["type"], one.get("value")) for one in test.get("assert", ())] for name, test in tests.items()}
    assert checks["shop-returns"] == [("icontains-any", ["30 days", "thirty days"]), ("not-icontains", "60 days")]
    assert checks["shop-topic"] == [("icontains", "damage")]
    assert checks["shop-neighbour"] == [("is-refusal", None)]
    assert checks["shop-order"] == [("tool-call-f1", ["send_again"])]
    assert checks["shop-json"][0][0] == "is-json"
    assert checks["shop-opening"][1] == ("regex", r"\b10(:00)?\b")
    assert "assert" not in tests["shop-down"]
    assert tests["shop-returns"]["vars"]["context"].startswith("A kayak may be returned")
    left = left_of(exported)
    assert left == {
        "reference": 2,
        "rubric": 1,
        "tools": 1,
        "tool_calls: arguments": 1,
        "variable question": 1,
        "any assertion": 1,
    }


def test_text_of_a_case_is_never_a_template_or_a_file_to_promptfoo(lake: Lake):
    test = json.loads(export_version(lake, VERSION, "promptfoo").text)[0]
    messages = test["vars"]["messages"]
    assert "{{" not in messages
    assert "{%" not in messages
    assert "#}" not in messages
    assert json.loads(messages)[0]["content"] == "What does {{ order.id }} mean in your mail, and {% if paid %} and {# this #}?"
    assert "question" not in test["vars"]
    case = Case(
        case_id="c",
        use_case="shop",
        tier="T2",
        origin="authored",
        messages=(CaseMessage(role="user", text="file://secrets.txt"),),
        expected=Expected(facts_required=("{{ env.KEY }}",), patterns=("(?i)yes", r"\pL"), attack=Attack("x", canary="zebra")),
    )
    left = Left()
    [test] = json.loads(FORMATS["promptfoo"]([Minted(case, VERSION, "d")], left))
    assert list(test["vars"]) == ["messages"]
    assert [one["type"] for one in test["assert"]] == ["not-icontains"]
    assert {part: n for (part, _), n in left.counted.items()} == {
        "variable question": 1,
        "facts_required": 1,
        "patterns": 1,
        "attack: encodings of the canary, tools": 1,
    }


def test_one_target_is_the_label_one_fact_or_the_reference(lake: Lake):
    for form, key in (("inspect", "target"), ("openai-evals", "ideal")):
        lines = [orjson.loads(line) for line in export_version(lake, VERSION, form).text.splitlines()]
        ids = [line.get("id") or line["case_id"] for line in lines]
        targets = dict(zip(ids, (line.get(key) for line in lines), strict=True))
        assert targets["shop-returns"] == ["30 days", "thirty days"]
        assert targets["shop-topic"] == "damage"
        assert targets["shop-down"] == "No."
        assert not targets.get("shop-order")
        exported = export_version(lake, VERSION, form)
        assert left_of(exported)[{"target": "target", "ideal": "the whole case"}[key]] == 3
        assert exported.cases == len(lines) == {"target": 8, "ideal": 5}[key]


def test_openai_evals_has_no_sample_that_would_end_its_run(lake: Lake):
    lines = [orjson.loads(line) for line in export_version(lake, VERSION, "openai-evals").text.splitlines()]
    assert all(isinstance(line["ideal"], str | list) and line["input"] for line in lines)
    rows = [row for row in lake.rows("golden.cases") if row["case_id"] == "shop-order"]
    lake.replace("golden.cases", rows, {"version_id": VERSION})
    with pytest.raises(InputError, match="openai-evals can carry none of the 1 cases of shop-0123456789ab: it expects nothing"):
        export_version(lake, VERSION, "openai-evals")


def test_inspect_gets_calls_in_its_own_form_and_the_whole_expected_outcome(lake: Lake):
    lines = [orjson.loads(line) for line in export_version(lake, VERSION, "inspect").text.splitlines()]
    [order] = [line for line in lines if line["id"] == "shop-order"]
    call = {"id": "call_a", "type": "function", "function": "get_order", "arguments": {"order_id": "HO-10023"}}
    assert order["input"][2] == {"role": "assistant", "content": "", "tool_calls": [call]}
    assert order["input"][3]["function"] == "get_order"
    assert order["metadata"]["expected"]["tool_calls"][0]["name"] == "send_again"
    assert [tool["name"] for tool in order["metadata"]["tools"]] == ["get_order", "send_again"]


def test_a_version_that_is_not_there_or_empty_is_refused(lake: Lake):
    with pytest.raises(InputError, match="no golden version 'shop-none'"):
        export_version(lake, "shop-none", "inspect")


@pytest.fixture
def home(tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"HOME": lake.home, "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(value))
    monkeypatch.setenv("DAGSTER_HOME", "set by the command, put back after the test")
    monkeypatch.chdir(tmp_path)
    return lake.home


def test_the_command_writes_for_the_owner_alone_and_says_what_is_left_out(home: Path):
    Path("tests.json").write_text("old", encoding="utf-8")
    Path("tests.json").chmod(0o644)
    result = CliRunner().invoke(app, ["export", "shop", "--format", "promptfoo", "--out", "tests.json"])
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(Path("tests.json").stat().st_mode) == 0o600
    assert len(json.loads(Path("tests.json").read_text(encoding="utf-8"))) == 8
    assert "8 cases written to tests.json." in result.stderr
    assert "Not carried for 1 case: rubric: carried as the variable `rubric`; a check needs a model" in result.stderr
    assert CliRunner().invoke(app, ["export", VERSION, "--format", "inspect"]).stdout.count("\n") == 8
    assert CliRunner().invoke(app, ["export", "shop", "--format", "inspect", "--state", "proposed"]).exit_code == 2


def test_jsonl_comes_back_as_it_was(home: Path):
    runner = CliRunner()
    cases = (FOLDER / "cases.yml").read_text(encoding="utf-8").replace("use_case: shop", "use_case: harbor-docs")
    runner.invoke(app, ["import", "-", "--form", "yaml", "--author", "Ann"], input=cases)
    runner.invoke(app, ["export", "harbor-docs", "--out", "cases.jsonl"])
    assert "0 added, 0 changed, 8 unchanged" in runner.invoke(app, ["import", "cases.jsonl", "--author", "Ann"]).output
    damaged = Path("cases.jsonl").read_text(encoding="utf-8") + '{"case_id": \n[1]\n'
    result = runner.invoke(app, ["import", "-", "--form", "jsonl", "--author", "Ann"], input=damaged)
    assert result.exit_code == 1
    assert "line 9: not JSON" in result.output
    assert "line 10: not a case" in result.output
