"""Which conversations were deleted for their age, and when: a file that had come by then brings nothing of them back.

A line that was delivered twice is stored under the earlier day alone; when the rows of that day are gone, the later file would
bring it in again. What comes after the deletion is taken: the conversation goes on. Kept are hashes, one file for each day of
deletion, until every file that had come by that day is past retention itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from goldworks.access.secret_files import write_secret
from goldworks.digests import keyed_digest

SIZE = 16


class Gone:
    """The list of a home; `key` is the key of content ids."""

    def __init__(self, home: Path, key: bytes) -> None:
        self._folder, self._key = home / "retention", key
        self._deleted_on: dict[bytes, str] | None = None

    def add(self, today: str, conversations: Iterable[str]) -> None:
        """These are deleted today; on the disk when this returns."""
        path = self._folder / today
        hashes = {*_read(path), *map(self._hash, conversations)}
        write_secret(path, b"".join(sorted(hashes)))
        self._deleted_on = None

    def forget(self, first_kept: str) -> None:
        """Days of deletion of which no file can bring anything back any more."""
        for path in self._paths():
            if path.name < first_kept:
                path.unlink()

    def has(self, conversation_id: str, arrived_on: str) -> bool:
        """Whether a conversation was deleted on or after the day on which this arrived."""
        if self._deleted_on is None:
            self._deleted_on = {one: path.name for path in self._paths() for one in _read(path)}
        return bool(self._deleted_on) and arrived_on <= self._deleted_on.get(self._hash(conversation_id), "")

    def _paths(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("????-??-??"))

    def _hash(self, conversation_id: str) -> bytes:
        return bytes.fromhex(keyed_digest(self._key, "expired", conversation_id))


def _read(path: Path) -> list[bytes]:
    data = path.read_bytes() if path.exists() else b""
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]
