"""Scorers against prompts written for them and other implementations, then their speed.

python -m benchmarks.scorers

Exit code 1 when a decision is not the one written down, or a value not that of the other implementation.
"""

from __future__ import annotations

import sys

from benchmarks.scorers.checks import citations, instructions, overlap
from benchmarks.scorers.speed import speed


def main() -> int:
    is_good = all([instructions(), overlap(), citations()])
    print("speed, one thread:")
    speed()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
