"""Stage 4, marts: dbt builds the warehouse from the lake, and a finished build is published for analysts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from assets.presenting import markdown_table
from assets.resources import DBT_PROJECT, Goldworks

GROUP = "marts"


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: sources are the lake's tables, models lie under `marts`."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources keep the key of their table; models are `marts/<name>`."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey(["marts", dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Staging and intermediate models apart from the marts, so that the graph reads from left to right."""
        return GROUP if "marts" in dbt_resource_props["fqn"] else "staging"


def build_dbt_assets(manifest: Path) -> dg.AssetsDefinition:
    """The dbt project's models as assets, from a manifest that was parsed before."""

    @dbt_assets(manifest=manifest, dagster_dbt_translator=Translator(), name="warehouse", pool="warehouse")
    def warehouse(context: dg.AssetExecutionContext, goldworks: Goldworks) -> Iterator[Any]:
        house = goldworks.warehouse
        with house.fresh_file() as built:
            cli = DbtCliResource(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT))
            yield from cli.cli(["build"], context=context, target_path=house.target, env=house.environment(built)).stream()
            house.finish(built)

    return warehouse


def build_published(marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published marts, downstream of every mart."""

    @dg.asset(
        key=["marts", "published"],
        deps=marts,
        group_name=GROUP,
        kinds={"duckdb"},
        owners=["team:quality-engineering"],
        pool="warehouse",
    )
    def published(goldworks: Goldworks) -> dg.MaterializeResult[Any]:
        """`marts.duckdb`: the marts alone, without any message text, replaced as a whole; analysts open it read-only."""
        path = goldworks.warehouse.publish()
        tables = goldworks.warehouse.tables()
        return dg.MaterializeResult(
            metadata={"file": dg.MetadataValue.path(str(path)), "tables": markdown_table(tables, ("table", "rows"), 60)}
        )

    return published
