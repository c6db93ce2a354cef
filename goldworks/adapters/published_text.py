"""Text of conversations in published files: what the publication policy names goes from the lake into them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb

from goldworks.access.publication import Place, PublicationPolicy, published_name
from goldworks.access.rotation import HASHES
from goldworks.errors import GoldworksError
from goldworks.lake import Lake, declared
from goldworks.tables import TABLES

FILE = "review.duckdb"
PLAIN = r"[\w.:/-]{1,64}"
"""A name or an id: one word."""


def publish_review(root: Path, policy: PublicationPolicy, storage_version: str) -> Path | None:
    """Put a fresh `review.duckdb` in place, in one step; return its path. A policy that names nothing for it removes it."""
    draft, final = root / f"{FILE}.new", root / FILE
    for left in (draft, root / f"{FILE}.new.wal"):  # of a process that was killed
        left.unlink(missing_ok=True)
    if not policy.tables("review"):
        final.unlink(missing_ok=True)
        return None
    with duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}) as connection:
        connection.execute(f"attach '{str(draft).replace(chr(39), chr(39) * 2)}' as text (storage_version '{storage_version}')")
        write_text(connection, "text", Lake(root), policy, "review")
        connection.execute("detach text")
    draft.chmod(0o600)
    draft.replace(final)
    return final


def write_text(connection: duckdb.DuckDBPyConnection, catalog: str, lake: Lake, policy: PublicationPolicy, place: Place) -> None:
    """Write the tables that the policy names for this place, with their columns that hold no text and no identity hashes."""
    for key in policy.tables(place):
        table, named = declared(key), policy.columns(key, place)
        columns = [c for c in table.columns if c.name in named or not (c.is_text or c.name in HASHES.get(key, ()))]
        connection.register("lake_rows", lake.read(key, [column.name for column in columns]))
        name = f'{catalog}."{published_name(key)}"'  # of a declared table
        connection.execute(f"create table {name} as from lake_rows order by all")
        connection.unregister("lake_rows")
        connection.execute(f"comment on table {name} is '{_quoted(table.grain[0].upper() + table.grain[1:])}'")
        for column in columns:
            connection.execute(f"""comment on column {name}."{column.name}" is '{_quoted(column.description)}'""")


def refuse_text(connection: duckdb.DuckDBPyConnection, catalog: str, policy: PublicationPolicy) -> None:
    """Raise `GoldworksError` when the file about to be published as the marts has a column of text that the policy does not name.

    What the warehouse never reads cannot be there; this holds should it ever read it. A column is one of text when it has the
    name of one in the lake and could hold it: marts count messages, and list the names of tools. Where another table of the lake
    has a plain column of the same name (the outcome of a conversation, and that of an answer), its values decide.
    """
    names = sorted({name for table in TABLES.values() for name in table.text_columns})
    found = connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = ? and list_contains(?, column_name) "
        "and data_type <> 'VARCHAR[]' and (data_type like '%VARCHAR%' or data_type like '%JSON%') order by all",
        [catalog, names],
    ).fetchall()
    plain = {column.name for table in TABLES.values() for column in table.columns if not column.is_text}
    found = [
        (table, column) for table, column in found if column not in plain or not _is_plain(connection, catalog, table, column)
    ]
    allowed = {(published_name(key), name) for key in policy.tables("marts") for name in policy.columns(key, "marts")}
    if wrong := [f"{table}.{column}" for table, column in found if (table, column) not in allowed]:
        raise GoldworksError(
            f"the marts hold text that is not published: {', '.join(wrong)}; the last published file stays",
            remedy="leave the column out of the mart, or name it in expectations/policies/publication.yml",
        )


def _is_plain(connection: duckdb.DuckDBPyConnection, catalog: str, table: str, column: str) -> bool:
    """Whether a column of a mart holds nothing but names and ids."""
    where = f'{catalog}."{table}" where not regexp_full_match("{column}"::varchar, ?)'  # of the catalogue of the marts
    return not connection.execute(f"select 1 from {where} limit 1", [PLAIN]).fetchall()  # noqa: S608 - quoted


def _quoted(text: str) -> str:
    return text.replace("'", "''")
