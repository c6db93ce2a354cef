"""The audit log: what was erased, rotated, read from the vault, and which policies changed. Append-only, hash-chained, signed.

One JSON line an entry, in `audit.jsonl`: ids, counts and hashes, never a text or a value. Each entry holds the hash of the one
before it, and after each append the head (length and last hash) is signed into `audit-head.json`: an entry that was changed,
left out, reordered or cut off at the end is noticed. Who puts an older log *and* its older head back is found out only by
a head that is kept elsewhere: each monthly audit page quotes one.
"""

from __future__ import annotations

import datetime as dt
import os
import pwd
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson

from goldworks.access.secret_files import write_secret
from goldworks.access.signing import Envelope, Signer, read_envelope
from goldworks.digests import digest
from goldworks.errors import GoldworksError
from goldworks.locks import alone

START = "0" * 64
HEAD_TYPE = "application/vnd.goldworks.audit-head+json"
WAIT_SECONDS = 30.0


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry. `hash` is the SHA-256 of the canonical JSON of all the rest."""

    seq: int
    at: str
    kind: str
    actor: str
    detail: dict[str, Any]
    prev: str
    hash: str


class Head(msgspec.Struct, frozen=True):
    """How long the log was at a time, and its last entry's hash."""

    length: int
    head: str
    at: str


class Verdict(msgspec.Struct, frozen=True):
    """What looking at the whole log said. `broken_seq`: the first entry that is not as it was written; None when all are.

    `set_aside` are logs that were found broken earlier, each kept as it was found.
    """

    length: int
    head: str
    broken_seq: int | None = None
    reason: str = ""
    set_aside: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Every entry is as it was written, and none is missing, now or earlier."""
        return self.broken_seq is None and not self.set_aside


class AuditLog:
    """The audit log of the home folder `home`."""

    def __init__(self, home: Path, signer: Signer) -> None:
        self.path = home / "audit.jsonl"
        self.head_path = home / "audit-head.json"
        self._lock = home / "audit.lock"
        self._signer = signer

    def append(self, kind: str, detail: dict[str, Any]) -> Entry:
        """Add an entry; it is on the disk, and its head signed, when this returns.

        `detail` holds ids, counts and hashes only. A line that a killed process left half written is removed, and that is noted.
        A log that is found broken is set aside as it is, and a new one begins with an entry that says so: nothing that happens
        goes unnoted, and the break stays visible for ever.
        """
        with alone(self._lock, "the audit log is being written", wait_seconds=WAIT_SECONDS):
            torn = self._drop_torn()
            verdict = self.verify(against=None)
            length, head = verdict.length, verdict.head
            if verdict.broken_seq is not None:
                noted = {"broken_seq": verdict.broken_seq, "reason": verdict.reason, "set_aside": self._set_aside()}
                head = self._write(0, START, "audit_log.broken", noted).hash
                length = 1
            elif torn:
                head = self._write(length, head, "audit_log.recovered", {"torn_bytes": torn}).hash
                length += 1
            entry = self._write(length, head, kind, detail)
            self._sign(entry)
            return entry

    def entries(self) -> list[Entry]:
        """All entries that can be read, oldest first."""
        found: list[Entry] = []
        for line in self._lines():
            try:
                found.append(msgspec.json.decode(line, type=Entry))
            except msgspec.MsgspecError:
                continue  # `verify` names it
        return found

    def verify(self, against: Iterable[Head] | None = ()) -> Verdict:
        """Recompute the whole chain, compare it with the signed head and with heads that were kept elsewhere (`against`)."""
        hashes: list[str] = []
        aside = tuple(sorted(path.name for path in self.path.parent.glob("audit-broken-*.jsonl")))
        for seq, line in enumerate(self._lines()):
            reason = _wrong(seq, line, hashes[-1] if hashes else START)
            if reason:
                return Verdict(seq, hashes[-1] if hashes else START, seq, reason, aside)
            hashes.append(msgspec.json.decode(line, type=Entry).hash)
        last = hashes[-1] if hashes else START
        for head in (*self._signed_head(hashes), *(against or ())):
            if head.length > len(hashes):
                reason = f"entries are missing at the end: {head.length} were signed for at {head.at}"
                return Verdict(len(hashes), last, len(hashes), reason, aside)
            if head.length and hashes[head.length - 1] != head.head:
                return Verdict(len(hashes), last, head.length - 1, f"not the entry that was signed for at {head.at}", aside)
        return Verdict(len(hashes), last, None, "", aside)

    def head(self) -> Head | None:
        """The signed head. Raises `GoldworksError` when its signature does not fit."""
        if not self.head_path.exists():
            return None
        return msgspec.json.decode(self._signer.verify(read_envelope(self.head_path), HEAD_TYPE), type=Head)

    def signed_head(self) -> Envelope | None:
        """The envelope of the head, for keeping elsewhere."""
        return read_envelope(self.head_path) if self.head_path.exists() else None

    def _signed_head(self, hashes: list[str]) -> Iterator[Head]:
        try:
            head = self.head()
        except GoldworksError as error:
            yield Head(len(hashes) + 1, "", f"a time unknown, for the signed head is unusable ({error.what})")
            return
        if head is not None:
            yield head
        elif len(hashes) > 1:  # the first entry's head may be missing: a kill came between
            yield Head(len(hashes) + 1, "", "a time unknown, for the signed head is gone")

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines() if self.path.exists() else []

    def _drop_torn(self) -> int:
        """Cut off what stands behind the last end of line; return how many bytes that were."""
        if not self.path.exists():
            return 0
        data = self.path.read_bytes()
        torn = len(data) - (data.rfind(b"\n") + 1)
        if torn:
            with self.path.open("r+b") as file:
                file.truncate(len(data) - torn)
                os.fsync(file.fileno())
        return torn

    def _set_aside(self) -> str:
        now = dt.datetime.now(dt.UTC)
        aside = self.path.with_name(f"audit-broken-{now:%Y%m%dT%H%M%S%f}.jsonl")
        if self.path.exists():
            self.path.rename(aside)
        else:
            write_secret(aside, b"")
        self.head_path.unlink(missing_ok=True)
        return aside.name

    def _write(self, seq: int, prev: str, kind: str, detail: dict[str, Any]) -> Entry:
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        body: dict[str, Any] = {"seq": seq, "at": at, "kind": kind, "actor": actor(), "detail": detail, "prev": prev}
        entry = Entry(**body, hash=digest(body))
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, msgspec.json.encode(entry) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return entry

    def _sign(self, entry: Entry) -> None:
        head = {"length": entry.seq + 1, "head": entry.hash, "at": entry.at}
        envelope = self._signer.sign_statement(head, HEAD_TYPE)
        write_secret(self.head_path, orjson.dumps(envelope))


def actor() -> str:
    """The operating system's name of who runs this; the number where it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _wrong(seq: int, line: bytes, prev: str) -> str:
    """Why this line is not the entry that was written there; empty when it is."""
    try:
        entry = msgspec.json.decode(line, type=Entry)
    except msgspec.MsgspecError:
        return "not an entry"
    body = msgspec.structs.asdict(entry)
    body.pop("hash")
    if digest(body) != entry.hash:
        return "its content was changed"
    if entry.seq != seq or entry.prev != prev:
        return "the entry before it is missing or another"
    return ""
