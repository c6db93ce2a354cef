"""What a home remembers of the approvals that it signed: by subject and name the number of the last. Else an entry that is taken
out of the file would bring back the state before it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldworks.approvals.policy import Subject
from goldworks.errors import GoldworksError

FILE = "approvals.json"


def remembered(home: Path) -> dict[tuple[Subject, str], int]:
    """By subject and name the number of the last entry that this home signed. Raises `GoldworksError` for a broken file."""
    try:
        found = msgspec.json.decode((home / FILE).read_bytes(), type=list[tuple[Subject, str, int]])
        return {(subject, name): number for subject, name, number in found}
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError:
        raise GoldworksError(
            f"{home / FILE} cannot be read", remedy="restore it from a backup; without it, taken out approvals are not noticed"
        ) from None


def remember(home: Path, subject: Subject, name: str, number: int) -> None:
    """Keep it, in one step."""
    known = {**remembered(home), (subject, name): number}
    draft = home / f"{FILE}.new"
    home.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(msgspec.json.encode(sorted((*of, last) for of, last in known.items())))
    draft.replace(home / FILE)
