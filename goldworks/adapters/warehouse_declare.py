"""The dbt sources as declared by the lake's tables: one place says what a column means.

`python -m goldworks.adapters.warehouse_declare > dbt_project/models/staging/sources.yml` writes them anew; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pyarrow as pa
import yaml

from goldworks.tables import TABLES, Column, Table

READ = (
    "logs.arrivals",
    "logs.quarantine",
    "logs.turns",
    "logs.conversations",
    "logs.entities",
    "golden.candidates",
    "golden.cases",
    "golden.versions",
    "evals.runs",
    "evals.answers",
    "evals.scores",
    "review.labels",
    "review.agreement",
    "review.certificates",
    "review.human_rates",
    "release.candidates",
    "release.verdicts",
    "release.waivers",
)
"""Tables that the warehouse reads. `logs.messages` is not among them: its numbers are in turns and conversations."""

SCHEMAS = {
    "logs": "What arrived, redacted: the lake's `logs.*`.",
    "golden": "Candidates, cases and versions of golden sets: the lake's `golden.*`.",
    "evals": "Evaluation runs, answers and scores: the lake's `evals.*`.",
    "review": "What reviewers said, and what it shows of metrics and judges: the lake's `review.*`.",
    "release": "Releases that were judged, verdicts by gate, waivers and sign-offs: the lake's `release.*`.",
}

HEADER = """\
# Written by `python -m goldworks.adapters.warehouse_declare` from goldworks/tables; do not edit.
# Columns with text of conversations are not read, so they are not here.
"""


def source_columns(table: Table) -> tuple[Column, ...]:
    """The columns of a table that the warehouse may read: all but the text of conversations."""
    return tuple(column for column in table.columns if not column.is_text)


def sources_yml() -> str:
    """The text of `dbt_project/models/staging/sources.yml`."""
    sources = [
        {
            "name": schema,
            "description": description,
            "tables": [
                {
                    "name": TABLES[key].name,
                    "description": _sentence(TABLES[key].grain),
                    "columns": list(_columns(TABLES[key])),
                }
                for key in READ
                if TABLES[key].schema == schema
            ],
        }
        for schema, description in SCHEMAS.items()
    ]
    text = yaml.safe_dump({"version": 2, "sources": sources}, sort_keys=False, allow_unicode=True, width=120)
    return HEADER + text


def _columns(table: Table) -> Iterator[dict[str, str]]:
    for column in source_columns(table):
        yield {"name": column.name, "data_type": _sql_type(column.type), "description": column.description}


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    return {
        pa.string(): "varchar",
        pa.int64(): "bigint",
        pa.float64(): "double",
        pa.bool_(): "boolean",
        pa.timestamp("us", tz="UTC"): "timestamp with time zone",
    }[kind]


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


if __name__ == "__main__":
    sys.stdout.write(sources_yml())
