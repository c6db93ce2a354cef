"""Sensors: what starts by itself when something appears."""

from __future__ import annotations

import dagster as dg

from assets.resources import Goldworks
from goldworks.errors import GoldworksError
from goldworks.intake.take import plan
from pipelines.jobs import daily_intake

LOOK_EVERY_SECONDS = 60


@dg.sensor(job=daily_intake, minimum_interval_seconds=LOOK_EVERY_SECONDS, description="Starts the day of each new log file.")
def new_log_files(goldworks: Goldworks) -> dg.SensorResult | dg.SkipReason:
    """A run for each arrival day with files that are new or changed; a late file starts its own day, too."""
    home = goldworks.home
    try:
        todo = plan(home.lake, goldworks.source, home.key)
    except GoldworksError as error:
        return dg.SkipReason(str(error))
    if not todo.due:
        return dg.SkipReason("no new log file")
    requests: list[dg.RunRequest] = []
    for day in todo.due:
        files = todo.files[day]
        state = ",".join(sorted(f"{file.source}:{file.size_bytes}" for file in files))
        requests.append(dg.RunRequest(run_key=f"{day}|{state}", partition_key=day))
    return dg.SensorResult(run_requests=requests)


SENSORS = (new_log_files,)
