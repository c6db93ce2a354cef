"""What several tests need: an installation of its own, on the three small days of `small_logs`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from small_logs import three_days

from assets.resources import Goldworks


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """A command that runs in this process sets where Dagster's home is: the next test finds the environment as it was."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The log folder of the three small days."""
    three_days(tmp_path / "logs")
    return tmp_path / "logs"


@pytest.fixture
def goldworks(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> Goldworks:
    """The resource that assets are given: home and settings of this test alone, names off, no worker processes."""
    values = {"HOME": str(tmp_path / "home"), "LOGS": str(logs), "NAMES": "off", "WORKERS": "0"}
    for name, value in values.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    return Goldworks()


@pytest.fixture(scope="session")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Everything Dagster knows. Loading it parses the dbt project, so all tests share it."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("definitions")
        patch.setenv("GOLDWORKS_HOME", str(home))
        patch.setenv("DAGSTER_HOME", str(home / "dagster"))
        from pipelines.definitions import build_defs

        return build_defs()
