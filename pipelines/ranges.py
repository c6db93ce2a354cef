"""Ranges of days: how Dagster is told to take several arrival days in one run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from goldworks.errors import InputError


def range_tags(days: Sequence[str]) -> dict[str, str]:
    """Run tags for the range from the first to the last of `days` (sorted); nothing is done for days between that are not due.

    Raises `InputError` when the last day has no partition yet (`assets.partitions` ends tomorrow).
    """
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date().isoformat()
    if days[-1] > tomorrow:
        raise InputError(
            f"log files are dated {days[-1]}, which is after tomorrow",
            remedy="correct this machine's clock or the name of the file; `goldworks run --to DAY` takes what came until then",
        )
    return {"dagster/asset_partition_range_start": days[0], "dagster/asset_partition_range_end": days[-1]}
