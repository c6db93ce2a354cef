"""How the graph is partitioned: logs by arrival day, from the intake policy's first day to today; evaluations also by suite of a
release."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from goldworks.evaluation.plan import Wanted
from goldworks.intake.policy import load_intake_policy
from goldworks.settings import load_settings

daily = dg.DailyPartitionsDefinition(
    start_date=load_intake_policy(load_settings().expectations).first_day.isoformat(),
    end_offset=2,  # today's files are taken today, and where logs are written it may be tomorrow already
)
"""A partition is the day on which log files arrived (UTC)."""

suites_of_releases = dg.DynamicPartitionsDefinition(name="suites_of_releases")
"""A partition is a suite of a release, `use_case/release/suite`. One dimension, for a release is asked the suites of its use case
only: of two, most pairs would never be run."""


def partition_of(wanted: Wanted) -> str | None:
    """The partition that an evaluation run is of. None: what it asks is no named release, or one that Dagster cannot take."""
    if wanted.release is None or "..." in wanted.release or not wanted.release.isprintable():
        return None
    return f"{wanted.use_case}/{wanted.release}/{wanted.suite}"


def partitions_of(runs: Iterable[Wanted]) -> list[str]:
    """The partitions of several, in their order, each once."""
    return list(dict.fromkeys(key for one in runs if (key := partition_of(one)) is not None))
