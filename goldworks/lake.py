"""Where the tables lie, and reading and writing them. Nothing else knows a path of the lake.

Tables are Delta tables (`deltalake`): a partition is replaced atomically, several processes may commit at once, and
DuckDB, Spark and Polars read them as they are. Text columns keep no statistics in the Delta log, and predicates hold
ids and days only, so no text of a conversation can stand in the log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import pyarrow as pa
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from goldworks.errors import InputError
from goldworks.table_log import begin_anew
from goldworks.tables import TABLES, Table

Row = Mapping[str, Any]
Where = Sequence[tuple[str, str, Any]]
"""Conjunction of (column, operator, value), as `deltalake` filters take it: [("arrived_on", "<", "2026-11-03")]."""

OS_ERROR = re.compile(r"\(os error (\d+)\)")


class Readable(Protocol):
    """Whoever gives rows of tables as `Lake` does."""

    def rows(self, key: str, columns: Sequence[str] | None = None, where: Where | None = None) -> list[dict[str, Any]]:
        """See `Lake.rows`."""
        ...


class Lake:
    """The tables below `<home>/lake`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "lake"
        self._open: dict[str, tuple[DeltaTable, int, Any]] = {}
        self._widened: set[str] = set()

    def path(self, key: str) -> Path:
        """Folder of the Delta table `key` (`schema.table`), whether or not it was written yet."""
        table = declared(key)
        return self.folder / table.schema / table.name

    def exists(self, key: str) -> bool:
        """Whether the table was ever written."""
        return DeltaTable.is_deltatable(str(self.path(key)))

    def create(self, keys: Iterable[str] = TABLES) -> None:
        """Create each table that does not exist yet, empty, so that every reader finds every table; add columns that are new."""
        for key in keys:
            if self.exists(key):
                self._widen(key)
            else:
                table = declared(key)
                with _writing(self.path(key)):
                    DeltaTable.create(
                        str(self.path(key)),
                        schema=table.arrow_schema,
                        partition_by=list(table.partition_by) or None,
                        description=table.grain,
                        configuration={"delta.dataSkippingStatsColumns": ",".join(_statistics_columns(table))},
                        mode="ignore",
                    )

    def _widen(self, key: str) -> None:
        """Give a table that an earlier release made its new columns, all of which may be null; looked at once."""
        if key in self._widened:
            return
        stored = DeltaTable(str(self.path(key)))
        have = {field.name for field in stored.schema().fields}
        new = [field for field in Schema.from_arrow(declared(key).arrow_schema).fields if field.name not in have]
        if new:
            with _writing(self.path(key)):
                stored.alter.add_columns(new)
        self._widened.add(key)

    def version(self, key: str) -> int | None:
        """Number of the table's last commit, which any writing raises; None when it was never written."""
        return DeltaTable(str(self.path(key))).version() if self.exists(key) else None

    def columns(self, key: str) -> tuple[str, ...]:
        """Names of the columns as they are stored, which another writer may have changed; as declared when never written."""
        try:
            return tuple(field.name for field in DeltaTable(str(self.path(key))).schema().fields)
        except TableNotFoundError:
            return tuple(column.name for column in declared(key).columns)

    def read(self, key: str, columns: Sequence[str] | None = None, where: Where | None = None) -> pa.Table:
        """Rows of a table in its declared schema; empty when it was never written.

        `columns` in the order wanted; `where` a conjunction, applied to files and rows.
        """
        schema = declared(key).arrow_schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        from pyarrow.dataset import ParquetFragmentScanOptions  # half a second, and pandas with it: not for who only writes
        from pyarrow.parquet import filters_to_expression

        if any(operator == "in" and not value for _, operator, value in where or ()):
            return schema.empty_table()  # one of none; pyarrow fails on an empty list, for it has no type
        try:
            dataset = self._dataset(key)
        except TableNotFoundError:
            return schema.empty_table()
        absent = [name for name in schema.names if name not in dataset.schema.names]  # made by an earlier release
        asked = filters_to_expression(list(where)) if where else None

        def to_table(names: Sequence[str], asked: Any) -> pa.Table:
            return dataset.to_table(
                columns=[name for name in names if name not in absent],
                filter=asked,
                use_threads=False,  # the order of the rows is that of the files
                fragment_scan_options=ParquetFragmentScanOptions(pre_buffer=False),
            )

        try:
            rows = to_table(schema.names, asked)
        except pa.ArrowNotImplementedError:
            # of texts that a merge wrote, Arrow cannot compare its statistics, which are of another type: compare the rows then
            names = list(dict.fromkeys([*schema.names, *(name for name, _, _ in where or ())]))
            wanted = pa.schema([declared(key).arrow_schema.field(name) for name in names if name not in absent])
            rows = to_table(names, None).cast(wanted).filter(asked)
        for name in absent:
            rows = rows.append_column(schema.field(name), pa.nulls(rows.num_rows, schema.field(name).type))
        return rows.select(schema.names).cast(schema)

    def _dataset(self, key: str) -> Any:
        """The table's files as they are now. What was read of its log is kept: a run reads the same tables many times."""
        known = self._open.get(key)
        if known is None or not self.exists(key):
            table = DeltaTable(str(self.path(key)))
            known = self._open[key] = (table, table.version(), self._files(key, table))
        table, version, dataset = known
        table.update_incremental()
        if table.version() != version:
            dataset = self._files(key, table)
            self._open[key] = (table, table.version(), dataset)
        return dataset

    def _files(self, key: str, table: DeltaTable) -> Any:
        """The files of the table, which Arrow opens by itself.

        By default it would open them through Python objects of `deltalake`, which its reading threads let go of a moment
        after the rows are there: a process that ends within that moment is aborted.
        """
        from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

        return table.to_pyarrow_dataset(filesystem=SubTreeFileSystem(str(self.path(key)), LocalFileSystem()))

    def rows(self, key: str, columns: Sequence[str] | None = None, where: Where | None = None) -> list[dict[str, Any]]:
        """As `read`, as a list of dicts."""
        return self.read(key, columns, where).to_pylist()

    def replace(self, key: str, rows: pa.Table | Iterable[Row], partition: Mapping[str, str] | None = None) -> int:
        """Atomically replace one partition (or the whole table when `partition` is None) with `rows`; return their number.

        Every row must lie in `partition`. An empty `rows` empties it.
        """
        table = declared(key)
        data = _without_descriptions(as_arrow(table, rows))
        self.create([key])
        if partition is None:
            with _writing(self.path(key)):
                write_deltalake(str(self.path(key)), data, mode="overwrite")
            return data.num_rows
        if set(partition) != set(table.partition_by):
            raise ValueError(f"{key} is partitioned by {table.partition_by}, not {tuple(partition)}")
        predicate = " AND ".join(f"{name} = '{_quoted(value)}'" for name, value in partition.items())
        with _writing(self.path(key)):
            if data.num_rows == 0:
                DeltaTable(str(self.path(key))).delete(predicate)
            else:
                write_deltalake(str(self.path(key)), data, mode="overwrite", predicate=predicate)
        return data.num_rows

    def delete(self, key: str, partition: Mapping[str, str]) -> None:
        """Remove one partition."""
        self.replace(key, [], partition)

    def upsert(self, key: str, rows: pa.Table | Iterable[Row]) -> int:
        """Insert rows, replacing those with the same `keys`; return the number given."""
        table = declared(key)
        data = as_arrow(table, rows)
        self.create([key])
        if data.num_rows:
            on = " AND ".join(f"old.{name} = new.{name}" for name in (*table.keys, *_not_in(table.partition_by, table.keys)))
            with _writing(self.path(key)):
                (
                    DeltaTable(str(self.path(key)))
                    .merge(data, predicate=on, source_alias="new", target_alias="old")
                    .when_matched_update_all()
                    .when_not_matched_insert_all()
                    .execute()
                )
        return data.num_rows

    def partitions(self, key: str) -> list[dict[str, str]]:
        """Partitions that hold rows, sorted."""
        try:
            table = DeltaTable(str(self.path(key)))
        except TableNotFoundError:
            return []
        found = {tuple(sorted(p.items())) for p in table.partitions()}
        return [dict(p) for p in sorted(found)]

    def vacuum(self, key: str) -> int:
        """Delete files that no current version needs, at once; return how many. Rewriting for redaction calls this."""
        if not self.exists(key):
            return 0
        table = DeltaTable(str(self.path(key)))
        return len(table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False))

    def purge(self, key: str) -> int:
        """As `vacuum`, and the table's log begins anew: the least and greatest ids of files that are gone stand there too."""
        removed = self.vacuum(key)
        if self.exists(key):
            begin_anew(self.path(key))
        return removed

    def keep(self, key: str, is_kept: Callable[[Row], bool], where: Where | None = None) -> int:
        """Keep of each partition that has rows `where` only rows for which `is_kept`; return how many went.

        Partitions are replaced one by one; the old bytes stay until `purge`.
        """
        table = declared(key)
        gone = 0
        rows = self.rows(key, table.partition_by, where) if table.partition_by else [{}]
        for values in sorted({tuple(row[name] for name in table.partition_by) for row in rows}):
            partition = dict(zip(table.partition_by, values, strict=True))
            stored = self.read(key, where=[(name, "=", value) for name, value in partition.items()] or None)
            mask = [is_kept(row) for row in stored.to_pylist()]
            if not all(mask):
                gone += len(mask) - sum(mask)
                self.replace(key, stored.filter(pa.array(mask, pa.bool_())), partition or None)
        return gone


