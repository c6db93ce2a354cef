"""The same work by promptfoo, Inspect, lm-evaluation-harness and Ragas, where their commands are on PATH; else "not installed".

Beside each stand the figures that were published with the targets, measured in another run on two cores: they are shown as such
and compared with nothing. Peers have their answers scored by two scorers of their own: the words are in it, and it is JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.runner.report import Report, progress
from benchmarks.runner.work import Done, endpoint, measured, prompt

CASES, AT_ONCE = 1_000, 32


class Peer(NamedTuple):
    """`command`: what must be on PATH; `make` writes its files and returns the command line."""

    name: str
    command: str
    make: Callable[[Path, int], list[str]]
    published: tuple[str, str, str]


INSPECT = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes, pattern
from inspect_ai.solver import generate


@task
def bench():
    samples = [Sample(input=f"Say as JSON where the depot of sector {n} is.", target=f"sector {n}") for n in range(CASES)]
    return Task(dataset=samples, solver=generate(), scorer=[includes(), pattern("(sector [0-9]+)")])
"""

RAGAS = """
import asyncio
import json

import openai
from ragas.metrics.collections import ExactMatch, StringPresence


async def main():
    client = openai.AsyncOpenAI(base_url=URL, api_key="none")
    presence, gate = StringPresence(), asyncio.Semaphore(AT_ONCE)

    async def one(n):
        async with gate:
            messages = [{"role": "user", "content": f"Say as JSON where the depot of sector {n} is."}]
            said = await client.chat.completions.create(model="mock", messages=messages)
        text = said.choices[0].message.content
        score = await presence.ascore(reference=f"sector {n}", response=text)
        return {"response": text, "presence": score.value, "is_json": isinstance(json.loads(text), dict)}

    rows = await asyncio.gather(*(one(n) for n in range(CASES)))
    with open("results.jsonl", "w") as out:
        out.writelines(json.dumps(row) + "\\n" for row in rows)


asyncio.run(main())
"""


def _promptfoo(folder: Path, port: int) -> list[str]:
    provider = {"id": "openai:chat:mock", "config": {"apiBaseUrl": f"http://127.0.0.1:{port}/v1", "apiKey": "none"}}
    tests = [
        {"vars": {"q": prompt(n)}, "assert": [{"type": "icontains", "value": f"sector {n}"}, {"type": "is-json"}]}
        for n in range(CASES)
    ]
    config = {"prompts": ["{{q}}"], "providers": [provider], "tests": tests}
    (folder / "promptfooconfig.json").write_text(json.dumps(config))
    return [
        "promptfoo",
        "eval",
        "-c",
        "promptfooconfig.json",
        "-j",
        str(AT_ONCE),
        "--no-cache",
        "--no-progress-bar",
        "--no-table",
    ]


def _inspect(folder: Path, port: int) -> list[str]:
    (folder / "bench.py").write_text(INSPECT.replace("CASES", str(CASES)))
    url = f"http://127.0.0.1:{port}/v1"
    options = ["--model", "openai/mock", "--model-base-url", url, "--max-connections", str(AT_ONCE), "--display", "none"]
    return ["inspect", "eval", "bench.py", *options]


def _lm_eval(folder: Path, port: int) -> list[str]:
    rows = [{"q": prompt(n), "a": f"sector {n}"} for n in range(CASES)]
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "bench.yaml").write_text(
        "task: bench\ndataset_path: json\ndataset_kwargs: {data_files: {test: data.jsonl}}\ntest_split: test\n"
        "output_type: generate_until\ndoc_to_text: '{{q}}'\ndoc_to_target: '{{a}}'\ngeneration_kwargs: {until: []}\n"
        "metric_list:\n  - {metric: exact_match, aggregation: mean, higher_is_better: true, ignore_case: true}\n"
    )
    model = f"model=mock,base_url=http://127.0.0.1:{port}/v1/chat/completions,num_concurrent={AT_ONCE},max_retries=3"
    options = ["--model", "local-chat-completions", "--model_args", model, "--tasks", "bench", "--include_path", "."]
    return ["lm_eval", *options, "--apply_chat_template", "--output_path", "out", "--log_samples"]


def _ragas(folder: Path, port: int) -> list[str]:
    """Its command makes projects; the work is a program, run by the Python that the command belongs to."""
    text = RAGAS.replace("CASES", str(CASES)).replace("AT_ONCE", str(AT_ONCE)).replace("URL", repr(f"http://127.0.0.1:{port}/v1"))
    (folder / "bench.py").write_text(text)
    command = Path(shutil.which("ragas") or "ragas").resolve()
    return [str(command.parent / "python"), "bench.py"]


PEERS = (
    Peer("promptfoo", "promptfoo", _promptfoo, ("9.86", "6.95", "387")),
    Peer("Inspect", "inspect", _inspect, ("18.0", "17.7", "236")),
    Peer("lm-evaluation-harness", "lm_eval", _lm_eval, ("9.19", "7.75", "290")),
    Peer("Ragas", "ragas", _ragas, ("5.76", "5.09", "235")),
)


def run(report: Report) -> None:
    """Each peer that is installed, on 1,000 cases."""
    report.title(f"Peers on the same work ({CASES:,} cases, {AT_ONCE} at once)")
    lines: list[list[str]] = []
    for peer in PEERS:
        cells = ["not installed", "", ""]
        if shutil.which(peer.command) is not None:
            progress(f"peers: {peer.name}")
            done = _measured(peer)
            report.figures[peer.command] = {
                "seconds": done.seconds,
                "cpu_seconds": done.cpu_seconds,
                "peak_mb": done.peak_mb,
                "code": done.code,
            }
            cells = [f"{done.seconds:.2f}", f"{done.cpu_seconds:.2f}", f"{done.peak_mb:.0f}"]
            if done.code:
                cells[0] += f" (exit code {done.code})"
        lines.append([peer.name, *cells, *peer.published])
    columns = ["peer", "wall s, here", "CPU s, here", "peak MB, here", "published: wall s", "CPU s", "peak MB"]
    report.table("", columns, lines)


def _measured(peer: Peer) -> Done:
    with tempfile.TemporaryDirectory() as made, endpoint() as port:
        folder = Path(made)
        quiet = {
            "OPENAI_API_KEY": "none",
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
            "DO_NOT_TRACK": "1",
        }
        home = {"PROMPTFOO_CONFIG_DIR": str(folder / "config"), "RAGAS_DO_NOT_TRACK": "true", "HF_HUB_OFFLINE": "1"}
        return measured(peer.make(folder, port), {**os.environ, **quiet, **home}, cwd=folder)
