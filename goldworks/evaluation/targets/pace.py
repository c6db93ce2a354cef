"""How many attempts an endpoint gets at a time: up to the cap while it keeps up, fewer when it says or shows that it does not.

Additive increase, multiplicative decrease: a 429, a 503 or a time-out halves the number, at most once for the attempts that
were under way together; each full round without one raises it by one. Also: how long an endpoint has been unreachable.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from types import TracebackType

from goldworks.evaluation.targets.protocol import Unreachable


class Pace:
    """The attempts of one run against one endpoint; `async with` it around each. `limit` is the number allowed now."""

    def __init__(self, cap: int, unreachable_seconds: float, name: str = "the endpoint") -> None:
        self._cap, self._patience, self._name = cap, unreachable_seconds, name
        self.limit = float(cap)
        self.in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._slower_until = 0.0
        self._down_since: float | None = None

    async def __aenter__(self) -> None:
        while self.in_flight >= int(self.limit):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()  # its turn goes to the next one
                raise
        self.in_flight += 1

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.in_flight -= 1
        self._wake()

    def _wake(self) -> None:
        free = int(self.limit) - self.in_flight
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1

    def went_well(self) -> None:
        """An attempt brought an answer."""
        self._down_since = None
        if self.limit < self._cap:
            self.limit = min(float(self._cap), self.limit + 1 / self.limit)

    def was_refused(self, started: float) -> None:
        """An attempt that began at `started` (`time.monotonic()`) was told to wait, or timed out."""
        self._down_since = None
        if started >= self._slower_until:  # those that were under way together slow it down once
            self.limit = max(1.0, self.limit / 2)
            self._slower_until = time.monotonic()

    def was_reached(self) -> None:
        """The endpoint said something, whatever it was."""
        self._down_since = None

    def was_not_reached(self) -> None:
        """No connection came about. Raises `Unreachable` when none has for too long."""
        now = time.monotonic()
        if self._down_since is None:
            self._down_since = now
        elif now - self._down_since >= self._patience:
            raise Unreachable(
                f"{self._name} has taken no connection for {now - self._down_since:.0f} s",
                remedy="see that it runs and is reachable from here, then run the same command again: what was answered is kept",
            )
