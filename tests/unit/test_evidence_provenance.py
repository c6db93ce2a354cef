"""What a pack says of where its data came from, and of how it was redacted."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from release_rows import VERSION, evidence, suite_run
from small_lake import turn

from goldworks.evidence.data_section import data
from goldworks.evidence.provenance import provenance
from goldworks.intake.merge import merge_conversations
from goldworks.lake import Lake
from goldworks.proof.last_scan import keep
from goldworks.proof.triage import Finding, Scanned
from goldworks.review.leak_audit import draw, judge
from goldworks.use_cases import UseCases

DAYS = ("2026-11-02", "2026-11-03")
USE_CASES = UseCases.model_validate({"version": 1, "default": {"owner": "o", "tier": "T2"}})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two log files with a turn each; both were made cases of, and a third case's turn is gone."""
    lake = Lake(tmp_path)
    lake.create()
    for number, day in enumerate(DAYS):
        lake.replace("logs.turns", [turn("shop", number, day, f"{day}.jsonl", 1)], {"arrived_on": day})
        counts = dict.fromkeys(("size_bytes", "lines", "records", "duplicates", "quarantined", "empty", "late"), 0)
        arrival = {
            "arrived_on": day, "source": f"{day}.jsonl", "dialect": "otlp", "sha256": f"{number}" * 64,
            "is_incomplete": False, "policy_version": "p1", **counts,
        }  # fmt: skip
        lake.replace("logs.arrivals", [arrival], {"arrived_on": day})
        message = {
            "arrived_on": day, "source": f"{day}.jsonl", "line": 1, "trace_id": f"shop-{number}-t",
            "conversation_id": f"shop-{number}",
            "content_hash": "h", "is_withheld": False, "entities": 0, "message_id": f"m{number}", "role": "user",
            "message_index": 0,
            "text": "Where is it?",
        }  # fmt: skip
        lake.replace("logs.messages", [message], {"arrived_on": day})
    merge_conversations(lake, USE_CASES)
    case: dict[str, Any] = {
        "version_id": VERSION, "use_case": "shop", "tier": "T2", "origin": "production", "tags": [], "tools": "[]", "parents": [],
        "messages": "[]", "expected": "{}", "case_digest": "d", "passages": "[]",
    }  # fmt: skip
    traces = ("shop-0-t", "shop-1-t", "gone-t")
    lake.replace("golden.cases", [{**case, "case_id": f"c{t}", "trace_id": t} for t in traces], {"version_id": VERSION})
    return lake


def said(lake: Lake) -> str:
    facts = provenance(lake, "shop", evidence(suite_run({"m": [1.0]})))
    return " ".join(block for block in data(facts).blocks if isinstance(block, str))


def test_the_log_files_of_the_cases_are_named_by_one_digest(lake: Lake):
    digest = hashlib.sha256(("0" * 64 + "\n" + "1" * 64).encode()).hexdigest()
    words = said(lake)
    assert f"The 3 cases of production come from 2 log files that arrived from {DAYS[0]} to {DAYS[1]}" in words
    assert f"redaction policy p1; SHA-256 over the sorted SHA-256 of these files: {digest}" in words
    assert "The turns of 1 are no longer in the logs" in words


def test_what_nobody_looked_at_is_said_and_so_is_what_was_found(lake: Lake):
    assert "No scanner of another maker" in said(lake)
    assert "No person has read a sample" in said(lake)
    keep(lake.home, Scanned(40, 3, 2, (Finding("fct_turns.topic", "PERSON", "d", 1, 0.9),)), dt.date(2026, 11, 20))
    audit = draw(lake, 2, seed=1)
    words = said(lake)
    assert "on 2026-11-20: 40 texts, 3 findings, 2 accepted by people as harmless, 1 values open" in words
    assert "No person has read a sample" in words, "an audit that nobody finished proves nothing"
    judge(lake, audit, {item.message_id: ("clean", ()) for item in audit.items}, "ann")
    assert "People read 2 of 2 redacted messages" in said(lake)
