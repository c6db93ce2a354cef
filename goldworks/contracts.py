"""Data contracts: what must hold for a table at the boundary between stages, as versioned YAML in `expectations/tables/`.

An expectation is one of Great Expectations' by its own name. Which ones a contract may use, and with which arguments, is
decided here; checking them is the business of `goldworks.adapters.validation`. Columns that hold text of people or models
cannot be named: a check must never read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from goldworks.errors import PolicyError
from goldworks.policies import Policy, load_policy
from goldworks.tables import TABLES, Table

Kind = Literal[
    "expect_table_columns_to_match_set",
    "expect_compound_columns_to_be_unique",
    "expect_column_values_to_be_unique",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_between",
    "expect_column_values_to_match_regex",
    "expect_column_pair_values_a_to_be_greater_than_b",
]
Scalar = str | int | float | bool

ARGUMENTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "expect_table_columns_to_match_set": (frozenset(), frozenset()),
    "expect_compound_columns_to_be_unique": (frozenset({"columns"}), frozenset()),
    "expect_column_values_to_be_in_set": (frozenset({"values"}), frozenset()),
    "expect_column_values_to_be_between": (frozenset(), frozenset({"min", "max"})),
    "expect_column_values_to_match_regex": (frozenset({"regex"}), frozenset()),
    "expect_column_pair_values_a_to_be_greater_than_b": (frozenset({"columns"}), frozenset({"or_equal"})),
}
"""Arguments a kind needs and those it may have besides; for the others and for all with one column, `column` or `columns`."""
OF_THE_TABLE = frozenset({"expect_table_columns_to_match_set", "expect_compound_columns_to_be_unique"})
OF_A_PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


def _compiles(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if groups:
        raise ValueError("groups capture nothing here: write (?:...)")  # pandas warns about each on every check
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class When(Policy):
    """Rows an expectation speaks of: those whose `column` is null, is not null, or is one of `is_in`."""

    column: str
    is_null: bool | None = None
    is_in: tuple[Scalar, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> When:
        if (self.is_null is None) == (not self.is_in):
            raise ValueError("give either is_null or is_in")
        return self


class Expectation(Policy):
    """One expectation. With `columns`, kinds that speak of one column hold for each of them. `because` says why, in words."""

    expect: Kind
    column: str | None = None
    columns: tuple[str, ...] = ()
    values: tuple[Scalar, ...] = ()
    min: float | None = None
    max: float | None = None
    regex: Pattern | None = None
    or_equal: bool = False
    when: When | None = None
    because: str = ""

    @model_validator(mode="after")
    def _check(self) -> Expectation:
        needed, possible = ARGUMENTS.get(self.expect, (frozenset[str](), frozenset[str]()))
        if not self.is_of_table and self.expect != OF_A_PAIR:
            if (self.column is None) == (not self.columns):
                raise ValueError(f"{self.expect} needs either column or columns")
            possible |= {"column", "columns"}
        given = self.model_fields_set - {"expect", "when", "because"}
        if absent := sorted(needed - given):
            raise ValueError(f"{self.expect} needs {', '.join(absent)}")
        if surplus := sorted(given - needed - possible):
            raise ValueError(f"{self.expect} does not take {', '.join(surplus)}")
        if self.expect == OF_A_PAIR and len(self.columns) != 2:
            raise ValueError(f"{self.expect} takes two columns: the greater one, then the lesser one")
        if self.expect == "expect_column_values_to_be_between" and self.min is None and self.max is None:
            raise ValueError(f"{self.expect} needs min, max or both")
        return self

    @property
    def is_of_table(self) -> bool:
        """Whether it speaks of the table as a whole rather than of one column."""
        return self.expect in OF_THE_TABLE

    def names(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Columns it names, each with the key under which it stands."""
        if self.column is not None:
            yield ("column",), self.column
        yield from ((("columns", index), name) for index, name in enumerate(self.columns))
        if self.when is not None:
            yield ("when", "column"), self.when.column


class Contract(Policy):
    """A file of `expectations/tables/`. A table without rows keeps every expectation but that on its columns trivially."""

    version: int = Field(ge=1)
    table: str
    description: str = ""
    expectations: tuple[Expectation, ...] = Field(min_length=1)

    @field_validator("table")
    @classmethod
    def _is_declared(cls, name: str) -> str:
        if name not in TABLES:
            raise ValueError(f"no such table. Allowed: {', '.join(sorted(TABLES))}")
        return name

    @model_validator(mode="after")
    def _check(self) -> Contract:
        problems: list[InitErrorDetails] = []
        for index, expectation in enumerate(self.expectations):
            for key, column in expectation.names():
                if (wrong := _wrong(self.declared, column)) is not None:
                    error = PydanticCustomError("column", "{wrong}", {"wrong": wrong})
                    problems.append(InitErrorDetails(type=error, loc=("expectations", index, *key), input=column))
        if problems:
            raise ValidationError.from_exception_data("Contract", problems)
        return self

    @property
    def declared(self) -> Table:
        """The table as it is declared."""
        return TABLES[self.table]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that checking it has to read, sorted."""
        return tuple(sorted({column for expectation in self.expectations for _, column in expectation.names()}))


def load_contract(path: Path) -> Contract:
    """The contract in the file `path`, which is named after its table.

    Raises `PolicyError` naming file, line, key and what is allowed.
    """
    contract = load_policy(path, Contract)
    if path.stem != contract.table:
        raise PolicyError(f"{path}: table: holds the contract of {contract.table}", remedy=f"name it {contract.table}.yml")
    return contract


def _wrong(table: Table, column: str) -> Any:
    """What is wrong with naming this column, or None."""
    columns = [one.name for one in table.columns if not one.is_text]
    if column in table.text_columns:
        return f"{column} holds text, which is never read for a check"
    if column not in columns:
        return f"{table.key} has no column {column}. Allowed: {', '.join(columns)}"
    return None
