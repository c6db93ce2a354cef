"""The practical bound: a bare aiohttp loop that writes each answer to a file, with no limits, retries, redaction or scores.

`python -m benchmarks.runner.bare CASES AT_ONCE PORT FILE`. A busy machine slows it down as much as us: compare with it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp
import orjson

from benchmarks.runner.work import prompt


async def ask_all(cases: int, at_once: int, port: int, path: Path) -> None:
    """Ask every case once."""
    numbers = iter(range(cases))
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    connector = aiohttp.TCPConnector(limit=at_once)
    with path.open("wb") as out:
        async with aiohttp.ClientSession(connector=connector, headers={"Content-Type": "application/json"}) as client:

            async def work() -> None:
                for number in numbers:
                    body = orjson.dumps({"model": "mock", "messages": [{"role": "user", "content": prompt(number)}]})
                    async with client.post(url, data=body) as response:
                        said = orjson.loads(await response.read())
                    out.write(orjson.dumps([number, said["choices"][0]["message"]["content"]]) + b"\n")

            await asyncio.gather(*(work() for _ in range(at_once)))


if __name__ == "__main__":
    asyncio.run(ask_all(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
