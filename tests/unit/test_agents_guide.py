"""The guide for assistants that call tools: what it tells people to write is what is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from goldworks.evaluation.scorers.argument_grounding import ArgumentGrounding
from goldworks.evaluation.scorers.comparators import argument_fits
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets.replay import ReplayPolicy, ReplayTarget
from goldworks.golden.case import Expected
from goldworks.golden.tools import read_tools
from goldworks.settings import PROJECT_ROOT

GUIDE = (PROJECT_ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
SUITE = PROJECT_ROOT / "expectations" / "suites" / "agent.yml"


def written(start: str) -> Any:
    """The YAML block of the guide that starts so."""
    (block,) = [found for found in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if found.startswith(start)]
    return yaml.safe_load(block)


def test_the_tool_of_the_guide_is_read(tmp_path: Path):
    (line,) = re.findall(r"```json\n(.*?)\n```", GUIDE, re.DOTALL)
    (tmp_path / "shop.jsonl").write_text(line)
    (tool,) = read_tools(tmp_path / "shop.jsonl")
    assert tool.name == "cancel_order"


def test_the_outcome_of_the_guide_is_read():
    expected = msgspec.convert(written("expected:")["expected"], Expected)
    call = expected.tool_calls[0]
    assert argument_fits(call.comparators["note"], call.arguments["note"], "gift for Ann")
    assert argument_fits(call.comparators["ship_to"], call.arguments["ship_to"], "7 mill lane.")
    assert expected.may_change == ("orders",)


def test_the_settings_and_aggregates_of_the_guide_are_read(tmp_path: Path):
    ArgumentGrounding.Settings.model_validate(written("settings:")["settings"])
    suite = yaml.safe_load(SUITE.read_text())
    suite["aggregates"] += written("aggregates:")["aggregates"]
    (tmp_path / "agent.yml").write_text(yaml.safe_dump(suite))
    loaded = load_suite(tmp_path / "agent.yml")
    assert [one.metric for one in loaded.aggregates] == ["arguments_recall", "arguments_grounded_pooled", "tool_calls_pass_4"]


def test_every_metric_that_the_guide_names_is_in_the_suite():
    known = {metric.metric for metric in load_suite(SUITE).metrics}
    named = set(re.findall(r"`((?:arguments|trajectory|tool_calls|replay|no|end)_[a-z_]+)`", GUIDE))
    assert len(named & known) >= 9
    assert not {name for name in named if name not in known} - {"arguments_recall", "arguments_grounded_pooled", "tool_calls"}


def test_the_replay_of_the_guide_is_read():
    target = ReplayTarget("booking", ReplayPolicy.model_validate(written("kind: replay")))
    assert target.model == "local"
