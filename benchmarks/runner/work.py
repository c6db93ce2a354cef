"""The work that is measured: a home with a golden version of N cases, a suite of two scorers, a target; and one run of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.runner.endpoint import answer_of

ROOT = Path(__file__).resolve().parents[2]
USE_CASE = "bench"
VERSION = "bench-0123456789ab"
SUITE = {
    "version": 1,
    "name": "bench",
    "description": "The two scorers of every peer: the words are in the answer, and it is JSON.",
    "metrics": [
        {"metric": "contains", "scorer": "contains", "kpi": "correct_answers"},
        {"metric": "json_valid", "scorer": "json_valid", "kpi": "instruction_following"},
    ],
}


class Done(NamedTuple):
    """One process: how long, how much, and what it said."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    private_mb: float
    code: int
    said: str
    errors: str


def prompt(case: int) -> str:
    """What a case asks."""
    return f"Say as JSON where the depot of sector {case} is."


def make_home(folder: Path, cases: int, limits: Mapping[str, Any]) -> Path:
    """A home below `folder` whose use case has a golden version; suite and target stand beside it. Returns the home."""
    from goldworks.lake import Lake

    home = folder / "home"
    rows = [
        {
            "version_id": VERSION,
            "case_id": f"case{number:06}",
            "use_case": USE_CASE,
            "tier": "T2",
            "origin": "authored",
            "tags": [],
            "messages": json.dumps([{"role": "user", "text": prompt(number)}]),
            "passages": "[]",
            "tools": "[]",
            "expected": json.dumps({"reference": f"sector {number}"}),
            "parents": [],
            "case_digest": f"digest{number}",
        }
        for number in range(cases)
    ]
    now = datetime.now(UTC)
    version = {"version_id": VERSION, "use_case": USE_CASE, "content_digest": "d", "cases": cases, "approvers": [], "owner": "o"}
    lake = Lake(home)
    lake.replace("golden.cases", rows, {"version_id": VERSION})
    lake.upsert("golden.versions", [{**version, "minted_at": now, "current_at": now, "is_tombstone": False}])
    target = {"kind": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "model": "mock", "limits": dict(limits)}
    (folder / "target.yml").write_text(json.dumps(target))
    (folder / "suite.yml").write_text(json.dumps(SUITE))
    return home


@contextmanager
def endpoint(fault: str = "none", latency: float = 0.05, jitter: float = 0.01) -> Generator[int]:
    """A mock endpoint while the block lasts; its port."""
    command = [sys.executable, "-m", "benchmarks.runner.endpoint", "--fault", fault]
    command += ["--latency", str(latency), "--jitter", str(jitter)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def counts(port: int) -> dict[str, Any]:
    """What the endpoint counted."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/counts", timeout=10) as response:
        return json.load(response)


def run_command(folder: Path, port: int, *options: str) -> list[str]:
    """Goldworks' own command for the work in `folder`."""
    return [
        *(sys.executable, "-m", "pipelines.cli", "eval", "run", "--use-case", USE_CASE),
        *("--suite", str(folder / "suite.yml"), "--target", str(folder / "target.yml")),
        *("--base-url", f"http://127.0.0.1:{port}/v1", "--no-track", "--json", *options),
    ]


def environment(folder: Path, names: bool = False) -> dict[str, str]:
    """The environment of a run of ours."""
    found = {**os.environ, "GOLDWORKS_HOME": str(folder / "home"), "GOLDWORKS_NAMES": "policy" if names else "off"}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def measured(command: list[str], env: Mapping[str, str], cwd: Path = ROOT, kill_when: Callable[[], bool] | None = None) -> Done:
    """Run a command to its end, or kill it (-9) as soon as `kill_when` says so."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=out, stderr=errors)
        peak = private = 0.0
        while True:
            now = _memory_mb(process.pid)
            peak, private = max(peak, now[0]), max(private, now[1])
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            seconds = time.perf_counter() - started
            if ended:
                break
            if kill_when is not None and kill_when():
                process.send_signal(signal.SIGKILL)
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        cpu = used.ru_utime + used.ru_stime
        return Done(seconds, cpu, peak, private, process.returncode, out.read(), errors.read())


def _memory_mb(pid: int) -> tuple[float, float]:
    """Peak resident memory so far, and memory of its own now, without the files of programs that are mapped into it.

    Not `ru_maxrss`, which a child takes over from the process that started it.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0, 0.0
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmHWM:", "RssAnon:"))}
    return found.get("VmHWM", 0.0), found.get("RssAnon", 0.0)


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def stored(home: Path) -> int:
    """Bytes of what a run wrote: its tables and journals."""
    folders = (home / "lake" / "evals", home / "runs")
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def is_right(case: int, text: str | None) -> bool:
    """Whether this is what the endpoint says of the case when it is well."""
    return text == answer_of(case)
