"""How completely each service's log says which versions answered. A version that cannot apply is not asked for."""

from __future__ import annotations

from typing import Any

from goldworks.lake import Lake

ASKED = {
    "release": "has_chat",
    "prompt_version": "has_chat",
    "model": "has_chat",
    "retrieval_version": "retrieved is not null",
    "tool_schema_version": "tool_calls > 0",
}
"""Version fields and, in SQL, the turns of which each is asked."""


def completeness(lake: Lake) -> list[dict[str, Any]]:
    """Per service and version field: turns it is asked of, turns that state it, share in 0..1."""
    import duckdb

    columns = ["service", "has_chat", "retrieved", "tool_calls", *ASKED]
    parts = [
        f"select service, '{name}' as version, count(*) as turns, count({name}) as stated from turns where {asked} group by 1"  # noqa: S608 - names from the constant above
        for name, asked in ASKED.items()
    ]
    with duckdb.connect() as connection:
        connection.register("turns", lake.read("logs.turns", columns))
        query = f"select *, stated / turns as share from ({' union all '.join(parts)}) order by service, version"  # noqa: S608
        found = connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
