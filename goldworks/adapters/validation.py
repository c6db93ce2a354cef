"""Checking a table against its data contract with Great Expectations.

Great Expectations is imported inside the functions (it takes seconds), works on pandas batches in a context of its own
that writes nothing, and gives counts only: no value of a column leaves it, neither in a result nor in an exception.
`goldworks.settings.close_network` must have been called before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from goldworks.contracts import OF_A_PAIR, Contract, Expectation, When, load_contract
from goldworks.lake import Lake

if TYPE_CHECKING:
    import pandas as pd

COUNTS_ONLY = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
CLASS_OF_ERROR = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception))(?::|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation after the check. `observed` is counts and names of columns, never values; `because` says why it matters."""

    name: str
    column: str
    success: bool
    observed: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """A table against its contract. An expectation that raised stands in `exceptions` and makes the whole a failure."""

    table: str
    is_success: bool
    rows: int
    expectations: tuple[Checked, ...]
    exceptions: tuple[str, ...]
    docs_index: Path | None


def check_contract(lake: Lake, contract_file: Path, docs_folder: Path | None) -> ValidationResult:
    """Check a table of the lake: only the columns that its contract names are read."""
    contract = load_contract(contract_file)
    stored = lake.columns(contract.table)
    rows = lake.read(contract.table, [name for name in contract.columns if name in stored])
    return validate(rows, contract_file, docs_folder, stored)


def validate(
    table: pa.Table, contract_file: Path, docs_folder: Path | None, stored: Sequence[str] | None = None
) -> ValidationResult:
    """Check `table` against the contract in `contract_file`; write its page below `docs_folder`, unless that is None.

    `stored`: names of all columns as they are stored, when `table` holds only some of them. Columns of text are dropped first.
    Raises `PolicyError` for a contract that cannot be used.
    """
    import great_expectations as gx

    contract = load_contract(contract_file)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("lake").add_dataframe_asset(contract.table)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": _frame(contract, table, stored)})
    todo = [part for expectation in contract.expectations for part in _parts(expectation)]
    suite = gx.ExpectationSuite(
        name=contract.table, expectations=[_expectation(contract, *todo[at], at) for at in range(len(todo))]
    )
    result = batch.validate(suite, result_format=cast(Any, COUNTS_ONLY))
    ordered = sorted(cast(list[Any], result.results), key=lambda one: one.expectation_config.meta["position"])
    failures = [_scrub(one, table.column_names) for one in ordered]
    checked = tuple(_checked(one, *part) for one, part in zip(ordered, todo, strict=True))
    exceptions = tuple(
        f"{one.name} of {one.column or 'the table'}: {why}" for one, why in zip(checked, failures, strict=True) if why is not None
    )
    is_success = bool(result.success) and not exceptions and all(one.success for one in checked)
    index = None
    if docs_folder is not None:
        from goldworks.adapters.data_docs import write_page

        index = write_page(result, contract, is_success, table.num_rows, docs_folder)
    return ValidationResult(contract.table, is_success, table.num_rows, checked, exceptions, index)


def _frame(contract: Contract, table: pa.Table, stored: Sequence[str] | None) -> pd.DataFrame:
    """The columns that the contract names, and every other one as nulls: its name is checked, its content is not read."""
    names = table.column_names if stored is None else stored
    wanted = set(contract.columns) - set(contract.declared.text_columns)
    there = [name for name in names if name in wanted and name in table.column_names]
    frame = table.select(there).to_pandas()
    return frame.reindex(columns=list(names))


def _parts(expectation: Expectation) -> list[tuple[Expectation, str]]:
    """An expectation of one column with the column, one of several columns once for each, one of the table with all of its."""
    if expectation.is_of_table or expectation.expect == OF_A_PAIR:
        return [(expectation, ", ".join(expectation.columns))]
    return [(expectation, name) for name in expectation.columns or (cast(str, expectation.column),)]


def _expectation(contract: Contract, expectation: Expectation, column: str, position: int) -> Any:
    """As Great Expectations has it. `position` leads a result back to the contract: results come in another order."""
    import great_expectations.expectations as gxe

    arguments: dict[str, Any] = {}
    match expectation.expect:
        case "expect_table_columns_to_match_set":
            arguments = {"column_set": [one.name for one in contract.declared.columns], "exact_match": True}
        case "expect_compound_columns_to_be_unique":
            arguments = {"column_list": list(expectation.columns)}
        case "expect_column_pair_values_a_to_be_greater_than_b":
            greater, lesser = expectation.columns
            arguments = {"column_A": greater, "column_B": lesser, "or_equal": expectation.or_equal}
            arguments["ignore_row_if"] = "either_value_is_missing"
        case _:
            arguments = {"column": column}
    if expectation.values:
        arguments["value_set"] = list(expectation.values)
    for ours, theirs in (("min", "min_value"), ("max", "max_value"), ("regex", "regex")):
        if (value := getattr(expectation, ours)) is not None:
            arguments[theirs] = value
    if expectation.when is not None:
        arguments["row_condition"] = _condition(expectation.when)
    meta = {"position": position, "notes": [expectation.because] if expectation.because else []}
    kind = getattr(gxe, "".join(word.capitalize() for word in expectation.expect.split("_")))
    return kind(**arguments, meta=meta)


def _condition(when: When) -> Any:
    from great_expectations.expectations.row_conditions import Column

    column = Column(when.column)
    if when.is_null is None:
        return column.is_in(list(when.is_in))
    return column.is_null() if when.is_null else column.is_not_null()


def _scrub(one: Any, columns: Sequence[str]) -> str | None:
    """Replace what an exception says by what is safe to show, in place; return it, or None when nothing was raised.

    The message of an exception may quote a value ("could not convert string to float: ..."): its class is all that is kept.
    """
    raised = one.exception_info or {}
    if "raised_exception" in raised:
        raised = {"": raised}
    infos = [info for info in raised.values() if info.get("raised_exception")]
    if not infos:
        return None
    kwargs = one.expectation_config.kwargs
    named = [kwargs.get("column"), *kwargs.get("column_list", ()), kwargs.get("column_A"), kwargs.get("column_B")]
    absent = [name for name in named if name and name not in columns]
    classes = sorted({name for info in infos for name in CLASS_OF_ERROR.findall(str(info.get("exception_traceback")))[:1]})
    why = f"no column {', '.join(absent)}" if absent else " and ".join(classes) or "an error of unknown class"
    one.exception_info = {"raised_exception": True, "exception_message": why, "exception_traceback": ""}
    one.success = False
    return why


def _checked(one: Any, expectation: Expectation, column: str) -> Checked:
    result: dict[str, Any] = one.result or {}
    if (one.exception_info or {}).get("raised_exception"):
        observed = "could not be checked"
    elif "unexpected_count" in result:
        observed = f"{result['unexpected_count']:,} of {result['element_count']:,} unexpected"
    else:
        mismatched = (result.get("details") or {}).get("mismatched") or {}
        observed = "; ".join(f"{kind}: {', '.join(sorted(names))}" for kind, names in sorted(mismatched.items())) or "as declared"
    name = expectation.expect + (f" ({_words(expectation.when)})" if expectation.when else "")
    return Checked(name, column, bool(one.success), observed, expectation.because)


def _words(when: When) -> str:
    if when.is_null is None:
        return f"where {when.column} is {' or '.join(map(str, when.is_in))}"
    return f"where {when.column} is {'' if when.is_null else 'not '}null"
