"""Which runs speak for a release and its baseline: made for the release, the newest, and no more looks than were planned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from goldworks.lake import Readable
from goldworks.release.looks import History
from goldworks.release.rows import Look

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of one suite: the run (row of `evals.runs`) of the release and of the baseline, the looks before the one at these, and
    all that were `made`, when there are newer runs that are not looked at, for no more were planned; else none. `further`: the
    other runs of the release on the current version, oldest first, in which bans look too.
    """

    release: Row | None
    baseline: Row | None
    looks: tuple[Look, ...] = ()
    made: tuple[Look, ...] = ()
    further: tuple[Row, ...] = ()


def speaking(
    lake: Readable,
    use_case: str,
    release: str,
    baseline: str | None,
    suites: Sequence[str],
    version_id: str | None,
    past: History,
    planned: int,
) -> dict[str, Spoken]:
    """By suite. What has decided, and the last look that was planned, stand whatever is run afterwards."""
    found: dict[str, Spoken] = {}
    for suite in suites:
        runs_of = [_runs(lake, use_case, name, suite, version_id) for name in (release, baseline)]
        rows = [_one_of(runs, past.decided, past) for runs in runs_of]
        looks = past.looks(suite, [row for row in rows if row is not None])
        made = looks if len(looks) >= planned else ()
        if made:
            rows = [_one_of(runs, made[planned - 1].run_ids, past) for runs in runs_of]
            spoken = [row for row in rows if row is not None]
            looks = past.looks(suite, spoken)
            last = replace(made[planned - 1], run_ids=tuple(sorted({row["run_id"] for row in spoken})))
            made = (*made[: planned - 1], last)
        further = [row for row in runs_of[0] if row is not rows[0] and row["version_id"] == version_id]
        further.sort(key=lambda row: (row["ended_at"], row["run_id"]))
        found[suite] = Spoken(rows[0], rows[1], looks, made, tuple(further))
    return found


def _runs(lake: Readable, use_case: str, release: str | None, suite: str, version_id: str | None) -> list[Row]:
    """The runs of a release, who speaks for it last: on the current version, made for the release rather than by a schedule, then
    the newest. Not the best one: a run that went badly is not replaced by making another.
    """
    if release is None:
        return []
    where = [("use_case", "=", use_case), ("release", "=", release), ("suite", "=", suite)]
    occasion = f"release:{release}"
    return sorted(
        lake.rows("evals.runs", where=where),
        key=lambda row: (row["version_id"] == version_id, row["occasion"] == occasion, row["ended_at"], row["run_id"]),
    )


def _one_of(runs: Sequence[Row], held: Collection[str], past: History) -> Row | None:
    """The last of those that are `held`, as long as it is scored as the newest is; else the last of all."""
    found = [row for row in runs if row["run_id"] in held and past.is_same_measure(row, runs[-1])]
    return (found or runs or [None])[-1]
