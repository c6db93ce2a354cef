"""Runs that were made with promptfoo and Inspect hold where ours do: in the published marts, and before the gates."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from bridge_cases import FOLDER, VERSION, write_shop

from goldworks.adapters.warehouse import Warehouse
from goldworks.evaluation.result import load_result
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

pytestmark = pytest.mark.slow

GATE: dict[str, Any] = {"suite": "chat", "kind": "at_least", "at": 0.04}
POLICY = {
    "version": 1,
    "name": "chat",
    "description": "What the shop's assistant must reach.",
    "use_cases": ["shop"],
    "without": {"tool": "It calls no tool.", "cost_latency": "It is asked elsewhere."},
    "gates": [
        {**GATE, "gate": "facts", "family": "quality", "metric": "facts_required", "means": "it states the facts"},
        {**GATE, "gate": "forbidden", "family": "safety", "metric": "facts_forbidden", "means": "it states nothing forbidden"},
    ],
}
BAN = {
    "gate": "never",
    "family": "quality",
    "suite": "chat",
    "kind": "ban",
    "metric": "facts_required",
    "at": 0,
    "means": "no slip",
}


@dataclass
class Home:
    """What was imported, judged and published."""

    lake: Lake
    codes: dict[str, int] = field(default_factory=dict[str, int])
    said: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def command(self, name: str, *arguments: str) -> None:
        """Run it; its exit code and what it says stand under `name`."""
        out = StringIO()
        with redirect_stdout(out), pytest.raises(SystemExit) as ended:
            main([*arguments, "--json"])
        self.codes[name], self.said[name] = int(ended.value.code or 0), json.loads(out.getvalue())

    def rows(self, text: str) -> list[dict[str, Any]]:
        """Rows of the published marts."""
        with duckdb.connect(str(self.lake.home / "marts.duckdb"), read_only=True) as connection:
            return connection.sql(text).to_arrow_table().to_pylist()


def mended(folder: Path) -> Path:
    """promptfoo's output, as if the assistant had answered everywhere and the grader had not failed."""
    output = json.loads((FOLDER / "promptfoo" / "output.json").read_text(encoding="utf-8"))
    for result in output["results"]["results"]:
        if result["testCase"]["metadata"]["case_id"] == "shop-down":
            result.pop("error", None)
            result |= {"failureReason": 0, "response": {"output": "No."}}
    file = folder / "mended.json"
    file.write_text(json.dumps(output), encoding="utf-8")
    return file


def judge(home: Home, name: str, release: str, expectations: Path, *gates: dict[str, Any]) -> None:
    """`goldworks gate` by these gates, approved."""
    (expectations / "gates" / "chat.yml").write_text(yaml.safe_dump({**POLICY, "gates": [*POLICY["gates"], *gates]}))
    with pytest.raises(SystemExit), redirect_stdout(StringIO()):
        main(["gate", "approve", "gates", "chat", "--by", "Noor Haddad", "--role", "quality_lead"])
    home.command(name, "gate", "--release", release, "--use-case", "shop")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("imported")
    expectations = folder / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    shutil.rmtree(expectations / "releases")
    for file in (expectations / "gates").glob("*.yml"):
        file.unlink()
    found = Home(Lake(folder / "home"))
    found.lake.create()
    write_shop(found.lake)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOME": folder / "home", "EXPECTATIONS": expectations, "NAMES": "off"}.items():
            patch.setenv(f"GOLDWORKS_{name}", str(value))
        patch.setenv("DAGSTER_HOME", "set by the command, put back after the tests")
        bring = ("--use-case", "shop", "--suite", "chat", "--no-track")
        files = {
            "promptfoo 1.0": FOLDER / "promptfoo" / "output.json",
            "promptfoo 1.1": mended(folder),
            "inspect 1.2": FOLDER / "inspect" / "shop.eval",
        }
        for name, file in files.items():
            tool, release = name.split()
            found.command(name, "eval", "import", str(file), "--format", tool, "--release", release, *bring)
        judge(found, "open", "1.0", expectations)
        judge(found, "passes", "1.1", expectations)
        judge(found, "fails", "1.0", expectations, BAN)
        judge(found, "inspect fails", "1.2", expectations, BAN)
        warehouse = Warehouse(found.lake.home, PROJECT_ROOT / "dbt_project", expectations)
        warehouse.build()
        warehouse.publish()
        yield found


def test_an_imported_run_is_a_run_in_the_marts_with_the_estimates_of_its_report(home: Home):
    assert {name: home.codes[name] for name in ("promptfoo 1.0", "promptfoo 1.1", "inspect 1.2")} == {
        "promptfoo 1.0": 3,
        "promptfoo 1.1": 0,
        "inspect 1.2": 3,
    }
    runs = {row["release"]: row for row in home.rows("from fct_eval_runs")}
    assert {release: (row["target_kind"], row["status"], row["version_id"]) for release, row in runs.items()} == {
        "1.0": ("promptfoo", "inconclusive", VERSION),
        "1.1": ("promptfoo", "complete", VERSION),
        "1.2": ("inspect", "inconclusive", VERSION),
    }
    for release, tools_own in (("1.0", "promptfoo_facts_required"), ("1.2", "inspect_includes")):
        run_id = runs[release]["run_id"]
        found = {row["metric"]: row for row in home.rows(f"from kpi_run_metrics where run_id = '{run_id}'")}
        estimates = load_result(home.lake, run_id).estimates
        assert found.keys() == estimates.keys()
        for metric in (tools_own, "facts_required"):
            wanted = estimates[metric]
            assert wanted.value is not None
            assert [found[metric][name] for name in ("value", "low", "high", "n")] == pytest.approx(
                [wanted.value, wanted.low, wanted.high, wanted.n]
            )


def test_two_imported_releases_are_compared_in_the_marts(home: Home):
    found = home.rows("from kpi_release_comparison where metric = 'facts_required'")
    assert [(row["base_release"], row["release"], row["is_paired"], row["common_cases"]) for row in found] == [
        ("1.0", "1.1", True, 8)
    ]


def test_gates_decide_on_imported_runs(home: Home):
    said = {name: (home.codes[name], home.said[name]["status"]) for name in ("open", "passes", "fails", "inspect fails")}
    assert said == {"open": (3, "inconclusive"), "passes": (0, "pass"), "fails": (1, "fail"), "inspect fails": (1, "fail")}
    [facts] = [gate for gate in home.said["passes"]["gates"] if gate["gate"] == "facts"]
    assert (facts["status"], facts["estimate"]["value"]) == ("pass", pytest.approx(2 / 3))
    verdicts = {(row["release"], row["gate"]): row["status"] for row in home.rows("from fct_release_verdicts")}
    assert verdicts["1.1", "facts"] == "pass"
    assert verdicts["1.2", "never"] == "fail"
