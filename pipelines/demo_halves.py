"""A second process that asks its half of the cases at an endpoint of its own, beside this one: `goldworks eval run --part 2/2`.

Two processes of one thread each take half as long as one, give the same answers, and never wait for each other; two threads in
one server wait for each other with every token.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from goldworks.evaluation.parts import Part

OURS, THEIRS = Part(1, 2), Part(2, 2)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def other_half(arguments: Sequence[str], base_url: str) -> Generator[None]:
    """While the block asks `OURS`, another process asks `THEIRS` of `base_url`; at the end of the block it is waited for.

    `arguments`: of `goldworks eval run`, which say the run. What the process did not get to, whoever makes the run whole asks
    for; so it may fail without a word.
    """
    command = [sys.executable, "-m", "pipelines.cli", "eval", "run", *arguments, "--base-url", base_url, "--part", str(THEIRS)]
    child = subprocess.Popen(  # noqa: S603 our own command, list arguments, no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
        child.wait()
    finally:
        if child.poll() is None:
            child.kill()  # every answer that it has stands in its journal
            child.wait()
