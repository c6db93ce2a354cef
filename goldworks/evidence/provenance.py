"""Where the data of a judgment came from, and what is known of its redaction."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import msgspec

from goldworks.lake import Lake
from goldworks.proof.last_scan import last_scan
from goldworks.release.rows import Evidence
from goldworks.review.leak_audit import audits, leak_rate

Row = dict[str, Any]
VERSION = ("version_id", "parent_version_id", "content_digest", "cases", "minted_at", "is_tombstone", "tombstoned_by")


def provenance(lake: Lake, use_case: str, evidence: Evidence) -> Row:
    """`versions`, `origins` and `sources` of the golden sets; `redaction` of the logs, and what `proof` there is of it."""
    return {
        "versions": _versions(lake, evidence),
        "origins": _origins(lake, evidence),
        "sources": _sources(lake, evidence.version_id),
        "redaction": _redaction(lake, use_case),
        "proof": {"second_scanner": _last_scan(lake), "leak_audit": _leak_audit(lake)},
    }


def _versions(lake: Lake, evidence: Evidence) -> list[Row]:
    """The golden versions of the runs with those that they come from, newest first."""
    known = {row["version_id"]: row for row in lake.rows("golden.versions", list(VERSION))}
    runs = [*evidence.candidate.values(), *evidence.base.values()]
    left = sorted({run.version_id for run in runs} | ({evidence.version_id} if evidence.version_id else set()))
    found: dict[str, Row] = {}
    while left:
        row = known.get(left.pop())
        if row is not None and row["version_id"] not in found:
            found[row["version_id"]] = {**row, "minted_at": row["minted_at"].isoformat(timespec="seconds")}
            if row["parent_version_id"]:
                left.append(row["parent_version_id"])
    return sorted(found.values(), key=lambda row: (row["minted_at"], row["version_id"]), reverse=True)


def _redaction(lake: Lake, use_case: str) -> Row:
    """What was taken out of the use case's messages, by type, and how many were withheld."""
    ids = set(lake.read("logs.conversations", ["conversation_id"], [("use_case", "=", use_case)]).column(0).to_pylist())
    messages = [row for row in lake.rows("logs.messages", ["conversation_id", "is_withheld"]) if row["conversation_id"] in ids]
    types: dict[str, int] = {}
    for row in lake.rows("logs.entities", ["conversation_id", "type"]):
        if row["conversation_id"] in ids:
            types[row["type"]] = types.get(row["type"], 0) + 1
    return {
        "conversations": len(ids),
        "messages": len(messages),
        "withheld": sum(bool(row["is_withheld"]) for row in messages),
        "redacted": dict(sorted(types.items())),
    }


def _origins(lake: Lake, evidence: Evidence) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in lake.rows("golden.cases", ["origin"], [("version_id", "=", evidence.version_id or "")]):
        found[row["origin"]] = found.get(row["origin"], 0) + 1
    return dict(sorted(found.items()))


def _sources(lake: Lake, version_id: str | None) -> Row:
    """The log files that cases of production were taken from: how many, their days, and one digest of their SHA-256.

    `untraced`: cases of production whose turn is no longer in the logs.
    """
    where = [("version_id", "=", version_id or ""), ("origin", "=", "production")]
    traces = [row["trace_id"] for row in lake.rows("golden.cases", ["trace_id"], where)]
    known = sorted({trace for trace in traces if trace is not None})
    turns = lake.rows("logs.turns", ["trace_id", "source"], [("trace_id", "in", known)]) if known else []
    source_of = {row["trace_id"]: row["source"] for row in turns}
    names = sorted(set(source_of.values()))
    columns = ["source", "arrived_on", "sha256", "policy_version"]
    files = lake.rows("logs.arrivals", columns, [("source", "in", names)]) if names else []
    digests = sorted(row["sha256"] for row in files)
    days = sorted(row["arrived_on"] for row in files)
    return {
        "cases": len(traces),
        "untraced": sum(trace not in source_of for trace in traces),
        "files": len(files),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "digest": hashlib.sha256("\n".join(digests).encode()).hexdigest() if digests else None,
        "redaction_policies": sorted({row["policy_version"] for row in files}),
    }


def _last_scan(lake: Lake) -> Row | None:
    found = last_scan(lake.home)
    return None if found is None else msgspec.to_builtins(found)


def _leak_audit(lake: Lake) -> Row | None:
    """The newest audit that people judged whole: messages read, and the share of those in which something was missed."""
    done = [audit for audit in audits(lake) if audit.items and not audit.open]
    if not done:
        return None
    audit = done[-1]
    found = leak_rate(audit)
    return {
        "drawn_on": audit.drawn_at.date().isoformat(),
        "messages": len(audit.items),
        "of": audit.population,
        "leak_rate": asdict(found),
        "redaction_policies": list(audit.policy_versions),
    }
