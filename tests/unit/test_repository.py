"""The repository keeps to itself: two lists of where the definitions lie agree, our packages are ours, no machine shows."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from goldworks.settings import PROJECT_ROOT

TEXT = {".py", ".sql", ".yml", ".yaml", ".toml", ".md", ".json", ".txt", ".j2", ".html", ".cfg", ""}
PLACES = re.compile(r"/home/\w+/|/r[o]ot/|/Users/\w+/|/w[o]rk/\w+/|\b[Cc]:\\Users")
PRIVATE_HOST = re.compile(r"https?://[\w.-]*(?:\.internal|\.local|\.corp|\.lan)\b|https?://(?:10|192\.168)\.\d")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT_ROOT, capture_output=True, check=True)
    return [PROJECT_ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_the_webserver_and_dg_load_the_same_module():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    workspace = yaml.safe_load((PROJECT_ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    [location] = [entry["python_module"] for entry in workspace["load_from"]]
    dg_project = project["dg"]["project"]
    assert location["module_name"] == dg_project["code_location_target_module"]
    assert location["location_name"] == dg_project["code_location_name"]
    assert location["working_directory"] == "."
    assert "dagster" not in project, "[tool.dagster] would shadow workspace.yaml"


@pytest.mark.parametrize("package", ["goldworks", "assets", "pipelines"])
def test_our_packages_are_found_in_this_repository(package: str):
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert Path(str(spec.origin)).is_relative_to(PROJECT_ROOT)


def test_what_is_built_is_named_one_by_one_and_never_published():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["goldworks", "assets", "pipelines"]
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]


@pytest.mark.skipif(not (PROJECT_ROOT / ".git").exists(), reason="not a git checkout")
def test_no_file_names_a_place_on_somebodys_machine():
    found: list[str] = []
    for path in tracked():
        if path.suffix not in TEXT or path == Path(__file__).resolve() or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{path.relative_to(PROJECT_ROOT)}: {hit[0]}" for pattern in (PLACES, PRIVATE_HOST) for hit in pattern.finditer(text)
        ]
    assert found == []
