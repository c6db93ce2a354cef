"""Running a job of the graph in this process, on the home's own Dagster instance.

One process: a day's work takes seconds, and starting a process per step would take longer than the steps. In the Dagster UI
the same assets run with a process each.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from goldworks.errors import GoldworksError
from goldworks.home import Home
from goldworks.locks import alone
from goldworks.settings import PROJECT_ROOT, close_network
from pipelines.ranges import range_tags

OUR_ERROR = re.compile(r"goldworks\.[\w.]+: ")
"""How Dagster begins the message of an error class of ours."""
IN_PROCESS = "goldworks/in_process"
"""Tag of the runs that live and die with a process of ours."""
WHOLE_LINE = "the_line"
AFTER_INTAKE = "after_intake"


def execute(
    home: Home,
    days: Sequence[str],
    console: Console,
    run_config: Mapping[str, Any] | None = None,
    only: Sequence[Sequence[str]] | None = None,
) -> str:
    """Run the line for the range of `days` (empty: only what follows the intake); return the Dagster run id.

    `only`: asset keys, for a part of the line.

    Raises `GoldworksError` naming the failed steps; their errors are in the Dagster UI.
    """
    prepare_instance(home)
    close_network(home.settings)
    tags = {IN_PROCESS: "true", **(range_tags(days) if days else {})}
    with console.status("starting Dagster") as status:
        import dagster as dg

        from pipelines.definitions import build_defs
        from pipelines.progress import LOGGER, terminal_logger

        defs = build_defs(loggers={LOGGER: terminal_logger(console, status)})
        job = defs.resolve_job_def(WHOLE_LINE if days else AFTER_INTAKE)
        config = {"loggers": {LOGGER: {}}, **(run_config or {})}
        part = [dg.AssetKey(list(key)) for key in only] if only is not None else None
        busy = f"another `goldworks run` or `demo` is going on in {home.root}"
        with alone(home.root / "line.lock", busy), dg.DagsterInstance.get() as instance:
            _end_killed_runs(instance)
            result = job.execute_in_process(
                instance=instance, tags=tags, raise_on_error=False, run_config=config, asset_selection=part
            )
    if not result.success:
        why = "\n".join(reasons(result))
        raise GoldworksError(
            f"the run {result.run_id} did not finish:\n{why}",
            remedy="mend that and run the same command again; what was finished is kept. `goldworks ui` shows the whole log",
        )
    return result.run_id


def _end_killed_runs(instance: Any) -> None:
    """Runs of ours that seem to go on were killed, for we hold the lock: say so, and free the pools that they still hold."""
    import dagster as dg

    going_on = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING], tags={IN_PROCESS: "true"})
    for run in instance.get_runs(going_on):
        instance.report_run_failed(run, "Its process was ended from outside. What was finished is kept.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def prepare_instance(home: Home) -> None:
    """Put dagster.yaml where Dagster looks for it."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    target = home.dagster / "dagster.yaml"
    if not target.exists() or target.read_bytes() != (PROJECT_ROOT / "dagster.yaml").read_bytes():
        draft = target.with_suffix(".new")
        shutil.copyfile(PROJECT_ROOT / "dagster.yaml", draft)
        draft.replace(target)


def reasons(result: Any) -> Iterator[str]:
    """Failed steps with what they said: ours in full; of other errors the first line, for they may hold anything."""
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            yield f"  {event.step_key}: {data.user_failure_data.description}"
            continue
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is None:
            yield f"  {event.step_key}: no error recorded"
        elif (ours := OUR_ERROR.match(error.message)) is not None:
            yield f"  {event.step_key}: {error.message[ours.end() :].strip()}"
        else:
            yield f"  {event.step_key}: {error.message.strip().splitlines()[0][:300]}"
