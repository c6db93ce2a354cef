"""The register of candidates: one partition of `golden.candidates` per use case, read and written as a whole by one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from goldworks import locks
from goldworks.golden.case import Case, case_digest, row_of
from goldworks.lake import Lake

Row = dict[str, Any]
AUTHORED = "authored"
"""Plan digest and stratum of what a person wrote or edited."""
POLICY = "policy:use_cases.yml"
"""Who approved what the policy approves."""

WAIT_SECONDS = 120.0


def alone(lake: Lake) -> AbstractContextManager[None]:
    """Hold the lock of the golden sets, waiting for it. Raises `BusyError`."""
    other = f"another process has been changing the golden sets of {lake.home}"
    return locks.alone(lake.home / "golden.lock", other, wait_seconds=WAIT_SECONDS)


def use_cases_with_candidates(lake: Lake) -> list[str]:
    """Use cases that have candidates, sorted."""
    return [partition["use_case"] for partition in lake.partitions("golden.candidates")]


def read_candidates(lake: Lake, use_case: str | None = None) -> dict[str, Row]:
    """Rows of `golden.candidates` (of one use case) by case id."""
    where = None if use_case is None else [("use_case", "=", use_case)]
    return {row["case_id"]: row for row in lake.rows("golden.candidates", where=where)}


def write_candidates(lake: Lake, use_case: str, before: Mapping[str, Row], rows: Iterable[Row]) -> bool:
    """Replace the use case's candidates with `rows`; nothing is written, and False returned, when they equal `before`."""
    after = {row["case_id"]: row for row in sorted(rows, key=lambda row: row["case_id"])}
    if after == dict(before):
        return False
    lake.replace("golden.candidates", after.values(), {"use_case": use_case})
    if before:
        lake.vacuum("golden.candidates")  # a text that was redacted again must not stay on the disk as it was
    return True


def candidate_row(case: Case, key: bytes, *, stratum: str, plan_digest: str, proposed_at: datetime) -> Row:
    """The row of a case that waits for review."""
    return {
        **row_of(case),
        "state": "proposed",
        "reviewed_by": None,
        "reviewed_at": None,
        "authored_by": None,
        "stratum": stratum,
        "plan_digest": plan_digest,
        "case_digest": case_digest(case, key),
        "proposed_at": proposed_at,
    }


def is_touched(row: Mapping[str, Any]) -> bool:
    """Whether a person wrote, edited, approved or retired it: then no plan takes it away."""
    return row["plan_digest"] == AUTHORED or row["reviewed_by"] not in (None, POLICY)
