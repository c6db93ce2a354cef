"""Taking days: read, redact, write, in order of arrival, one intake at a time.

A day's tables are written one after the other, `logs.arrivals` last: a day whose files have no digest there is taken
again, and taking a day twice gives the same rows. What it held before leaves the disk in the same step: under another
policy, or before a file was changed, it may have held what must not be kept.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from goldworks.access.key_policy import load_key_policy
from goldworks.access.key_ring import IdentityKeys, load_ring
from goldworks.access.vault import Vault
from goldworks.errors import shielded
from goldworks.faults import fault_point
from goldworks.intake.accounts import announce, arrival_row, quarantine_rows
from goldworks.intake.arrivals import FoundFile, Plan, find_files, make_plan
from goldworks.intake.boundary import Row, documents, entity_row, message_rows, turn_rows
from goldworks.intake.keeping_out import KeptOut
from goldworks.intake.policy import IntakePolicy
from goldworks.intake.reading import ReadJob
from goldworks.intake.reveal import order_following, rewrite
from goldworks.intake.sorting import Sorted, day_start, sort_day, without_quarantine
from goldworks.intake.state import State
from goldworks.intake.workers import Workers
from goldworks.lake import Lake
from goldworks.locks import alone
from goldworks.redaction import NamesSetting, RedactedDocument, load_redactor, policy_version
from goldworks.retention.kept import Kept
from goldworks.retention.policy import load_retention_policy
from goldworks.suppression import Suppressions

BY_DAY = ("logs.quarantine", "logs.turns", "logs.messages", "logs.entities")
"""Tables of which a day is a partition, beside `logs.arrivals`."""
READ_AHEAD = 2
"""Files read while a day is redacted: enough to keep a second core busy, few enough to hold in memory."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where logs come from and how they are read."""

    folder: str
    expectations: Path
    policy: IntakePolicy
    names: NamesSetting
    workers: int = 2
    region: str | None = None

    @property
    def redaction_policy(self) -> Path:
        """The redaction policy file."""
        return self.expectations / "policies" / "redaction.yml"


@dataclass(slots=True)
class Taken:
    """What an intake did. `days` that were taken; `again` those among them that only followed from an earlier one."""

    days: list[str] = field(default_factory=list[str])
    again: list[str] = field(default_factory=list[str])
    files: int = 0
    lines: int = 0
    records: int = 0
    duplicates: int = 0
    quarantined: int = 0
    empty: int = 0
    suppressed: int = 0
    messages: int = 0
    entities: int = 0
    rewritten: int = 0


Progress = Callable[[str, int, int], None]
"""Called with what was just done, how many days are done and how many there are."""


def plan(lake: Lake, source: Source, key: bytes, days: Iterable[str] | None = None) -> Plan:
    """What `take` would do; reads the folder and `logs.arrivals` only."""
    known = {row["source"]: row for row in lake.rows("logs.arrivals", ["arrived_on", "source", "sha256"])}
    safe = load_redactor(source.redaction_policy, key, "off").safe_id
    today = dt.datetime.now(dt.UTC).date()
    files = find_files(source.folder, source.policy, known, today, safe)
    first_kept = load_retention_policy(source.expectations).limits(source.region).first_kept("conversations", today)
    return make_plan(lake, files, policy_version(source.redaction_policy, source.names), days, first_kept)


