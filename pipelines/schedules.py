"""Schedules: when jobs run. All are off until someone turns them on in the Dagster UI; times are UTC."""

import datetime as dt

import dagster as dg

from pipelines.jobs import daily_intake, daily_retention, nightly_eval, weekly_benchmark


@dg.schedule(
    job=daily_intake,
    cron_schedule="30 1 * * *",
    execution_timezone="UTC",
    description="Takes the day that has just ended, at 01:30: what the sensor on the log folder has not taken already.",
)
def intake_each_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """The partition of the day before the tick."""
    yesterday = (context.scheduled_execution_time - dt.timedelta(days=1)).date().isoformat()
    return dg.RunRequest(run_key=yesterday, partition_key=yesterday)


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

retention_each_night = dg.ScheduleDefinition(
    name="retention_each_night",
    job=daily_retention,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    description="Deletes what is older than expectations/policies/retention.yml allows, at 02:30.",
)

SCHEDULES = (intake_each_morning, evals_each_night, benchmark_each_week, retention_each_night)
