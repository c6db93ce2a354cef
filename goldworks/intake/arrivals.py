"""Which log files there are, which arrival day each belongs to, and which days are due.

The arrival day of a file is the first date in its name, else the UTC day it was first seen. It is stored with the file's
row in `logs.arrivals` before anything of it is read, and never computed again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from goldworks.errors import InputError
from goldworks.intake.folder import LogFolder
from goldworks.intake.policy import IntakePolicy
from goldworks.lake import Lake

DATE = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A log file: `path` relative to the log folder, `source` that path as it is stored, `location` what fsspec opens."""

    source: str
    path: str
    location: str
    size_bytes: int
    arrived_on: str
    is_new: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What an intake has to do.

    `due` are days with new or changed files, or taken under another redaction policy; `again` the later days that must be
    derived again because of them; `files` everything found, by day.
    """

    files: Mapping[str, tuple[FoundFile, ...]]
    due: tuple[str, ...]
    again: tuple[str, ...]

    @property
    def days(self) -> tuple[str, ...]:
        """Days to take, in order."""
        return tuple(sorted({*self.due, *self.again}))


def find_files(
    folder: str,
    policy: IntakePolicy,
    known: Mapping[str, Mapping[str, Any]],
    today: dt.date,
    safe: Callable[[str], str] = str,
) -> list[FoundFile]:
    """Log files below `folder` (path or fsspec URL), sorted by arrival day and source.

    `known` maps a source to its `logs.arrivals` row; `safe` a part of a path to one that holds no personal data.

    Raises `InputError` when the folder is absent or holds no log file.
    """
    logs = LogFolder(folder)
    if not logs.exists():
        raise InputError(f"no log folder at {folder}", remedy="give an existing folder or URL: goldworks run --logs DIR")
    found: list[FoundFile] = []
    for file in logs.files(policy):
        source = safe_source(file.source, safe)
        row = known.get(source)
        day = str(row["arrived_on"]) if row else arrival_day(file.source, today)
        if day < policy.first_day.isoformat():
            raise InputError(
                f"{source} arrived on {day}, before the first day {policy.first_day}",
                remedy="set an earlier `first_day` in expectations/policies/intake.yml",
            )
        changed = row is not None and row["sha256"] != _sha256(logs, file.path)
        size = int(file.info["size"] or 0)
        found.append(FoundFile(source, file.source, logs.location(file.path), size, day, row is None, changed))
    if not found:
        patterns = ", ".join(rule.match for rule in policy.files)
        raise InputError(
            f"no log file below {folder}", remedy=f"files are those that match {patterns} (expectations/policies/intake.yml)"
        )
    return sorted(found, key=lambda file: (file.arrived_on, file.source))


def safe_source(path: str, safe: Callable[[str], str]) -> str:
    """The path of a log file as it is stored: a folder or name that holds personal data is replaced by its keyed hash."""
    return "/".join(safe(part) for part in path.split("/"))


def locate(folder: str, policy: IntakePolicy, source: str, safe: Callable[[str], str]) -> str | None:
    """What fsspec opens for a stored source, or None when no such file is there any more."""
    logs = LogFolder(folder)
    if not logs.exists():
        return None
    return next((logs.location(f.path) for f in logs.files(policy) if safe_source(f.source, safe) == source), None)


def arrival_day(source: str, today: dt.date) -> str:
    """First valid date in the file's name (2026-10-17 or 20261017), else `today`; ISO date."""
    for match in DATE.finditer(PurePosixPath(source).name):
        try:
            return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        except ValueError:
            continue
    return today.isoformat()


def make_plan(
    lake: Lake, files: Sequence[FoundFile], policy_version: str, days: Iterable[str] | None = None, first_kept: str = ""
) -> Plan:
    """What is to be done so that `days` (default: all) are taken under `policy_version`.

    A day is due when one of its files is new or changed, or was taken under another policy version. Taking a day derives
    the later taken days again; earlier days too whose stored messages hold a value that was revealed on such a day. A day
    that must be derived again but whose files are gone raises `InputError`: nothing is dropped silently. A day before
    `first_kept` of which nothing is stored any more is done for good, whatever becomes of its files.
    """
    rows = lake.rows("logs.arrivals", ["arrived_on", "source", "sha256", "policy_version"])
    taken = {row["arrived_on"] for row in rows if row["sha256"]}
    by_day: dict[str, list[FoundFile]] = {}
    for file in files:
        by_day.setdefault(file.arrived_on, []).append(file)
    present = {file.source for file in files}
    holding = {partition["arrived_on"] for partition in lake.partitions("logs.turns")} if first_kept else set[str]()
    done = {day for day in taken if day < first_kept and day not in holding}
    gone: dict[str, str] = {row["arrived_on"]: row["source"] for row in rows if row["source"] not in present}
    stale = {row["arrived_on"] for row in rows if row["policy_version"] != policy_version and row["arrived_on"] not in gone}
    wanted = set(by_day) if days is None else set(days) & set(by_day)
    due = {day for day in wanted if day in stale - done or any(f.is_new or f.is_changed for f in by_day[day])}
    if not due:
        return Plan({day: tuple(found) for day, found in by_day.items()}, (), ())
    start = _earliest_dependent(lake, min(due))
    again = {day for day in taken if day >= start} - due - done
    for day in sorted(again | due):
        if day in gone:
            why = "for its files or the policy have changed" if day in due else f"for {min(due)} has new or changed files"
            raise InputError(
                f"{day} must be taken again {why}, but its file {gone[day]} is gone",
                remedy="put the file back; a new file may be named so that its first date is the day it came, and "
                "goldworks run --from DAY takes what came later",
            )
    return Plan({day: tuple(found) for day, found in by_day.items()}, tuple(sorted(due)), tuple(sorted(again)))


def _sha256(logs: LogFolder, path: str) -> str:
    """Digest of a file's bytes, 64 hex digits."""
    state = hashlib.sha256()
    with logs.open(path) as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
    return state.hexdigest()


def _earliest_dependent(lake: Lake, start: str) -> str:
    """The earliest day whose rows were changed by a value revealed on or after `start`, followed to its end."""
    pairs = lake.read("logs.entities", ["arrived_on", "revealed_on"], [("revealed_on", ">=", start)])
    reached = {(row["arrived_on"], row["revealed_on"]) for row in pairs.to_pylist() if row["arrived_on"] < row["revealed_on"]}
    while True:
        earlier = min((arrived for arrived, revealed in reached if revealed >= start and arrived < start), default=start)
        if earlier == start:
            return start
        start = earlier
        more = lake.read("logs.entities", ["arrived_on", "revealed_on"], [("revealed_on", ">=", start)])
        reached = {(row["arrived_on"], row["revealed_on"]) for row in more.to_pylist() if row["arrived_on"] < row["revealed_on"]}
