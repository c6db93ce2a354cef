"""Schedules: when jobs run. All are off until someone turns them on in the Dagster UI; times are UTC."""

from __future__ import annotations

import dagster as dg

from pipelines.jobs import daily_intake, nightly_eval, weekly_benchmark

intake_each_morning = dg.build_schedule_from_partitioned_job(
    daily_intake, name="intake_each_morning", hour_of_day=1, minute_of_hour=30, description="Takes what arrived, at 01:30."
)

evals_each_night = dg.ScheduleDefinition(
    name="evals_each_night",
    job=nightly_eval,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    description="Evaluates after the intake, at 03:00.",
)

benchmark_each_week = dg.ScheduleDefinition(
    name="benchmark_each_week",
    job=weekly_benchmark,
    cron_schedule="0 5 * * 0",
    execution_timezone="UTC",
    description="Every release with all repeats, Sundays at 05:00.",
)

SCHEDULES = (intake_each_morning, evals_each_night, benchmark_each_week)
