"""A mock OpenAI-compatible endpoint, a process of its own: `python -m benchmarks.runner.endpoint [--fault KIND] ...`.

It prints its port, answers each chat completion after 50 +- 10 ms and counts, per case, what it was asked. The number of the
case stands in the prompt as `sector N`. `GET /counts` gives the counts, `GET /stop` ends it. Written on bare sockets and a
parser of its own, so that it takes little of the machine that the runner is measured on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
from collections import Counter
from typing import Any

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
CASE = re.compile(rb"sector (\d+)")
DAMAGED = "DAMAGED"
"""Stands in every body that is not what it should be: an answer that holds it was taken as good."""

RETRY_AFTER = 2
FAULTS = ("none", "429", "one_off", "always_500", "hang")
ONE_OFF = ("http_500", "reset", "truncated", "bad_utf8", "empty")


def completion(text: str) -> bytes:
    """A chat completion's body."""
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 24, "completion_tokens": 18, "total_tokens": 42}
    return json.dumps(
        {"id": "x", "object": "chat.completion", "created": 1, "model": "mock", "choices": choices, "usage": usage}
    ).encode()


def answer_of(case: int | str) -> str:
    """What the endpoint says of a case: JSON, so that it can be scored as such."""
    return json.dumps({"answer": f"The depot is in sector {case}.", "confidence": 0.9})


def http(status: int, body: bytes, extra: str = "", length: int | None = None) -> bytes:
    """A response."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}\r\n{extra}\r\n"
    return head.encode() + body


TEMPLATE = completion(answer_of("SECTOR"))


class State:
    """What the endpoint was asked, and how it misbehaves."""

    def __init__(self, fault: str, latency: float, jitter: float) -> None:
        self.fault, self.latency, self.jitter = fault, latency, jitter
        self.asked: Counter[int] = Counter()
        self.answered: Counter[int] = Counter()
        self.refused_at: dict[int, float] = {}
        self.waits: list[float] = []
        self.random = random.Random(7)

    def counts(self) -> bytes:
        """The counts as JSON."""
        figures = {
            "asked": sum(self.asked.values()),
            "answered": sum(self.answered.values()),
            "cases": len(self.asked),
            "answered_twice": sum(n - 1 for n in self.answered.values()),
            "shortest_wait": min(self.waits, default=None),
        }
        return http(200, json.dumps(figures).encode())

    def respond(self, case: int) -> bytes | None:
        """The response to a case; empty cuts the connection, None hangs for ever."""
        self.asked[case] += 1
        is_first = self.asked[case] == 1
        if self.fault == "429" and case % 4 == 0:
            if is_first:
                self.refused_at[case] = time.monotonic()
                return http(429, b"{}", f"Retry-After: {RETRY_AFTER}\r\n")
            self.waits.append(time.monotonic() - self.refused_at[case])
        if self.fault == "always_500" and case < 9:
            return http(500, completion(DAMAGED))
        if self.fault == "hang" and case % 100 == 0 and is_first:
            return None
        if self.fault == "one_off" and case % 4 == 0 and is_first:
            return self._one_off(ONE_OFF[case // 4 % len(ONE_OFF)])
        return http(200, TEMPLATE.replace(b"SECTOR", b"%d" % case))

    def _one_off(self, kind: str) -> bytes:
        body = completion(DAMAGED)
        if kind == "http_500":
            return http(500, body)
        if kind == "truncated":
            return http(200, body[: body.index(b"DAMAGED") + 7])
        if kind == "bad_utf8":
            return http(200, body.replace(b"DAMAGED", b"DAMAGED \xff\xfe"))
        return http(200, b"") if kind == "empty" else b""


class Connection(asyncio.Protocol):
    """One connection; requests on it are answered one after the other, as clients send them."""

    def __init__(self, state: State, stop: asyncio.Event) -> None:
        self._state, self._stop = state, stop
        self._data = b""
        self._out: Any = None

    def connection_made(self, transport: Any) -> None:
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end]
            found = LENGTH.search(head)
            size = end + 4 + (int(found[1]) if found else 0)
            if len(self._data) < size:
                return
            body, self._data = self._data[end + 4 : size], self._data[size:]
            self._request(head, body)

    def _request(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /counts"):
            self._out.write(self._state.counts())
        elif head.startswith(b"GET /stop"):
            self._out.write(http(200, b"{}"))
            self._stop.set()
        else:
            found = CASE.search(body)
            case = int(found[1]) if found else -1
            state = self._state
            response = state.respond(case)
            wait = state.latency + state.random.uniform(-state.jitter, state.jitter)
            if response is not None:
                asyncio.get_running_loop().call_later(wait, self._send, response, case)

    def _send(self, response: bytes, case: int) -> None:
        if not response:
            self._out.abort()
        elif not self._out.is_closing():
            self._out.write(response)
            self._state.answered[case] += response.startswith(b"HTTP/1.1 200")


async def serve(state: State) -> None:
    """Serve on a free port until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state, stop), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    await asyncio.sleep(0.05)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", choices=FAULTS, default="none")
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--jitter", type=float, default=0.01)
    arguments = parser.parse_args()
    state = State(arguments.fault, arguments.latency, arguments.jitter)
    try:
        import uvloop

        uvloop.run(serve(state))
    except ImportError:
        asyncio.run(serve(state))


if __name__ == "__main__":
    main()
