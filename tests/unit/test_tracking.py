"""A run in MLflow: everything is there once, leads back to us and to Dagster, and holds no more than the tables do."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import orjson
import pyarrow.parquet as pq
import pytest

from goldworks.adapters.tracking import FakeTracking, MlflowTracking, metric_values, parameters
from goldworks.adapters.tracking_forgetting import Experiments
from goldworks.adapters.tracking_retention import RunPages
from goldworks.adapters.tracking_traces import log_failures
from goldworks.evaluation.answers import NoAnswer, Reply
from goldworks.evaluation.publishing import publish
from goldworks.evaluation.result import find_run, load_result
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets.protocol import Limits
from goldworks.evaluation.worst import worst_answers
from goldworks.lake import Lake
from goldworks.orders import Scope, new_order
from goldworks.settings import close_network, load_settings

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
VERSION = "shop-0123456789ab"


@dataclass
class Said:
    """A target whose answers are redacted already; it says the right thing but for some questions, and fails for others."""

    name: str = "said"
    wrong: tuple[int, ...] = ()
    down: tuple[int, ...] = ()
    kind = "callable"
    is_redacted = True
    is_fixed = False
    limits = Limits()

    def prepare(self, lake, cases):
        return self

    def configuration(self):
        return {"wrong": list(self.wrong), "model": "m", "versions": {"prompt": "3"}}

    @asynccontextmanager
    async def open(self, limits):
        yield self

    def covers(self, question):
        return True

    async def ask(self, question):
        number = int(question.case_id[4:])
        if number in self.down:
            raise NoAnswer("timeout", 3)
        return Reply("No idea at all." if number in self.wrong else f"It is word{number}.")


def write_version(lake: Lake, cases: int = 6) -> None:
    rows = [
        {
            "version_id": VERSION,
            "case_id": f"case{number:03}",
            "use_case": "shop",
            "tier": "T2",
            "origin": "authored",
            "tags": [],
            "messages": orjson.dumps([{"role": "user", "text": f"question {number}?"}]).decode(),
            "passages": orjson.dumps([{"id": "p", "text": f"The answer to question {number} is word{number}."}]).decode(),
            "tools": "[]",
            "expected": orjson.dumps({"facts_required": [f"word{number}"]}).decode(),
            "parents": [],
            "case_digest": f"digest{number}",
        }
        for number in range(cases)
    ]
    lake.replace("golden.cases", rows, {"version_id": VERSION})
    row = {"version_id": VERSION, "use_case": "shop", "content_digest": VERSION, "cases": cases, "approvers": ["a"], "owner": "o"}
    lake.upsert("golden.versions", [{**row, "minted_at": NOW, "current_at": NOW, "is_tombstone": False}])


def make_run(lake: Lake, target: Said, release: str, dagster_run_id: str | None = None):
    suite = load_suite(ROOT / "expectations" / "suites" / "rag.yml")
    return run(lake, VERSION, suite, target, occasion=f"release:{release}", release=release, dagster_run_id=dagster_run_id)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A home with one MLflow store for all tests here: making its database takes seconds."""
    home = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    close_network(load_settings(home=home))
    yield home
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def logged(store):
    """Two runs in MLflow: lake, tracking, and for each (its result, its MLflow id)."""
    lake, tracking = Lake(store), MlflowTracking(store, ROOT / "expectations")
    write_version(lake)
    found = []
    for target, release in ((Said(wrong=(0, 1, 2)), "1.0"), (Said(wrong=(1,)), "2.0")):
        result = make_run(lake, target, release, dagster_run_id=f"dagster-{release}")
        found.append((result, publish(lake, result, tracking, dagster_run_id=f"dagster-{release}")))
    return lake, tracking, found


def client_of(tracking: MlflowTracking):
    import mlflow

    return mlflow.MlflowClient(tracking_uri=tracking.uri)


def test_a_run_is_there_with_everything(logged):
    lake, tracking, ((result, mlflow_run_id), _) = logged
    client = client_of(tracking)
    found = client.get_run(mlflow_run_id)
    assert client.get_experiment(found.info.experiment_id).name == "shop"
    assert (found.info.run_name, found.info.status) == ("1.0 · rag · 01234567", "FINISHED")
    assert found.data.metrics == pytest.approx(metric_values(result))
    assert found.data.metrics["facts_required"] == pytest.approx(0.5)
    assert found.data.params["target.versions.prompt"] == "3"
    assert "| facts_required | 0.500 [" in found.data.tags["mlflow.note.content"]
    assert not any("facts_forbidden" in name for name in found.data.metrics)  # no case asks for it: nothing, not 0
    (dataset,) = [entry.dataset for entry in found.inputs.dataset_inputs]
    assert (dataset.name, dataset.digest) == ("shop", "0123456789ab")
    files = Path(client.download_artifacts(mlflow_run_id, ""))
    assert sorted(path.name for path in files.iterdir()) == ["config.json", "results.parquet", "summary.html"]
    assert orjson.loads((files / "config.json").read_bytes()) == result.config
    scores = pq.read_table(files / "results.parquet")
    assert scores.num_rows == lake.read("evals.scores", where=[("run_id", "=", result.run_id)]).num_rows
    page = (files / "summary.html").read_text()
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|https?://", page)


