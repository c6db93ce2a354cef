"""The marts in the graph: models are assets, data tests are checks, and a build that does not hold replaces nothing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from small_lake import FIRST, arrival, write_lake

from assets.marts import build_dbt_assets, build_published
from assets.resources import Goldworks
from goldworks.adapters.warehouse import query
from goldworks.lake import Lake


def materialise(home: Path, selection: dg.AssetSelection | None = None) -> dg.ExecuteInProcessResult:
    resource = Goldworks()
    assets = build_dbt_assets(resource.warehouse.manifest())
    marts = [key for key in assets.keys if key.path[-1].startswith(("fct_", "dim_", "kpi_"))]
    everything = [assets, build_published(marts)]
    return dg.materialize(everything, resources={"goldworks": resource}, selection=selection, raise_on_error=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    write_lake(Lake(folder))
    return folder


@pytest.mark.slow
def test_models_and_checks_show_and_a_broken_count_keeps_the_marts_as_they_were(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_HOME", str(home))
    good = materialise(home)
    assert good.success
    events = good.get_asset_materialization_events()
    done = {event.asset_key.path[-1] for event in events if event.asset_key}
    assert {"stg_logs__turns", "int_turns__merged", "fct_conversations", "kpi_run_metrics", "published"} <= done
    checks = good.get_asset_check_evaluations()
    assert all(check.passed for check in checks)
    assert ("fct_files", "lines_reconcile") in {(check.asset_key.path[-1], check.check_name) for check in checks}
    [conversations] = [
        event.materialization for event in events if event.asset_key == dg.AssetKey(["marts", "fct_conversations"])
    ]
    assert conversations.metadata["dagster/row_count"].value == 53

    lost = {**arrival(FIRST, "lost.jsonl", records=3), "lines": 5}
    Lake(home).upsert("logs.arrivals", [lost])
    bad = materialise(home)
    assert not bad.success
    failed = {check.check_name for check in bad.get_asset_check_evaluations() if not check.passed}
    assert failed == {"lines_reconcile"}
    [reason] = [event.step_failure_data.error for event in bad.all_events if event.is_step_failure]
    assert "lines_reconcile" in str(reason)
    assert query(home, "select count(*) from fct_files where source = 'lost.jsonl'")[1] == [(0,)]
