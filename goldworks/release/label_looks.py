"""Looks at further labels: gates on judges and proxies rest on what people said, and more of it is other data.

A gate that is judged anew after each batch of labels until it passes is wrong more often than 5 %. So of such a gate a look is a
set of runs and the labels that its number rested on, and other labels are looked at only when the policy plans two looks, the
first left the gate open, and as many came as it had asked for. Else what was found stands, also when labels went: erased or too
old ones neither make a look nor a verdict. A judgment without a number is no look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from goldworks.release.gate_policy import Gate, GatePolicy
from goldworks.release.looks import History, Runs, agree, named, runs_of
from goldworks.release.rows import Calibration, Look, Standing, SuiteRun
from goldworks.release.speaking import Spoken
from goldworks.use_cases import Tier

Row = Mapping[str, Any]
BY_PEOPLE = ("at_least", "at_most", "not_worse")
"""Kinds of gates that are in the terms of people, on a judge or proxy."""

MOMENTS = ("judged_at", "first_judged_at")


@dataclass(frozen=True, slots=True)
class LabelLooks:
    """By gate: the looks before the one that is due, and what stands instead of it."""

    made: Mapping[str, tuple[Look, ...]]
    standing: Mapping[str, Standing]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A look: `row` of the gate, None while it had no number; `at`: until when its labels had come."""

    runs: Runs
    at: dt.datetime
    row: Row | None


def label_looks(
    policy: GatePolicy,
    tier: Tier,
    past: History,
    spoken: Mapping[str, Spoken],
    candidate: Mapping[str, SuiteRun],
    calibrations: Mapping[str, Calibration],
) -> LabelLooks:
    """Of the gates on judges and proxies, which have labels; `candidate`: the runs that speak, by suite."""
    made: dict[str, tuple[Look, ...]] = {}
    standing: dict[str, Standing] = {}
    for gate in policy.at_tier(tier):
        run, labels = candidate.get(gate.suite), calibrations.get(gate.of)
        if gate.kind not in BY_PEOPLE or run is None or labels is None or gate.metric not in run.opinions:
            continue
        now = spoken[gate.suite]
        current = {row["release"]: row for row in (now.release, now.baseline) if row is not None}
        seen = _seen(past, gate, current)
        index = _place(seen, runs_of(current), labels)
        made[gate.gate] = tuple(_look(one, current) for one in seen[: len(seen) if index is None else index])
        if index is None and (stands := _standing(seen, current, labels, policy.looks)) is not None:
            one, waits_for = stands
            is_here = not past.gone.intersection(named(one.runs, one.runs))
            if is_here and one.row is not None and one.row["threshold"] == gate.threshold(tier):
                until = seen[: seen.index(one) + 1]
                row = {name: value for name, value in one.row.items() if name not in MOMENTS}
                standing[gate.gate] = Standing(row, tuple(_look(look, current) for look in until), waits_for)
    return LabelLooks(made, standing)


def _seen(past: History, gate: Gate, current: Mapping[str, Row]) -> list[_Seen]:
    """What was looked at, in order. Judgments of which nobody kept the labels are one look, and the last of them stands."""
    seen: list[_Seen] = []
    for one, runs in past.at(gate.suite, current):
        row = one.rows.get(gate.gate)
        if row is not None and (row["value"] is None or row["low"] is None):
            row = None
        for place, known in enumerate(seen):
            if agree(known.runs, runs) and _is_same(known.row, row):
                together = replace(known, runs={**known.runs, **runs})
                is_newer = row is not None and (known.row is None or known.row["labels_digest"] is None)
                seen[place] = replace(together, at=one.at, row=row) if is_newer else together
                break
        else:
            seen.append(_Seen(runs, one.at, row))
    return seen


def _is_same(one: Row | None, other: Row | None) -> bool:
    """Whether two judgments rested on the same labels, or the later took its labels for no more than those of the earlier."""
    if one is None or other is None:
        return True
    return one["labels_digest"] == other["labels_digest"] or one["look"] == other["look"]


def _place(seen: Sequence[_Seen], mine: Runs, labels: Calibration) -> int | None:
    """Which look this is again, the last one if several; None: a further one."""
    found = (place for place, one in enumerate(seen) if agree(one.runs, mine) and _rests_on(one, labels))
    return max(found, default=None) if seen else 0


def _rests_on(one: _Seen, labels: Calibration) -> bool:
    """Whether the look was at these labels, or at none yet. Where nobody kept which: whether none came since."""
    known = one.row["labels_digest"] if one.row is not None else labels.labels_digest
    if known is not None:
        return known == labels.labels_digest
    return not labels.newest_at or dt.datetime.fromisoformat(labels.newest_at) <= one.at


def _standing(seen: Sequence[_Seen], current: Mapping[str, Row], labels: Calibration, planned: int) -> tuple[_Seen, int] | None:
    """The look that stands against a further one, and how many labels it waits for; None when the further look is due."""
    with_number = [one for one in seen[:planned] if one.row is not None]
    if not with_number:
        return None
    last = with_number[-1]
    assert last.row is not None
    if len(seen) >= planned:
        return last, 0
    if not agree(last.runs, runs_of(current)):
        return None
    waits_for = last.row["more_labels"] or 0 if not last.row["more_cases"] else 0  # more cases are another golden version
    is_due = waits_for and len(labels.labels) >= (last.row["labels"] or 0) + waits_for
    return None if is_due else (last, waits_for)


def _look(one: _Seen, current: Mapping[str, Row]) -> Look:
    labels = one.row["labels"] if one.row is not None else None
    return Look(one.at.date().isoformat(), named(one.runs, current), labels)
