"""One home per region: a run of region B opens nothing below region A's home or logs, and a home refuses another region."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from small_history import write_logs
from touched import touched
from whole_line import QUICK

from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT, load_settings

INTAKE = """
import sys
from goldworks.home import open_home
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
home = open_home()
expectations = home.settings.expectations
policy = load_intake_policy(expectations)
folder, workers = home.remember_logs(sys.argv[1]), home.settings.workers
take(home.lake, Source(folder, expectations, policy, "off", workers, home.region), home.key)
"""
LINE = "import sys; from pipelines.cli import main; main(['run', '--logs', sys.argv[1], '--json'])"
REGIONS = {"eu": {}, "us": {"conversations": 3650}}


@pytest.fixture
def expectations(tmp_path: Path) -> Path:
    """The policies, with two regions."""
    folder = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", folder)
    path = folder / "policies" / "retention.yml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "regions": REGIONS}))
    return folder


def fingerprint(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Times of change and content of every file."""
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def run_region(
    region: str, folder: Path, program: str, home: str | None = None, workers: str = "2"
) -> subprocess.CompletedProcess[str]:
    settings = {
        **QUICK,
        "GOLDWORKS_KEY": "",
        "GOLDWORKS_WORKERS": workers,
        "GOLDWORKS_REGION": region,
        "GOLDWORKS_HOME": str(folder / (home or region) / "home"),
        "GOLDWORKS_EXPECTATIONS": str(folder / "expectations"),
    }
    command = [sys.executable, "-c", program, str(folder / region / "logs")]
    return subprocess.run(command, env={**os.environ, **settings}, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="watches files as Linux does")
@pytest.mark.usefixtures("expectations")
@pytest.mark.parametrize("program", [INTAKE, LINE], ids=["intake", "line"])
def test_a_run_of_one_region_touches_nothing_of_another(tmp_path: Path, program: str):
    for region in REGIONS:
        write_logs(tmp_path / region / "logs")
    assert run_region("eu", tmp_path, program, workers="0").returncode == 0
    before = fingerprint(tmp_path / "eu")
    with touched(tmp_path / "eu") as of_eu, touched(tmp_path / "us") as of_us:
        done = run_region("us", tmp_path, program)
    assert done.returncode == 0, done.stderr[-3000:]
    assert any("us/logs/otlp" in path for path in of_us), "control: workers reading logs are seen"
    assert of_eu == set()
    assert fingerprint(tmp_path / "eu") == before
    with touched(tmp_path / "eu") as of_eu:
        pq.read_table(next((tmp_path / "eu" / "home" / "lake").rglob("*.parquet")))
    assert of_eu, "control: what a native library reads is seen"
    people: dict[str, set[str]] = {}
    for region in REGIONS:
        lake = Lake(tmp_path / region / "home")
        people[region] = {row["value_hash"] for row in lake.rows("logs.entities")}
        people[region] |= {row["user_hash"] for row in lake.rows("logs.turns")}
    assert len(people["eu"]) == len(people["us"]) > 2
    assert people["eu"].isdisjoint(people["us"]), "the same people and values, and nothing that links them"
    refused = run_region("us", tmp_path, INTAKE, home="eu")
    assert "is the home of region eu, not of us" in refused.stderr


def test_a_home_remembers_its_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_REGION", raising=False)
    assert Home(load_settings(home=tmp_path)).prepare().region is None
    assert Home(load_settings(home=tmp_path, region="eu")).prepare().region == "eu"
    assert Home(load_settings(home=tmp_path)).prepare().region == "eu"
    with pytest.raises(InputError, match="home of region eu, not of us"):
        Home(load_settings(home=tmp_path, region="us")).prepare()
    with pytest.raises(InputError, match="GOLDWORKS_REGION"):
        load_settings(region="../eu")
