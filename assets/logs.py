"""Stage 1, logs: files that arrived on a day become redacted rows; conversations are merged from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.partitions import daily
from assets.presenting import bars, markdown_table, preview
from assets.resources import Goldworks
from goldworks.intake.merge import merge_conversations
from goldworks.intake.take import take
from goldworks.tables import TABLES

GROUP = "logs"
INTAKE_TABLES = ("arrivals", "quarantine", "turns", "messages", "entities")
KINDS = {"python", "deltalake"}


def _spec(name: str) -> dg.AssetSpec:
    table = TABLES[f"logs.{name}"]
    return dg.AssetSpec(
        ["logs", name],
        group_name=GROUP,
        description=f"{table.grain[0].upper()}{table.grain[1:]}.",
        kinds=KINDS,
        owners=["team:quality-engineering"],
        partitions_def=daily,
        metadata={"columns": dg.MetadataValue.table_schema(_schema(name)), "table": table.key},
    )


def _schema(name: str) -> dg.TableSchema:
    columns = TABLES[f"logs.{name}"].columns
    return dg.TableSchema([dg.TableColumn(c.name, str(c.type), c.description) for c in columns])


@dg.multi_asset(
    name="intake",
    specs=[_spec(name) for name in INTAKE_TABLES],
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="intake",
    retry_policy=dg.RetryPolicy(max_retries=2, delay=30),  # a log folder on a network may be away for a moment
    description="Reads the log files that arrived on a day and redacts them in the same step.",
)
def intake(context: dg.AssetExecutionContext, goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any]]:
    """Take the days of the run's partitions, and the later days that follow from them."""
    home = goldworks.home

    def progress(day: str, done: int, of: int) -> None:
        context.log.info(f"took {day} ({done} of {of})")

    taken = take(home.lake, goldworks.source, home.key, context.partition_keys, progress)
    arrivals = home.lake.rows("logs.arrivals", where=[("arrived_on", "in", list(context.partition_keys))])
    counts: dict[str, Any] = {
        "days_taken": len(taken.days),
        "days_taken_again": len(taken.again),
        "lines": taken.lines,
        "records": taken.records,
        "duplicates": taken.duplicates,
        "quarantined": taken.quarantined,
        "empty_lines": taken.empty,
    }
    details: dict[str, dict[str, Any]] = {
        "arrivals": {**counts, "files": markdown_table(arrivals, ("source", "lines", "records", "quarantined", "is_incomplete"))},
        "quarantine": {"quarantined": taken.quarantined},
        "turns": {"records": taken.records},
        "messages": {"messages": taken.messages, "rewritten": taken.rewritten},
        "entities": {"entities": taken.entities},
    }
    if taken.days:
        newest = [("arrived_on", "=", taken.days[-1])]
        details["messages"]["preview"] = preview(home.lake.rows("logs.messages", ["role", "text"], newest))
        details["entities"]["by_type"] = bars(home.lake.rows("logs.entities", ["type"], newest), "type")
        details["quarantine"]["by_reason"] = bars(home.lake.rows("logs.quarantine", ["reason"]), "reason")
    for name in INTAKE_TABLES:
        yield dg.MaterializeResult(asset_key=["logs", name], metadata=details[name])


@dg.asset(
    key=["logs", "conversations"],
    deps=[["logs", "turns"], ["logs", "messages"]],
    group_name=GROUP,
    kinds=KINDS,
    owners=["team:quality-engineering"],
    metadata={"columns": dg.MetadataValue.table_schema(_schema("conversations")), "table": "logs.conversations"},
)
def conversations(goldworks: Goldworks) -> dg.MaterializeResult[Any]:
    """One row per conversation, merged from all its turns so far, with its use case."""
    lake = goldworks.home.lake
    count = merge_conversations(lake, goldworks.use_cases)
    rows = lake.rows("logs.conversations", ["use_case", "release"])
    metadata = {"dagster/row_count": count, "by_use_case": bars(rows, "use_case"), "by_release": bars(rows, "release")}
    return dg.MaterializeResult(metadata=metadata)
