"""When the line has nothing to do."""

from __future__ import annotations

from pathlib import Path

from goldworks.home import Home
from goldworks.settings import load_settings
from pipelines.line import home_is_current, mark_current


def finished(folder: Path) -> Home:
    home = Home(load_settings(home=folder)).prepare()
    home.lake.create()
    home.marts.touch()
    mark_current(home)
    return home


def test_a_finished_home_is_current_until_something_is_written(tmp_path: Path) -> None:
    home = finished(tmp_path)
    assert home_is_current(home)
    home.lake.replace(
        "evals.answers", [{"run_id": "r", "case_id": "c", "repeat": 0, "status": "ok", "attempts": 1}], {"run_id": "r"}
    )
    assert not home_is_current(home), "the marts lack what was written since"


def test_a_home_without_marts_is_not_current(tmp_path: Path) -> None:
    home = finished(tmp_path)
    home.marts.unlink()
    assert not home_is_current(home)
