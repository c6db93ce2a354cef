"""The evaluation in the graph: what the policy wants is run, one that fails stops no other, what is missing is seen."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import dagster as dg
import orjson
import pytest
import yaml

from assets.evals import EvalConfig, evaluate, occasion_of
from assets.resources import Goldworks
from goldworks.adapters.tracking import FakeTracking
from goldworks.errors import PolicyError
from goldworks.evaluation.plan import Wanted, load_evaluation_policy, suite_for, wanted_runs
from goldworks.golden.read import read_version
from goldworks.lake import Lake
from goldworks.tables import TABLES
from pipelines import sensors

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
FAKE = FakeTracking()


class Here(Goldworks):
    """An installation with a fake MLflow."""

    @cached_property
    def tracking(self) -> FakeTracking:
        return FAKE


BOT = """
asked = []
def right(question):
    asked.append(question.case_id)
    return "It is word."
def dear(question):
    from goldworks.evaluation.answers import Reply
    return Reply(text=right(question), input_tokens=90, output_tokens=10)
def down(question):
    raise OSError("no text of mine")
"""


def write_version(lake: Lake, use_case: str, **case: object) -> None:
    texts = {"messages": [{"role": "user", "text": "what?"}], "passages": [], "tools": [], "expected": {}, **case}
    version_id = f"{use_case}-v1"
    row = {"version_id": version_id, "use_case": use_case, "tier": "T2", "origin": "authored", "tags": [], "parents": []}
    row |= {name: orjson.dumps(value).decode() for name, value in texts.items()}
    rows = [{**row, "case_id": f"{use_case}{n}", "case_digest": "d"} for n in range(3)]
    lake.replace("golden.cases", rows, {"version_id": version_id})
    version = {"version_id": version_id, "use_case": use_case, "content_digest": "d", "cases": 3, "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": NOW, "current_at": NOW, "is_tombstone": False}])


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An installation of its own: home, policies, and a program to ask."""
    FAKE.runs.clear()
    expectations = tmp_path / "expectations"
    shutil.copytree(ROOT / "expectations", expectations)
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(expectations))
    monkeypatch.setenv("GOLDWORKS_NAMES", "off")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "a_bot", raising=False)
    (tmp_path / "a_bot.py").write_text(BOT)
    for name in ("right", "down"):
        settings = {"kind": "callable", "function": f"a_bot:{name}"}
        (expectations / "targets" / f"{name}.yml").write_text(yaml.safe_dump(settings))
    lake = Lake(tmp_path / "home")
    lake.create()

    def policy(**target_of: str) -> None:
        plans = [
            {"use_case": use_case, "target": target, "repeats": 1 if target == "recorded" else 2}
            for use_case, target in target_of.items()
        ]
        text = yaml.safe_dump({"version": 1, "seed": 1, "plans": plans})
        (expectations / "policies" / "evaluation.yml").write_text(text)

    policy.lake, policy.expectations = lake, expectations
    return policy


def materialise(instance: dg.DagsterInstance, **config: object) -> dg.ExecuteInProcessResult:
    ops = {"evaluate": {"config": EvalConfig(**config).model_dump()}}
    return dg.materialize(
        [evaluate], resources={"goldworks": Here()}, instance=instance, raise_on_error=False, run_config={"ops": ops}
    )


def metadata_of(result: dg.ExecuteInProcessResult, name: str) -> dict:
    (event,) = [m for m in result.asset_materializations_for_node("evaluate") if m.asset_key.path[-1] == name]
    return {key: value.value for key, value in event.metadata.items()}


