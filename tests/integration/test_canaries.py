"""Law 1: raw text never rests with us. Canaries go in through every field; then every byte that was written is searched,
raw and decoded, and nothing of them may be found. Controls prove that the search finds what is there.
"""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from every_byte import decoded, squeezed
from whole_line import goldworks_run

from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

KEY = b"\x02" * 32

CANARIES = {
    "email": "canary.wren@harrow-post.example",
    "card": "4539578763621486",
    "iban": "DE89370400440532013000",
    "ssn": "536-22-8145",
    "key": "sk-proj-Canary7Qw3Rt5Yu8Io0PaSdFgHjKl",
    "aws": "AKIAQ3CANARY7XMPL2ZT",
    "password": "Canary-Tr0ub4dor",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlY2FuYXJ5MTIz",
    "url": "postgres://canary:s3cr3tcanary@db.internal/prod",
    "ip": "203.0.113.77",
}


def needles() -> dict[str, str]:
    """Each canary plain, JSON-escaped, base64 and percent-encoded."""
    found: dict[str, str] = {}
    for name, value in CANARIES.items():
        secret = {"password": value, "url": "s3cr3tcanary"}.get(name, value)
        for form, text in (
            ("plain", secret),
            ("json", json.dumps(secret)[1:-1]),
            ("base64", base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]),
            ("percent", quote(secret, safe="")),
        ):
            found[f"{name} {form}"] = squeezed(text)
    return found


def search(folder: Path) -> list[str]:
    """Where a canary stands: `file: canary form`."""
    wanted = needles()
    found: set[str] = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for text in decoded(path):
            haystack = squeezed(text)
            found.update(f"{path.relative_to(folder)}: {name}" for name, needle in wanted.items() if needle in haystack)
    return sorted(found)


def otlp_lines() -> list[str]:
    """Turns with every canary in every field that a span has."""
    everything = "; ".join(f"{name} {value}" for name, value in CANARIES.items())
    sentence = everything.replace("password ", "my password is ")
    arguments = {**CANARIES, "note": sentence, "list": [sentence], "nested": {"contact": {"email": CANARIES["email"]}}}

    def attribute(key: str, value: Any) -> dict[str, Any]:
        return {"key": key, "value": {"stringValue": value if isinstance(value, str) else json.dumps(value)}}

    history = [
        {"role": "system", "parts": [{"type": "text", "content": f"Be brief. {sentence}"}]},
        {"role": "user", "parts": [{"type": "text", "content": sentence}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "call-1", "name": "find", "arguments": arguments}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call-1", "response": arguments}]},
    ]
    ids = {"traceId": "ab" * 16, "startTimeUnixNano": "1793000000000000000", "endTimeUnixNano": "1793000001000000000"}
    chat = [
        attribute("gen_ai.operation.name", "chat"),
        attribute("gen_ai.conversation.id", CANARIES["email"]),
        attribute("gen_ai.request.model", CANARIES["key"]),
        attribute("user.id", CANARIES["email"]),
        attribute("session.id", CANARIES["ip"]),
        attribute("app.prompt.version", CANARIES["email"]),
        attribute("app.channel", CANARIES["email"]),
        attribute("app.feedback.comment", sentence),
        attribute("app.feedback.score", "-1"),
        attribute("error.type", CANARIES["email"]),
        attribute("gen_ai.input.messages", history),
        attribute("gen_ai.output.messages", [{"role": "assistant", "parts": [{"type": "text", "content": sentence}]}]),
    ]
    tool = [
        attribute("gen_ai.operation.name", "execute_tool"),
        attribute("gen_ai.conversation.id", CANARIES["email"]),
        attribute("gen_ai.tool.name", CANARIES["email"]),
        attribute("gen_ai.tool.call.id", CANARIES["email"]),
        attribute("gen_ai.tool.call.arguments", arguments),
        attribute("gen_ai.tool.call.result", arguments),
    ]
    retrieval = [
        attribute("gen_ai.operation.name", "retrieval"),
        attribute("gen_ai.conversation.id", CANARIES["email"]),
        attribute("gen_ai.retrieval.query.text", sentence),
        attribute("gen_ai.retrieval.documents", [{"id": CANARIES["email"], "score": 0.5, "content": sentence}]),
    ]
    spans = [
        {**ids, "spanId": f"{number:016x}", "name": "span", "attributes": attributes}
        for number, attributes in enumerate((chat, tool, retrieval), start=1)
    ]
    resource = {"attributes": [attribute("service.name", "shop"), attribute("service.version", CANARIES["email"])]}
    line = json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]})
    damaged = line[: len(line) // 2]
    wrong = json.dumps({"resourceSpans": sentence})
    return [line, damaged, wrong]


def openai_line() -> str:
    sentence = "; ".join(CANARIES.values()).replace(CANARIES["password"], f"my password is {CANARIES['password']}")
    record = {
        "id": "chatcmpl-1",
        "created": 1793000000,
        "model": "m",
        "user": CANARIES["email"],
        "metadata": {"service": "shop", "conversation_id": "conv-2", "session_id": CANARIES["ip"]},
        "messages": [{"role": "user", "content": sentence}],
        "response": {"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": sentence}}]},
    }
    return json.dumps(record)


