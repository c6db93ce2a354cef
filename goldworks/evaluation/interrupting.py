"""Ctrl-C while questions are asked: a clean end, with the journal whole, instead of an exception in the middle of anything."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

from goldworks.evaluation.asking import Halt


class Interrupted(KeyboardInterrupt):
    """The user ended a run; `answers` of its `wanted` answers are in the journal."""

    def __init__(self, answers: int, wanted: int) -> None:
        self.answers, self.wanted = answers, wanted
        super().__init__(f"{answers:,} of {wanted:,} answers are kept")


@contextmanager
def interruptible(halt: Halt) -> Generator[None]:
    """In the block ctrl-C tells the halt, which waits a little for what is in flight; a second one does not wait.

    Where something else has its own way with the signal (Dagster, a thread), it keeps it.
    """
    if not _is_ours():
        yield
        return
    loop = asyncio.get_running_loop()
    former = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, halt.interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, former)


def _is_ours() -> bool:
    """Whether the signal is as Python, or `asyncio.run` on top of it, has set it."""
    if threading.current_thread() is not threading.main_thread():
        return False
    handler = signal.getsignal(signal.SIGINT)
    owner = getattr(getattr(handler, "func", handler), "__self__", None)
    return handler is signal.default_int_handler or isinstance(owner, asyncio.Runner)
