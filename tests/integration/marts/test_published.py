"""The published file: the marts alone, without text, readable by others and by nobody's leave writable; queries on it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from small_lake import CANARY, DOCS, House

from goldworks.adapters.warehouse import Warehouse, query
from goldworks.errors import InputError
from goldworks.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"

PUBLISH = """
import sys
from pathlib import Path
from goldworks.adapters.warehouse import Warehouse

home, dbt_project = map(Path, sys.argv[1:])
Warehouse(home, dbt_project).publish()
"""


def values(file: Path) -> Iterator[str]:
    """Every row of every table of a DuckDB file, as text."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            yield from (row[0] for row in connection.execute(f'select t::varchar from "{schema}"."{table}" t').fetchall())


def test_only_marts_are_published_and_each_says_what_it_is(house: House):
    with duckdb.connect(str(house.lake.home / "marts.duckdb"), read_only=True) as connection:
        tables = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
        undescribed = connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal and comment is null"
        ).fetchall()
        [(tags,)] = connection.execute("select tags from duckdb_databases() where database_name = 'marts'").fetchall()
    assert {name.split("_")[0] for name in tables} == {"dim", "fct", "kpi"}
    assert all(comment.startswith("One row per ") for comment in tables.values())
    assert not undescribed
    assert tags["storage_version"].startswith("v1.2.0")  # what DuckDB 1.2 and later open
    assert stat.S_IMODE((house.lake.home / "marts.duckdb").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["warehouse.duckdb", "marts.duckdb"])
def test_no_text_of_a_conversation_reaches_the_warehouse(house: House, name: str):
    found = list(values(house.lake.home / name))
    assert any(DOCS in row for row in found)  # what is there is found
    assert CANARY in str(house.lake.rows("evals.answers", ["text"])[0])
    assert not any(CANARY in row for row in found)


def test_the_table_list_counts_rows(house: House):
    counts = {row["table"]: row["rows"] for row in house.warehouse.tables()}
    assert (counts["fct_conversations"], counts["fct_turns"], counts["fct_eval_runs"]) == (53, 54, 4)


@pytest.mark.parametrize(
    "text",
    [
        "create table mine as select 1",
        "delete from fct_turns",
        "insert into fct_files select * from fct_files",
        "drop table fct_files",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from read_text('/etc/hostname')",
        "attach '/tmp/other.duckdb' as other",
        "copy fct_files to '/tmp/files.csv'",
        "export database '/tmp/all'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false; select * from read_csv('/etc/passwd')",
    ],
)
def test_a_query_can_neither_write_nor_read_another_file(house: House, text: str):
    before = (house.lake.home / "marts.duckdb").read_bytes()
    with pytest.raises(InputError):
        query(house.lake.home, text)
    assert (house.lake.home / "marts.duckdb").read_bytes() == before


def test_a_query_that_cannot_run_says_why(house: House):
    with pytest.raises(InputError, match="fct_turn"):
        query(house.lake.home, "from fct_turn")


@pytest.mark.parametrize("text", ["", "  \n", "-- only a remark", ";"])
def test_a_query_that_says_nothing_is_refused(house: House, text: str):
    with pytest.raises(InputError, match="no query"):
        query(house.lake.home, text)


def test_without_published_marts_the_way_to_them_is_named(tmp_path: Path):
    with pytest.raises(InputError, match="goldworks run"):
        query(tmp_path, "select 1")
    with pytest.raises(InputError, match="goldworks run"):
        Warehouse(tmp_path, DBT_PROJECT).publish()


def test_publishing_again_replaces_the_file_while_a_reader_keeps_the_old_one(house: House):
    path = house.lake.home / "marts.duckdb"
    before = path.stat().st_ino
    with path.open("rb") as reader:
        house.warehouse.publish()
        assert os.fstat(reader.fileno()).st_ino == before != path.stat().st_ino
    assert query(house.lake.home, "select count(*) from fct_conversations")[1] == [(53,)]


def test_killed_before_publishing_the_old_marts_stay_and_the_next_time_it_works(house: House):
    path = house.lake.home / "marts.duckdb"
    before = path.stat().st_ino
    command = [sys.executable, "-c", PUBLISH, str(house.lake.home), str(DBT_PROJECT)]
    environment = {**os.environ, "GOLDWORKS_FAULT": "warehouse.before_publish"}
    killed = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.stat().st_ino == before
    house.warehouse.publish()
    assert path.stat().st_ino != before
    assert not list(house.lake.home.glob("marts.duckdb.new*"))


def test_the_documentation_has_every_mart_with_its_columns(house: House):
    page = house.warehouse.docs().read_text(encoding="utf-8")
    for row in house.warehouse.tables():
        assert f"model.goldworks.{row['table']}" in page
    assert "share of conversations with at least one turn without a reply" in page
