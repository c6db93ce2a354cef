"""The folder `labels` of the home: filled files that are put there are taken. A batch holds texts of conversations, so a file is
deleted once it was taken; what was refused of it is left beside it as JSONL, with reasons and without texts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.faults import fault_point
from goldworks.lake import Lake
from goldworks.review.importing import Taken, take_labels
from goldworks.review.label_files import LONG, Given, read_labels

ENDINGS = (".jsonl", ".json", ".csv", ".xlsx")
REFUSED = ".refused.jsonl"
LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class Incoming:
    """What became of the files: what was taken of each, and files that could not be read, with why."""

    taken: dict[str, Taken]
    unreadable: dict[str, str]


def waiting(home: Path) -> list[Path]:
    """Files that were not looked at yet, by name."""
    files = (path for path in (home / "labels").glob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    return sorted(path for path in files if not path.name.endswith(REFUSED) and not path.name.startswith((".", "~")))


def fingerprint(home: Path) -> str | None:
    """Changes when a file comes or is changed; None when there is none."""
    seen = [(path.name, (stat := path.stat()).st_size, stat.st_mtime_ns) for path in waiting(home)]
    return digest(seen) if seen else None


def take_incoming(lake: Lake, expectations: Path) -> Incoming:
    """Take every file; one that cannot be read stays where it is."""
    taken: dict[str, Taken] = {}
    unreadable: dict[str, str] = {}
    for path in waiting(lake.home):
        try:
            one = take_labels(lake, expectations, read_labels(path))
        except InputError as error:
            unreadable[path.name] = error.what.replace(f"{path.parent}{os.sep}", "")
            continue
        if one.left:
            _leave(path.with_name(path.stem + REFUSED), one)
            fault_point("review.refused_left")
        path.unlink()
        taken[path.name] = replace(one, left=())
    return Incoming(taken, unreadable)


def _leave(path: Path, taken: Taken) -> None:
    """Add what is not there yet: a file that was taken by a process which then ended is taken again, and leaves the same."""
    known = path.read_bytes() if path.exists() else b""
    lines = [orjson.dumps(_plain(given, reason)) + b"\n" for given, reason in taken.left]
    there = set(known.splitlines(keepends=True))
    draft = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(known + b"".join(line for line in lines if line not in there))
    draft.replace(path)


def _plain(given: Given, reason: str) -> dict[str, Any]:
    fields = {name: getattr(given, name) for name in LONG}
    return {"reason": reason, "line": given.line, **{name: value[:LONGEST_VALUE] for name, value in fields.items()}}
