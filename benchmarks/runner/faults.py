"""How a run takes an endpoint that misbehaves, and a kill -9: what is lost, damaged, repeated; with which exit code it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.runner.endpoint import DAMAGED, RETRY_AFTER
from benchmarks.runner.ours import work
from benchmarks.runner.report import Report, progress
from benchmarks.runner.work import Done, counts, endpoint, environment, free_port, is_right, measured, run_command

CASES, AT_ONCE = 300, 32
KILLED_CASES = 1_000


def run(report: Report) -> None:
    """Each fault on 300 cases, then the kill."""
    report.title(f"An endpoint that misbehaves ({CASES} cases, {AT_ONCE} at once)")
    lines: list[list[str]] = []
    for fault, said in (
        ("429", f"75 cases: 429 with Retry-After {RETRY_AFTER}"),
        ("one_off", "75 one-off faults (500, reset, truncated JSON, bad UTF-8, empty body)"),
        ("always_500", "9 cases always 500"),
        ("hang", "3 cases hang at first, 2 s allowed an attempt"),
    ):
        progress(f"faults: {fault}")
        report.figures[fault] = one = _one(fault)
        lines.append([said, *_line(one)])
    progress("faults: nobody listens")
    report.figures["refused"] = one = _refused()
    lines.append(["nobody listens, 3 s of patience instead of 30", *_line(one)])
    columns = ["fault", "answers", "damaged", "error rows", "shortest wait after 429", "status", "exit", "wall s"]
    report.table("", columns, lines)
    progress("kill -9")
    report.title(f"kill -9 in the middle of {KILLED_CASES:,}, then the same command again")
    report.figures["kill"] = kill = _kill()
    report.say(
        f"Answered before the kill: {kill['answered_before']:,}. Answered again afterwards: {kill['answered_twice']} "
        f"(those in flight; {AT_ONCE} were). Lost: {kill['lost']}. Exit code {kill['code']}."
    )


def _one(fault: str) -> dict[str, Any]:
    quick: dict[str, Any] = {"attempt_seconds": 2, "total_seconds": 20, "attempts": 4}
    with work(CASES, AT_ONCE, **quick) as folder, endpoint(fault) as port:
        done = measured(run_command(folder, port), environment(folder))
        return _outcome(folder, done) | {"shortest_wait": counts(port)["shortest_wait"]}


def _refused() -> dict[str, Any]:
    with work(CASES, AT_ONCE, unreachable_seconds=3) as folder:
        return _outcome(folder, measured(run_command(folder, free_port()), environment(folder)))


def _outcome(folder: Path, done: Done) -> dict[str, Any]:
    from goldworks.lake import Lake

    rows = Lake(folder / "home").rows("evals.answers", ["case_id", "status", "text"])
    good = [row for row in rows if row["status"] == "ok"]
    wrong = [row for row in good if DAMAGED in (row["text"] or "") or not is_right(int(row["case_id"][4:]), row["text"])]
    row = json.loads(done.said)
    return {
        "answers": len(good),
        "damaged": len(wrong),
        "errors": len(rows) - len(good),
        "status": row["status"],
        "because": row["because"],
        "code": done.code,
        "seconds": done.seconds,
    }


def _kill() -> dict[str, Any]:
    """Killed when about half of the answers are there."""
    with work(KILLED_CASES, AT_ONCE) as folder, endpoint() as port:
        killed = measured(run_command(folder, port), environment(folder), kill_when=lambda: _journalled(folder) >= 500)
        before = counts(port)["answered"]
        kept = _journalled(folder)
        done = measured(run_command(folder, port), environment(folder))
        after = counts(port)
        return {
            "killed": killed.code,
            "answered_before": before,
            "journalled": kept,
            "answered_twice": after["answered_twice"],
            "lost": KILLED_CASES - json.loads(done.said)["answers"],
            "code": done.code,
        }


def _journalled(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in (folder / "home" / "runs").glob("*/answers.jsonl"))


def _line(one: dict[str, Any]) -> list[str]:
    wait = one.get("shortest_wait")
    return [
        f"{one['answers']:,}",
        f"{one['damaged']}",
        f"{one['errors']}",
        "" if wait is None else f"{wait:.2f} s",
        one["status"],
        str(one["code"]),
        f"{one['seconds']:.1f}",
    ]
