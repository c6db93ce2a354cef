"""The dbt project and the lake say the same: sources, and the vocabularies that its data tests accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from goldworks.adapters.warehouse_declare import READ, sources_yml
from goldworks.conversations.damage import REASONS
from goldworks.settings import PROJECT_ROOT
from goldworks.tables import TABLES

MODELS = PROJECT_ROOT / "dbt_project" / "models"


def sources() -> dict[str, dict[str, Any]]:
    """Declared dbt sources by `schema.table`."""
    declared = yaml.safe_load((MODELS / "staging" / "sources.yml").read_text(encoding="utf-8"))["sources"]
    return {f"{source['name']}.{table['name']}": table for source in declared for table in source["tables"]}


def test_the_sources_are_those_of_the_lake():
    written = (MODELS / "staging" / "sources.yml").read_text(encoding="utf-8")
    assert written == sources_yml(), (
        "run: python -m goldworks.adapters.warehouse_declare > dbt_project/models/staging/sources.yml"
    )


@pytest.mark.parametrize("key", READ)
def test_a_source_has_every_column_of_its_table_but_the_text(key: str):
    table = TABLES[key]
    columns = {column["name"]: column["description"] for column in sources()[key]["columns"]}
    assert columns == {column.name: column.description for column in table.columns if not column.is_text}
    assert not columns.keys() & set(table.text_columns)


@pytest.mark.parametrize("path", sorted(MODELS.rglob("stg_*.sql")), ids=lambda path: path.stem)
def test_a_staging_model_reads_the_source_it_is_named_after(path: Path):
    schema, table = path.stem.removeprefix("stg_").split("__")
    assert f"source('{schema}', '{table}')" in path.read_text(encoding="utf-8")
    assert f"{schema}.{table}" in sources()


def test_the_reasons_a_mart_accepts_are_those_that_reading_gives():
    declared = yaml.safe_load((MODELS / "marts" / "fct_quarantined_lines.yml").read_text(encoding="utf-8"))["models"][0]
    reason = next(column for column in declared["columns"] if column["name"] == "reason")
    [accepted] = [test["accepted_values"] for test in reason["data_tests"] if "accepted_values" in test]
    assert set(accepted["arguments"]["values"]) == set(REASONS)
