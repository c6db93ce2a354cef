"""A small lake, written by hand with its dirt: what the tests of the warehouse build on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from goldworks.adapters.warehouse import Built, Warehouse
from goldworks.evaluation.status import status_of
from goldworks.intake.merge import merge_conversations
from goldworks.lake import Lake
from goldworks.use_cases import UseCases

Row = dict[str, Any]

CANARY = "canary-7f3a-text-of-a-conversation"
FIRST, SECOND = "2026-11-01", "2026-11-02"
DOCS, ORDERS, LEGACY = "docs.jsonl", "orders.jsonl", "legacy.jsonl"
USE_CASES = UseCases.model_validate({"version": 1, "default": {"owner": "quality", "tier": "T2"}})


@dataclass(frozen=True)
class House:
    """A home with its lake, the warehouse built on it, and what became of each of its nodes."""

    lake: Lake
    warehouse: Warehouse
    built: tuple[Built, ...]


PEOPLE: Row = {
    "run_id": "run-r2", "metric": "token_f1", "use_case": "docs", "suite": "rag", "release": "r2", "certificate_id": "c",
    "own_value": 0.4, "value": 0.6, "low": 0.5, "high": 0.7, "confidence": 0.95, "method": "ppi++", "labels": 120, "n": 23,
    "n_clusters": 22, "n_missing": 1, "computed_at": dt.datetime(2026, 3, 4, tzinfo=dt.UTC),
}  # fmt: skip


def write_lake(lake: Lake) -> None:
    lake.create()
    for day in (FIRST, SECOND):
        here = {"arrived_on": day}
        for key, rows in (("logs.turns", turns()), ("logs.quarantine", quarantine()), ("logs.entities", entities())):
            lake.replace(key, [row for row in rows if row["arrived_on"] == day], here)
        lake.replace("logs.arrivals", [row for row in arrivals() if row["arrived_on"] == day], here)
    merge_conversations(lake, USE_CASES)
    lake.replace("golden.versions", list(versions()))
    for version in ("docs-a", "docs-b"):
        lake.replace("golden.cases", [{"version_id": version, **case} for case in cases()], {"version_id": version})
    proposed = [
        {
            **case,
            "state": "approved" if number else "retired",
            "stratum": "all",
            "plan_digest": "p",
            "proposed_at": at(FIRST, 5),
        }
        for number, case in enumerate(cases())
    ]
    lake.replace("golden.candidates", proposed, {"use_case": "docs"})
    write_runs(lake)


def at(day: str, hour: int, seconds: float = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) + dt.timedelta(hours=hour, seconds=seconds)


def turn(service: str, number: int, day: str, source: str, line: int, **values: Any) -> Row:
    """A turn of conversation `<service>-<number>` that took one second and was answered, unless `values` say otherwise."""
    row: Row = {
        "arrived_on": day,
        "source": source,
        "line": line,
        "trace_id": f"{service}-{number}-t",
        "conversation_id": f"{service}-{number}",
        "span_ids": [f"{service}-{number}-{line}"],
        "has_chat": True,
        "service": service,
        "environment": "production",
        "release": "r1",
        "prompt_version": "p1",
        "model": "m",
        "channel": "web",
        "started_at": at(day, 9),
        "ended_at": at(day, 9, 1),
        "latency_ms": 1000.0,
        "input_tokens": 10,
        "output_tokens": 5,
        "tool_calls": 0,
        "tool_errors": 0,
        "reply_id": f"{service}-{number}-reply",
        "feedback_comment": CANARY,
    }
    return {**row, **values}


def turns() -> Iterator[Row]:
    # docs r1, first day: 50 turns of 50 conversations; 3 do not state what retrieved, 2 lack their reply, 1 of those failed
    for number in range(50):
        values: Row = {"retrieved": 2, "retrieval_version": "v1", "latency_ms": 1000.0 + 10 * number}
        if number < 3:
            values["retrieval_version"] = None
        if number < 2:
            values["reply_id"] = None
        if number == 0:
            values["error_type"] = "timeout"
        if number in (10, 11, 12, 13):
            values["feedback_score"] = -1.0 if number == 10 else 1.0
        yield turn("docs", number, FIRST, DOCS, number + 1, **values)
    # docs r2, second day: one conversation of two turns, whose second was answered by r1; its clock ran backwards
    yield turn("docs", 90, SECOND, DOCS + ".2", 1, release="r2", prompt_version="p2", retrieved=0, retrieval_version="v2")
    yield turn(
        "docs",
        90,
        SECOND,
        DOCS + ".2",
        2,
        trace_id="docs-90-u",
        started_at=at(SECOND, 10),
        ended_at=at(SECOND, 9, 59),
        latency_ms=None,
    )
    # orders: the tool spans of a turn come a day later, in another file; one of the calls failed
    yield turn("orders", 1, FIRST, ORDERS, 1, tool_calls=1, tool_schema_version="s1", cost_usd=0.25)
    late: Row = {"has_chat": False, "reply_id": None, "latency_ms": None, "input_tokens": None, "output_tokens": None}
    yield turn("orders", 1, SECOND, ORDERS + ".late", 1, **late, tool_calls=2, tool_errors=1, release=None)
    # legacy: says neither release nor channel nor environment
    silent: Row = dict.fromkeys(("release", "prompt_version", "model", "channel", "environment"))
    yield turn("legacy", 1, SECOND, LEGACY, 3, **silent)


def arrival(day: str, source: str, **counts: Any) -> Row:
    numbers = {"records": 0, "duplicates": 0, "quarantined": 0, "empty": 0, "late": 0, **counts}
    lines = sum(numbers[name] for name in ("records", "duplicates", "quarantined", "empty"))
    return {
        "arrived_on": day,
        "source": source,
        "dialect": "otlp",
        "sha256": "ab",
        "size_bytes": 100,
        "is_incomplete": False,
        "policy_version": "1",
        **numbers,
        "lines": lines,
    }


def arrivals() -> Iterator[Row]:
    yield arrival(FIRST, DOCS, records=50, duplicates=2, quarantined=3)
    yield arrival(FIRST, ORDERS, records=1)
    yield arrival(SECOND, DOCS + ".2", records=2, empty=1)
    yield arrival(SECOND, ORDERS + ".late", records=1, late=1)
    yield {**arrival(SECOND, LEGACY, records=1, quarantined=2), "is_incomplete": True}
    yield {**arrival(SECOND, "announced.jsonl"), "sha256": "", "dialect": "unknown"}


def quarantine() -> Iterator[Row]:
    for day, source, line, reason in (
        (FIRST, DOCS, 60, "truncated_json"),
        (FIRST, DOCS, 61, "wrong_types"),
        (FIRST, DOCS, 62, "wrong_types"),
        (SECOND, LEGACY, 1, "not_json"),
        (SECOND, LEGACY, 2, "truncated_gzip"),
    ):
        yield {
            "arrived_on": day,
            "source": source,
            "line": line,
            "byte_offset": line * 10,
            "length_bytes": 9,
            "reason": reason,
            "line_hash": f"{source}{line}",
        }


def entities() -> Iterator[Row]:
    # the same address twice in one conversation, once in another; a name that a later rule found
    for number, (conversation, start, kind, rule, layer, value) in enumerate(
        (
            ("docs-1", 0, "EMAIL", "email", "pattern", "v1"),
            ("docs-1", 40, "EMAIL", "email", "pattern", "v1"),
            ("docs-2", 0, "EMAIL", "email", "pattern", "v2"),
            ("docs-2", 9, "PERSON", "ner", "name", "v3"),
        )
    ):
        yield {
            "arrived_on": FIRST,
            "conversation_id": conversation,
            "message_id": f"{conversation}-m",
            "role": "user",
            "field": "text",
            "start": start,
            "end": start + 5,
            "token": f"<{kind}_1>",
            "type": kind,
            "rule": rule,
            "layer": layer,
            "score": 0.9 - number / 10,
            "value_hash": value,
            "variant_hashes": [value],
            "variant_words": 1,
            "revealed_on": FIRST,
            "policy_version": "1",
        }


CASES = 24


def cases() -> Iterator[Row]:
    """The first two cases share a conversation, so there are 23 clusters."""
    for number in range(CASES):
        conversation = f"docs-{max(1, number)}"
        yield {
            "case_id": f"case-{number:02}",
            "use_case": "docs",
            "tier": "T1" if number < 6 else "T2",
            "intent": "returns" if number % 2 else "shipping",
            "origin": "production",
            "tags": [],
            "messages": CANARY,
            "passages": CANARY,
            "tools": "[]",
            "expected": CANARY,
            "parents": [f"{conversation}-m"],
            "conversation_id": conversation,
            "source": DOCS,
            "line": number + 1,
            "trace_id": f"{conversation}-t",
            "release": "r1",
            "case_digest": f"digest-{number}",
        }


def versions() -> Iterator[Row]:
    for name, day, more in (
        ("docs-a", FIRST, {}),
        ("docs-b", SECOND, {}),
        ("docs-gone", SECOND, {"is_tombstone": True}),
    ):
        yield {
            "version_id": name,
            "use_case": "docs",
            "content_digest": name,
            "cases": CASES,
            "approvers": ["Ada"],
            "owner": "docs-team",
            "minted_at": at(day, 12),
            "is_tombstone": False,
            **more,
        }


def write_runs(lake: Lake) -> None:
    """r1 and r2 on the same cases; r2 is better at `exact`, lacks one answer, and asked everything twice. An older run of r1
    and one of another suite stand beside them."""
    write_run(lake, "run-r1-old", "r1", FIRST, lambda case, repeat: 0.0)
    write_run(lake, "run-r1", "r1", SECOND, lambda case, repeat: float(case % 3 == 0))
    write_run(
        lake,
        "run-r2",
        "r2",
        SECOND,
        lambda case, repeat: float(case % 3 != 1 or repeat == 1),
        repeats=2,
        missing=(5,),
        judged=(80, 9600, 1.5),
    )
    write_run(lake, "run-chat", "r2", SECOND, lambda case, repeat: 1.0, suite="chat")
    lake.replace("review.human_rates", [PEOPLE])


def write_run(
    lake: Lake,
    run_id: str,
    release: str,
    day: str,
    exact: Any,
    *,
    suite: str = "rag",
    repeats: int = 1,
    missing: tuple[int, ...] = (),
    judged: tuple[int | None, int | None, float | None] = (None, None, None),
) -> None:
    pairs = [(case, repeat) for repeat in range(repeats) for case in range(CASES)]
    answers: list[Row] = []
    scores: list[Row] = []
    for case, repeat in pairs:
        head = {"run_id": run_id, "case_id": f"case-{case:02}", "repeat": repeat}
        is_missing = case in missing
        cluster = f"docs-{max(1, case)}"
        status: Row = {"status": "error", "error": "Timeout"} if is_missing else {"status": "ok", "latency_ms": 5.0}
        answers.append({**head, **status, "text": CANARY, "tool_calls": "[]", "attempts": 1, "cluster_id": cluster})
        values = {"exact": exact(case, repeat), "token_f1": (case % 7) / 7 if release == "r1" else (case % 5) / 5}
        for metric, value in values.items():
            score: Row = {"value": None, "reason": "missing_answer"} if is_missing else {"value": value}
            scores.append({**head, **score, "metric": metric, "scorer_digest": metric})
        scores.append({**head, "metric": "refusal", "reason": "not_applicable", "scorer_digest": "refusal"})
    lake.replace("evals.answers", answers, {"run_id": run_id})
    lake.replace("evals.scores", scores, {"run_id": run_id})
    metrics = [{"metric": name, "scorer": name, "kpi": "K"} for name in ("exact", "token_f1", "refusal")]
    whole = {"metric": "exact_always", "aggregate": "share_of_cases", "of": "exact", "settings": {"repeats": "all"}, "kpi": "K"}
    row: Row = {
        "run_id": run_id,
        "config_digest": f"config-{run_id}",
        "config": orjson.dumps({"suite": {"metrics": metrics, "aggregates": [whole]}}).decode(),
        "occasion": f"release:{release}",
        "use_case": "docs",
        "version_id": "docs-a",
        "suite": suite,
        "target": "recorded",
        "target_kind": "recorded",
        "release": release,
        "seed": 1,
        "repeats": repeats,
        "cases": CASES,
        "answers": len(pairs) - len(missing) * repeats,
        "missing": len(missing) * repeats,
        "status": status_of(len(pairs) - len(missing) * repeats, len(pairs)),
        "started_at": at(day, 14),
        "ended_at": at(day, 15),
        "mlflow_run_id": f"mlflow-{run_id}",
        **dict(zip(("judgments", "judge_tokens", "judge_cost_usd"), judged, strict=True)),
    }
    lake.replace("evals.runs", [row], {"run_id": run_id})
