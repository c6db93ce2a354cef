"""Stage 1, logs: files that arrived on a day become redacted rows; conversations are merged from them."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.day_by_day import describe_days
from assets.partitions import daily
from assets.presenting import bars
from assets.resources import Goldworks
from assets.retries import retry_when_away
from goldworks.intake.merge import merge_conversations
from goldworks.intake.take import take
from goldworks.integrity.policies import note_policies
from goldworks.tables import TABLES

GROUP = "logs"
KINDS = {"python", "deltalake"}
OWNERS = ["team:quality-engineering"]

INTAKE_TABLES = {
    "arrivals": "One row per log file read. Lines in are records, duplicates, quarantined, empty or suppressed (erased on "
    "request, or past retention); the check `lines_reconcile` holds this for every file before anything else goes on.",
    "quarantine": "One row per line that could not be used, with where it stands and why, never its text. "
    "`goldworks quarantine show` reads the line again from its file, for those who may see it.",
    "turns": "One row per turn and log line that brought spans of it: release, prompt, model and other versions, latency, cost, "
    "feedback. The check `versions_complete` warns of services that do not say their versions.",
    "messages": "One row per distinct message, redacted before it was written. A history that every turn repeats is stored once.",
    "entities": "One row per redacted value: its token, type, place and the rule that found it; never the value.",
}


def _metadata(name: str) -> dict[str, Any]:
    table = TABLES[f"logs.{name}"]
    columns = [dg.TableColumn(c.name, str(c.type), c.description) for c in table.columns]
    return {"dagster/column_schema": dg.TableSchema(columns), "dagster/table_name": table.key}


@dg.multi_asset(
    name="intake",
    specs=[
        dg.AssetSpec(
            ["logs", name],
            group_name=GROUP,
            description=description,
            kinds=KINDS,
            owners=OWNERS,
            partitions_def=daily,
            metadata=_metadata(name),
        )
        for name, description in INTAKE_TABLES.items()
    ],
    backfill_policy=dg.BackfillPolicy.single_run(),  # days depend on earlier ones, and one start is shared by all
    pool="warehouse",  # days that are taken again are removed from the disk at once: nobody may be reading them
    description="Reads the log files that arrived on a day and redacts them in the same step.",
)
def intake(context: dg.AssetExecutionContext, goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any]]:
    """Take the days of the run's partitions, and the later days that follow from them."""
    home, days = goldworks.home, list(context.partition_keys)
    note_policies(home.settings.expectations, home.audit_log)

    def progress(day: str, done: int, of: int) -> None:
        context.log.info(f"took {day} ({done} of {of})")

    with retry_when_away(context):
        taken = take(home.lake, goldworks.source, home.key, days, progress)
    context.log.info(f"{len(taken.days)} days taken, {len(taken.again)} of them again, {taken.rewritten} rows redacted again")
    for day, tables in describe_days(home.lake, days).items():
        for name, metadata in tables.items():
            context.add_asset_metadata(metadata, ["logs", name], day)
    for name in INTAKE_TABLES:
        yield dg.MaterializeResult(asset_key=["logs", name])


@dg.asset(
    key=["logs", "conversations"],
    deps=[["logs", name] for name in ("arrivals", "turns", "messages", "entities")],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
    pool="warehouse",
    metadata=_metadata("conversations"),
)
def conversations(goldworks: Goldworks) -> dg.MaterializeResult[Any]:
    """One row per conversation, merged from all its turns so far, with its use case (`expectations/use_cases.yml`)."""
    lake = goldworks.home.lake
    count = merge_conversations(lake, goldworks.use_cases)
    rows = lake.rows("logs.conversations", ["use_case", "release", "outcome"])
    charts = {f"by_{column}": bars(rows, column) for column in ("use_case", "release", "outcome")}
    return dg.MaterializeResult(metadata={"dagster/row_count": count, **charts})