def test_one_that_fails_is_named_and_stops_no_other(here):
    here(alpha="right", beta="right", gamma="right")
    for use_case in ("alpha", "beta", "gamma"):
        write_version(here.lake, use_case, expected={"reference": "word"})
    text = (here.expectations / "suites" / "chat.yml").read_text()
    (here.expectations / "suites" / "broken.yml").write_text(text + "  - nonsense\n")
    policy = here.expectations / "policies" / "evaluation.yml"
    policy.write_text(policy.read_text().replace("use_case: beta", "use_case: beta\n  suite: broken"))
    with dg.DagsterInstance.ephemeral() as instance:
        result = materialise(instance)
        assert not result.success
        (failure,) = [event for event in result.all_events if event.is_step_failure]
        assert "1 of 3 evaluation runs failed. beta: " in failure.step_failure_data.user_failure_data.description
        assert not [event for event in result.all_events if event.is_step_up_for_retry]  # a broken file does not mend itself
        assert sorted(row["use_case"] for row in here.lake.rows("evals.runs")) == ["alpha", "gamma"]
        table = metadata_of(result, "runs")
        assert table["made"] == 2
        tags = instance.get_run_by_id(result.run_id).tags
    ids = {row["run_id"]: row["mlflow_run_id"] for row in here.lake.rows("evals.runs")}
    assert set(tags["mlflow/run_ids"].split(",")) == set(ids.values()) == {f"fake-{run_id}" for run_id in ids}
    assert {run["tags"]["dagster.run_id"] for run in FAKE.runs.values()} == {result.run_id}
    assert {row["dagster_run_id"] for row in here.lake.rows("evals.runs")} == {result.run_id}


def test_missing_answers_are_a_warning_and_a_second_run_does_nothing_twice(here):
    here(alpha="right", beta="down")
    for use_case in ("alpha", "beta"):
        write_version(here.lake, use_case, expected={"reference": "word"})
    with dg.DagsterInstance.ephemeral() as instance:
        result = materialise(instance)
        assert result.success
        (check,) = result.get_asset_check_evaluations()
        assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
        assert "beta" in check.metadata["incomplete"].value
        assert "alpha" not in check.metadata["incomplete"].value
        counts = metadata_of(result, "runs")
        assert (counts["made"], counts["incomplete"]) == (2, 1)
        assert "every answer is missing" in counts["runs"]
        import a_bot

        asked = len(a_bot.asked)
        materialise(instance)
        assert (asked, len(a_bot.asked)) == (3, 3)
        assert here.lake.read("evals.runs").num_rows == 2


def test_a_run_ends_at_the_cap_of_its_suite_in_the_same_words_and_goes_on_under_a_higher_one(here):
    here(alpha="dear")
    write_version(here.lake, "alpha", expected={"reference": "word"})
    target = {"kind": "callable", "function": "a_bot:dear", "limits": {"concurrency": 1}}
    (here.expectations / "targets" / "dear.yml").write_text(yaml.safe_dump(target))
    suite = here.expectations / "suites" / "chat.yml"
    text = suite.read_text()
    suite.write_text(text.replace("name: chat\n", "name: chat\nmax_tokens: 250\n"))
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            result = materialise(instance)
            assert result.success, "nothing failed: it was told to stop"
            [row] = here.lake.rows("evals.runs")
            assert (row["status"], row["stopped"], row["answers"]) == ("inconclusive", "budget", 2)
            assert "It ended at its cap. What was paid for is kept" in metadata_of(result, "runs")["runs"]
            (check,) = result.get_asset_check_evaluations()
            assert not check.passed
            assert "It ended at its cap" in check.metadata["incomplete"].value
        suite.write_text(text.replace("name: chat\n", "name: chat\nmax_tokens: 300\n"))
        (check,) = materialise(instance).get_asset_check_evaluations()
    import a_bot

    assert (check.passed, len(a_bot.asked)) == (True, 3)
    assert [(one["run_id"], one["status"]) for one in here.lake.rows("evals.runs")] == [(row["run_id"], "complete")]


def test_nothing_to_evaluate_says_so(here):
    here(alpha="right")
    with dg.DagsterInstance.ephemeral() as instance:
        result = materialise(instance)
    assert result.success
    assert "no use case has a golden version" in metadata_of(result, "runs")["runs"]


