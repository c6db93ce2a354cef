"""The nightly evaluation may name the sample's model: it is served while it is asked; what is absent is said with its remedy."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import dagster as dg
import orjson
import pytest
import yaml

from assets.evals import EvalConfig, evaluate
from assets.resources import Goldworks
from goldworks.adapters.tracking import FakeTracking
from goldworks.demo import model
from goldworks.demo.knowledge import questions
from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.answers import NoAnswer, Question, Reply
from goldworks.evaluation.targets import Target, load_target
from goldworks.evaluation.targets.protocol import Limits
from goldworks.evaluation.targets.serving import served
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

VERSION = "harbor-docs-0123456789ab"


class Here(Goldworks):
    """An installation without MLflow."""

    @cached_property
    def tracking(self) -> FakeTracking:
        return FakeTracking()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Two questions of the sample, and a policy by which the night asks the model."""
    expectations = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    plan = {"use_case": "harbor-docs", "suite": "rag", "target": "harbor-docs-d2", "release": "d2"}
    (expectations / "policies" / "evaluation.yml").write_text(yaml.safe_dump({"version": 1, "seed": 1, "plans": [plan]}))
    for name, value in {"HOME": tmp_path / "home", "EXPECTATIONS": expectations, "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(value))
    lake = Lake(tmp_path / "home")
    lake.create()
    row = {"version_id": VERSION, "use_case": "harbor-docs", "tier": "T2", "origin": "authored", "tags": [], "parents": []}
    rows = [
        {
            **row,
            "case_id": f"case{number}",
            "case_digest": "d",
            "messages": orjson.dumps([{"role": "user", "text": one.ask[0]}]).decode(),
            "passages": orjson.dumps([{"id": one.source.id, "text": one.source.text}]).decode(),
            "tools": "[]",
            "expected": "{}",
        }
        for number, one in enumerate(questions()[:2])
    ]
    lake.replace("golden.cases", rows, {"version_id": VERSION})
    now = datetime(2026, 11, 3, tzinfo=UTC)
    version = {"version_id": VERSION, "use_case": "harbor-docs", "content_digest": "d", "cases": 2, "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": now, "current_at": now, "is_tombstone": False}])
    return lake


def night() -> dg.ExecuteInProcessResult:
    """The evaluation as `nightly_eval` configures it."""
    ops = {"evaluate": {"config": EvalConfig().model_dump()}}
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [evaluate], resources={"goldworks": Here()}, instance=instance, raise_on_error=False, run_config={"ops": ops}
        )


def test_the_night_serves_the_model_and_asks_it(lake: Lake):
    try:
        model.weights()
    except GoldworksError as error:
        pytest.skip(f"the sample's model cannot be served here: {error}")
    assert night().success
    [run] = lake.rows("evals.runs")
    assert (run["target"], run["release"], run["status"], run["answers"]) == ("harbor-docs-d2", "d2", "complete", 2)
    assert all(row["text"] for row in lake.rows("evals.answers"))
    assert "served_by" not in run["config"], "by whom it was served changes no digest"


@pytest.mark.parametrize("absent", ["WEIGHTS_PACKAGE", "SERVER_PACKAGE"])
def test_without_its_packages_it_says_what_to_install_and_is_not_tried_again(lake: Lake, monkeypatch, absent: str):
    monkeypatch.setattr(model, absent, "no-such-package")
    result = night()
    assert not result.success
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    [failure] = [event for event in result.all_events if event.is_step_failure]
    said = failure.step_failure_data.user_failure_data.description
    assert "1 of 1 evaluation runs failed. harbor-docs d2: the package no-such-package" in said
    assert "is not installed" in said
    with pytest.raises(GoldworksError, match="uv sync brings both packages"), served("d2", "goldworks.demo.model:serve_model"):
        pytest.fail("it was served")
    assert lake.rows("evals.answers") == []


def test_an_address_that_is_said_is_asked_and_nothing_is_served(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model, "WEIGHTS_PACKAGE", "no-such-package")
    file = PROJECT_ROOT / "expectations" / "targets" / "harbor-docs-d1.yml"
    plain, at = load_target(file), load_target(file, base_url="http://127.0.0.1:9/v1")
    assert plain.configuration() == at.configuration()

    async def asked(target: Target) -> Reply:
        async with target.prepare(Lake(Path("nowhere")), []).open(Limits(attempts=1, total_seconds=1)) as session:
            return await session.ask(Question("c", ({"role": "user", "text": "What?"},)))

    with pytest.raises(NoAnswer, match="connection_refused"):
        asyncio.run(asked(at))
    with pytest.raises(GoldworksError, match="the package no-such-package"):
        asyncio.run(asked(plain))


@contextmanager
def elsewhere() -> Iterator[str]:
    yield "ftp://nobody"


def broken() -> None:
    raise RuntimeError("no weights here")


@contextmanager
def broken_later() -> Iterator[str]:
    raise ValueError("no port is free")
    yield ""


@pytest.mark.parametrize(
    ("function", "why"), [("broken", "RuntimeError: no weights here"), ("broken_later", "ValueError: no port")]
)
def test_what_fails_to_serve_is_named_with_its_reason(function: str, why: str):
    match = rf"target t: served_by: .*:{function} fails: {why}"
    with pytest.raises(InputError, match=match), served("t", f"{__name__}:{function}"):
        pytest.fail("it was served")


def test_what_serves_nothing_is_refused():
    with pytest.raises(InputError, match="served_by: builtins:list gives no context manager"), served("t", "builtins:list"):
        pytest.fail("it was served")
    with pytest.raises(InputError, match="must begin with http"), served("t", f"{__name__}:elsewhere"):
        pytest.fail("it was served")
