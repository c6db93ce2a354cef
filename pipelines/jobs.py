"""Jobs: which part of the graph runs together. A job is a selection and a name; what happens stands in `assets`.

A job that holds partitioned assets is run for a day or a range of days; what is not partitioned runs once after them.
"""

from __future__ import annotations

import dagster as dg

from assets.evals import EvalConfig

INTAKE = dg.AssetSelection.groups("logs")
CANDIDATES = dg.AssetSelection.assets(["golden", "candidates"])
GOLDEN = dg.AssetSelection.groups("golden")
SUITES = dg.AssetSelection.assets(["evals", "suites_of_releases"])
EVALS = dg.AssetSelection.groups("evals") - SUITES
REVIEW = dg.AssetSelection.groups("review")
RELEASE = dg.AssetSelection.groups("release")
MARTS = dg.AssetSelection.groups("staging", "marts")

daily_intake = dg.define_asset_job(
    "daily_intake",
    selection=INTAKE | CANDIDATES | MARTS,
    description="A day's log files into logs, candidates and marts. A range of days is taken in one run.",
)

nightly_eval = dg.define_asset_job(
    "nightly_eval",
    selection=(GOLDEN - CANDIDATES) | EVALS | REVIEW | RELEASE | MARTS,
    description="Mint what was approved, evaluate the newest version of each use case, judge its newest release, rebuild "
    "the marts.",
)

release_eval = dg.define_asset_job(
    "release_eval",
    selection=EVALS | REVIEW | RELEASE | MARTS,
    description="Evaluate named releases, judge them, then rebuild the marts: what the sensor on release files starts. By hand: "
    "give `releases`, such as harbor-orders/1.1, in the configuration of `evaluate` and of `judge`.",
)

label_import = dg.define_asset_job(
    "label_import",
    selection=(REVIEW - dg.AssetSelection.assets(["review", "tasks"], ["review", "strata"])) | MARTS,
    description="Labels that reviewers finished, their agreement, and what rests on them: what the sensor on label files starts.",
)

weekly_benchmark = dg.define_asset_job(
    "weekly_benchmark",
    selection=EVALS | REVIEW | RELEASE | MARTS,
    config=dg.RunConfig(ops={"evaluate": EvalConfig(is_benchmark=True)}),
    description="Evaluate every release that is on record with all of its repeats, so that slow drift and flakiness show.",
)

the_line = dg.define_asset_job(
    "the_line",
    selection=INTAKE | GOLDEN | EVALS | REVIEW | RELEASE | MARTS,
    description="Everything, from log files to marts: what `goldworks run` executes.",
)

after_intake = dg.define_asset_job(
    "after_intake",
    selection=dg.AssetSelection.assets(["logs", "conversations"], ["logs", "forgotten"])
    | GOLDEN
    | EVALS
    | REVIEW
    | RELEASE
    | MARTS,
    description="The line after the intake: what is left to do when no log file is new.",
)

daily_retention = dg.define_asset_job(
    "daily_retention",
    selection=dg.AssetSelection.assets(["governance", "retention"]),
    description="Delete what is older than the retention policy allows, and make the marts anew without it.",
)

suite_eval = dg.define_asset_job(
    "suite_eval",
    selection=SUITES,
    description="One suite of one release alone, or several one after the other: each is a partition. Start `release_eval` after "
    "it for the verdict and the marts.",
)

JOBS = (
    daily_intake,
    nightly_eval,
    release_eval,
    suite_eval,
    label_import,
    weekly_benchmark,
    the_line,
    after_intake,
    daily_retention,
)