def test_a_benchmark_asks_all_repeats(here):
    here(alpha="right")
    write_version(here.lake, "alpha", expected={"reference": "word"})
    with dg.DagsterInstance.ephemeral() as instance:
        assert materialise(instance, is_benchmark=True).success
    (row,) = here.lake.rows("evals.runs")
    assert (row["repeats"], row["answers"]) == (2, 6)


def test_a_live_target_is_asked_anew_at_each_tick():
    wanted = Wanted("shop", "v", "chat", "bot", "2.0", 0, 1)
    tick = {".dagster/scheduled_execution_time": "2026-11-03T03:00:00+00:00"}
    assert occasion_of(wanted, is_fixed=False, tags=tick) == "schedule:2026-11-03T03:00:00+00:00"
    assert occasion_of(wanted, is_fixed=False, tags={}) == "release:2.0"
    assert occasion_of(wanted, is_fixed=True, tags=tick) == "release:2.0"


def conversation(use_case: str, number: int, release: str | None, day: int) -> dict:
    filler = {"string": "x", "int64": 0, "bool": False, "double": 0.0, "timestamp[us, tz=UTC]": NOW}
    row = {c.name: filler.get(str(c.type), []) if not c.is_nullable else None for c in TABLES["logs.conversations"].columns}
    values = {"conversation_id": f"{use_case}{number}", "use_case": use_case, "release": release}
    return {**row, **values, "occurred_on": f"2026-11-{day:02}"}


def test_recorded_runs_follow_the_releases_in_the_logs(here):
    here(alpha="recorded", beta="recorded", gamma="right")
    policy = here.expectations / "policies" / "evaluation.yml"
    policy.write_text(policy.read_text().replace("use_case: alpha", "use_case: alpha\n  newest_releases: 2"))
    rows = [conversation("alpha", n, release, day) for n, (release, day) in enumerate([("3", 3), ("1", 1), ("2", 2), ("3", 1)])]
    here.lake.replace("logs.conversations", [*rows, conversation("beta", 0, None, 1), conversation("gamma", 0, "9", 1)])
    for use_case in ("alpha", "beta", "gamma"):
        write_version(here.lake, use_case)
    found = wanted_runs(here.lake, here.expectations, is_benchmark=False)
    assert [(one.use_case, one.release, one.repeats) for one in found] == [
        ("alpha", "3", 1),
        ("alpha", "2", 1),
        ("beta", None, 1),  # logs without releases are evaluated too
        ("gamma", None, 1),  # a live target is one release, whatever the logs say
    ]
    assert len(wanted_runs(here.lake, here.expectations, is_benchmark=True)) == 5


def write_release(here, name: str, day: int, **more: object) -> Path:
    folder = here.expectations / "releases"
    folder.mkdir(exist_ok=True)
    release = {"version": 1, "use_case": "alpha", "release": name, "released_on": f"2026-11-{day:02}", "target": "right", **more}
    path = folder / f"alpha-{name}.yml"
    path.write_text(yaml.safe_dump(release))
    return path


