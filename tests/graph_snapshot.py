"""The graph as text, for people who review a change of it.

uv run python tests/graph_snapshot.py       # writes tests/unit/graph.txt anew
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

SNAPSHOT = Path(__file__).parent / "unit" / "graph.txt"
DBT = ("staging", "marts")
"""Groups whose assets are models of the dbt project; their data tests stand beside the models."""


def describe(defs: dg.Definitions) -> str:
    """Assets with group, dependencies and checks; jobs with what they run; schedules with their times; sensors."""
    return "\n".join([*_assets(defs), *_jobs(defs), *_schedules(defs), *_sensors(defs)]) + "\n"


def _assets(defs: dg.Definitions) -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    for group in sorted({graph.get(key).group_name or "" for key in graph.get_all_asset_keys()}):
        yield f"group {group}"
        for key in sorted(graph.get_all_asset_keys()):
            node = graph.get(key)
            if node.group_name != group:
                continue
            kind = "by suite of a release" if isinstance(node.partitions_def, dg.DynamicPartitionsDefinition) else "daily"
            marks = [mark for mark, has in ((kind, node.partitions_def is not None), ("outside", node.is_external)) if has]
            pools = sorted(node.pools or ())
            yield f"  {'.'.join(key.path)}{''.join(f' [{mark}]' for mark in [*marks, *(f'pool {pool}' for pool in pools)])}"
            if node.parent_keys:
                yield f"    from {', '.join(sorted('.'.join(parent.path) for parent in node.parent_keys))}"
            if group in DBT:
                yield f"    {len(node.check_keys)} data tests"
                continue
            for check in sorted(node.check_keys):
                yield f"    check {check.name}{' (blocks)' if graph.get(check).blocking else ''}"


def _jobs(defs: dg.Definitions) -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    for job in sorted(defs.resolve_all_job_defs(), key=lambda job: job.name):
        if job.name.startswith("__"):
            continue
        groups: dict[str, list[str]] = {}
        for key in job.asset_layer.selected_asset_keys:
            groups.setdefault(graph.get(key).group_name or "", []).append(".".join(key.path))
        yield f"job {job.name}"
        for group, keys in sorted(groups.items()):
            whole = len(keys) == sum(graph.get(key).group_name == group for key in graph.materializable_asset_keys)
            yield f"  {group}: {'all' if whole else ', '.join(sorted(keys))}"


def _schedules(defs: dg.Definitions) -> Iterator[str]:
    for schedule in sorted(defs.schedules or (), key=lambda schedule: schedule.name):
        zone = schedule.execution_timezone or "UTC"
        yield f"schedule {schedule.name}: {schedule.cron_schedule} {zone}, {schedule.job_name}, {schedule.default_status.value}"


def _sensors(defs: dg.Definitions) -> Iterator[str]:
    for sensor in sorted(defs.sensors or (), key=lambda sensor: sensor.name):
        starts = ", ".join(sorted(target.job_name for target in sensor.targets)) or "nothing"
        yield f"sensor {sensor.name}: starts {starts}, every {sensor.minimum_interval_seconds} s, {sensor.default_status.value}"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["GOLDWORKS_HOME"] = home
        from pipelines.definitions import build_defs

        text = describe(build_defs())
    SNAPSHOT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT}: {len(text.splitlines())} lines\n")


if __name__ == "__main__":
    main()
