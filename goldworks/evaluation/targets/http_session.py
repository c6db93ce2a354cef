"""Asking an HTTP endpoint until it answers or the limits end: which failures are tried again, and how long to wait.

Tried again: 408, 409, 425, 429 (waiting at least Retry-After), 5xx, lost connections, time-outs, bodies that are not what they
should be (cut, not JSON, not UTF-8, without an answer). Refused connections are tried until the endpoint counts as unreachable.
Anything else will not change by asking again. What is said, and how it is read, an `Exchange` knows.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import aiohttp
import msgspec

from goldworks.evaluation.answers import NoAnswer, Question, Reply
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets.pace import Pace
from goldworks.evaluation.targets.protocol import Limits, refuse_recording

TRANSIENT = frozenset({408, 409, 425, 429})
SLOW_DOWN = frozenset({429, 503, 529})
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
LONGEST_WAIT_UNREACHED_SECONDS = 2.0


class Undecodable(Exception):
    """A body that is not what it should be. It says nothing of what stood there."""


class Streaming(Protocol):
    """Reads the answer of one attempt as its lines arrive."""

    def take(self, line: bytes) -> bool:
        """Take a line; whether it brought text of the answer. Raises `Undecodable`."""
        ...

    def reply(self) -> Reply:
        """The answer when the stream has ended. Raises `Undecodable` for one that was cut."""
        ...


class Exchange(Protocol):
    """One API: what a question is there, and what its answers are."""

    def request(self, question: Question) -> bytes:
        """The body of the request."""
        ...

    def read(self, raw: bytes) -> Reply:
        """The answer in a body, without times and cost. Raises `Undecodable`."""
        ...

    def streaming(self) -> Streaming | None:
        """A reader for one attempt, when answers come as a stream; else None."""
        ...


class _TryAgain(Exception):
    """One attempt failed in a way that may pass. `wait`: seconds the server asked for."""

    def __init__(self, error: str, wait: float = 0.0) -> None:
        self.error = error
        self.wait = wait
        super().__init__(error)


class HttpSession:
    """One run's connection to an endpoint. `name` is how errors call it."""

    covers_everything = True

    def __init__(
        self,
        client: aiohttp.ClientSession,
        url: str,
        limits: Limits,
        exchange: Exchange,
        price: Price | None = None,
        *,
        name: str = "the endpoint",
        method: str = "POST",
    ) -> None:
        self._client, self._url, self._method = client, url, method
        self._limits, self._exchange, self._price = limits, exchange, price
        self._pace = Pace(limits.concurrency, limits.unreachable_seconds, name)

    def covers(self, question: Question) -> bool:
        """Everything."""
        return True

    async def ask(self, question: Question) -> Reply:
        """The endpoint's answer; `latency_ms` is that of the attempt which brought it.

        The time that it waits for its turn does not count. Raises `NoAnswer`, and `Unreachable`.
        """
        refuse_recording(question)
        data = self._exchange.request(question)
        left = self._limits.total_seconds
        attempt = failures = 0
        while True:
            async with self._pace:
                started = time.monotonic()
                try:
                    async with asyncio.timeout(min(self._limits.attempt_seconds, left)):
                        reply = await self._attempt(data, attempt + 1)
                    self._pace.went_well()
                    return reply
                except TimeoutError:
                    error, wait = "timeout", 0.0
                    self._pace.was_refused(started)
                except aiohttp.ClientSSLError:
                    error, wait = "tls_error", 0.0
                except aiohttp.ClientConnectorError as failure:
                    is_unknown = isinstance(failure, aiohttp.ClientConnectorDNSError)
                    error, wait = "host_not_found" if is_unknown else "connection_refused", 0.0
                    attempt -= 1  # nobody was asked
                    self._pace.was_not_reached()
                except (aiohttp.ClientError, ConnectionError):
                    error, wait = "connection_lost", 0.0
                except _TryAgain as failure:
                    error, wait = failure.error, failure.wait
                    if error in _SLOW_DOWN_ERRORS:
                        self._pace.was_refused(started)
                    else:
                        self._pace.was_reached()
                attempt, failures = attempt + 1, failures + 1
            longest = LONGEST_WAIT_UNREACHED_SECONDS if error in _UNREACHED else LONGEST_WAIT_SECONDS
            backoff = min(longest, FIRST_WAIT_SECONDS * 2 ** min(failures - 1, 10))
            wait += backoff * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret
            left -= time.monotonic() - started + wait
            if attempt >= self._limits.attempts or left <= 0:
                raise NoAnswer(error, max(1, attempt))
            await asyncio.sleep(wait)

    async def _attempt(self, data: bytes, attempt: int) -> Reply:
        started = time.perf_counter()
        async with self._client.request(self._method, self._url, data=data, allow_redirects=False) as response:
            if response.status in TRANSIENT or response.status >= 500:
                raise _TryAgain(f"http_{response.status}", retry_after(response.headers.get("Retry-After")))
            if response.status != 200:
                raise NoAnswer(f"http_{response.status}", attempt)
            first_ms = None
            try:
                streaming = self._exchange.streaming()
                if streaming is None:
                    reply = self._exchange.read(await response.read())
                else:
                    async for line in response.content:
                        if streaming.take(line) and first_ms is None:
                            first_ms = (time.perf_counter() - started) * 1000
                    reply = streaming.reply()
            except (Undecodable, ValueError):  # a ValueError: a line of the stream longer than any answer
                raise _TryAgain("undecodable_body") from None
        return msgspec.structs.replace(
            reply,
            latency_ms=(time.perf_counter() - started) * 1000,
            first_token_ms=first_ms,
            cost_usd=reply.cost_usd if self._price is None else self._price.of(reply.input_tokens, reply.output_tokens),
            attempts=attempt,
        )


def open_client(headers: Mapping[str, str], concurrency: int, read_bufsize: int = 1 << 16) -> aiohttp.ClientSession:
    """A client of one run. It keeps no cookies, so that no case sees what another left; limits of time are the session's."""
    return aiohttp.ClientSession(
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=None),
        connector=aiohttp.TCPConnector(limit=concurrency),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=read_bufsize,
    )


_UNREACHED = frozenset({"connection_refused", "host_not_found"})
_SLOW_DOWN_ERRORS = frozenset(f"http_{status}" for status in SLOW_DOWN)


def retry_after(value: str | None) -> float:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; 0 when it says nothing."""
    if value is None:
        return 0.0
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
