"""The command: `uv run python -m benchmarks.redaction [DATA] [--only PART] [--full] [--misses] [--json FILE]`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.redaction import layers, logs, peers, sets, speed, spoiling, targets
from benchmarks.redaction.report import Report, progress

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def parts(full: bool) -> dict[str, Callable[[Report, Path], None]]:
    """The parts in the order in which they run."""
    return {
        "sets": sets.run,
        "logs": partial(logs.run, is_full=full),
        "peers": peers.run,
        "speed": speed.run,
        "layers": layers.run,
        "spoiling": spoiling.run,
    }


def main() -> None:
    names = list(parts(False))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redaction", description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="holds redaction/*.jsonl.gz, sample/, logs/ and truth/")
    parser.add_argument("--only", choices=names, action="append", help="this part alone; may be given again for another")
    parser.add_argument("--full", action="store_true", help="all logs instead of the sample (minutes)")
    parser.add_argument("--misses", action="store_true", help="show the most telling misses and false alarms, on the screen only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, no texts")
    arguments = parser.parse_args()
    if not (arguments.data / "redaction").is_dir():
        parser.exit(2, f"no annotated data below {arguments.data}: give the folder that holds redaction/, sample/ and logs/\n")
    report = Report(arguments.misses)
    report.say("CPU time throughout; other load on the machine distorts it all the same (caches, clock): compare within one run.")
    for name, part in parts(arguments.full).items():
        if arguments.only is None or name in arguments.only:
            started = time.perf_counter()
            part(report, arguments.data)
            progress(f"{name} took {time.perf_counter() - started:.0f} s")
    targets.run(report)
    if arguments.json:
        report.write(arguments.json)


if __name__ == "__main__":
    main()