def test_releases_with_a_file_are_asked_as_it_says(here):
    here(alpha="recorded", right="right")
    policy = here.expectations / "policies" / "evaluation.yml"
    policy.write_text(policy.read_text().replace("use_case: alpha", "use_case: alpha\n  newest_releases: 2"))
    write_version(here.lake, "alpha")
    for day, name in enumerate(("b", "c", "a"), 1):
        write_release(here, name, day, suites=["chat", "agent"] if name == "a" else [])
    found = wanted_runs(here.lake, here.expectations, is_benchmark=False)
    assert [(one.release, one.target, one.suite) for one in found] == [
        ("c", "right", "chat"),
        ("a", "right", "chat"),
        ("a", "right", "agent"),
    ]
    old = wanted_runs(here.lake, here.expectations, is_benchmark=False, only=["alpha/b"])
    assert [(one.use_case, one.release) for one in old] == [("alpha", "b")]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"target": "nobody"}, r"alpha-a.yml: no 'nobody' in .*targets\n.*recorded"),
        ({"suites": ["nothing"]}, r"alpha-a.yml: no 'nothing' in .*suites\n.*agent"),
        ({"release": "b"}, r"alpha-b.yml: release b of alpha stands in .*alpha-a.yml as well"),
        ({"relaese": "b"}, "did you mean 'release'"),
    ],
)
def test_a_broken_release_is_refused(here, more, message):
    here(alpha="recorded", right="right")
    write_release(here, "b", 1)
    write_release(here, "a", 2, **more)
    with pytest.raises(PolicyError, match=message):
        wanted_runs(here.lake, here.expectations, is_benchmark=False)


def test_a_new_release_is_evaluated_once_its_use_case_has_a_golden_set(here):
    here(alpha="recorded", right="right")
    look = partial(sensors.new_releases, goldworks=Here())
    write_release(here, "a", 1)
    first = look(dg.build_sensor_context())
    assert not first.run_requests, "what was there when it was turned on is known"
    write_release(here, "b", 2)
    waiting = look(dg.build_sensor_context(cursor=first.cursor))
    assert "no golden version yet for: alpha/b" in str(waiting.skip_message)
    write_version(here.lake, "alpha")
    seen = look(dg.build_sensor_context(cursor=first.cursor))
    (request,) = seen.run_requests
    assert request.run_config["ops"]["evaluate"]["config"]["releases"] == ["alpha/b"]
    assert isinstance(look(dg.build_sensor_context(cursor=seen.cursor)), dg.SkipReason)
    write_release(here, "b", 2, components={"prompt": "2"})
    again = look(dg.build_sensor_context(cursor=seen.cursor))
    assert again.run_requests[0].run_key != request.run_key


def test_the_suite_follows_what_the_cases_are_about(here):
    call = {"name": "look_up", "arguments": {}}
    kinds = {
        "chat": {},
        "rag": {"passages": [{"id": "p", "text": "t"}], "tools": [{"name": "search"}]},
        "agent": {"tools": [{"name": "look_up"}]},
        "calls": {"messages": [{"role": "user", "text": "a"}, {"role": "assistant", "tool_calls": [call]}]},
        "expected": {"passages": [{"id": "p", "text": "t"}], "expected": {"tool_calls": [call]}},
    }
    for name, case in kinds.items():
        write_version(here.lake, name, **case)
    suites = {name: suite_for(read_version(here.lake, f"{name}-v1")) for name in kinds}
    assert suites == {"chat": "chat", "rag": "rag", "agent": "agent", "calls": "agent", "expected": "agent"}
    assert suite_for([]) == "chat"


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"target": "nobody"}, r"plans.0: no 'nobody' in .*targets\n.*recorded"),
        ({"suite": "nothing"}, r"plans.0: no 'nothing' in .*suites\n.*agent, .*chat, .*rag"),
        ({"target": "recorded", "release": "1"}, "plans.0.release: a recorded target has the releases that are in the logs"),
        ({"target": "recorded", "repeats": 3}, "plans.0.repeats: a recorded target gives the same answer each time"),
        ({"tarrget": "recorded"}, "did you mean 'target'"),
    ],
)
def test_a_policy_that_cannot_work_is_refused_before_anything_is_asked(here, plan, message):
    text = yaml.safe_dump({"version": 1, "seed": 1, "plans": [{"use_case": "*", **plan}]})
    (here.expectations / "policies" / "evaluation.yml").write_text(text)
    with pytest.raises(PolicyError, match=message):
        load_evaluation_policy(here.expectations)


def test_the_shipped_policy_loads():
    assert load_evaluation_policy(ROOT / "expectations").plans
