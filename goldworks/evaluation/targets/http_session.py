"""Asking an HTTP endpoint until it answers or the limits end: which failures are tried again, and how long to wait.

Tried again: 408, 409, 425, 429 (waiting at least Retry-After), 5xx, lost or refused connections, time-outs, bodies that
are not what they should be (cut, not JSON, not UTF-8, without a choice). Anything else will not change by asking again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import aiohttp
import orjson

from goldworks.evaluation.answers import Call, NoAnswer, Question, Reply
from goldworks.evaluation.targets.protocol import Limits

TRANSIENT = frozenset({408, 409, 425, 429})
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0


class _TryAgain(Exception):
    """One attempt failed in a way that may pass. `wait`: seconds the server asked for."""

    def __init__(self, error: str, wait: float = 0.0) -> None:
        self.error = error
        self.wait = wait
        super().__init__(error)


class HttpSession:
    """One run's connection to an endpoint that takes a JSON body and gives a chat completion."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        url: str,
        limits: Limits,
        body: Callable[[Question], Mapping[str, Any]],
        prices: tuple[float, float] | None = None,
    ) -> None:
        self._client = client
        self._url = url
        self._limits = limits
        self._body = body
        self._prices = prices

    def covers(self, question: Question) -> bool:
        """Everything."""
        return True

    async def ask(self, question: Question) -> Reply:
        """The endpoint's answer; `latency_ms` is that of the attempt which brought it."""
        data = orjson.dumps(self._body(question))
        deadline = time.monotonic() + self._limits.total_seconds
        error, attempt = "no_attempt", 0
        for attempt in range(1, self._limits.attempts + 1):
            try:
                async with asyncio.timeout(min(self._limits.attempt_seconds, deadline - time.monotonic())):
                    return await self._attempt(data, attempt)
            except TimeoutError:
                error, wait = "timeout", 0.0
            except aiohttp.ClientConnectorDNSError:
                error, wait = "host_not_found", 0.0
            except aiohttp.ClientSSLError:
                error, wait = "tls_error", 0.0
            except aiohttp.ClientConnectorError:
                error, wait = "connection_refused", 0.0
            except (aiohttp.ClientError, ConnectionError):
                error, wait = "connection_lost", 0.0
            except _TryAgain as failure:
                error, wait = failure.error, failure.wait
            backoff = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            wait += backoff * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret
            if attempt == self._limits.attempts or time.monotonic() + wait >= deadline:
                break
            await asyncio.sleep(wait)
        raise NoAnswer(error, attempt)

    async def _attempt(self, data: bytes, attempt: int) -> Reply:
        started = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        async with self._client.post(self._url, data=data, headers=headers, allow_redirects=False) as response:
            if response.status in TRANSIENT or response.status >= 500:
                raise _TryAgain(f"http_{response.status}", retry_after(response.headers.get("Retry-After")))
            if response.status != 200:
                raise NoAnswer(f"http_{response.status}", attempt)
            raw = await response.read()
        latency_ms = (time.perf_counter() - started) * 1000
        return self._reply(raw, attempt, latency_ms)

    def _reply(self, raw: bytes, attempt: int, latency_ms: float) -> Reply:
        try:
            decoded = orjson.loads(raw)
            message = decoded["choices"][0]["message"]
            text = message.get("content") or message.get("refusal")
            if text is not None and not isinstance(text, str):
                text = "".join(part.get("text") or "" for part in text)
            calls = tuple(_call(call["function"]) for call in message.get("tool_calls") or ())
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
            raise _TryAgain("undecodable_body") from None
        used = decoded.get("usage")
        usage = cast("dict[str, Any]", used) if isinstance(used, dict) else {}
        read, written = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        cost = None
        if self._prices is not None and read is not None and written is not None:
            cost = (read * self._prices[0] + written * self._prices[1]) / 1_000_000
        return Reply(text, calls, read, written, cost, latency_ms, attempt)


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


def _call(function: dict[str, Any]) -> Call:
    """A tool call. Arguments that are no JSON are the model's fault, not the wire's: they stay text, and match nothing."""
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        with suppress(orjson.JSONDecodeError):
            arguments = orjson.loads(arguments) if arguments.strip() else {}
    return Call(str(function["name"]), arguments)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
