"""The dbt project as those see it who work on it: its own unit tests, its manifest, the shape every model has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_lake import House

from goldworks.adapters.warehouse import Warehouse
from goldworks.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="module")
def manifest(house: House) -> dict[str, Any]:
    return json.loads(house.warehouse.manifest().read_bytes())


def test_dbt_build_as_the_profile_says_passes_with_the_unit_tests(house: House, tmp_path: Path):
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(tmp_path)]
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "build", *folders, "--log-path", str(tmp_path)]
    environment = {**os.environ, "GOLDWORKS_HOME": str(house.lake.home)}
    done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / "run_results.json").read_bytes())["results"]
    assert not [one["unique_id"] for one in results if one["status"] not in ("success", "pass", "no-op")]
    unit_tests = [one for one in results if one["unique_id"].startswith("unit_test.")]
    assert len(unit_tests) >= 5


def test_every_node_of_the_build_is_well(house: House):
    assert not [one for one in house.built if one.status not in ("success", "pass")]
    assert {one.unique_id for one in house.built if one.rows == 53} >= {"model.goldworks.fct_conversations"}


def test_each_model_says_one_row_per_what_and_has_its_name(manifest: dict[str, Any]):
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert not [node["name"] for node in models if not node["description"].startswith("One row per ")]
    prefixes = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("dim_", "fct_", "kpi_")}
    assert not [node["name"] for node in models if not node["name"].startswith(prefixes[node["fqn"][1]])]
    marts = [node for node in models if node["fqn"][1] == "marts"]
    assert all(node["contract"]["enforced"] for node in marts)
    assert all(column["description"] for node in marts for column in node["columns"].values())


def test_each_mart_has_somebody_who_reads_it(manifest: dict[str, Any]):
    read = {parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    marts = {name for name, node in manifest["nodes"].items() if node["resource_type"] == "model" and node["fqn"][1] == "marts"}
    assert marts == read


def test_processes_that_need_the_manifest_at_once_parse_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    parsed: list[str] = []
    real = Warehouse._dbt

    def counted(self: Warehouse, *command: str) -> Any:
        parsed.append(command[0])
        return real(self, *command)

    monkeypatch.setattr(Warehouse, "_dbt", counted)
    with ThreadPoolExecutor(2) as pool:  # each opens the lock of its own, as processes do
        found = list(pool.map(lambda _: Warehouse(tmp_path, DBT_PROJECT).manifest(), range(2)))
    assert parsed == ["parse"]
    assert found[0] == found[1]
    assert json.loads(found[0].read_bytes())["metadata"]["project_name"] == "goldworks"


def test_a_changed_project_is_parsed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project = tmp_path / "project"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: x")
    house = Warehouse(tmp_path / "home", project)

    def fake(self: Warehouse, *_: str) -> list[Any]:
        self.target.mkdir(parents=True, exist_ok=True)
        (self.target / "manifest.json").write_text((project / "dbt_project.yml").read_text())
        return []

    monkeypatch.setattr(Warehouse, "_dbt", fake)
    first = house.manifest()
    (project / "target" / "compiled").mkdir(parents=True)
    (project / "target" / "compiled" / "left_by_dbt.sql").write_text("select 1")  # by a `dbt build` of somebody's own
    assert house.manifest() == first
    (project / "dbt_project.yml").write_text("name: y")
    second = house.manifest()
    assert second.read_text() == "name: y"
    assert not first.exists()


def test_models_have_their_yml_beside_them():
    for folder in ("staging", "intermediate", "marts"):
        models = {path.stem for path in (DBT_PROJECT / "models" / folder).glob("*_*") if path.suffix in (".sql", ".py")}
        files = (DBT_PROJECT / "models" / folder).glob("*.yml")
        described = {model["name"] for path in files for model in yaml.safe_load(path.read_text()).get("models", [])}
        assert models == described
