"""Flaky cases on a run's page: which, until when, why, and that gates do not count them. Runs straight from the tables."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml
from release_home import VERSION, write_home

from goldworks.evaluation.held import held_of
from goldworks.evaluation.report import summary_page
from goldworks.evaluation.result import load_result
from goldworks.lake import Lake
from goldworks.statistics import rate

FIRST, SECOND = "case-00000", "case-00001"
CASES = 40


def entry(case_id: str, **changes: object) -> dict[str, object]:
    on = {"since": dt.date(2026, 11, 10), "expires": dt.date(2026, 11, 24)}
    return {"case_id": case_id, "owner": "docs-team", "reason": "two pages <contradict> each other", **on, **changes}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Of 40 cases the first fails and the others pass; the run ended on 2026-11-20."""
    return write_home(tmp_path, {"d1": [0.0] + [1.0] * (CASES - 1)}, CASES)


def write(tmp_path: Path, *entries: dict[str, object], text: str | None = None) -> Path:
    file = tmp_path / "expectations" / "policies" / "quarantine.yml"
    file.write_text(text or yaml.safe_dump({"version": 1, "cases": list(entries)}))
    return tmp_path / "expectations"


def page(lake: Lake, expectations: Path, written_anew_on: dt.date | None = None) -> str:
    """The page's words, markup taken out."""
    text = summary_page(lake, load_result(lake, "run-d1"), expectations, written_anew_on)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_case_in_quarantine_stands_on_the_page_with_its_end_its_reason_and_the_figures_without_it(lake, tmp_path):
    expectations = write(tmp_path, entry(FIRST, metric="facts_required"))
    shown = page(lake, expectations)
    assert "Flaky cases, as of 2026-11-20, the day of the run." in shown
    assert "Gates do not count them, but for bans" in shown
    assert f"{FIRST} facts_required 2026-11-24 two pages &lt;contradict&gt; each other docs-team" in shown
    wanted = rate([1.0] * (CASES - 1))
    assert f"facts_required {wanted.value:.3f} [{wanted.low:.3f}, {wanted.high:.3f}] {CASES - 1}" in shown
    assert load_result(lake, "run-d1").estimates["facts_required"].n == CASES, "the run's own figures count it"
    assert held_of(lake, load_result(lake, "run-d1").row, expectations).figures.keys() == {"facts_required"}


def test_an_entry_without_a_metric_is_for_all_of_them(lake, tmp_path):
    held = held_of(lake, load_result(lake, "run-d1").row, write(tmp_path, entry(FIRST)))
    (one,) = held.cases
    assert set(one.metrics) >= {"facts_required", "token_f1", "facts_forbidden"}
    assert {held.figures[name].n for name in ("facts_required", "token_f1", "facts_forbidden")} == {CASES - 1}


@pytest.mark.parametrize(
    "other",
    [
        entry("case-99999"),
        entry(FIRST, metric="no_such_metric"),
        entry(FIRST, since=dt.date(2026, 11, 1), expires=dt.date(2026, 11, 10)),
        entry(FIRST, since=dt.date(2026, 11, 21), expires=dt.date(2026, 11, 30)),
    ],
)
def test_entries_for_other_cases_metrics_and_days_are_not_of_this_run(lake, tmp_path, other):
    shown = page(lake, write(tmp_path, other))
    assert "no case of this version was in quarantine on 2026-11-20" in shown
    assert "Flaky cases" not in shown


def test_a_quarantine_that_does_not_hold_says_so(lake, tmp_path):
    cases = lake.rows("golden.cases", where=[("version_id", "=", VERSION)])
    safety = [{**row, "tier": "T1", "tags": ["safety"]} if row["case_id"] == SECOND else row for row in cases]
    lake.replace("golden.cases", safety, {"version_id": VERSION})
    shown = page(lake, write(tmp_path, entry(FIRST, metric="token_f1"), entry(SECOND, metric="token_f1")))
    assert f"token_f1: {SECOND} is a safety case of tier T1 and cannot be quarantined" in shown
    assert f"{SECOND} nothing: it is counted all the same" in shown
    many = [entry(f"case-{number:05}", metric="token_f1") for number in (2, 3, 4)]
    shown = page(lake, write(tmp_path, *many))
    assert "token_f1: 3 of 40 cases are quarantined, more than 5%: none is taken out" in shown
    assert "Figures without them" not in shown


def test_a_broken_policy_hides_no_page_and_says_so(lake, tmp_path):
    shown = page(lake, write(tmp_path, text="version: 1\ncases: [{case_id: a}]\n"))
    assert "The quarantine policy is broken, so it is not known which cases gates leave out." in shown
    assert "facts_required" in shown


def test_a_page_written_anew_says_of_which_day_its_policy_is(lake, tmp_path):
    expectations, later = write(tmp_path, entry(FIRST)), dt.date(2027, 1, 5)
    by_policy = ", by the policy as it stood on 2027-01-05, when this page was written anew"
    assert f"Flaky cases, as of 2026-11-20, the day of the run{by_policy}. They were asked" in page(lake, expectations, later)
    assert by_policy not in page(lake, expectations)
    emptied = page(lake, write(tmp_path), later)
    assert f"no case of this version was in quarantine on 2026-11-20{by_policy}" in emptied
