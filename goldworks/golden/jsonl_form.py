"""Cases as JSONL: a case a line, with the keys that YAML has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson


def read_jsonl(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, data) of each case in `text`, 1-based; instead of the data the reason. Empty lines are passed over."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield number, f"not JSON: {error.msg} at column {error.colno}"
            continue
        yield number, value if isinstance(value, dict) else "not a case: it is no JSON object"


def write_jsonl(cases: Sequence[dict[str, Any]]) -> str:
    """The cases, a line each."""
    return "".join(orjson.dumps(case).decode() + "\n" for case in cases)
