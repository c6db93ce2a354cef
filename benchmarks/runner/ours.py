"""Our own figures: speed, memory and bytes at three sizes, the cached re-run, CPU for each further case, names on and off."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.runner.report import Report, progress
from benchmarks.runner.work import counts, endpoint, environment, make_home, measured, run_command, stored

SIZES = ((1_000, 32), (5_000, 128), (20_000, 128))
LATENCY_SECONDS = 0.05


@contextmanager
def work(cases: int, concurrency: int, names: bool = False, **limits: Any) -> Generator[Path]:
    """A folder with a home that was used before, so that its rules are compiled and Python's files are; and the work in it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make_home(folder, 4, {"concurrency": 4})
        with endpoint() as port:
            warm = measured(run_command(folder, port), environment(folder, names))
            assert warm.code == 0, warm.errors[-1000:]
        for left in ("lake", "runs"):
            shutil.rmtree(folder / "home" / left)
        make_home(folder, cases, {"concurrency": concurrency, **limits})
        yield folder


def run(report: Report) -> None:
    """All sizes, then what follows from them."""
    report.title("Speed and memory: `goldworks eval run --no-track`, the whole process")
    lines: list[list[str]] = []
    for cases, concurrency in SIZES:
        progress(f"{cases} cases, {concurrency} at once")
        report.figures[f"{cases}"] = one = _one(cases, concurrency)
        lines.append(_line(f"{cases:,} / {concurrency}", one))
        report.figures[f"bare {cases}"] = bare = _bare(cases, concurrency)
        lines.append(_line("  bare aiohttp loop", bare))
    progress("1,000 cases with names")
    report.figures["names"] = one = _one(1_000, 32, names=True)
    lines.append(_line("1,000 / 32, names found too", one))
    columns = ["cases / at once", "ideal s", "wall s", "CPU s", "peak MB", "of it private", "bytes a case", "calls"]
    report.table("Names off, redaction by rules on, unless said", columns, lines)
    few, many = report.figures["1000"], report.figures["20000"]
    per = {name: (many[name] - few[name]) / 19_000 for name in ("cpu_seconds", "peak_mb")}
    bare_cpu = (report.figures["bare 20000"]["cpu_seconds"] - report.figures["bare 1000"]["cpu_seconds"]) / 19_000
    report.figures["bare_per_case_cpu_ms"] = bare_cpu * 1000
    report.figures["per_case"] = {"cpu_ms": per["cpu_seconds"] * 1000, "kilobytes": per["peak_mb"] * 1024}
    report.say(
        f"Each further case: {per['cpu_seconds'] * 1000:.2f} ms CPU, {per['peak_mb'] * 1024:.1f} KB of memory (1,000 to 20,000). "
        f"The bare loop in the same run: {bare_cpu * 1000:.2f} ms CPU (0.2 ms on an idle machine when the targets were set)."
    )
    progress("cached re-run")
    report.figures["cached"] = cached = _cached()
    report.say(f"1,000 cases again from the answer cache: {cached['seconds']:.2f} s, {cached['calls']} calls.")


def _one(cases: int, concurrency: int, names: bool = False) -> dict[str, Any]:
    with work(cases, concurrency, names) as folder, endpoint() as port:
        done = measured(run_command(folder, port), environment(folder, names))
        asked = counts(port)["asked"]
        assert done.code == 0, done.errors[-1000:]
        assert json.loads(done.said)["metrics"]["contains"]["value"] == 1.0
        return {
            "ideal_seconds": cases / concurrency * LATENCY_SECONDS,
            "seconds": done.seconds,
            "cpu_seconds": done.cpu_seconds,
            "peak_mb": done.peak_mb,
            "private_mb": done.private_mb,
            "bytes_per_case": stored(folder / "home") / cases,
            "calls": asked,
        }


def _bare(cases: int, concurrency: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as made, endpoint() as port:
        path = Path(made) / "answers.jsonl"
        command = [sys.executable, "-m", "benchmarks.runner.bare", str(cases), str(concurrency), str(port), str(path)]
        done = measured(command, os.environ)
        assert done.code == 0, done.errors[-1000:]
        return {
            "ideal_seconds": cases / concurrency * LATENCY_SECONDS,
            "seconds": done.seconds,
            "cpu_seconds": done.cpu_seconds,
            "peak_mb": done.peak_mb,
            "private_mb": done.private_mb,
            "bytes_per_case": path.stat().st_size / cases,
            "calls": counts(port)["asked"],
        }


def _cached() -> dict[str, Any]:
    with work(1_000, 32) as folder:
        with endpoint() as port:
            measured(run_command(folder, port, "--cache"), environment(folder))
        with endpoint() as port:
            done = measured(run_command(folder, port, "--cache", "--again", "1"), environment(folder))
            assert done.code == 0, done.errors[-1000:]
            return {"seconds": done.seconds, "cpu_seconds": done.cpu_seconds, "calls": counts(port)["asked"]}


def _line(name: str, one: dict[str, Any]) -> list[str]:
    return [
        name,
        f"{one['ideal_seconds']:.2f}",
        f"{one['seconds']:.2f}",
        f"{one['cpu_seconds']:.2f}",
        f"{one['peak_mb']:.0f}",
        f"{one['private_mb']:.0f}",
        f"{one['bytes_per_case']:.0f}",
        f"{one['calls']:,}",
    ]
