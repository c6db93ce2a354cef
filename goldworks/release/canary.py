"""A release on a share of production traffic, read from the logs: how many of its conversations failed, and what follows.

A conversation fails when its last turn ended in an error or without a reply, or when its user's feedback was negative on the
whole.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.statistics.canary import CanaryReading, Period, canary_reading

FAILED_OUTCOMES = ("error", "no_reply")
COLUMNS = ["conversation_id", "release", "user_hash", "occurred_on", "outcome", "feedback_score", "is_mixed_release"]


@dataclass(frozen=True, slots=True)
class Watched:
    """What the logs say. `by_user`: failing users were counted. `left_out`: conversations of both releases, users whom both
    answered. `seen_share`: share of the canary among all that were counted; far from what was set, the split is not right.
    """

    reading: CanaryReading
    baseline_units: int
    canary_units: int
    baseline_failures: int
    canary_failures: int
    left_out: int
    seen_share: float
    by_user: bool


def watch(
    lake: Lake,
    use_case: str,
    baseline: str,
    canary: str,
    share: float,
    *,
    since: dt.date | None = None,
    by_user: bool = False,
    margin: float = 1.5,
) -> Watched:
    """Read both releases' conversations from the logs. Valid at any look: look every day if you like.

    `share`: of the traffic that was sent to the canary, at random, in 0..1. `by_user`: the split is by user, so failing users
    count. Raises `InputError` when a release has no conversations, or `share` is no share.
    """
    if not 0 < share < 1:
        raise InputError(f"{share} is no share of the traffic", remedy="give what was set, between 0 and 1: --share 0.1")
    rows = lake.rows("logs.conversations", COLUMNS, [("use_case", "=", use_case)])
    inside = [row for row in rows if since is None or (row["occurred_on"] or "") >= since.isoformat()]
    mine = [row for row in inside if row["release"] in (baseline, canary) and not row["is_mixed_release"]]
    left_out = sum(row["release"] in (baseline, canary) and row["is_mixed_release"] for row in inside)
    units: dict[str, dict[str, bool]] = {baseline: {}, canary: {}}
    for row in mine:
        unit = row["user_hash"] if by_user else row["conversation_id"]
        if unit is None:
            left_out += 1
            continue
        failed = row["outcome"] in FAILED_OUTCOMES or (row["feedback_score"] is not None and row["feedback_score"] < 0)
        of = units[row["release"]]
        of[unit] = of.get(unit, False) or failed
    for unit in units[baseline].keys() & units[canary].keys():
        left_out += 1
        del units[baseline][unit], units[canary][unit]
    for release in (baseline, canary):
        if not units[release]:
            raise InputError(
                f"the logs have no conversations of {use_case} {release}", remedy="goldworks run takes new log files"
            )
    old, new = sum(units[baseline].values()), sum(units[canary].values())
    counted = len(units[baseline]) + len(units[canary])
    reading = canary_reading([Period(share, new, old + new)], margin=margin)
    return Watched(reading, len(units[baseline]), len(units[canary]), old, new, left_out, len(units[canary]) / counted, by_user)


def in_words(found: Watched, baseline: str, canary: str, share: float, margin: float = 1.5) -> str:
    """What follows, for who has the switch in hand."""
    unit = "users" if found.by_user else "conversations"
    reading = found.reading
    seen = (
        f"{found.canary_failures} of {found.canary_units} {unit} of {canary} failed, {found.baseline_failures} of "
        f"{found.baseline_units} of {baseline}"
    )
    ratio = "no failure yet"
    if reading.ratio is not None:
        ends = f"{reading.ratio_low:.2f} to {reading.ratio_high:.2f}, at any look"
        ratio = f"{canary} fails {reading.ratio:.2f} times as often ({ends})"
    said = {
        "roll_back": "ROLL BACK. It is worse, and not by chance",
        "promote": f"PROMOTE. It does not fail {margin:g} times as often or more",
        "go_on": "GO ON. Nothing is shown yet",
    }[reading.action]
    odd = ""
    if abs(found.seen_share - share) > 0.02 + 3 * (share * (1 - share) / (found.baseline_units + found.canary_units)) ** 0.5:
        odd = f" The logs have {found.seen_share:.1%} of the traffic on it, not {share:.1%}: mend the split, then believe this."
    return f"{said}. {seen}; {ratio}.{odd}"
