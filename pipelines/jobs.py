"""Jobs: which part of the graph runs together. A job is a selection and a name; what happens stands in `assets`."""

from __future__ import annotations

import dagster as dg

from assets.partitions import daily

INTAKE = dg.AssetSelection.groups("logs")
GOLDEN = dg.AssetSelection.groups("golden")
EVALS = dg.AssetSelection.groups("evals")
MARTS = dg.AssetSelection.groups("staging", "marts")

daily_intake = dg.define_asset_job(
    "daily_intake",
    selection=INTAKE | dg.AssetSelection.assets(["golden", "candidates"]) | MARTS,
    partitions_def=daily,
    description="A day's log files into logs, candidates and marts. Select a range of days to take them in one run.",
)

nightly_eval = dg.define_asset_job(
    "nightly_eval",
    selection=GOLDEN - dg.AssetSelection.assets(["golden", "candidates"]) | EVALS | MARTS,
    description="Mint what was approved, evaluate the newest version of each use case, rebuild the marts.",
)

weekly_benchmark = dg.define_asset_job(
    "weekly_benchmark",
    selection=EVALS | MARTS,
    config=dg.RunConfig(),
    description="Evaluate every release that is on record with all of its repeats, so that slow drift and flakiness show.",
)

the_line = dg.define_asset_job(
    "the_line",
    selection=INTAKE | GOLDEN | EVALS | MARTS,
    partitions_def=daily,
    description="Everything, from log files to marts: what `goldworks run` executes.",
)

after_intake = dg.define_asset_job(
    "after_intake",
    selection=dg.AssetSelection.assets(["logs", "conversations"]) | GOLDEN | EVALS | MARTS,
    description="The line after the intake: what is left to do when no log file is new.",
)

JOBS = (daily_intake, nightly_eval, weekly_benchmark, the_line, after_intake)
