"""Where a run's memory is: what the process holds at some stations of the same command, at two sizes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.runner.ours import work
from benchmarks.runner.report import Report, progress
from benchmarks.runner.work import endpoint, environment, measured, run_command

SIZES = (1_000, 20_000)
STATIONS = {
    "python": "Python itself",
    "imported": "the command imported: pyarrow, deltalake, numpy, pydantic, aiohttp",
    "cases": "rules of redaction loaded, cases read",
    "begun": "the run's row written: the engine of deltalake is there",
    "asked": "all asked and journaled",
    "answers": "answers written",
    "scores": "scores written",
    "end": "metrics computed and said",
}


def run(report: Report) -> None:
    """The table, and what each further case adds from station to station."""
    if not Path("/proc/self/status").exists():
        report.say("Memory by station: only on Linux, whose /proc says it.")
        return
    found: dict[int, dict[str, list[float]]] = {}
    for cases in SIZES:
        progress(f"memory of {cases} cases")
        with work(cases, 128) as folder, endpoint() as port:
            command = run_command(folder, port)
            done = measured([sys.executable, "-m", "benchmarks.runner.memory", *command[3:]], environment(folder))
            assert done.code == 0, done.errors[-1000:]
            found[cases] = json.loads(done.errors.splitlines()[-1])
    report.figures["memory"] = {str(cases): stations for cases, stations in found.items()}
    lines: list[list[str]] = []
    for name, what in STATIONS.items():
        few, many = (found[cases][name] for cases in SIZES)
        further = (sum(many) - sum(few)) / (SIZES[1] - SIZES[0]) * 1024
        lines.append([what, *(f"{one[0]:.0f} + {one[1]:.0f}" for one in (few, many)), f"{further:.2f}"])
    columns = ["at the moment", *(f"{cases:,} cases" for cases in SIZES), "KB a further case"]
    report.title("Where the memory is")
    report.table("MB of its own + MB of program files mapped, which processes share", columns, lines)


def watched(arguments: list[str]) -> dict[str, list[float]]:
    """Run the command in this process; what it holds at each station, as [own, mapped] in MB."""
    seen = {"python": _now()}
    from goldworks.evaluation.recording import Record
    from goldworks.evaluation.run import CaseList
    from goldworks.lake import Lake
    from pipelines.cli import main

    seen["imported"] = _now()

    def noting(made: Callable[..., Any], name: Callable[..., str | None], is_before: bool = False) -> Callable[..., Any]:
        def noted(*given: Any, **named: Any) -> Any:
            station = name(*given)
            if is_before and station:
                seen[station] = _now()
            result = made(*given, **named)
            if station and not is_before:
                seen.setdefault(station, _now())
            return result

        return noted

    written = {"evals.runs": "begun", "evals.answers": "answers", "evals.scores": "scores"}
    CaseList.read = staticmethod(noting(CaseList.read, lambda *_: "cases"))
    Lake.replace = noting(Lake.replace, lambda _, key, *__: written.get(key))
    Record.end = noting(Record.end, lambda *_: "asked", is_before=True)
    with suppress(SystemExit):
        main(arguments)
    seen["end"] = _now()
    return seen


def _now() -> list[float]:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("RssAnon:", "RssFile:"))}
    return [found["RssAnon"], found["RssFile"]]


if __name__ == "__main__":
    stations = watched(sys.argv[1:])
    sys.stderr.write(json.dumps(stations) + os.linesep)
