"""Data contracts: a broken file is refused by line, broken rows fail by name, and no value of a column ever gets out."""

from __future__ import annotations

import datetime as dt
import socket
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from goldworks.adapters.validation import ValidationResult, check_contract, validate
from goldworks.contracts import Contract, load_contract
from goldworks.errors import PolicyError
from goldworks.lake import Lake
from goldworks.policies import load_policy
from goldworks.settings import PROJECT_ROOT, close_network, load_settings
from goldworks.tables import TABLES

TABLES_FOLDER = PROJECT_ROOT / "expectations" / "tables"
CONTRACTS = sorted(path.stem for path in TABLES_FOLDER.glob("*.yml"))
CANARY = "canary-7Qx2"
HEX = "0123456789abcdef" * 2
NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)

CLEAN: dict[str, dict[str, Any]] = {
    "logs.conversations": {
        "conversation_id": "c1",
        "service": "shop",
        "use_case": "shop",
        "is_mixed_release": False,
        "user_hash": HEX,
        "occurred_on": "2026-11-01",
        "started_at": NOON,
        "turns": 2,
        "messages": 4,
        "user_messages": 2,
        "tools": [],
        "tool_calls": 0,
        "retrievals": 0,
        "missing_replies": 0,
        "outcome": "answered",
        "feedback_score": 1.0,
        "entities": 0,
        "withheld": 0,
        "first_arrived_on": "2026-11-01",
        "last_arrived_on": "2026-11-02",
    },
    "logs.messages": {
        "arrived_on": "2026-11-01",
        "source": "a.jsonl",
        "line": 1,
        "conversation_id": "c1",
        "message_id": HEX,
        "message_index": 0,
        "content_hash": HEX,
        "role": "user",
        "text": CANARY,
        "tool_calls": CANARY,
        "passages": [{"id": "p", "score": 1.0, "text": CANARY}],
        "trace_id": "t1",
        "is_withheld": False,
        "entities": 0,
    },
    "golden.cases": {
        "version_id": f"shop-{HEX[:12]}",
        "case_id": "case-1",
        "use_case": "shop",
        "tier": "T1",
        "origin": "production",
        "tags": [],
        "messages": CANARY,
        "expected": CANARY,
        "parents": ["m1"],
        "conversation_id": "c1",
        "source": "a.jsonl",
        "line": 1,
        "trace_id": "t1",
        "case_digest": HEX,
    },
    "evals.scores": {
        "run_id": HEX[:16],
        "case_id": "case-1",
        "repeat": 0,
        "metric": "token_f1",
        "value": 0.5,
        "scorer_digest": HEX * 2,
    },
}

BROKEN = [
    ("logs.conversations", {"turns": 0}, "turns"),
    ("logs.conversations", {"outcome": CANARY}, "outcome"),
    ("logs.conversations", {"user_hash": "user-7"}, "user_hash"),
    ("logs.conversations", {"user_messages": 5}, "messages, user_messages"),
    ("logs.conversations", {"feedback_score": 1.5}, "feedback_score"),
    ("logs.conversations", {"last_arrived_on": "2026-10-31"}, "last_arrived_on, first_arrived_on"),
    ("logs.messages", {"role": CANARY}, "role"),
    ("logs.messages", {"entities": -1}, "entities"),
    ("logs.messages", {"message_id": CANARY}, "message_id"),
    ("logs.messages", {"tool_name": CANARY}, "tool_name"),
    ("golden.cases", {"tier": "T9"}, "tier"),
    ("golden.cases", {"version_id": "shop"}, "version_id"),
    ("golden.cases", {"conversation_id": None}, "conversation_id"),
    ("evals.scores", {"value": 1.01}, "value"),
    ("evals.scores", {"value": None}, "reason"),
    ("evals.scores", {"reason": CANARY}, "reason"),
]


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No check may open a connection."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a check opened a connection")

    close_network(load_settings(home=tmp_path / "home"))
    monkeypatch.setattr(socket.socket, "connect", refuse)


def table(key: str, *changes: dict[str, Any]) -> pa.Table:
    """One clean row per entry of `changes`, with these changes."""
    return pa.Table.from_pylist([{**CLEAN[key], **change} for change in changes], schema=TABLES[key].arrow_schema)


def checked(key: str, rows: pa.Table, docs: Path | None = None) -> ValidationResult:
    return validate(rows, TABLES_FOLDER / f"{key}.yml", docs)


def failed(result: ValidationResult) -> set[str]:
    return {one.column for one in result.expectations if not one.success}


@pytest.mark.parametrize("key", CONTRACTS)
def test_clean_rows_keep_the_contract_and_so_does_an_empty_table(key: str):
    for rows in (table(key, {}), TABLES[key].arrow_schema.empty_table()):
        result = checked(key, rows)
        assert result.is_success, [one for one in result.expectations if not one.success]
        assert result.exceptions == ()


@pytest.mark.parametrize(("key", "change", "column"), BROKEN)
def test_a_broken_row_fails_by_name(key: str, change: dict[str, Any], column: str):
    result = checked(key, table(key, change))
    assert not result.is_success
    assert failed(result) == {column}


