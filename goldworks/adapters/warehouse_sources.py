"""How dbt reads the lake: the plugin that dbt-duckdb loads for `dbt_project` (see its profiles.yml).

When the build opens its DuckDB file, each lake table that it reads is copied in under its own key, without its text columns:
what is never read cannot be in a mart. A table that was never written is empty. Beside them stands `evals.run_aggregates`,
the aggregates of each run, which are computed here because some need what is not copied. Only dbt imports this module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from goldworks.adapters.warehouse_declare import READ, SCHEMAS, source_columns
from goldworks.adapters.warehouse_estimates import aggregated
from goldworks.lake import Lake, declared


class Plugin(BasePlugin):
    """Sources from the lake of the `home` in its configuration. dbt-duckdb asks for a class of this name."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Find the lake; nothing is read yet."""
        self.lake = Lake(Path(plugin_config["home"]))

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Copy the tables; once per process, before any model runs."""
        for schema in SCHEMAS:
            conn.execute(f"create schema if not exists {schema}")
        for key in READ:
            rows = self.lake.read(key, [column.name for column in source_columns(declared(key))])
            conn.register("lake_rows", rows)
            conn.execute(f"create or replace table {key} as select * from lake_rows")  # noqa: S608 - a key of TABLES
            conn.unregister("lake_rows")
        conn.register("lake_rows", aggregated(self.lake))
        conn.execute("create or replace table evals.run_aggregates as select * from lake_rows")
        conn.unregister("lake_rows")
