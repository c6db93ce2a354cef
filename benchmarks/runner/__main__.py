"""The command: `uv run python -m benchmarks.runner [--only PART] [--json FILE]`."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from benchmarks.runner import faults, memory, ours, peers, targets
from benchmarks.runner.report import Report, progress

PARTS = {"ours": ours.run, "memory": memory.run, "faults": faults.run, "peers": peers.run}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runner", description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), action="append", help="this part alone; may be given again for another")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    arguments = parser.parse_args()
    report = Report()
    report.say(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; the mock endpoint (50 +- 10 ms) runs on them too. "
        "Times by the clock are worth nothing on a busy machine: then compare CPU seconds."
    )
    for name, part in PARTS.items():
        if arguments.only is None or name in arguments.only:
            started = time.perf_counter()
            part(report)
            progress(f"{name} took {time.perf_counter() - started:.0f} s")
    targets.run(report)
    if arguments.json:
        report.write(arguments.json)


if __name__ == "__main__":
    main()
