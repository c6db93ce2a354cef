"""What happens when a run fails: one line in the log that says which run, which step, and where to look."""

import dagster as dg


@dg.run_failure_sensor(
    description="Writes failed runs to the log, with the step and where to look. On from the start.",
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def log_failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Only names and ids: an error's text may come from anywhere."""
    run = context.dagster_run
    steps = ", ".join(sorted({event.step_key for event in context.get_step_failure_events() if event.step_key})) or "no step"
    context.log.error(f"run {run.run_id} of {run.job_name} failed in {steps}; open it in the UI and read the step's error")


FAILURE_SENSORS = (log_failed_runs,)
