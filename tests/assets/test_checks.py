"""The checks between the stages, by direct call: clean data passes, and each kind of break fails by name."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from assets import checks
from assets.resources import Goldworks
from goldworks.intake.merge import merge_conversations
from goldworks.intake.take import take
from goldworks.lake import Lake


@pytest.fixture
def taken(goldworks: Goldworks) -> Goldworks:
    """An installation that has taken its three days."""
    take(goldworks.home.lake, goldworks.source, goldworks.home.key)
    merge_conversations(goldworks.home.lake, goldworks.use_cases)
    return goldworks


def change(lake: Lake, key: str, where: dict[str, Any], **values: Any) -> None:
    """Rewrite the rows that match; without `values`, remove them."""
    rows = lake.rows(key)
    hit = [row for row in rows if all(row[name] == value for name, value in where.items())]
    assert hit, f"nothing in {key} matches {where}"
    lake.replace(key, [{**row, **values} if row in hit else row for row in rows if values or row not in hit])


def shown(result: dg.AssetCheckResult) -> str:
    return "\n".join(str(value.value) for value in result.metadata.values())


def test_clean_days_pass_every_check(taken: Goldworks):
    for check in (checks.lines_reconcile, checks.versions_complete, checks.nothing_withheld, *checks.contracts):
        result = check(goldworks=taken)
        if check is not checks.versions_complete:  # the small logs do not say prompt versions
            assert result.passed, shown(result)
    assert checks.lines_reconcile(goldworks=taken).metadata["lines"].value == 8


@pytest.mark.parametrize(
    ("table", "where", "values"),
    [
        ("logs.arrivals", {"arrived_on": "2026-11-02"}, {"lines": 5}),
        ("logs.arrivals", {"arrived_on": "2026-11-02"}, {"records": 1, "duplicates": 1}),
        ("logs.arrivals", {"arrived_on": "2026-11-03"}, {"records": 0, "quarantined": 1}),
        ("logs.turns", {"arrived_on": "2026-11-01", "line": 1}, {}),
        ("logs.quarantine", {"arrived_on": "2026-11-02"}, {}),
    ],
    ids=["a line is lost", "a record is called a duplicate", "a record is called bad", "a turn is gone", "a bad line is gone"],
)
def test_lines_that_do_not_add_up_fail_with_their_file(
    taken: Goldworks, table: str, where: dict[str, Any], values: dict[str, Any]
):
    change(taken.home.lake, table, where, **values)
    result = checks.lines_reconcile(goldworks=taken)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR
    assert f"otlp/{where['arrived_on']}.jsonl.gz" in shown(result)


def test_a_file_cut_short_is_named_but_its_lines_add_up(taken: Goldworks):
    change(taken.home.lake, "logs.arrivals", {"arrived_on": "2026-11-02"}, is_incomplete=True)
    result = checks.lines_reconcile(goldworks=taken)
    assert result.passed
    assert result.metadata["cut_short"].value == "otlp/2026-11-02.jsonl.gz"


def test_a_service_that_does_not_say_its_versions_is_a_warning(taken: Goldworks):
    change(taken.home.lake, "logs.turns", {"arrived_on": "2026-11-01", "line": 2}, release=None)
    result = checks.versions_complete(goldworks=taken)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "| shop | release | 5 | 4 | 0.8 |" in shown(result)


def test_a_withheld_message_is_a_warning(taken: Goldworks):
    change(taken.home.lake, "logs.messages", {"role": "system"}, is_withheld=True)
    result = checks.nothing_withheld(goldworks=taken)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["withheld"].value >= 1


def test_more_withheld_messages_than_the_policy_allows_stop_the_run(taken: Goldworks):
    lake = taken.home.lake
    row = next(row for row in lake.rows("logs.messages") if row["arrived_on"] == "2026-11-01")
    texts = [{**row, "message_id": f"m{number}", "is_withheld": number < 21} for number in range(400)]
    lake.replace("logs.messages", texts, {"arrived_on": "2026-11-01"})
    result = checks.nothing_withheld(goldworks=taken)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "| 2026-11-01 | 21 | 400 |" in shown(result)
    more = [{**text, "message_id": f"n{number}", "is_withheld": False} for number, text in enumerate(texts)]
    lake.replace("logs.messages", texts + more, {"arrived_on": "2026-11-01"})
    assert checks.nothing_withheld(goldworks=taken).severity == dg.AssetCheckSeverity.WARN  # 21 of 800


def test_a_broken_contract_names_the_expectation_and_links_its_page(taken: Goldworks):
    change(taken.home.lake, "logs.messages", {"role": "user"}, role="poet")
    check = next(one for one in checks.contracts if one.check_key.asset_key.path == ["logs", "messages"])
    result = check(goldworks=taken)
    assert not result.passed
    first = str(result.metadata["expectations"].value).splitlines()[2]
    assert first.startswith("| expect_column_values_to_be_in_set | role | False |"), "what is broken comes first"
    page = result.metadata["data_docs_file"].value
    assert page == str(taken.home.data_docs / "logs.messages.html")
    assert result.metadata["data_docs"].value == "http://127.0.0.1:3001/data_docs/logs.messages.html"
    assert "poet" not in shown(result)


def test_what_must_stop_the_line_blocks():
    keys = {one.check_key.to_user_string(): one for one in (checks.lines_reconcile, *checks.contracts)}
    assert all(spec.blocking for one in keys.values() for spec in one.check_specs)
    assert set(keys) == {
        "logs/arrivals:lines_reconcile",
        "logs/conversations:data_contract",
        "logs/messages:data_contract",
        "golden/cases:data_contract",
        "evals/scores:data_contract",
    }
