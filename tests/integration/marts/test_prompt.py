"""`goldworks sql` as its users see it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console
from small_lake import House

from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.settings import load_settings
from pipelines import sql


@pytest.fixture
def home(house: House) -> Home:
    return Home(load_settings(home=house.lake.home))


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "Console", lambda: Console(width=80))


def test_json_gives_every_row_with_its_columns(home: Home, capsys: pytest.CaptureFixture[str]):
    sql.run_sql(home, "select conversation_id, occurred_on from fct_conversations", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 53
    assert {"conversation_id": "docs-90", "occurred_on": "2026-11-02"} in found


def test_rows_too_wide_for_the_terminal_stand_one_value_per_line(home: Home, capsys: pytest.CaptureFixture[str]):
    sql.run_sql(home, "from fct_turns", as_json=False)
    shown = capsys.readouterr().out
    assert "is_missing_reply" in shown  # no column is squeezed out of sight
    assert "row 10 of 54" in shown
    assert "row 11 of 54" not in shown
    assert "44 more rows" in shown


def at_the_prompt(monkeypatch: pytest.MonkeyPatch, typed: list[str]) -> None:
    lines: Iterator[str] = iter(typed)

    def answer(*_: Any, **__: Any) -> str:
        return next(lines)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)


@pytest.mark.parametrize("end", [";", ""])
def test_a_query_may_be_pasted_as_it_stands_on_a_page(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, end: str
):
    pasted = ["with daily as (", "    select count(*) as n from fct_turns", ")", "", "select n + 1000", "from daily" + end]
    at_the_prompt(monkeypatch, [*pasted, "", ""])
    sql.run_sql(home, None, as_json=False)
    assert "1054" in capsys.readouterr().out


def test_a_query_comes_from_a_file_too(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("select count(*) as n\n\nfrom fct_turns\n"))
    sql.run_sql(home, None, as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"n": 54}]


def test_a_mistake_at_the_prompt_is_explained_and_the_prompt_goes_on(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    at_the_prompt(monkeypatch, ["from nothing;", "select count(*) as n from fct_turns", "", ""])
    sql.run_sql(home, None, as_json=False)
    shown = capsys.readouterr().out
    assert "fct_case_results" in shown  # the tables are named first
    assert "nothing does not exist" in shown
    assert "54" in shown


def test_an_unpublished_home_says_what_to_run(tmp_path: Any):
    with pytest.raises(InputError, match="goldworks run"):
        sql.run_sql(Home(load_settings(home=tmp_path)), "select 1", as_json=False)
