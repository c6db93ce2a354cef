"""What the second scanner came to last, in numbers, for evidence packs. A file of the home, written after each scan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from goldworks.access.secret_files import write_secret
from goldworks.proof.triage import Scanned

PLACE = "last_scan.json"


class LastScan(msgspec.Struct, frozen=True):
    """`open`: values that nobody accepted; `not_scanned`: texts on which it ran out of time."""

    scanned_on: dt.date
    texts: int
    findings: int
    accepted: int
    open: int
    not_scanned: int


def keep(home: Path, scanned: Scanned, on: dt.date) -> None:
    """Write it in place of the one before."""
    last = LastScan(on, scanned.texts, scanned.hits, scanned.accepted, len(scanned.open), scanned.not_scanned)
    write_secret(home / PLACE, msgspec.json.encode(last))


def last_scan(home: Path) -> LastScan | None:
    """None when nothing was scanned yet."""
    path = home / PLACE
    return msgspec.json.decode(path.read_bytes(), type=LastScan) if path.exists() else None
