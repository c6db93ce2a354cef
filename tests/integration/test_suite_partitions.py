"""Suites of releases as partitions: every evaluation fills them in, one alone can be run, a new release's file adds them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
import pytest
import yaml

from assets.evals import SUITES, evaluate
from assets.partitions import partition_of, suites_of_releases
from assets.resources import Goldworks
from assets.suites import ASSETS
from goldworks.adapters.tracking import FakeTracking
from goldworks.evaluation.plan import Wanted
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT
from pipelines.sensors import new_releases

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
BOT = """
import os
def right(question):
    with open("asked.txt", "a") as file:
        file.write(question.case_id + chr(10))
    return "It is word."
"""
KEYS = ["alpha/1/chat", "alpha/1/rag", "alpha/2/chat"]


class Here(Goldworks):
    """An installation without MLflow."""

    @cached_property
    def tracking(self) -> FakeTracking:
        return FakeTracking()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A use case with two releases, of which the first is asked two suites."""
    expectations = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    shutil.rmtree(expectations / "releases")
    (expectations / "releases").mkdir()
    for name, value in {"HOME": tmp_path / "home", "EXPECTATIONS": expectations, "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(value))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "partition_bot.py").write_text(BOT)
    target = {"kind": "callable", "function": "partition_bot:right"}
    (expectations / "targets" / "right.yml").write_text(yaml.safe_dump(target))
    lake = Lake(tmp_path / "home")
    lake.create()
    row = {"version_id": "alpha-v1", "use_case": "alpha", "tier": "T2", "origin": "authored", "tags": [], "parents": []}
    texts = {"messages": [{"role": "user", "text": "what?"}], "passages": [], "tools": [], "expected": {"reference": "word"}}
    row |= {name: orjson.dumps(value).decode() for name, value in texts.items()}
    cases = [{**row, "case_id": f"case{number}", "case_digest": "d"} for number in range(3)]
    lake.replace("golden.cases", cases, {"version_id": "alpha-v1"})
    version = {"version_id": "alpha-v1", "use_case": "alpha", "content_digest": "d", "cases": 3, "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": NOW, "current_at": NOW, "is_tombstone": False}])
    declare(expectations, "1", "chat", "rag")
    declare(expectations, "2", "chat")
    return lake


def declare(expectations: Path, release: str, *suites: str) -> None:
    file = {"version": 1, "use_case": "alpha", "release": release, "released_on": f"2026-11-0{release}", "target": "right"}
    text = yaml.safe_dump({**file, "suites": list(suites)})
    (expectations / "releases" / f"alpha-{release}.yml").write_text(text)


def run(instance: dg.DagsterInstance, *assets: Any, tags: dict[str, str] | None = None) -> dg.ExecuteInProcessResult:
    return dg.materialize(list(assets), resources={"goldworks": Here()}, instance=instance, raise_on_error=False, tags=tags)


def only(first: str, last: str | None = None) -> dict[str, str]:
    """Tags of a run of one partition, or of those from the first to the last."""
    if last is None:
        return {"dagster/partition": first}
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def test_every_evaluation_fills_the_partitions_in(lake: Lake):
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(instance, evaluate)
        assert result.success
        assert sorted(instance.get_dynamic_partitions(str(suites_of_releases.name))) == KEYS
        assert sorted(instance.get_materialized_partitions(SUITES)) == KEYS
        events = instance.fetch_materializations(SUITES, limit=10).records
    shown = {record.partition_key: record.asset_materialization.metadata for record in events}
    runs = {f"alpha/{row['release']}/{row['suite']}": row for row in lake.rows("evals.runs")}
    assert {key: found["run_id"].value for key, found in shown.items()} == {key: row["run_id"] for key, row in runs.items()}
    assert {found["status"].value for found in shown.values()} == {"complete"}


def test_one_partition_is_run_alone_and_again_costs_nothing(lake: Lake, tmp_path: Path):
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(suites_of_releases.name), KEYS)
        assert run(instance, *ASSETS, tags=only("alpha/1/rag")).success
        assert [(row["release"], row["suite"]) for row in lake.rows("evals.runs")] == [("1", "rag")]
        assert run(instance, *ASSETS, tags=only("alpha/1/rag")).success
        assert len(lake.rows("evals.runs")) == 1
        assert instance.get_materialized_partitions(SUITES) == {"alpha/1/rag"}
        assert run(instance, evaluate).success
        assert sorted(instance.get_materialized_partitions(SUITES)) == KEYS
    asked = (tmp_path / "asked.txt").read_text().split()
    assert len(asked) == 6, "three cases for each release: the suites of one share its answers, and nothing is asked twice"


def test_several_partitions_are_run_one_after_the_other(lake: Lake):
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(suites_of_releases.name), KEYS)
        result = run(instance, *ASSETS, tags=only(KEYS[0], KEYS[-1]))
        assert result.success
        events = [event for event in result.get_asset_materialization_events() if event.asset_key == SUITES]
        assert sorted(event.partition for event in events) == KEYS, "each once"
        shown = {event.partition: event.materialization.metadata["run_id"].value for event in events}
    assert len(set(shown.values())) == len(lake.rows("evals.runs")) == 3


def test_an_evaluation_and_a_suite_alone_wait_for_each_other():
    assert {one.op.pool for one in (evaluate, *ASSETS)} == {"evals"}, "else the second is refused the journal that they share"


def test_a_partition_that_nothing_wants_any_more_is_refused(lake: Lake, tmp_path: Path):
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(suites_of_releases.name), [*KEYS, "alpha/1/safety"])
        result = run(instance, *ASSETS, tags=only("alpha/1/safety"))
        assert not result.success
        [failure] = [event for event in result.all_events if event.is_step_failure]
        assert "no evaluation is wanted of alpha/1/safety" in str(failure.step_failure_data)
        assert not [event for event in result.all_events if event.is_step_up_for_retry]


def test_a_new_releases_file_adds_its_partitions_with_the_run_that_judges_it(lake: Lake, tmp_path: Path):
    seen = new_releases(dg.build_sensor_context(), goldworks=Here())
    declare(tmp_path / "expectations", "3", "rag", "chat")
    found = new_releases(dg.build_sensor_context(cursor=seen.cursor), goldworks=Here())
    [request] = found.dynamic_partitions_requests
    assert (request.partitions_def_name, list(request.partition_keys)) == ("suites_of_releases", ["alpha/3/rag", "alpha/3/chat"])
    [judged] = found.run_requests
    assert judged.run_config["ops"]["judge"]["config"]["releases"] == ["alpha/3"]


@pytest.mark.parametrize(
    ("release", "key"), [("1.0", "u/1.0/s"), (None, None), ("1...2", None), ("line\nend", None), ("2|<b>", "u/2|<b>/s")]
)
def test_names_that_dagster_cannot_take_have_no_partition(release: str | None, key: str | None):
    assert partition_of(Wanted("u", "v", "s", "t", release, 0, 1)) == key
