"""The composition root: everything that Dagster knows, put together. Importing this module declares and does nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets import (
    calibration,
    checks,
    evals,
    evidence,
    forgetting,
    golden,
    logs,
    marts,
    proof,
    releases,
    retention,
    review,
    suites,
)
from assets.resources import Goldworks
from goldworks.settings import close_network
from pipelines.hooks import FAILURE_SENSORS
from pipelines.jobs import JOBS
from pipelines.schedules import SCHEDULES
from pipelines.sensors import SENSORS

PRELOADED = ["dagster", "dagster_dbt", "pyarrow", "deltalake", "goldworks.intake.take"]
MART = ("fct_", "dim_", "kpi_")


def build_defs(
    resources: Mapping[str, Any] | None = None, loggers: Mapping[str, dg.LoggerDefinition] | None = None
) -> dg.Definitions:
    """All definitions. `resources` replace ours by name, for tests and other installations; `loggers` come on top."""
    resource = Goldworks()
    close_network(resource.settings)
    dbt = marts.build_dbt_assets(resource.warehouse.manifest())
    published = marts.build_published(sorted(key for key in dbt.keys if key.path[-1].startswith(MART)))
    return dg.Definitions(
        assets=[
            logs.intake,
            logs.conversations,
            forgetting.forgotten,
            retention.retention,
            golden.candidates,
            golden.minted,
            *evals.ASSETS,
            *suites.ASSETS,
            *review.ASSETS,
            *calibration.ASSETS,
            *releases.ASSETS,
            *evidence.ASSETS,
            dbt,
            published,
        ],
        asset_checks=[
            checks.lines_reconcile,
            checks.versions_complete,
            checks.nothing_withheld,
            golden.no_personal_data,
            proof.second_scanner,
            *review.CHECKS,
            *checks.contracts,
        ],
        jobs=list(JOBS),
        schedules=list(SCHEDULES),
        sensors=[*SENSORS, *FAILURE_SENSORS],
        resources={"goldworks": resource, **(resources or {})},
        loggers=loggers,
        # a process per step keeps one step's memory from the next; forkserver with our imports makes that cheap
        executor=dg.multiprocess_executor.configured(
            {"max_concurrent": 2, "start_method": {"forkserver": {"preload_modules": PRELOADED}}}
        ),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dg` and `dagster-webserver` load."""
    return build_defs()