def declared(key: str) -> Table:
    """The declaration of table `key`."""
    try:
        return TABLES[key]
    except KeyError:
        raise InputError(f"no table {key!r}", remedy=f"one of {', '.join(sorted(TABLES))}") from None


def as_arrow(table: Table, rows: pa.Table | Iterable[Row]) -> pa.Table:
    """`rows` in the table's schema; refuses unknown columns, missing required values and wrong types."""
    if isinstance(rows, pa.Table):
        data = cast(Any, rows).select(table.arrow_schema.names).cast(table.arrow_schema)
    else:
        data = pa.Table.from_pylist([dict(row) for row in rows], schema=table.arrow_schema)
    for column in table.columns:
        if not column.is_nullable and data.column(column.name).null_count:
            raise ValueError(f"{table.key}.{column.name} is required and has {data.column(column.name).null_count} nulls")
    return data


def _without_descriptions(data: pa.Table) -> pa.Table:
    """The table without its columns' descriptions: Delta refuses to write with others than an earlier release made it with."""
    return data.cast(pa.schema([field.remove_metadata() for field in data.schema]))


def _statistics_columns(table: Table) -> list[str]:
    plain = (column for column in table.columns if not column.is_text and not pa.types.is_nested(column.type))
    return [column.name for column in plain if column.name not in table.partition_by]


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Delta wraps what the operating system refused (a full disk, rights) in errors of its own: say what it was."""
    try:
        yield
    except (OSError, DeltaError) as error:
        refused = OS_ERROR.search(str(error))
        if refused is None:
            raise
        raise OSError(int(refused[1]), os.strerror(int(refused[1])), str(path)) from None


def _quoted(value: str) -> str:
    """A partition value for a Delta predicate, which takes no parameters; only plain names pass."""
    if not value or not all(ch.isalnum() or ch in "-_.:" for ch in value):
        raise ValueError(f"not a partition value: {value!r}")
    return value


def _not_in(names: Sequence[str], others: Sequence[str]) -> list[str]:
    return [name for name in names if name not in others]
