"""Locks between processes. A lock goes with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from goldworks.errors import BusyError

LOOK_EVERY_SECONDS = 0.05


@contextmanager
def alone(path: Path, other: str, *, wait_seconds: float = 0) -> Generator[None]:
    """Hold the lock on the file `path`, made if need be, while the block lasts.

    Raises `BusyError` when another process still holds it after `wait_seconds`; `other` says what that one does.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    until = time.monotonic() + wait_seconds
    with path.open("a", encoding="ascii") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    waited = f" for {wait_seconds:.0f} s" if wait_seconds else ""
                    raise BusyError(f"{other}{waited}", remedy="wait for it to end, or stop it; nothing was changed") from None
                time.sleep(LOOK_EVERY_SECONDS)
        yield
