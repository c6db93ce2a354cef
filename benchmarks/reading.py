"""How fast log files are read: lines and decompressed megabytes a second, and peak memory.

python benchmarks/reading.py FOLDER_OR_FILE...
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from pathlib import Path

from goldworks.conversations.reading import LogFile


def main(arguments: list[str]) -> None:
    if not arguments:
        raise SystemExit(__doc__)
    files = sorted(
        path for name in arguments for path in ([Path(name)] if Path(name).is_file() else Path(name).rglob("*.jsonl*"))
    )
    outcome: Counter[str] = Counter()
    lines = size = 0
    started = time.perf_counter()
    for path in files:
        file = LogFile(str(path))
        for line in file:
            lines += 1
            size += line.length_bytes + 1
            if line.unusable is not None:
                outcome[line.unusable.reason] += 1
            elif line.is_empty:
                outcome["empty"] += 1
            else:
                outcome["usable"] += 1
                outcome["turns"] += len(line.turns)
                outcome["messages"] += sum(len(turn.history) + len(turn.reply) for turn in line.turns)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(files)} files, {lines:,} lines, {size / 1e6:,.0f} MB decompressed in {seconds:.2f} s")
    print(f"{lines / seconds:,.0f} lines/s, {size / 1e6 / seconds:,.0f} MB/s, peak memory {peak_mb:,.0f} MB")
    for name, number in outcome.most_common():
        print(f"  {name:<24}{number:>12,}")


if __name__ == "__main__":
    main(sys.argv[1:])
