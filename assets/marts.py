"""Stage 4, marts: dbt builds the warehouse from the lake, and a finished build is published for analysts."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from assets.presenting import markdown_table
from assets.resources import Goldworks
from goldworks.adapters.warehouse import BuildFailed, Built

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

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Who is asked about a mart."""
        return ["team:quality-engineering"]


def build_dbt_assets(manifest: Path) -> dg.AssetsDefinition:
    """The dbt project's models as assets and its data tests as asset checks, from a manifest that was parsed before."""
    parsed = orjson.loads(manifest.read_bytes())
    translator = Translator()

    @dbt_assets(manifest=parsed, dagster_dbt_translator=translator, name="warehouse", pool="warehouse")
    def warehouse(context: dg.AssetExecutionContext, goldworks: Goldworks) -> Iterator[Any]:
        result_of = partial(_result, parsed, translator, context)
        try:
            built = goldworks.warehouse.build()  # always the whole: the file is a fresh one, whatever part was asked for
        except BuildFailed as error:
            yield from _results(error.built, result_of)
            raise
        yield from _results(built, result_of)

    return warehouse


def _results(built: Iterable[Built], result_of: Any) -> Iterator[Any]:
    return (result for one in built if (result := result_of(one)) is not None)


def _result(manifest: Mapping[str, Any], translator: Translator, context: dg.AssetExecutionContext, one: Built) -> Any:
    """What one node means to Dagster: a materialisation, the result of a check, or None when it was not asked for."""
    if one.is_test:
        check = get_asset_check_key_for_test(manifest, translator, one.unique_id, project=None)
        if check is None or check not in context.selected_asset_check_keys or one.status == "skipped":
            return None
        return dg.AssetCheckResult(
            passed=one.status == "pass",
            asset_key=check.asset_key,
            check_name=check.name,
            severity=dg.AssetCheckSeverity.WARN if one.status == "warn" else dg.AssetCheckSeverity.ERROR,
            metadata={"rows_found": one.failures or 0, "seconds": one.seconds},
        )
    node = manifest["nodes"].get(one.unique_id)
    if node is None or node["resource_type"] != "model" or not one.is_well:  # a hook is no asset
        return None
    key = translator.get_asset_key(node)
    if key not in context.selected_asset_keys:
        return None
    rows = {} if one.rows is None else {"dagster/row_count": one.rows}
    return dg.MaterializeResult(asset_key=key, metadata={**rows, "seconds": one.seconds})


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
        """`marts.duckdb`: the marts, replaced as a whole; analysts open it read-only. No message text is in it: what the
        publication policy names goes to `review.duckdb`, a file apart.
        """
        house = goldworks.warehouse
        path = house.publish()
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(path)),
                "tables": markdown_table(house.tables(), ("table", "rows"), 60),
                "documentation": dg.MetadataValue.url(goldworks.home.page_url(house.docs())),
            }
        )

    return published
