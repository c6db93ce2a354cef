"""The part of a golden version that pull requests ask: how many cases, which, in what time, and that it judges like the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from release_home import write_home

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.release.bundle import Bundle, pull, push
from goldworks.release.smoke import Terms, choose_smoke, run_minutes
from goldworks.statistics.power import cases_for_margin

CASES = 620


@pytest.mark.parametrize(
    ("cases", "repeats", "latency", "concurrency", "minutes"),
    [(300, 1, 6, 8, 3.75), (300, 3, 6, 8, 11.25), (300, 3, 6, 16, 5.62), (1000, 1, 6, 16, 6.25)],
)
def test_minutes_of_a_run(cases: int, repeats: int, latency: float, concurrency: int, minutes: float):
    assert run_minutes(cases, repeats, latency, concurrency) == pytest.approx(minutes, abs=0.005)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_home(tmp_path_factory.mktemp("whole"), {"1": (1.0, 1.0, 1.0, 0.0)}, CASES)


def pushed(lake: Lake, folder: Path, terms: Terms) -> tuple[Bundle, Lake]:
    bundle = push(lake, "shop", str(folder / "part.gz"), "1", terms)
    there = Lake(folder / "home")
    pull(there, str(folder / "part.gz"), bundle.sha256)
    return bundle, there


def test_as_many_cases_as_the_margin_takes_and_their_runs_as_if_made_on_them(lake: Lake, tmp_path: Path):
    bundle, there = pushed(lake, tmp_path, Terms(0.05))
    needed = cases_for_margin(0.1, 0.05)
    assert bundle.smoke is not None
    assert (bundle.cases, bundle.smoke.needed) == (needed, needed)
    assert bundle.smoke.margin == pytest.approx(0.05, abs=0.0005)
    names = {row["case_id"] for row in there.rows("golden.cases")}
    (run,) = there.rows("evals.runs")
    (whole,) = lake.rows("evals.runs")
    assert (run["version_id"], run["cases"], run["answers"], run["status"]) == (bundle.version_id, needed, needed, "complete")
    assert run["run_id"] != whole["run_id"]
    assert (
        names == {row["case_id"] for row in there.rows("evals.answers")} == {row["case_id"] for row in there.rows("evals.scores")}
    )
    assert {row["version_id"] for row in there.rows("golden.versions")} == {bundle.version_id}


def test_the_same_version_gives_the_same_part_and_a_smaller_margin_more(lake: Lake, tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, there = pushed(lake, tmp_path / "a", Terms(0.08))
    assert pushed(lake, tmp_path / "b", Terms(0.08))[0].sha256 == first.sha256
    assert first.cases < cases_for_margin(0.1, 0.05)
    assert {row["intent"] for row in there.rows("golden.cases")} == {row["intent"] for row in lake.rows("golden.cases")}


def test_the_minutes_bound_it_and_it_says_what_margin_is_left(lake: Lake):
    content = content_of(lake, latency_ms=6000.0)
    found = choose_smoke(content, Terms(0.03, minutes=1.0, concurrency=8))
    assert len(found.case_ids) == 80  # 60 s x 8 at once / 6 s
    assert found.minutes == pytest.approx(1.0)
    assert found.margin > 0.05
    with pytest.raises(InputError, match="shows nothing") as refused:
        choose_smoke(content, Terms(0.03, minutes=0.1, concurrency=8))
    assert "--minutes" in str(refused.value.remedy)


def test_cases_of_one_conversation_count_once(lake: Lake):
    content = content_of(lake, latency_ms=1.0)
    shared = [{**row, "conversation_id": f"c-{index // 4}"} for index, row in enumerate(content["golden.cases"])]
    found = choose_smoke({**content, "golden.cases": shared}, Terms(0.01))
    assert len(found.case_ids) == len({row["conversation_id"] for row in shared}) == CASES // 4
    assert found.needed > len(found.case_ids)


def test_without_a_baseline_there_is_no_time_to_choose_by(lake: Lake, tmp_path: Path):
    with pytest.raises(InputError, match="no release is given"):
        push(lake, "shop", str(tmp_path / "x.gz"), None, Terms(0.05))


def content_of(lake: Lake, latency_ms: float) -> dict[str, list[dict[str, Any]]]:
    tables = ("golden.versions", "golden.cases", "evals.runs", "evals.answers", "evals.scores")
    content = {name: lake.rows(name) for name in tables}
    content["evals.answers"] = [{**row, "latency_ms": latency_ms} for row in content["evals.answers"]]
    content["evals.runs"] = [{**row, "target_kind": "openai_chat"} for row in content["evals.runs"]]
    return content
