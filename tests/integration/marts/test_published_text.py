"""Text of conversations in published files: what the policy names, in the file it names, and nowhere else."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest
from small_lake import CANARY, House

from goldworks.access.publication import NOTHING, PublicationPolicy, load_publication_policy
from goldworks.access.rotation import HASHES
from goldworks.adapters.published import STORAGE_VERSION, publish
from goldworks.adapters.published_text import publish_review
from goldworks.errors import GoldworksError, PolicyError
from goldworks.settings import PROJECT_ROOT


def tables(file: Path) -> dict[str, set[str]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        found: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        ).fetchall():
            found.setdefault(table, set()).add(column)
        return found


def test_text_goes_to_a_file_apart_that_only_its_owner_reads(house: House):
    review = house.lake.home / "review.duckdb"
    assert stat.S_IMODE(review.stat().st_mode) == 0o600
    found = tables(review)
    assert set(found) == {"logs_messages", "logs_turns", "golden_cases", "evals_answers"}
    assert not {name for columns in found.values() for name in columns} & {name for names in HASHES.values() for name in names}
    with duckdb.connect(str(review), read_only=True) as connection:
        assert CANARY in str(connection.execute("select text from evals_answers").fetchall())
        comments = connection.execute("select comment from duckdb_columns() where not internal").fetchall()
        (tags,) = connection.execute("select tags from duckdb_databases() where database_name = 'review'").fetchall()[0]
    assert all(comment for (comment,) in comments)
    assert tags["storage_version"].startswith("v1.2.0")


def test_a_column_is_among_the_marts_only_when_the_policy_says_so(house: House, tmp_path: Path):
    (tmp_path / "lake").symlink_to(house.lake.home / "lake")
    publish(house.warehouse.file, tmp_path, PublicationPolicy(version=1, text={"evals.answers": {"text": "marts"}}))
    assert "text" in tables(tmp_path / "marts.duckdb")["evals_answers"]
    assert "tool_calls" not in tables(tmp_path / "marts.duckdb")["evals_answers"]
    assert not (tmp_path / "review.duckdb").exists()
    publish(house.warehouse.file, tmp_path)
    assert "evals_answers" not in tables(tmp_path / "marts.duckdb")


def test_a_file_of_text_that_is_not_wanted_any_more_is_removed(house: House, tmp_path: Path):
    (tmp_path / "lake").symlink_to(house.lake.home / "lake")
    named = PublicationPolicy(version=1, text={"logs.messages": {"text": "review"}})
    assert publish_review(tmp_path, named, STORAGE_VERSION) == tmp_path / "review.duckdb"
    assert set(tables(tmp_path / "review.duckdb")) == {"logs_messages"}
    assert publish_review(tmp_path, NOTHING, STORAGE_VERSION) is None
    assert not list(tmp_path.glob("review*"))


def test_a_mart_that_took_text_in_is_not_published(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.fct_harmless as select 3 as messages, 2 as tool_calls, ['find'] as tools")
    publish(tmp_path / "warehouse.duckdb", tmp_path)
    before = (tmp_path / "marts.duckdb").read_bytes()
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create table marts.fct_leaky as select 'hello' as text, [{'id': '1', 'text': 'a'}] as passages")
    with pytest.raises(GoldworksError, match=r"fct_leaky\.passages, fct_leaky\.text"):
        publish(tmp_path / "warehouse.duckdb", tmp_path)
    assert (tmp_path / "marts.duckdb").read_bytes() == before


def test_where_a_name_is_one_of_text_and_of_a_plain_column_its_values_decide(tmp_path: Path):
    """The outcome of a conversation is a word, that of an answer is JSON."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.fct_conversations as select unnest(['answered', 'no_reply', null]) as outcome")
    publish(tmp_path / "warehouse.duckdb", tmp_path)
    for told in ('{"turns":["hello"]}', "hello there", "x" * 65):
        with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
            connection.execute("create or replace table marts.fct_answers as select unnest(['ok', ?]) as outcome", [told])
        with pytest.raises(GoldworksError, match=r"hold text that is not published: fct_answers\.outcome;"):
            publish(tmp_path / "warehouse.duckdb", tmp_path)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("logs.message: {text: review}", "Allowed: evals.answers, golden.candidates, golden.cases, logs.messages, logs.turns"),
        ("logs.arrivals: {source: marts}", "no table 'logs.arrivals' with text"),
        ("logs.messages: {words: review}", "Allowed: text, tool_calls, tool_result, passages"),
        ("logs.messages: {text: everyone}", "'marts' or 'review'"),
    ],
)
def test_what_cannot_be_published_is_refused_with_what_can(tmp_path: Path, text: str, allowed: str):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "publication.yml").write_text(f"version: 1\ntext:\n  {text}\n")
    with pytest.raises(PolicyError) as caught:
        load_publication_policy(tmp_path)
    assert allowed in str(caught.value)


def test_by_default_no_text_is_among_the_marts():
    assert load_publication_policy(PROJECT_ROOT / "expectations").tables("marts") == []