def take(
    lake: Lake,
    source: Source,
    key: bytes,
    days: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take the days that are due (of `days`, default all) and those that follow from them.

    Raises `BusyError` when another intake runs on the same home, `InputError` for what the user must mend.
    """
    with alone(lake.home / "intake.lock", f"another intake is running on {lake.home}"):
        ring = load_ring(lake.home, key)
        identities = ring.current
        todo = plan(lake, source, key, days)
        taken = Taken(again=list(todo.again))
        if not todo.days:
            return taken
        lake.create()
        safe_redactor = load_redactor(source.redaction_policy, key, "off")
        version = policy_version(source.redaction_policy, source.names)
        announce(lake, [file for day in todo.days for file in todo.files.get(day, ())], version)
        fault_point("intake.announced")
        state = State(lake, todo.days[0])
        suppressions = Suppressions(lake.home, ring)
        kept = Kept(lake.home, source.expectations, source.region, ring, dt.datetime.now(dt.UTC).date())
        kept_out = KeptOut(lake, suppressions.load(), kept, version)
        erased = suppressions.values()
        vault_key = Vault(lake.home).key() if load_key_policy(source.expectations).vault else None
        with Workers(source.workers, source.redaction_policy, key, source.names, identities, erased, vault_key) as workers:
            reads = _read_ahead(workers, todo, source, key)
            for number, (day, readings) in enumerate(reads, start=1):
                is_first = all(file.is_new for file in todo.files.get(day, ()))
                safe = safe_redactor.safe_id
                one = _Day(day, lake, state, workers, source, key, identities, version, safe, kept_out, is_first)
                with shielded(f"taking {day}"):
                    one.take(readings, taken)
                if progress is not None:
                    progress(day, number, len(todo.days))
        return taken


class _Day:
    """One day, from its files to its rows."""

    def __init__(
        self,
        day: str,
        lake: Lake,
        state: State,
        workers: Workers,
        source: Source,
        key: bytes,
        identities: IdentityKeys,
        version: str,
        safe: Callable[[str], str],
        kept_out: KeptOut,
        is_first: bool,
    ) -> None:
        self.day, self.lake, self.state, self.workers = day, lake, state, workers
        self.source, self.key, self.version, self.safe = source, key, version, safe
        self.identities = identities
        self.kept_out = kept_out
        self.is_first = is_first

    def take(self, readings: Sequence[Future[bytes]], taken: Taken) -> None:
        files = sorted((self.workers.read_file(one) for one in readings), key=lambda file: file.source)
        self.kept_out.look_at(self.day, [read_turn.turn for file in files for read_turn in file.turns], self.safe)
        ids = {self.safe(read_turn.turn.conversation_id) for file in files for read_turn in file.turns} & set(self.state.days)
        stored = _by_conversation(self.state.messages(ids))
        known = _by_conversation(self.state.entities(ids))
        comments = _by_conversation(self.state.comments(ids))
        day = sort_day(files, self.state.spans, stored, self.key, self.safe, day_start(self.day), self.kept_out.drops)
        if self.kept_out.drops_quarantine(self.day):
            day.lines = [without_quarantine(lines) for lines in day.lines]
        todo = documents(day, stored, comments, known, self.source.policy.names_in)
        redacted = self.workers.redact(todo)
        day_of = {row["message_id"]: row["arrived_on"] for rows in stored.values() for row in rows}
        day_of |= {row["trace_id"]: row["arrived_on"] for rows in comments.values() for row in rows}
        self._write(day, redacted, known, day_of, taken)

    def _write(
        self,
        day: Sorted,
        redacted: Sequence[RedactedDocument],
        known: Mapping[str, Sequence[Row]],
        day_of: Mapping[str, str],
        taken: Taken,
    ) -> None:
        partition = {"arrived_on": self.day}
        turns = turn_rows(self.day, day.turns, redacted, self.identities)
        messages = message_rows(self.day, day, redacted, self.safe)
        entities = self._entity_rows(redacted, known)
        order_following(self.lake, redacted, day_of, self.state.merged, self.version)
        self.lake.replace("logs.quarantine", quarantine_rows(self.day, day.lines), partition)
        self.lake.replace("logs.turns", turns, partition)
        fault_point("intake.turns_written")
        self.lake.replace("logs.messages", messages, partition)
        fault_point("intake.messages_written")
        self.lake.replace("logs.entities", entities, partition)
        for document in redacted:
            Vault(self.lake.home).put(document.conversation_id, document.sealed)
        taken.rewritten += rewrite(self.lake, redacted, day_of, self.day, self.version)
        if not self.is_first:
            for table in BY_DAY:
                self.lake.vacuum(table)
        fault_point("intake.before_arrivals")
        arrivals = [arrival_row(self.day, lines, self.version) for lines in day.lines]
        self.lake.replace("logs.arrivals", arrivals, partition)
        self.state.advance(turns)
        taken.days.append(self.day)
        taken.files += len(arrivals)
        taken.messages += len(messages)
        taken.entities += len(entities)
        for name in ("lines", "records", "duplicates", "quarantined", "empty", "suppressed"):
            setattr(taken, name, getattr(taken, name) + sum(row[name] for row in arrivals))

    def _entity_rows(self, redacted: Sequence[RedactedDocument], known: Mapping[str, Sequence[Row]]) -> list[Row]:
        rows: list[Row] = []
        for document in redacted:
            revealed: dict[str, str] = {}
            for row in known.get(document.conversation_id, ()):
                first = revealed.get(row["token"])
                revealed[row["token"]] = min(first, row["revealed_on"]) if first else row["revealed_on"]
            for one in document.fields:
                for entity in one.entities:
                    revealed_on = revealed.get(entity.token, self.day)
                    rows.append(entity_row(self.day, document.conversation_id, entity, revealed_on, self.version))
        return rows


def _read_ahead(workers: Workers, todo: Plan, source: Source, key: bytes) -> Iterator[tuple[str, list[Future[bytes]]]]:
    """Days in order, with their files being read; at most `READ_AHEAD` days ahead of the one that is taken."""
    waiting: deque[tuple[str, list[Future[bytes]]]] = deque()
    days = iter(todo.days)
    while True:
        while len(waiting) <= READ_AHEAD and (day := next(days, None)) is not None:
            jobs = [_job(file, source, key) for file in todo.files.get(day, ())]
            waiting.append((day, [workers.read(job) for job in jobs]))
        if not waiting:
            return
        yield waiting.popleft()


def _job(file: FoundFile, source: Source, key: bytes) -> ReadJob:
    rule = source.policy.rule(file.path)
    assert rule is not None
    mapping = str(source.expectations / "mappings" / rule.mapping) if rule.mapping else None
    return ReadJob(file.location, file.source, rule.dialect, mapping, key)


def _by_conversation(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["conversation_id"], []).append(row)
    return grouped
