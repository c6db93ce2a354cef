"""Small OTLP logs made by hand, for tests: three days that hold a late reveal, a repeated line, damage and a missing reply."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SECRET = "hunter2-Zq81xw"


def text(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def chat(conversation: str, trace: str, day: str, history: list[dict[str, Any]], reply: str | None) -> str:
    """One OTLP line: a turn whose chat span repeats the whole history."""
    seconds = 1_790_000_000 + int(day[-2:]) * 86_400
    attributes = [
        attribute("gen_ai.operation.name", "chat"),
        attribute("gen_ai.conversation.id", conversation),
        attribute("gen_ai.request.model", "m"),
        attribute("user.id", "user-7"),
        attribute("gen_ai.input.messages", json.dumps([text("system", "Be brief."), *history])),
        attribute("gen_ai.output.messages", json.dumps([text("assistant", reply)] if reply else [])),
    ]
    span = {
        "traceId": trace.ljust(32, "0"),
        "spanId": trace.ljust(16, "0"),
        "name": "chat m",
        "startTimeUnixNano": str(seconds * 10**9),
        "endTimeUnixNano": str((seconds + 2) * 10**9),
        "attributes": attributes,
    }
    resource = {"attributes": [attribute("service.name", "shop"), attribute("service.version", "1.0")]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]})


def write_log(folder: Path, name: str, lines: Iterable[str]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


def first_turn() -> list[dict[str, Any]]:
    return [text("user", f"The word is {SECRET}, write to ann.lee@example.com")]


def second_turn() -> list[dict[str, Any]]:
    return [*first_turn(), text("assistant", "Noted."), text("user", f"my password is {SECRET}")]


def three_days(folder: Path) -> None:
    """Day 2 reveals a value of day 1; day 3 repeats a line of day 1 and goes on with a conversation of day 2."""
    write_log(
        folder,
        "otlp/2026-11-01.jsonl.gz",
        [
            chat("conv-a", "a1", "2026-11-01", first_turn(), "Noted."),
            chat("conv-b", "b1", "2026-11-01", [text("user", "hi")], "hello"),
        ],
    )
    write_log(
        folder,
        "otlp/2026-11-02.jsonl.gz",
        [
            chat("conv-a", "a2", "2026-11-02", second_turn(), "Done."),
            "",
            '{"resourceSpans": [{',
            chat("conv-c", "c1", "2026-11-02", [text("user", "call 555-0132 now")], None),
        ],
    )
    write_log(
        folder,
        "otlp/2026-11-03.jsonl.gz",
        [
            chat("conv-b", "b1", "2026-11-01", [text("user", "hi")], "hello"),
            chat(
                "conv-a",
                "a3",
                "2026-11-03",
                [*second_turn(), text("assistant", "Done."), text("user", "mail ann.lee@example.com")],
                "Sent.",
            ),
        ],
    )
