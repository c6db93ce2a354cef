"""The published marts: one DuckDB file with the marts alone, replaced as a whole and read without touching anything else."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from goldworks.access.publication import NOTHING, PublicationPolicy
from goldworks.adapters.published_text import publish_review, refuse_text, write_text
from goldworks.errors import InputError
from goldworks.faults import fault_point
from goldworks.lake import Lake
from goldworks.proof.leaves import leaves

FILE = "marts.duckdb"
STORAGE_VERSION = "v1.2.0"
"""What DuckDB 1.2 and later open; without it, only a DuckDB as new as ours could."""

Config = dict[str, str | bool | int | float | list[str]]

CLOSED: Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""No extension is fetched, whatever a query asks for."""


def publish(warehouse: Path, root: Path, policy: PublicationPolicy = NOTHING) -> Path:
    """Copy the marts of a built `warehouse` and their functions into `<root>/marts.duckdb`; return its path. Text of
    conversations goes there, and into `review.duckdb`, as far as the policy names it.

    Readers keep the file they have open. Raises `GoldworksError` when a mart holds other text; what is published then stays.
    """
    draft, final = root / f"{FILE}.new", root / FILE
    for left in (draft, root / f"{FILE}.new.wal"):  # of a process that was killed
        left.unlink(missing_ok=True)
    with duckdb.connect(config=dict(CLOSED)) as connection:
        connection.execute(f"attach {_literal(str(warehouse))} as warehouse (read_only)")
        connection.execute(f"attach {_literal(str(draft))} as published (storage_version '{STORAGE_VERSION}')")
        for table, comment in _marts(connection):
            _copy(connection, table, comment)
        for name, parameters, definition in _functions(connection):
            signature = f"{_name(name)}({', '.join(_name(parameter) for parameter in parameters)})"
            connection.execute(f"create macro published.{signature} as {definition}")
        write_text(connection, "published", Lake(root), policy, "marts")
        refuse_text(connection, "published", policy)
        connection.execute("detach published")
    draft.chmod(0o600)
    publish_review(root, policy, STORAGE_VERSION)
    fault_point("warehouse.before_publish")
    draft.replace(final)
    return final


def tables(root: Path) -> list[dict[str, Any]]:
    """Published tables with their row counts, by name."""
    with _opened(root) as connection:
        names = [row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        counts = [connection.execute(f"select count(*) from {_name(name)}").fetchall()[0][0] for name in names]  # noqa: S608 - quoted
    return [{"table": name, "rows": rows} for name, rows in zip(names, counts, strict=True)]


def query(root: Path, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(columns, rows) of one query on the published marts: read-only, and without access to any other file.

    Raises `InputError` when nothing is published yet, or the query is empty or cannot run.
    """
    with _opened(root) as connection:
        try:
            if not connection.extract_statements(text):
                raise InputError("there is no query", remedy='goldworks sql "from dim_releases"')
            result = connection.execute(text)
            columns = [column[0] for column in result.description or ()]
            return columns, result.fetchall() if columns else []
        except duckdb.PermissionException:
            raise InputError("`goldworks sql` reads the marts and no other file") from None
        except duckdb.Error as error:
            if "read-only mode" in str(error):
                raise InputError("the marts are read-only") from None
            raise InputError(
                f"the query cannot run: {error}", remedy="select table_name, column_name from information_schema.columns"
            ) from None


def is_whole(text: str) -> bool:
    """Whether `text` can be read as SQL as it is; a query that is half typed cannot."""
    try:
        duckdb.extract_statements(text)
    except duckdb.Error:
        return False
    return True


@contextmanager
def _opened(root: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """The published marts, opened anew each time: after a replacement one sees the new file."""
    path = root / FILE
    if not path.exists():
        raise InputError(f"no marts are published in {root} yet", remedy="goldworks run")
    try:
        connection = duckdb.connect(str(path), read_only=True, config={**CLOSED, "enable_external_access": False})
    except duckdb.Error as error:
        raise InputError(f"cannot open {path}: {str(error).splitlines()[0]}", remedy="goldworks run") from None
    with connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set lock_configuration = true")  # a query may not open what was closed
        yield connection


def _marts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None]]:
    """(table, comment) of the marts in the built warehouse."""
    found = connection.execute(
        "select table_name, comment from duckdb_tables() where database_name = 'warehouse' and schema_name = 'marts' order by 1"
    )
    return found.fetchall()


def _functions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[str], str]]:
    """(name, parameters, definition) of the functions that dbt put beside the marts."""
    found = connection.execute(
        "select function_name, parameters, macro_definition from duckdb_functions() "
        "where database_name = 'warehouse' and schema_name = 'marts' and function_type = 'macro' order by 1"
    )
    return found.fetchall()


def _copy(connection: duckdb.DuckDBPyConnection, table: str, comment: str | None) -> None:
    """Copy one mart with the comments that say what it and its columns mean. DDL takes no parameters."""
    name = f"published.{_name(table)}"
    # ordered, so that the same rows give the same file and a day's rows lie together
    connection.execute(f"create table {name} as from warehouse.marts.{_name(table)} order by all")
    if comment:
        connection.execute(f"comment on table {name} is {_literal(comment)}")
    columns = (
        "select column_name, comment from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = 'marts' and table_name = ? and comment is not null"
    )
    for column, words in connection.execute(columns, [table]).fetchall():
        connection.execute(f"comment on column {name}.{_name(column)} is {_literal(words)}")


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def texts(root: Path, file: str = FILE) -> Iterator[tuple[str, list[str]]]:
    """(`marts.<table>.<column>`, distinct texts) of every column of a published file that holds text; JSON, lists and structures
    leaf by leaf, `marts.<table>.<column>.<field>` where a field is one of ours.
    """
    path = root / file
    if not path.exists():
        return
    with duckdb.connect(str(path), read_only=True, config={**CLOSED, "enable_external_access": False}) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where not internal and schema_name = 'main' order by 1, 2"
        ).fetchall()
        for table, column, type_ in columns:
            if "VARCHAR" not in type_ and "JSON" not in type_:
                continue
            name = _name(column)
            found = connection.execute(f"select distinct {name} from {_name(table)} where {name} is not null").fetchall()  # noqa: S608 - quoted
            by_place: dict[str, dict[str, None]] = {}
            for (value,) in found:
                for place, text in leaves(value, f"{path.stem}.{table}.{column}"):
                    by_place.setdefault(place, {})[text] = None
            yield from ((place, list(some)) for place, some in by_place.items())