@pytest.mark.parametrize("key", CONTRACTS)
def test_a_key_that_stands_twice_fails(key: str):
    result = checked(key, table(key, {}, {}))
    assert not result.is_success
    assert any("unique" in one.name and not one.success and one.observed == "2 of 2 unexpected" for one in result.expectations)


@pytest.mark.parametrize("key", CONTRACTS)
def test_every_key_and_every_required_plain_column_is_in_the_contract(key: str):
    contract = load_contract(TABLES_FOLDER / f"{key}.yml")
    declared = contract.declared
    unique = {one.columns or (one.column,) for one in contract.expectations if "unique" in one.expect}
    assert declared.keys in unique
    ids = {c.name for c in declared.columns if not c.is_nullable and c.name.endswith(("_id", "_digest", "_hash", "_on"))}
    required = {
        name for one in contract.expectations if one.expect.endswith("not_be_null") for name in one.columns or (one.column,)
    }
    assert ids <= required


def test_a_column_too_many_and_one_too_few_fail(tmp_path: Path):
    lake = Lake(tmp_path)
    rows = table("evals.scores", {}).append_column("note", pa.array([CANARY])).drop_columns(["reason"])
    write_deltalake(str(lake.path("evals.scores")), rows)
    result = check_contract(lake, TABLES_FOLDER / "evals.scores.yml", None)
    assert not result.is_success
    columns = next(one for one in result.expectations if one.name == "expect_table_columns_to_match_set")
    assert columns.observed == "missing: reason; unexpected: note"
    assert set(result.exceptions) == {
        f"expect_column_values_to_{kind}_null (where value is {state}) of reason: no column reason"
        for kind, state in (("not_be", "null"), ("be", "not null"))
    }


def test_an_expectation_that_raises_fails_the_check_and_quotes_nothing(tmp_path: Path):
    rows = table("evals.scores", {})
    at = rows.column_names.index("value")
    result = checked("evals.scores", rows.set_column(at, "value", pa.array([CANARY])), tmp_path)
    assert not result.is_success
    assert result.exceptions == ("expect_column_values_to_be_between of value: TypeError",)
    assert CANARY not in (tmp_path / "evals.scores.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("key", "change"), [(key, change) for key, change, _ in BROKEN if CANARY in change.values()])
def test_no_value_reaches_results_or_pages(tmp_path: Path, key: str, change: dict[str, Any]):
    result = checked(key, table(key, change), tmp_path)
    assert CANARY not in repr(result)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} == {"index.html", f"{key}.html", f"{key}.json"}
    assert not any(CANARY.encode() in path.read_bytes() for path in written)


def test_pages_say_what_broke_list_all_tables_and_load_nothing(tmp_path: Path):
    checked("logs.messages", table("logs.messages", {"role": "poet"}), tmp_path)
    result = checked("evals.scores", table("evals.scores", {}), tmp_path)
    assert result.docs_index == tmp_path / "index.html"
    page = (tmp_path / "logs.messages.html").read_text(encoding="utf-8")
    assert "broken" in page
    assert "1 unexpected values found" in page
    index = result.docs_index.read_text(encoding="utf-8")
    assert 'href="logs.messages.html"' in index
    assert 'href="evals.scores.html"' in index
    for text in (page, index):
        assert "<script" not in text
        assert 'src="' not in text
        assert "http" not in text


GOOD = """version: 1
table: evals.scores
expectations:
  - expect: expect_column_values_to_be_between
    column: value
    min: 0
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("column: value", "column: valu", ":5: expectations.0.column: evals.scores has no column valu. Allowed: run_id, case_id"),
        ("column: value", "columns: [value, tex]", ":5: expectations.0.columns.1: evals.scores has no column tex"),
        ("be_between", "be_betwixt", ":4: expectations.0.expect: Input should be 'expect_table_columns_to_match_set'"),
        ("    min: 0", "    minimum: 0", ":6: expectations.0.minimum: unknown key; did you mean 'min'?"),
        ("    min: 0", "    regex: x", ":4: expectations.0: Value error, expect_column_values_to_be_between does not take regex"),
        (
            "    min: 0",
            "    min: 0\n  - {expect: expect_column_values_to_match_regex, column: metric, regex: (a)}",
            "write (?:...)",
        ),
        ("table: evals.scores", "table: evals.scoers", ":2: table: Value error, no such table"),
        (
            "    min: 0",
            "    min: 0\n    when: {column: nope, is_null: true}",
            ":7: expectations.0.when.column: evals",
        ),
        (
            "    min: 0",
            "    min: 0\n    when: {column: value}",
            ":7: expectations.0.when: Value error, give either",
        ),
    ],
)
def test_a_broken_contract_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str):
    path = tmp_path / "evals.scores.yml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(path, Contract)
    assert message in str(caught.value)


def test_text_and_a_file_of_another_name_are_refused(tmp_path: Path):
    path = tmp_path / "logs.messages.yml"
    path.write_text(GOOD.replace("evals.scores", "logs.messages").replace("column: value", "column: text"), encoding="utf-8")
    with pytest.raises(PolicyError, match="text holds text, which is never read for a check"):
        load_contract(path)
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"name it evals\.scores\.yml"):
        load_contract(path)
