"""`goldworks run` as a user starts it: seconds, and peak memory of its whole process tree (proportional set size).

    uv run python benchmarks/line.py LOGS [--names off] [--home DIR]

Three runs on one fresh home: every day but the last, then that last day, then nothing to do; and the steps that took
longest. Linux only (it reads /proc).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from goldworks.intake.arrivals import arrival_day
from goldworks.settings import PROJECT_ROOT


@dataclass
class Measured:
    what: str
    seconds: float
    peak_mb: float
    outcome: dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--names", choices=("policy", "off"), default="policy")
    parser.add_argument("--home", type=Path, help="a new folder, kept afterwards")
    arguments = parser.parse_args()
    days = days_of(arguments.logs)
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home or Path(folder) / "home"
        if home.exists():
            parser.error(f"{home} exists; the runs start from nothing")
        runs = [
            measure(f"{len(days) - 1} days", home, arguments.names, "--logs", str(arguments.logs), "--to", days[-2]),
            measure("one more day", home, arguments.names),
            measure("nothing to do", home, arguments.names),
        ]
        print(f"\n{len(days)} days of {arguments.logs}, names {arguments.names}\n")
        print(f"{'run':15} {'seconds':>8} {'peak MB':>8}  status")
        for run in runs:
            print(f"{run.what:15} {run.seconds:8.1f} {run.peak_mb:8.0f}  {run.outcome['status']}")
        print("\nintake:", json.dumps(runs[-1].outcome["intake"]))
        print_steps(home)


def days_of(logs: Path) -> list[str]:
    import datetime as dt

    today = dt.datetime.now(dt.UTC).date()
    return sorted({arrival_day(path.name, today) for path in logs.rglob("*.jsonl*")})


def measure(what: str, home: Path, names: str, *options: str) -> Measured:
    environment = {**os.environ, "GOLDWORKS_HOME": str(home), "GOLDWORKS_NAMES": names}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "pipelines.cli", "run", "--json", *options]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, tree_bytes(process.pid))
        time.sleep(0.5)
    assert process.stdout is not None
    out = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{what}: exit code {process.returncode}")
    return Measured(what, time.monotonic() - started, peak / 1e6, json.loads(out))


def tree_bytes(pid: int) -> int:
    """Proportional set size of a process and all below it: a shared page counts once."""
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(pss(process.pid) for process in processes)


def pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def print_steps(home: Path, most: int = 8) -> None:
    os.environ["DAGSTER_HOME"] = str(home / "dagster")
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        for run in reversed(instance.get_runs()):
            steps = [s for s in instance.get_run_step_stats(run.run_id) if s.start_time and s.end_time]
            steps.sort(key=lambda step: step.start_time - step.end_time)
            print(f"\nsteps of {run.job_name}:")
            for step in steps[:most]:
                print(f"  {step.step_key:45} {step.end_time - step.start_time:7.1f} s")


if __name__ == "__main__":
    main()
