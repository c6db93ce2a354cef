"""Evidence in the graph: a pack for each judged release, not written twice, and a check that finds what was changed in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from release_home import write_home

from assets.evidence import EvidenceConfig, evidence
from assets.resources import Goldworks

BETTER, BASE = (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0)


def test_packs_are_written_once_and_a_changed_one_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_home(tmp_path, {"1": BASE, "2": BETTER}, 200)
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))

    def run() -> tuple[Any, dg.AssetCheckResult]:
        found: list[Any] = list(evidence(EvidenceConfig(releases=["shop/2"]), Goldworks()))  # type: ignore[arg-type]
        return found[0].metadata["written"], found[1]

    written, check = run()
    assert (written, check.passed) == (1, True)
    pack = tmp_path / "home" / "evidence" / "shop-2"
    before = {path.name: path.read_bytes() for path in pack.rglob("*") if path.is_file()}
    assert run()[0] == 0
    assert {path.name: path.read_bytes() for path in pack.rglob("*") if path.is_file()} == before
    page = pack / "index.html"
    page.write_text(page.read_text().replace("PASS", "Pass", 1).replace("INCONCLUSIVE", "Inconclusive", 1))
    written, check = run()
    assert (written, check.passed) == (0, False)
    assert check.severity == dg.AssetCheckSeverity.ERROR
    assert "index.html" in str(check.metadata)
