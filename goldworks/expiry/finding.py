"""What is past its limit today, and what of it a hold keeps. Reads ids and days only, and changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from goldworks.evaluation.answers import TEXTS
from goldworks.lake import Lake
from goldworks.retention.holding import Holding
from goldworks.retention.policy import Limits

BY_DAY = ("logs.turns", "logs.messages", "logs.entities")


@dataclass(slots=True)
class Past:
    """What is past its limit and goes. `counts`: rows that go and rows that a hold keeps, by table and partition; `held`:
    the rows that each hold keeps, by table.
    """

    conversations: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    quarantine_days: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    answers: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict[tuple[str, str], Counter[str]])
    held: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    def count(self, table: str, partition: str, hold: str | None, rows: int = 1) -> None:
        """Note rows that go, or that the hold of this name keeps."""
        if rows:
            self.counts.setdefault((table, partition), Counter())["deleted" if hold is None else "kept_by_hold"] += rows
            if hold is not None:
                self.held.setdefault(hold, Counter())[table] += rows

    def rows(self) -> list[dict[str, Any]]:
        """What was counted, as a table."""
        return [
            {"table": table, "partition": partition, "deleted": n["deleted"], "kept_by_hold": n["kept_by_hold"]}
            for (table, partition), n in sorted(self.counts.items())
        ]


def find_past(lake: Lake, limits: Limits, holding: Holding, today: dt.date) -> Past:
    """Everything that is past its limit."""
    past = Past()
    held, stored = _conversations(lake, past, limits.first_kept("conversations", today), holding)
    _quarantine(lake, past, limits.first_kept("quarantine", today), holding)
    first_kept = {kind: limits.first_kept(kind, today) for kind in ("candidates", "golden")}
    _cases(lake, past, first_kept, holding, held, stored)
    _answers(lake, past, limits.first_kept("answers", today), holding, held)
    return past


def _conversations(lake: Lake, past: Past, first_kept: str, holding: Holding) -> tuple[dict[str, str], set[str]]:
    """Note what is past; return every conversation that a hold keeps, whatever its age, with the hold, and all that stay."""
    days: dict[str, set[str]] = {}
    users: dict[str, set[str]] = {}
    for row in lake.rows("logs.turns", ["conversation_id", "arrived_on", "user_hash"]):
        days.setdefault(row["conversation_id"], set()).add(row["arrived_on"])
        if row["user_hash"]:
            users.setdefault(row["conversation_id"], set()).add(row["user_hash"])
    use_cases: dict[str, str] = {}
    for row in lake.rows("logs.conversations", ["conversation_id", "use_case", "last_arrived_on"]):
        use_cases[row["conversation_id"]] = row["use_case"]
        days.setdefault(row["conversation_id"], set()).add(row["last_arrived_on"])
    held = {
        one: name for one in days if (name := holding.keeps(one, users.get(one, ()), use_cases.get(one), days[one])) is not None
    }
    old = {one for one, arrived in days.items() if max(arrived) < first_kept}
    gone = old - held.keys()
    past.conversations = tuple(sorted(gone))
    touched: set[str] = set()
    for key in BY_DAY:
        table = lake.read(key, ["conversation_id", "arrived_on"], [("arrived_on", "<", first_kept)]) if old else None
        for row in table.to_pylist() if table is not None else ():
            if row["conversation_id"] in old:
                past.count(key, row["arrived_on"], held.get(row["conversation_id"]))
                if row["conversation_id"] in gone:
                    touched.add(row["arrived_on"])
    for one in old & use_cases.keys():
        past.count("logs.conversations", max(days[one]), held.get(one))
    past.days = tuple(sorted(touched))
    return held, days.keys() - gone


def _quarantine(lake: Lake, past: Past, first_kept: str, holding: Holding) -> None:
    """Days with rows, and days whose files still count some: a process may have been killed in between."""
    rows = lake.rows("logs.quarantine", ["arrived_on"], [("arrived_on", "<", first_kept)])
    counted = lake.rows("logs.arrivals", ["arrived_on", "quarantined"], [("arrived_on", "<", first_kept)])
    found = Counter(row["arrived_on"] for row in rows)
    days: set[str] = set()
    for day in sorted({*found, *(row["arrived_on"] for row in counted if row["quarantined"])}):
        hold = holding.keeps_day(day)
        past.count("logs.quarantine", day, hold, found[day])
        if hold is None:
            days.add(day)
    past.quarantine_days = tuple(sorted(days))


def _cases(
    lake: Lake, past: Past, first_kept: Mapping[str, str], holding: Holding, held: Mapping[str, str], stored: Collection[str]
) -> None:
    """A case goes only after its conversation: while that is there it would be proposed again."""
    minted = {row["case_id"]: row for row in lake.rows("golden.cases", ["case_id", "conversation_id", "use_case", "origin"])}
    columns = ["case_id", "conversation_id", "use_case", "origin", "state", "proposed_at"]
    proposed = {row["case_id"]: row for row in lake.rows("golden.candidates", columns)}
    minted_on = {row["version_id"]: row["minted_at"] for row in lake.rows("golden.versions", ["version_id", "minted_at"])}
    since: dict[str, dt.datetime] = {case_id: row["proposed_at"] for case_id, row in proposed.items()}
    versions: dict[str, list[str]] = {}
    for row in lake.rows("golden.cases", ["case_id", "version_id"]):
        versions.setdefault(row["case_id"], []).append(row["version_id"])
        if row["case_id"] not in proposed and row["version_id"] in minted_on:
            first = since.get(row["case_id"], minted_on[row["version_id"]])
            since[row["case_id"]] = min(first, minted_on[row["version_id"]])
    gone: dict[str, list[str]] = {"candidates": [], "golden": []}
    for case_id, row in sorted({**minted, **proposed}.items()):
        is_golden = case_id in minted or row.get("state") == "approved"
        kind = "golden" if is_golden else "candidates"
        if row["origin"] != "production" or case_id not in since or since[case_id].date().isoformat() >= first_kept[kind]:
            continue
        conversation = row["conversation_id"] or ""
        hold = held.get(conversation) or holding.keeps(conversation, use_case=row["use_case"])
        if hold is None and conversation in stored:
            continue
        if case_id in proposed:
            past.count("golden.candidates", row["use_case"], hold)
        for version_id in versions.get(case_id, ()):
            past.count("golden.cases", version_id, hold)
        if hold is None:
            gone[kind].append(case_id)
    past.candidates, past.cases = tuple(gone["candidates"]), tuple(gone["golden"])


def _answers(lake: Lake, past: Past, first_kept: str, holding: Holding, held: Mapping[str, str]) -> None:
    """Runs that ended before, with the conversations whose answers a hold keeps."""
    for run in lake.rows("evals.runs", ["run_id", "use_case", "ended_at"]):
        if run["ended_at"].date().isoformat() >= first_kept:
            continue
        where = [("run_id", "=", run["run_id"])]
        rows = lake.rows("evals.answers", ["cluster_id", "conversation_id", *TEXTS], where)
        whole = holding.keeps("", use_case=run["use_case"])
        named = {one for row in rows for one in _names(row)}
        kept = named if whole else named & held.keys()
        for row in rows:
            if any(row[name] is not None for name in TEXTS):
                hold = whole or next((held[one] for one in _names(row) if one in kept), None)
                past.count("evals.answers", run["run_id"], hold)
        if whole is None:
            past.answers[run["run_id"]] = frozenset(kept)


def _names(row: Mapping[str, Any]) -> list[str]:
    return [row[name] for name in ("cluster_id", "conversation_id") if row[name] is not None]