def write(folder: Path) -> None:
    files = {
        "otlp/2026-11-01.jsonl.gz": otlp_lines(),
        "openai_chat/2026-11-01.jsonl.gz": [openai_line()],
        f"of {CANARIES['email']}/2026-11-01 {CANARIES['ssn']}.jsonl.gz": ["{"],
    }
    for name, lines in files.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))


def test_the_search_finds_a_canary_in_every_kind_of_store(tmp_path: Path):
    value = CANARIES["email"]
    (tmp_path / "plain.log").write_text(f"x {value} y")
    (tmp_path / "split.txt").write_text(value.replace("@", "\u200b@\n"))
    (tmp_path / "lines.gz").write_bytes(gzip.compress(value.encode()))
    (tmp_path / "log.json").write_text(json.dumps({"add": {"path": value}}).replace("c", "\\u0063"))
    (tmp_path / "b64.txt").write_text(base64.b64encode(value.encode()).decode())
    pq.write_table(pa.table({"a": [[value]]}), tmp_path / "t.parquet", compression="zstd")
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("create table t (a text)")
        connection.execute("insert into t values (?)", [value])
    connection.close()
    with duckdb.connect(str(tmp_path / "t.duckdb")) as duck:
        duck.execute("create table t as select ? as a", [value])
    assert {where.split(":")[0] for where in search(tmp_path)} == {path.name for path in tmp_path.iterdir()}


def test_no_canary_survives_the_intake(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    write(tmp_path / "logs")
    assert len(search(tmp_path / "logs")) >= len(CANARIES), "control: they are in the logs"
    expectations = PROJECT_ROOT / "expectations"
    source = Source(str(tmp_path / "logs"), expectations, load_intake_policy(expectations), "off", workers=1)
    taken = take(Lake(tmp_path / "home"), source, KEY)
    assert (taken.records, taken.quarantined) == (2, 3)
    output = capfd.readouterr()
    (tmp_path / "home" / "captured.txt").write_text(output.out + output.err)
    assert search(tmp_path / "home") == []


@pytest.mark.slow
def test_no_canary_survives_the_whole_line(tmp_path: Path):
    """From log files to marts: lake, Dagster's storage, MLflow's store, Data Docs, dbt's files, marts, and what was printed."""
    write(tmp_path / "logs")
    process = goldworks_run(tmp_path / "home", tmp_path / "logs")
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, "see what it printed by running it by hand: it may hold a canary"
    (tmp_path / "home" / "captured.txt").write_bytes(out + error)
    kinds = {path.suffix for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert {".parquet", ".duckdb", ".db", ".html", ".json"} <= kinds, "control: every kind of store was written"
    assert search(tmp_path / "home") == []
