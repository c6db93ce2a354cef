"""How a table is declared. The types are few on purpose: what Delta, DuckDB, pandas and Spark all read alike."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

TEXT = pa.string()
INTEGER = pa.int64()
REAL = pa.float64()
FLAG = pa.bool_()
TIME = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `is_text`: holds free text of people or models, so Delta must keep no statistics of it."""

    name: str
    type: pa.DataType
    description: str
    is_text: bool = False
    is_nullable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One Delta table: `schema/name`, one grain, one writer. `partition_by` are string columns (days as ISO dates)."""

    schema: str
    name: str
    grain: str
    columns: tuple[Column, ...]
    partition_by: tuple[str, ...] = ()
    keys: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    @property
    def arrow_schema(self) -> pa.Schema:
        """Schema with the column descriptions as field metadata."""
        return pa.schema(
            [pa.field(c.name, c.type, nullable=c.is_nullable, metadata={"comment": c.description}) for c in self.columns]
        )

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Names of the columns that hold free text."""
        return tuple(c.name for c in self.columns if c.is_text)


def required(name: str, type_: pa.DataType, description: str) -> Column:
    """A column that is never null."""
    return Column(name, type_, description, is_nullable=False)


def optional(name: str, type_: pa.DataType, description: str) -> Column:
    """A column that may be null: the source did not say."""
    return Column(name, type_, description)


def text(name: str, description: str, type_: pa.DataType = TEXT) -> Column:
    """A column of redacted free text or JSON that may hold it."""
    return Column(name, type_, description, is_text=True)
