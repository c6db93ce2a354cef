"""The judge in the graph: verdicts as rows, and checks that fail on a release that is held back or cannot be judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from release_home import write_home

from assets.releases import JudgeConfig, judge
from assets.resources import Goldworks
from goldworks.lake import Lake

BETTER, BASE = (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0)


def run(root: Path, monkeypatch: pytest.MonkeyPatch, *releases: str) -> dict[str, dg.AssetCheckResult]:
    monkeypatch.setenv("GOLDWORKS_HOME", str(root / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(root / "expectations"))
    found: list[Any] = list(judge(JudgeConfig(releases=list(releases)), Goldworks()))  # type: ignore[arg-type]
    assert [one.asset_key.path[-1] for one in found if isinstance(one, dg.MaterializeResult)] == [
        "candidates",
        "verdicts",
        "waivers",
    ]
    return {str(one.check_name): one for one in found if isinstance(one, dg.AssetCheckResult)}


def test_a_release_that_may_go_out_passes_the_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_home(tmp_path, {"1": BASE, "2": BETTER}, 1600)
    assert all(check.passed for check in run(tmp_path, monkeypatch, "shop/2").values())
    assert {row["baseline"] for row in Lake(tmp_path / "home").rows("release.verdicts")} == {"1"}


def test_the_newest_release_is_judged_and_held_back_when_it_is_worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_home(tmp_path, {"1": BETTER, "2": BASE}, 400)
    checks = run(tmp_path, monkeypatch)
    assert not checks["newest_releases_may_go_out"].passed
    assert checks["newest_releases_may_go_out"].severity == dg.AssetCheckSeverity.WARN
    assert {row["release"] for row in Lake(tmp_path / "home").rows("release.verdicts")} == {"2"}


def test_a_release_that_no_policy_takes_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_home(tmp_path, {"1": BASE, "2": BETTER}, 10)
    (tmp_path / "expectations" / "gates" / "chat.yml").unlink()
    checks = run(tmp_path, monkeypatch)
    assert not checks["every_release_was_judged"].passed
    assert "no gate policy takes shop" in str(checks["every_release_was_judged"].metadata)
