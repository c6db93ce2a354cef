"""Verdicts that stand: what an earlier look found for a gate, though people's labels are others by now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from goldworks.release.rows import Row, Standing
from goldworks.release.verdict import GateVerdict, Settle, Status
from goldworks.release.wording import looks_made
from goldworks.statistics import Estimate

LOOKS_USED_UP = "looks_used_up"
AFTER_LOOKS = (
    "mint a golden version with more cases and evaluate both releases on it; or send the release a share of the traffic and ask "
    "goldworks canary, which may look at any time; or let a person answer for it where the tier allows that"
)


def standing_verdict(open_: GateVerdict, found: Standing, planned: int) -> GateVerdict:
    """The gate as it was found, with words that say why it stands, and what may be done where it is open."""
    row, on = found.row, found.looks[-1].on
    status: Status = row["status"]
    if status == "conditional":  # accepted by people, which is put on anew
        status = "inconclusive" if row["reason"] is not None else "fail"
    got = replace(
        open_,
        status=status,
        estimate=_estimate(row),
        own=row["own_value"],
        reachable=row["reachable_margin"],
        reason=row["reason"],
        words=row["words"],
        settle=_settle(row),
        tags=tuple(row["tags"]),
        look=row["look"] or len(found.looks),
        labels=row["labels"],
        labels_digest=row["labels_digest"],
    )
    if status != "inconclusive":
        return replace(
            got, words=f"{got.words}; so it was found on {on} and stands: labels that came or went since are not looked at"
        )
    if len(found.looks) < planned:
        waits = f"the {found.waits_for:,} that it asks for are there" if found.waits_for else "what it asks for is there"
        return replace(got, words=f"{got.words}; the second look that is planned is made when {waits}, and not at fewer labels")
    why = f"{looks_made(found.looks)}, and to look until it passes proves nothing"
    words = f"{got.words}; labels that came or went since are not looked at: {why}"
    return replace(got, reason=LOOKS_USED_UP, words=words, settle=after_looks(got.settle))


def after_looks(settle: Settle | None) -> Settle:
    """What may be done when no look is left, before what more data would do."""
    settle = settle or Settle("")
    return replace(settle, words="; ".join(part for part in (AFTER_LOOKS, settle.words) if part))


def _estimate(row: Row) -> Estimate:
    return Estimate(
        row["value"],
        row["low"],
        row["high"],
        row["confidence"],
        row["method"],
        row["n"],
        row["n_clusters"],
        row["n_missing"],
        is_judge=True,
    )


def _settle(row: Row) -> Settle | None:
    if row["settled_by"] is None:
        return None
    more: dict[str, Any] = {name: row[f"more_{name}"] or 0 for name in ("cases", "repeats", "labels")}
    spent = {"hours": row["hours"], "usd": row["cost_usd"], "label_hours": row["label_hours"], "label_usd": row["label_cost_usd"]}
    return Settle(row["settled_by"], **more, **spent)
