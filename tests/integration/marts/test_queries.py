"""The queries of docs/analysts.md run as they stand there, and find what the small lake holds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from small_lake import DOCS, House

from goldworks.adapters.warehouse import query
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import rate

PAGE = (PROJECT_ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def found(house: House, words: str) -> list[dict[str, Any]]:
    """Rows of the one query that contains `words`."""
    [text] = [text for text in QUERIES if words in text]
    columns, rows = query(house.lake.home, text)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_there_are_eleven():
    assert len(QUERIES) == 11


@pytest.mark.parametrize("text", QUERIES, ids=lambda text: " ".join(text.split())[:60])
def test_each_runs(house: House, text: str):
    columns, _ = query(house.lake.home, text)
    assert len(columns) >= 5


def test_production_is_summed_before_it_is_divided(house: House):
    docs = next(row for row in found(house, "occurred_on) - 7") if row["use_case"] == "docs")
    assert (docs["conversations"], docs["missing_reply_rate"], docs["feedback_conversations"]) == (51, 2 / 51, 4)
    wanted = rate([True] * 2 + [False] * 49)  # `wilson_low` and `wilson_high` are published beside the tables
    assert (docs["missing_reply_rate_low"], docs["missing_reply_rate_high"]) == pytest.approx((wanted.low, wanted.high))


def test_what_went_wrong_is_listed_with_its_log_line(house: House):
    bad = {row["conversation_id"]: row["line"] for row in found(house, "limit 50")}
    assert bad == {"docs-0": 1, "docs-1": 2, "docs-10": 11, "orders-1": 1}


def test_cases_that_fail_now_and_passed_before(house: House):
    worse = {(row["case_id"], row["metric"], row["source"], row["line"]) for row in found(house, "value_before")}
    assert worse == {(f"case-{case:02}", "token_f1", DOCS, case + 1) for case in (6, 11, 12, 20)}


def test_what_a_run_cost_is_asked_of_answers_and_judges_apart(house: House):
    rows = {row["run_id"]: tuple(row.values())[-4:] for row in found(house, "judge_cost_usd")}
    assert rows["run-r2"] == (None, 80, 9600, 1.5), "recorded answers were paid for in production"
    assert rows["run-r1"] == (None, None, None, None)


def test_every_published_table_stands_on_the_page(house: House):
    assert not [row["table"] for row in house.warehouse.tables() if f"`{row['table']}`" not in PAGE]
