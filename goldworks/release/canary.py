"""A release on a share of production traffic, read from the logs: how many of its conversations failed, and what follows.

A conversation fails when its last turn ended in an error or without a reply, or when its user's feedback was negative on the
whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.statistics.canary import Action, CanaryReading, Period, canary_reading

FAILED_OUTCOMES = ("error", "no_reply")
COLUMNS = ["conversation_id", "release", "user_hash", "occurred_on", "outcome", "feedback_score", "is_mixed_release"]
PLANNED_DAYS = 28
"""After so many days in which nothing is shown, nothing more is waited for."""


@dataclass(frozen=True, slots=True)
class Split:
    """From the day `since` (None: that of the canary's first conversation) until the next one's, a `share` of the traffic, 0..1
    exclusive, went to the canary.
    """

    share: float
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Units that were counted under one split: conversations or users, and those of them that failed."""

    split: Split
    baseline_units: int
    canary_units: int
    baseline_failures: int
    canary_failures: int

    @property
    def seen_share(self) -> float:
        """Share of the canary among all that were counted; 0 when none was."""
        return self.canary_units / max(1, self.baseline_units + self.canary_units)

    @property
    def is_odd(self) -> bool:
        """Whether the logs have another share on the canary than was set, beyond chance (3 standard errors and 2 points)."""
        counted, share = self.baseline_units + self.canary_units, self.split.share
        return counted > 0 and abs(self.seen_share - share) > 0.02 + 3 * (share * (1 - share) / counted) ** 0.5


@dataclass(frozen=True, slots=True)
class Watched:
    """What the logs say, split by split.

    `by_user`: failing users were counted. `left_out`: conversations of both releases, users whom both answered. `days`: from the
    first day that counts to the last of the logs, both included; `is_over`: as many as were planned, and nothing is shown.
    """

    reading: CanaryReading
    seen: tuple[Seen, ...]
    left_out: int
    by_user: bool
    days: int
    is_over: bool

    @property
    def action(self) -> Action:
        """What follows: of the reading, but nothing is promoted whose share of the traffic is not the one that was set. Fewer
        conversations than were meant fail less often, too.
        """
        if self.reading.action == "promote" and any(one.is_odd for one in self.seen):
            return "go_on"
        return self.reading.action


def watch(
    lake: Lake,
    use_case: str,
    baseline: str,
    canary: str,
    splits: Sequence[Split],
    *,
    by_user: bool = False,
    margin: float = 1.5,
    planned_days: int = PLANNED_DAYS,
) -> Watched:
    """Read both releases' conversations from the logs. Valid at any look: look every day if you like.

    `splits`: the shares of the traffic that were sent to the canary, at random, oldest first. `by_user`: the split is by user, so
    failing users count, on the day of their first failure. Raises `InputError` when a release has no conversations, both are one,
    or a share is none.
    """
    splits = _in_order(splits)
    if baseline == canary:
        raise InputError(f"both releases are {canary}", remedy="name the one most of the traffic goes to: --baseline")
    rows = lake.rows("logs.conversations", COLUMNS, [("use_case", "=", use_case)])
    rows = [row for row in rows if row["release"] in (baseline, canary)]
    first = splits[0].since or _first_day(rows, canary)
    inside = [(_split_of(row, splits, first), row) for row in rows]
    left_out = sum(split is not None and row["is_mixed_release"] for split, row in inside)
    units: dict[str, dict[str, tuple[int, bool]]] = {baseline: {}, canary: {}}
    for split, row in sorted(inside, key=lambda one: one[1]["occurred_on"] or ""):
        if split is None or row["is_mixed_release"]:
            continue
        unit = row["user_hash"] if by_user else row["conversation_id"]
        if unit is None:
            left_out += 1
            continue
        known = units[row["release"]].get(unit)
        if known is None or (_has_failed(row) and not known[1]):
            units[row["release"]][unit] = (split, _has_failed(row))
    for unit in units[baseline].keys() & units[canary].keys():
        left_out += 1
        del units[baseline][unit], units[canary][unit]
    for release in (baseline, canary):
        if not units[release]:
            raise InputError(
                f"the logs have no conversations of {use_case} {release}",
                remedy="goldworks run takes new log files; goldworks eval list names the releases of the logs",
            )
    seen = tuple(_seen(split, place, units[baseline], units[canary]) for place, split in enumerate(splits))
    reading = canary_reading(
        [Period(one.split.share, one.canary_failures, one.baseline_failures + one.canary_failures) for one in seen], margin=margin
    )
    last = max((row["occurred_on"] for split, row in inside if split is not None and row["occurred_on"]), default=None)
    length = (dt.date.fromisoformat(last) - first).days + 1 if first is not None and last is not None else 0
    return Watched(reading, seen, left_out, by_user, length, reading.action == "go_on" and length >= planned_days)


def _in_order(splits: Sequence[Split]) -> Sequence[Split]:
    if not splits:
        raise InputError("no share of the traffic is given", remedy="give what was set: --share 0.1")
    for one in splits:
        if not 0 < one.share < 1:
            raise InputError(f"{one.share} is no share of the traffic", remedy="give what was set, between 0 and 1: --share 0.1")
    days = [one.since for one in splits]
    if len(days) > 1 and (None in days or any(b <= a for a, b in pairwise(days) if a and b)):
        raise InputError(
            "of several shares each needs the day from which it was set, oldest first",
            remedy="--share 2026-11-02=0.05 --share 2026-11-05=0.2",
        )
    return splits


def _first_day(rows: Sequence[Mapping[str, Any]], canary: str) -> dt.date | None:
    days = [row["occurred_on"] for row in rows if row["release"] == canary and row["occurred_on"] is not None]
    return dt.date.fromisoformat(min(days)) if days else None


def _split_of(row: Mapping[str, Any], splits: Sequence[Split], first: dt.date | None) -> int | None:
    """Place of the split on the row's day; None before the first day."""
    day = row["occurred_on"] or ""
    starts = [one.since or first for one in splits]
    places = [place for place, start in enumerate(starts) if start is None or day >= start.isoformat()]
    return places[-1] if places else None


def _has_failed(row: Mapping[str, Any]) -> bool:
    return row["outcome"] in FAILED_OUTCOMES or (row["feedback_score"] is not None and row["feedback_score"] < 0)


def _seen(split: Split, place: int, base: Mapping[str, tuple[int, bool]], new: Mapping[str, tuple[int, bool]]) -> Seen:
    old, mine = ([failed for at, failed in of.values() if at == place] for of in (base, new))
    return Seen(split, len(old), len(mine), sum(old), sum(mine))


def in_words(found: Watched, baseline: str, canary: str, margin: float = 1.5) -> str:
    """What follows, for who has the switch in hand."""
    unit = "users" if found.by_user else "conversations"
    reading = found.reading
    old_failures, old, new_failures, new = (
        sum(getattr(one, name) for one in found.seen)
        for name in ("baseline_failures", "baseline_units", "canary_failures", "canary_units")
    )
    seen = f"{new_failures} of {new} {unit} of {canary} failed, {old_failures} of {old} of {baseline}"
    ratio = "no failure yet"
    if reading.ratio is not None:
        ends = f"{reading.ratio_low:.2f} to {reading.ratio_high:.2f}, at any look"
        ratio = f"{canary} fails {reading.ratio:.2f} times as often ({ends})"
    said = {
        "roll_back": "ROLL BACK. It is worse, and not by chance",
        "promote": f"PROMOTE. It does not fail {margin:g} times as often or more",
        "go_on": "GO ON. Nothing is shown yet",
    }[reading.action]
    if found.action != reading.action:
        said = "GO ON. By the share that was set it could be promoted, but the logs have another one"
    if found.is_over:
        said = f"INCONCLUSIVE. The planned days are over ({found.days} days of logs), and nothing is shown: a person decides"
    odd = "".join(
        f" The logs{_from(one.split)} have {one.seen_share:.1%} of the traffic on it, not {one.split.share:.1%}: mend the split, "
        "then believe this."
        for one in found.seen
        if one.is_odd
    )
    return f"{said}. {seen}; {ratio}.{odd}"


def _from(split: Split) -> str:
    return f" since {split.since}" if split.since is not None else ""
