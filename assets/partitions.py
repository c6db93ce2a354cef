"""How the graph is partitioned: by arrival day, from the intake policy's first day to today."""

from __future__ import annotations

import dagster as dg

from goldworks.intake.policy import load_intake_policy
from goldworks.settings import load_settings

daily = dg.DailyPartitionsDefinition(
    start_date=load_intake_policy(load_settings().expectations).first_day.isoformat(),
    end_offset=2,  # today's files are taken today, and where logs are written it may be tomorrow already
)
"""A partition is the day on which log files arrived (UTC)."""
