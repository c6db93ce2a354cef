"""The marts say what the lake says: counts, rates with their intervals, estimates as in the reports, and the way back."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import pytest
from small_lake import DOCS, FIRST, SECOND, House

from goldworks.adapters.warehouse import query
from goldworks.adapters.warehouse_estimates import ESTIMATE
from goldworks.conversations.completeness import completeness
from goldworks.evaluation.compare import compare
from goldworks.evaluation.result import load_result
from goldworks.statistics import rate


def rows(house: House, text: str) -> list[dict[str, Any]]:
    columns, found = query(house.lake.home, text)
    return [dict(zip(columns, row, strict=True)) for row in found]


def one(house: House, text: str) -> dict[str, Any]:
    found = rows(house, text)
    assert len(found) == 1, found
    return found[0]


def test_a_days_rates_count_conversations_and_carry_their_interval(house: House):
    day = one(house, f"from kpi_conversations_daily where use_case = 'docs' and occurred_on = '{FIRST}'")
    assert (day["conversations"], day["turns"], day["release"], day["channel"]) == (50, 50, "r1", "web")
    for name, x, n in (("missing_reply_rate", 2, 50), ("error_rate", 1, 50), ("negative_feedback_rate", 1, 4)):
        expected = rate([True] * x + [False] * (n - x))
        assert (day[name], day[f"{name}_low"], day[f"{name}_high"]) == pytest.approx(
            (expected.value, expected.low, expected.high)
        )
    assert (day["tool_conversations"], day["tool_error_rate"], day["tool_error_rate_low"]) == (0, None, None)
    assert (day["timed_turns"], day["latency_ms_p50"], day["latency_ms_mean"]) == (50, 1245.0, 1245.0)
    assert day["latency_ms_p50_low"] < 1245 < day["latency_ms_p50_high"]
    assert day["latency_ms_p95"] == pytest.approx(1000 + 0.95 * 490)
    assert day["latency_ms_p95_high"] is None  # 50 values cannot bound a p95 from above


def test_what_a_log_does_not_state_is_called_so_and_not_lost(house: House):
    silent = one(house, "from kpi_conversations_daily where use_case = 'legacy'")
    assert (silent["release"], silent["channel"], silent["environment"]) == ("not stated",) * 3
    assert one(house, "select sum(conversations) as n from kpi_conversations_daily")["n"] == 53


def test_spans_that_came_a_day_later_belong_to_their_turn_and_conversation(house: House):
    turn = one(house, "from fct_turns where use_case = 'orders'")
    assert (turn["release"], turn["log_lines"], turn["tool_calls"], turn["tool_errors"]) == ("r1", 2, 3, 1)
    assert (turn["source"], turn["line"], turn["occurred_on"]) == ("orders.jsonl", 1, dt.date.fromisoformat(FIRST))
    assert not turn["is_missing_reply"]
    day = one(house, "from kpi_conversations_daily where use_case = 'orders'")
    assert (day["tool_error_rate"], day["tool_conversations"], day["cost_usd"], day["costed_conversations"]) == (1.0, 1, 0.25, 1)


def test_a_conversation_over_two_releases_counts_once_and_is_marked(house: House):
    mixed = one(house, "from fct_conversations where conversation_id = 'docs-90'")
    assert (mixed["release"], mixed["is_mixed_release"], mixed["turns"], mixed["timed_turns"]) == ("r2", True, 2, 1)
    by_release = {row["release"]: row for row in rows(house, "from kpi_conversations_by_release where use_case = 'docs'")}
    assert {name: row["conversations"] for name, row in by_release.items()} == {"r1": 50, "r2": 1}
    assert (by_release["r2"]["mixed_release_conversations"], by_release["r2"]["latency_ms_mean_low"]) == (1, None)


def test_releases_have_their_days_and_component_versions(house: House):
    found = rows(house, "from dim_releases where use_case = 'docs' order by release_number")
    assert [(row["release"], row["first_on"].isoformat(), row["turns"]) for row in found] == [
        ("r1", FIRST, 51),
        ("r2", SECOND, 1),
    ]
    assert [row["prompt_versions"] for row in found] == [["p1"], ["p2"]]
    assert [row["retrieval_versions"] for row in found] == [["v1"], ["v2"]]
    docs = one(house, "from dim_use_cases where use_case = 'docs'")
    assert (docs["owner"], docs["tier"], docs["current_version_id"], docs["golden_cases"]) == ("docs-team", "T1", "docs-b", 24)
    assert (docs["candidates"], docs["approved_candidates"], docs["releases"]) == (24, 23, 2)


def test_the_intake_adds_up_and_leaves_out_what_was_only_announced(house: House):
    days = rows(house, "from kpi_intake_daily order by arrived_on")
    assert [(row["files"], row["lines"], row["quarantined"], row["late"]) for row in days] == [(2, 56, 3, 0), (3, 7, 2, 1)]
    expected = rate([True] * 3 + [False] * 53)
    assert (days[0]["quarantine_rate_low"], days[0]["quarantine_rate_high"]) == pytest.approx((expected.low, expected.high))
    assert [row["incomplete_files"] for row in days] == [0, 1]
    assert one(house, "from fct_files where source = 'announced.jsonl'")["is_taken"] is False
    reasons = "select reason, count(*) as n from fct_quarantined_lines group by all order by all"
    assert {row["reason"]: row["n"] for row in rows(house, reasons)} == {
        "not_json": 1,
        "truncated_gzip": 1,
        "truncated_json": 1,
        "wrong_types": 2,
    }


def test_redaction_counts_values_and_the_conversations_they_stood_in(house: House):
    email = one(house, "from kpi_redaction_daily where entity_type = 'EMAIL'")
    assert (email["entities"], email["distinct_values"], email["conversations_with_entity"], email["conversations"]) == (
        3,
        2,
        2,
        50,
    )
    assert (email["layer"], email["rule"], email["score_min"]) == ("pattern", "email", pytest.approx(0.7))
    assert email["conversation_rate"] == pytest.approx(0.04)


def test_completeness_is_that_of_the_asset_check_with_an_interval(house: House):
    stated = rows(house, "from kpi_version_completeness")
    found = {(row["service"], row["version"]): (row["turns"], row["stated_turns"]) for row in stated}
    assert found == {(row["service"], row["version"]): (row["turns"], row["stated"]) for row in completeness(house.lake)}
    text = "from kpi_version_completeness where service = 'docs' and version = 'retrieval_version'"
    docs = one(house, text)
    assert (docs["turns"], docs["stated_turns"]) == (51, 48)  # 47 of the 50 of r1 and the one of r2 that retrieved
    assert docs["stated_rate_low"] == pytest.approx(rate([True] * 48 + [False] * 3).low)


RUNS = ("run-r1-old", "run-r1", "run-r2", "run-chat")


@pytest.mark.parametrize("run_id", RUNS)
def test_a_runs_metrics_are_the_estimates_of_its_report(house: House, run_id: str):
    found = {row["metric"]: row for row in rows(house, f"from kpi_run_metrics where run_id = '{run_id}'")}
    expected = load_result(house.lake, run_id).estimates
    assert found.keys() == expected.keys()
    for metric, estimate in expected.items():
        wanted = {name: value for name, value in asdict(estimate).items() if name in found[metric]}
        assert {name: found[metric][name] for name in wanted} == pytest.approx(wanted, nan_ok=False)
    assert (found["refusal"]["value"], found["refusal"]["reason"], found["refusal"]["n_not_applicable"]) == (None, "n_zero", 24)
    assert [metric for metric, row in found.items() if row["is_aggregate"]] == ["exact_always"]


def test_what_people_would_have_found_stands_beside_the_metrics_own_value(house: House):
    names = ("people_value", "people_low", "people_high", "people_method", "people_labels")
    found = {(row["run_id"], row["metric"]): tuple(row[name] for name in names) for row in rows(house, "from kpi_run_metrics")}
    assert found.pop(("run-r2", "token_f1")) == (0.6, 0.5, 0.7, "ppi++", 120)
    assert set(found.values()) == {(None,) * 5}


def test_a_release_is_compared_with_the_one_before_as_the_command_compares(house: House):
    found = rows(house, "from kpi_release_comparison")
    assert {(row["release"], row["base_release"], row["run_id"], row["base_run_id"], row["suite"]) for row in found} == {
        ("r2", "r1", "run-r2", "run-r1", "rag")
    }
    compared = compare(house.lake, "run-r1", "run-r2")
    for metric in compared.metrics:
        row = next(row for row in found if row["metric"] == metric.metric)
        mart = {
            "value": row["difference"],
            "low": row["difference_low"],
            "high": row["difference_high"],
            "method": row["method"],
            "n": row["n"],
            "n_clusters": row["n_clusters"],
            "n_missing": row["n_missing"],
            "p_value": row["p_value"],
            "reason": row["reason"],
        }
        wanted = {name: value for name, value in asdict(metric.difference).items() if name in mart}
        assert mart == pytest.approx(wanted, nan_ok=False)
        assert (row["is_paired"], row["common_cases"], row["base_value"]) == (True, 24, metric.base.value)
    exact = next(row for row in found if row["metric"] == "exact")
    assert (exact["direction"], exact["n_missing"], exact["n"]) == ("better", 1, 23)
    assert exact["warnings"] == "; ".join(compared.warnings)
    assert set(ESTIMATE) >= {"value", "low", "high", "method", "n"}


def test_a_case_result_leads_back_to_run_configuration_version_conversation_and_line(house: House):
    found = {row["case_id"]: row for row in rows(house, "from fct_case_results where run_id = 'run-r2' and metric = 'exact'")}
    repeated, missing = found["case-04"], found["case-05"]
    assert (repeated["value"], repeated["value_min"], repeated["value_max"], repeated["repeats"]) == (0.5, 0.0, 1.0, 2)
    assert (missing["value"], missing["reason"], missing["missing_repeats"]) == (None, "missing_answer", 2)
    assert (repeated["config_digest"], repeated["version_id"]) == ("config-run-r2", "docs-a")
    assert (repeated["conversation_id"], repeated["source"], repeated["line"]) == ("docs-4", DOCS, 5)
    assert one(house, "from fct_eval_runs where run_id = 'run-r2'")["mlflow_run_id"] == "mlflow-run-r2"


def test_which_run_is_the_newest_and_which_version_the_current(house: House):
    newest = {row["run_id"]: row["is_newest"] for row in rows(house, "from fct_eval_runs")}
    assert newest == {"run-r1-old": False, "run-r1": True, "run-r2": True, "run-chat": True}
    current = {row["version_id"]: row["is_current"] for row in rows(house, "from dim_golden_versions")}
    assert current == {"docs-a": False, "docs-b": True, "docs-gone": False}
    assert one(house, "select count(*) as n from fct_golden_cases where is_current")["n"] == 24
