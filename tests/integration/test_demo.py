"""`goldworks demo` as a newcomer runs it: what it says is what is known of the sample, and a second time nothing is done twice.

Marked slow: the whole demo takes minutes. The normal suite runs the line on a few days (`assets/test_line`) and asks the model
alone (`test_demo_model`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from whole_line import QUICK

from goldworks.demo.damage import UNUSABLE
from goldworks.demo.truth import Truth, read_truth
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow


def demo(home: Path, *options: str, **extra: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **QUICK, "GOLDWORKS_HOME": str(home), **extra}
    command = [sys.executable, "-m", "pipelines.cli", "demo", *options]
    return subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, check=False)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Truth]:
    """The home of a demo with recorded answers, what it said, and what is known."""
    home = tmp_path_factory.mktemp("demo") / "home"
    ended = demo(home, "--recorded", "--json")
    assert ended.returncode == 0, ended.stderr.decode()
    return home, json.loads(ended.stdout), read_truth(home / "demo" / "truth")


def test_every_line_of_the_sample_became_what_the_truth_says(done: tuple[Path, dict[str, Any], Truth]):
    home, facts, truth = done
    counts = ("lines", "records", "duplicates", "quarantined", "empty")
    read = {row["source"]: tuple(row[name] for name in counts) for row in Lake(home).rows("logs.arrivals")}
    assert read == {known.file: tuple(getattr(known, name) for name in counts) for known in truth.files}
    assert {name: facts["intake"][name] for name in counts} == {n: sum(getattr(f, n) for f in truth.files) for n in counts}


def test_no_planted_value_is_left_and_no_look_alike_is_lost(done: tuple[Path, dict[str, Any], Truth]):
    """Names are left out: they are switched off here, and no finder of names finds all."""
    home, _, truth = done
    texts: dict[str, str] = {}
    for table in ("logs.messages", "logs.turns"):
        for row in Lake(home).rows(table):
            texts[row["conversation_id"]] = texts.get(row["conversation_id"], "") + squeezed(json.dumps(row, default=str))
    spoilt = {damaged.trace_id for damaged in truth.dirt if damaged.kind in UNUSABLE}
    known = [value for value in truth.planted if value.entity != "PERSON" and value.trace_id not in spoilt]
    stands = {(value.is_pii, squeezed(json.dumps(value.text)[1:-1]) in texts[value.conversation_id]) for value in known}
    assert {value.variant for value in known if value.is_pii} == {"plain", "zero_width", "newline_split", "obfuscated"}
    assert stands == {(True, False), (False, True)}


def squeezed(text: str) -> str:
    plain = text.replace("\\\\n", "").replace("\\n", "").replace("\\u200b", "")
    return "".join(unicodedata.normalize("NFKC", plain).split()).lower()


def test_each_assistant_has_a_golden_set_and_the_flaws_of_the_first_agents_show(done: tuple[Path, dict[str, Any], Truth]):
    _, facts, _ = done
    assert {row["use_case"]: row["cases"] for row in facts["golden"]}.keys() == {"harbor-docs", "harbor-mail", "harbor-orders"}
    assert all(row["approvers"] == ["demo reviewer"] for row in facts["golden"])
    orders = next(one for one in facts["comparisons"] if one["use_case"] == "harbor-orders")
    match = orders["metrics"]["tool_calls_match"]
    assert orders["is_paired"]
    assert match["verdict"] == "better"
    assert match["base"]["value"] < 0.9 < match["candidate"]["value"]
    mail = next(one for one in facts["comparisons"] if one["use_case"] == "harbor-mail")
    resisted = mail["metrics"]["attack_resisted"]
    assert resisted["base"]["value"] < 0.6 < resisted["candidate"]["value"] == 1


def test_it_ends_with_a_verdict_about_each_newer_release(done: tuple[Path, dict[str, Any], Truth]):
    _, facts, _ = done
    verdicts = {one["use_case"]: one for one in facts["verdicts"]}
    orders = verdicts["harbor-orders"]
    assert orders["headline"].startswith(
        "INCONCLUSIVE. harbor-orders 1.1 against 1.0 fails no gate, but 4 of 9 cannot be decided"
    )
    assert {gate["gate"]: gate["status"] for gate in orders["gates"]}["tool_calls_not_worse"] == "pass"
    gates = {gate["gate"]: gate["status"] for gate in verdicts["harbor-mail"]["gates"]}
    assert (gates["no_attack_succeeds"], gates["attacks_resisted"]) == ("pass", "inconclusive")


def test_the_marts_say_the_same_as_the_screen(done: tuple[Path, dict[str, Any], Truth]):
    import duckdb

    home, facts, _ = done
    sides = [one[side] for one in facts["comparisons"] for side in ("base", "candidate")]
    shown = {
        (one["use_case"], one["suite"], name): metric["difference"]["value"]
        for one in facts["comparisons"]
        for name, metric in one["metrics"].items()
    }
    compared = "select use_case, suite, metric, difference from kpi_release_comparison where difference is not null"
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        assert {row[0] for row in marts.execute("select run_id from fct_eval_runs").fetchall()} == {
            side["run_id"] for side in sides
        }
        assert {tuple(where): value for *where, value in marts.execute(compared).fetchall()} == pytest.approx(shown)
    assert len({side["mlflow_run_id"] for side in sides}) == 6


def test_a_second_time_nothing_is_done_twice(done: tuple[Path, dict[str, Any], Truth]):
    home, facts, _ = done
    ended = demo(home, "--recorded", "--json")
    again = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert "before" in again.pop("status")
    assert again.pop("seconds") == {}
    assert again == {name: value for name, value in facts.items() if name not in ("status", "seconds")}


def test_the_screen_for_people_names_what_matters(done: tuple[Path, dict[str, Any], Truth]):
    screen = demo(done[0], "--recorded", COLUMNS="80").stdout.decode()
    for wanted in (
        "1,318",
        "quarantined",
        "harbor-orders-",
        "tool_calls_match",
        "better",
        "was done before, nothing was done twice",
        "uv run goldworks ui",  # as they are copied: no other command finds it where nobody activated the environment
        "uv run goldworks eval compare 1.0 1.1",
    ):
        assert wanted in screen


def test_a_home_with_other_logs_is_refused(tmp_path: Path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "logs_location").write_text("/somewhere/else\n")
    ended = demo(tmp_path / "home")
    assert ended.returncode == 1
    assert b"/somewhere/else" in ended.stderr
    assert b"GOLDWORKS_HOME=" in ended.stderr
    assert not (tmp_path / "home" / "demo").exists()


def test_with_the_model_the_pages_make_the_difference(tmp_path: Path):
    ended = demo(tmp_path / "home", "--json")
    assert ended.returncode == 0, ended.stderr.decode()
    facts = json.loads(ended.stdout)
    docs = next(one for one in facts["comparisons"] if one["use_case"] == "harbor-docs")
    assert docs["base"]["target"] == "harbor-docs-d1"
    assert (docs["base"]["missing"], docs["candidate"]["missing"]) == (0, 0)
    assert docs["metrics"]["facts_required"]["verdict"] == "better"
    suites = {one["suite"] for one in facts["comparisons"] if one["use_case"] == "harbor-docs"}
    assert suites == {"rag", "instructions", "safety"}
    home = tmp_path / "home"
    asked = {row["case_id"] for row in Lake(home).rows("golden.cases", where=[("use_case", "=", "harbor-docs")])}
    assert 2 * len(asked) <= 300, "calls to the small model"
