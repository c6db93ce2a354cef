"""Messages per CPU-second and peak memory, each engine on each workload in a fresh process; and one against two workers.

`python -m benchmarks.redaction.speed ENGINE WORKLOAD DATA` measures one and prints JSON. Loading is apart from the rate: the
model is loaded before the clock starts.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.redaction import baseline, ours
from benchmarks.redaction.conversations import read
from benchmarks.redaction.logs import ordinary
from benchmarks.redaction.report import Report, progress
from benchmarks.redaction.sets import SETS, load, rows
from goldworks.intake.workers import Workers
from goldworks.redaction import Document, RedactedDocument

ENGINES = {"ours_no_names": "ours, no names", "ours": "ours", "presidio_patterns": "Presidio patterns", "presidio": "Presidio"}
WORKLOADS = {"annotated": "annotated texts", "messages": "log messages", "conversations": "whole conversations"}
MOST = {"ours_no_names": 100_000, "ours": 100_000, "presidio_patterns": 1500, "presidio": 600}
"""Messages measured at most: the rate of the slow engines is known after fewer."""
ROUNDS = {"ours_no_names": 5, "ours": 1, "presidio_patterns": 1, "presidio": 1}


def run(report: Report, data: Path) -> None:
    """All engines on all workloads, then the workers."""
    report.title("Speed and memory")
    report.say(
        "Annotated texts and log messages are one message a document, each different from all others. Whole conversations "
        "are the sample's messages, tool calls, results and passages as the intake redacts them: each content once in a "
        "conversation, names in prose only; Presidio gets the same strings."
    )
    measured: dict[tuple[str, str], dict[str, Any]] = {}
    for workload, on in WORKLOADS.items():
        for engine, who in ENGINES.items():
            progress(f"speed: {who} on {on}")
            measured[engine, workload] = one = _fresh(engine, workload, data)
            report.figures.setdefault("speed", {}).setdefault(workload, {})[engine] = one
    lines: list[list[str]] = []
    for workload, label in WORKLOADS.items():
        slow = measured["presidio", workload]["rate"]
        for engine, who in ENGINES.items():
            one = measured[engine, workload]
            against = f"{one['rate'] / slow:,.1f}x"
            size = f"{one['characters'] / one['messages']:.0f}"
            lines.append([label, who, f"{one['messages']:,}", size, f"{one['rate']:,.0f}", against, f"{one['peak_mb']:,.0f}"])
    report.table(
        "Messages per CPU-second (of all cores), and peak memory of the process",
        ["workload", "engine", "messages", "characters", "per CPU-s", "Presidio", "MB"],
        lines,
    )
    _workers(report, data)


def _fresh(engine: str, workload: str, data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.redaction.speed", engine, workload, str(data)]
    done = subprocess.run(command, cwd=ours.EXPECTATIONS.parent, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def documents_of(workload: str, data: Path) -> list[Document]:
    """The documents of a workload, shuffled always alike."""
    if workload == "annotated":
        found = ours.alone([text for name in SETS for text in load(data, name).texts])
    else:
        raws = read(data / "sample" / "logs")
        truth = rows(data / "sample" / "truth" / "pii_spans.jsonl.gz")
        found = ours.alone(ordinary(raws, truth)) if workload == "messages" else [raw.document for raw in raws]
    random.Random(7).shuffle(found)
    return found


def limited(documents: Sequence[Document], most: int) -> list[Document]:
    """The first documents, until they hold `most` messages."""
    taken: list[Document] = []
    size = 0
    for document in documents:
        if size >= most:
            break
        taken.append(document)
        size += len(document.fields)
    return taken


def strings_of(documents: Sequence[Document]) -> list[str]:
    """The fields as Presidio gets them: one string each."""
    fields = [field for document in documents for field in document.fields]
    return [field.value if isinstance(field.value, str) else json.dumps(field.value, ensure_ascii=False) for field in fields]


def different(document: Document, turn: int) -> Document:
    """The document with a mark in each of its strings, so that nothing comes from a cache that this benchmark filled."""
    fields = tuple(msgspec.structs.replace(field, value=_marked(field.value, turn)) for field in document.fields)
    return msgspec.structs.replace(document, fields=fields)


def _marked(value: Any, turn: int) -> Any:
    if isinstance(value, str):
        return f"{value} {turn}x"
    if isinstance(value, dict):
        return {key: _marked(item, turn) for key, item in value.items()}
    return [_marked(item, turn) for item in value] if isinstance(value, list | tuple) else value


def measure(engine: str, workload: str, data: Path) -> dict[str, Any]:
    """Rate and peak memory of this process."""
    work, warm = _engine(engine)
    documents = limited(documents_of(workload, data), MOST[engine])
    warm()
    seconds, done, characters = 0.0, 0, 0
    for turn in range(ROUNDS[engine]):
        again = [different(document, turn) for document in documents] if turn else documents
        strings = strings_of(again)
        started = cpu()
        work(again, strings)
        seconds += cpu() - started
        done += len(strings)
        characters += sum(map(len, strings))
    figures = {"rate": done / seconds, "messages": done, "characters": characters, "cpu_seconds": seconds}
    return figures | {"peak_mb": peak_mb()}


def _engine(engine: str) -> tuple[Callable[[Sequence[Document], Sequence[str]], object], Callable[[], object]]:
    if engine.startswith("presidio"):
        find = baseline.with_names() if engine == "presidio" else baseline.patterns_only()
        return (lambda _, strings: find(strings)), (lambda: find(["Warm up, Rosa."]))
    redactor = ours.fast_redactor("policy" if engine == "ours" else "off")
    return (lambda documents, _: ours.redact(redactor, documents)), (lambda: ours.redact(redactor, ours.alone(["Hello, Rosa."])))


def peak_mb() -> float:
    """Peak resident memory of this process. Not `ru_maxrss`, which a child takes over from the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _workers(report: Report, data: Path) -> None:
    """The sample's conversations by one and by two worker processes, loading and all."""
    documents = documents_of("conversations", data)
    messages = sum(len(document.fields) for document in documents)
    lines: list[list[str]] = []
    digests: set[str] = set()
    done: list[RedactedDocument] = []
    for count in (1, 2):
        progress(f"speed: {count} workers")
        started, wall = cpu(), time.monotonic()
        with Workers(count, ours.POLICY, ours.KEY, "policy") as workers:
            done = workers.redact(documents)
        seconds, wall = cpu() - started, time.monotonic() - wall
        digests.add(hashlib.sha256(msgspec.msgpack.encode(done)).hexdigest())
        report.figures.setdefault("workers", {})[str(count)] = {"cpu_seconds": seconds, "wall_seconds": wall}
        lines.append([str(count), f"{messages:,}", f"{seconds:.1f}", f"{messages / seconds:,.0f}", f"{wall:.1f}"])
    report.figures["workers"]["equal"] = len(digests) == 1
    same = _unchanged(documents, done)
    report.figures["workers"]["unchanged_again"] = same
    report.table(
        "Whole conversations by worker processes, with names, loading included",
        ["workers", "messages", "CPU s", "per CPU-s", "seconds by the clock"],
        lines,
    )
    report.say(f"The outputs of one and of two workers are {'the same, byte for byte' if len(digests) == 1 else 'DIFFERENT'}.")
    report.say(f"Redacted once more, {same:.2%} of the fields stay as they are.")


def _unchanged(documents: Sequence[Document], done: Sequence[RedactedDocument]) -> float:
    """Share of the redacted fields that are the same after they were redacted once more."""
    once = [[field.value for field in one.fields] for one in done]
    again = [
        msgspec.structs.replace(
            document,
            fields=tuple(
                msgspec.structs.replace(field, value=value) for field, value in zip(document.fields, values, strict=True)
            ),
        )
        for document, values in zip(documents, once, strict=True)
    ]
    twice = [[field.value for field in one.fields] for one in ours.redact(ours.fast_redactor(), again)]
    same = [a == b for first, second in zip(once, twice, strict=True) for a, b in zip(first, second, strict=True)]
    return sum(same) / len(same)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