def test_failures_stand_as_traces_with_their_scores_once(logged):
    lake, tracking, ((result, mlflow_run_id), _) = logged
    client = client_of(tracking)
    assert log_failures(client, tracking.uri, mlflow_run_id, lake, result) > 0, "again: in place of what stood there"
    traces = client.search_traces(locations=[client.get_run(mlflow_run_id).info.experiment_id], run_id=mlflow_run_id)
    failures, total = worst_answers(lake, result.row, 10)
    assert len(traces) == len(failures) == total
    by_case = {trace.info.tags["case_id"]: trace for trace in traces}
    for failure in failures:
        trace = by_case[failure.case_id]
        assert {one.name: one.value for one in trace.info.assessments} == {name: value for name, value, _ in failure.scores}
        (question,) = [said.text for said in failure.asked if said.who == "user"]
        assert trace.data.spans[0].inputs["messages"][-1]["content"] == question
        assert trace.data.spans[0].outputs["answer"] == failure.answered[-1].text


def test_removed_traces_leave_no_bytes(logged, tmp_path):
    _, tracking, runs = logged
    copy = MlflowTracking(tmp_path, ROOT / "expectations")
    shutil.copytree(tracking.folder, copy.folder)
    file = copy.folder / "mlflow.db"
    assert b"No idea at all." in file.read_bytes()
    RunPages(copy).remove([mlflow_run_id for _, mlflow_run_id in runs])
    assert b"No idea at all." not in file.read_bytes()


def test_tags_lead_back_and_the_row_leads_there(logged):
    lake, tracking, ((result, mlflow_run_id), _) = logged
    tags = client_of(tracking).get_run(mlflow_run_id).data.tags
    assert (tags["goldworks.run_id"], tags["dagster.run_id"], tags["release"]) == (result.run_id, "dagster-1.0", "1.0")
    row = find_run(lake, result.run_id)
    assert (row["mlflow_run_id"], row["dagster_run_id"]) == (mlflow_run_id, "dagster-1.0")


def test_two_runs_have_the_same_metric_names(logged):
    _, tracking, runs = logged
    names = [set(client_of(tracking).get_run(mlflow_run_id).data.metrics) for _, mlflow_run_id in runs]
    assert names[0] == names[1]


def test_logging_again_changes_nothing(logged):
    lake, tracking, ((result, mlflow_run_id), _) = logged
    client = client_of(tracking)
    before = client.get_run(mlflow_run_id).to_dictionary()
    assert publish(lake, load_result(lake, result.run_id), tracking) == mlflow_run_id
    assert client.get_run(mlflow_run_id).to_dictionary() == before
    assert len(client.search_runs([before["info"]["experiment_id"]])) == 2
    assert len(client.get_metric_history(mlflow_run_id, "facts_required")) == 1


def test_a_run_that_lacks_answers_says_so_and_is_logged_again_in_place(logged):
    lake, tracking, _ = logged
    client = client_of(tracking)
    target = Said("flaky", down=(3,))
    mlflow_run_id = publish(lake, make_run(lake, target, "3.0"), tracking)
    found = client.get_run(mlflow_run_id)
    assert (found.data.tags["status"], found.data.metrics["uncertainty/facts_required_missing"]) == ("inconclusive", 1)
    target.down = ()
    mended = make_run(lake, target, "3.0")
    assert mended.is_complete
    assert publish(lake, mended, tracking) == mlflow_run_id
    found = client.get_run(mlflow_run_id)
    assert found.data.tags["status"] == "complete"
    assert found.data.metrics["facts_required"] == 1
    assert found.data.metrics["uncertainty/facts_required_missing"] == 0
    assert len(found.inputs.dataset_inputs) == 1


def test_the_environment_does_not_get_into_the_store(logged, store, monkeypatch):
    lake, tracking, _ = logged
    monkeypatch.setenv("SOME_API_KEY", "sk-canary-5f2b8c")
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", '{"mlflow.user": "canary-user-91"}')
    publish(lake, make_run(lake, Said("env"), "4.0"), tracking)
    written = b"".join(path.read_bytes() for path in (store / "mlflow").rglob("*") if path.is_file())
    assert b"4.0 \xc2\xb7 rag" in written  # the control: names are found in the store's bytes
    assert b"canary" not in written
    assert str(Path.home()).encode() not in written or Path.home() in store.parents


def test_the_fake_gives_what_the_real_one_does(logged):
    lake, _, ((result, _), _) = logged
    fake = FakeTracking()
    fake.log_run(lake, result, dagster_run_id="d")
    assert fake.runs[result.run_id]["metrics"] == metric_values(result)
    assert fake.runs[result.run_id]["tags"]["dagster.run_id"] == "d"


def test_parameters_are_flat_short_and_few():
    config = {
        "version_id": "v",
        "suite": {"name": "rag", "version": 2},
        "target_name": "t",
        "seed": 1,
        "repeats": 1,
        "target": {"system": "x" * 2000, "extra": {f"k{i}": i for i in range(200)}, "empty": None},
        "scorer_digests": {},
    }
    found = parameters(config)
    assert found["suite"] == "rag 2"
    assert len(found["target.system"]) == 500
    assert len(found) == 100


def test_after_an_erasure_the_page_says_that_it_was_written_anew(logged):
    lake, tracking, ((result, mlflow_run_id), _) = logged

    def page() -> str:
        return Path(client_of(tracking).download_artifacts(mlflow_run_id, "summary.html")).read_text()

    assert "written anew" not in page()
    order = msgspec.structs.replace(new_order("value", ["v"], "1"), scope=Scope(runs=(result.run_id,)))
    assert Experiments(lake, tracking).forget(order).counts == {"runs": 1}
    assert f"stood on {datetime.now(UTC).date()}, when this page was written anew" in page()
