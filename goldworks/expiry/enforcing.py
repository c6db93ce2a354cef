"""Deleting what is past its limit, through the places that forget, with the old files' bytes; what was deleted is noted.

What goes is written down as orders of forgetting before anything is deleted, or can be found again as it was: killed at any
point, the next who enforces the policy, or carries out open orders, finishes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from goldworks.access.key_ring import Ring
from goldworks.evaluation.cache import age_cached
from goldworks.expiry.answers import Pages, blank_answers, empty_journals, old_journals
from goldworks.expiry.finding import Past, find_past
from goldworks.faults import fault_point
from goldworks.forgetting.carrying_out import Forgetting
from goldworks.forgetting.locating import runs_with, versions_with
from goldworks.lake import Lake
from goldworks.orders import Counts, Order, Scope, new_order
from goldworks.retention.gone import Gone
from goldworks.retention.holding import Holding
from goldworks.retention.policy import Limits, RetentionPolicy

NOTE = "retention.enforced"
OF_CASES, OF_CONVERSATIONS = ("golden", "evaluations", "mlflow", "marts"), ("vault", "logs", "dagster", "marts")
"""Places that forget cases, and those that forget conversations: a case may be kept longer than its conversation."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy as it stands today, for the region of the home."""

    policy: RetentionPolicy
    region: str | None
    ring: Ring
    today: dt.date

    @property
    def limits(self) -> Limits:
        """The limits of the region."""
        return self.policy.limits(self.region)

    @property
    def holding(self) -> Holding:
        """The holds in force."""
        return Holding(self.policy.holds_on(self.today), self.ring)


@dataclass(frozen=True, slots=True)
class Report:
    """What was deleted, or would be. `rows` by table and partition; `held`: rows by hold and table; `idle`: holds in force that
    kept nothing from going.
    """

    rows: list[dict[str, Any]]
    held: dict[str, Counts]
    idle: tuple[str, ...]

    @property
    def deleted(self) -> dict[str, int]:
        """Rows by table."""
        totals: dict[str, int] = {}
        for row in self.rows:
            totals[row["table"]] = totals.get(row["table"], 0) + row["deleted"]
        return {table: rows for table, rows in totals.items() if rows}


def look(lake: Lake, rules: Rules) -> Report:
    """What enforcing would delete today; changes nothing."""
    return _report(*_past(lake, rules), rules)


def enforce(forgetting: Forgetting, rules: Rules, pages: Pages, policy_version: str) -> Report:
    """Delete what is past its limit. Raises `BusyError` when an intake or a change of golden sets is going on."""
    lake = forgetting.lake
    with forgetting.alone():
        for order in forgetting.orders.open():
            if order.kind == "retention":
                forgetting.carry_out(order)
        past, journals = _past(lake, rules)
        report = _report(past, journals, rules)
        gone = Gone(lake.home, rules.ring.key)
        gone.forget(rules.limits.first_kept("conversations", rules.today))
        if past.conversations:
            gone.add(rules.today.isoformat(), past.conversations)
        orders = [forgetting.orders.write(order) for order in _orders(lake, past, rules, policy_version)]
        fault_point("retention.ordered")
        if past.quarantine_days:
            _drop_quarantine(lake, past.quarantine_days)
        blank_answers(lake, past.answers, pages)
        empty_journals(lake, journals)
        age_cached(lake.home / "cache", rules.limits.first_kept("answers", rules.today))
        for number, order in enumerate(orders, 1):
            forgetting.carry_out(order, without=() if number == len(orders) else ("marts",))
            fault_point("retention.half_done")
        if report.deleted and not orders:
            _remake_marts(forgetting, policy_version)
        if report.deleted:
            forgetting.note(NOTE, {"version": rules.policy.version, "region": rules.region, "deleted": report.deleted})
    return report


def _past(lake: Lake, rules: Rules) -> tuple[Past, list[str]]:
    past = find_past(lake, rules.limits, rules.holding, rules.today)
    journals = old_journals(lake, rules.limits.first_kept("answers", rules.today))
    for name in journals:
        past.count("journals", name, None)
    return past, journals


def _report(past: Past, journals: Sequence[str], rules: Rules) -> Report:
    names = {hold.name for hold in rules.policy.holds_on(rules.today)}
    return Report(
        past.rows(), {name: dict(counts) for name, counts in past.held.items()}, tuple(sorted(names - past.held.keys()))
    )


def _orders(lake: Lake, past: Past, rules: Rules, policy_version: str) -> list[Order]:
    """Cases first, while what they were made from can still be looked up."""
    found: list[Order] = []
    cases = tuple(sorted({*past.candidates, *past.cases}))
    if cases:
        scope = Scope(cases=cases, versions=versions_with(lake, cases), runs=runs_with(lake, past.cases, ()))
        found.append(_order("cases", scope, OF_CASES, rules, policy_version))
    if past.conversations:
        scope = Scope(conversations=past.conversations, days=past.days)
        found.append(_order("conversations", scope, OF_CONVERSATIONS, rules, policy_version))
    return found


def _order(what: str, scope: Scope, places: Sequence[str], rules: Rules, policy_version: str) -> Order:
    subjects = [f"{what} past retention on {rules.today.isoformat()}"]
    left_out: dict[str, Counts] = {place: {} for place in ALL_PLACES if place not in places}
    order = new_order("retention", subjects, policy_version, reason=f"retention policy version {rules.policy.version}")
    return msgspec.structs.replace(order, scope=scope, is_located=True, done=left_out)


ALL_PLACES = ("golden", "evaluations", "vault", "logs", "mlflow", "dagster", "caches", "marts")


def _remake_marts(forgetting: Forgetting, policy_version: str) -> None:
    for holder in forgetting.holders:
        if holder.place == "marts":
            holder.forget(new_order("retention", ["marts"], policy_version))


def _drop_quarantine(lake: Lake, days: Sequence[str]) -> None:
    """Rows first: files that still count lines without rows are found again by their count."""
    for day in days:
        lake.delete("logs.quarantine", {"arrived_on": day})
        fault_point("retention.quarantine_half_done")
        rows = lake.rows("logs.arrivals", where=[("arrived_on", "=", day)])
        after = [
            {**row, "quarantined": 0, "suppressed": (row["suppressed"] or 0) + row["quarantined"]} if row["sha256"] else row
            for row in rows
        ]
        if after != rows:
            lake.replace("logs.arrivals", after, {"arrived_on": day})
    lake.purge("logs.quarantine")
