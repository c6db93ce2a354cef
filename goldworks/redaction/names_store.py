"""A table on disk of fixed size, from keys that are hashes to short answers with a code over them.

A key says in which bucket its slot stands, so a look-up is one short read, and a full bucket gives up its oldest slot. Nothing
is locked and nothing is repaired: whoever reads checks the code, so a slot that was torn by a killed process, written by two at
once or damaged on disk is no answer. Whatever is wrong with the file costs time and nothing else.
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

FILE = "names.cache"
_HEADER = b"goldworks names cache 1\n".ljust(64, b"\0")
_SLOT, _PER_BUCKET, _BUCKETS = 64, 8, 1 << 15
_KEY, _CODE, _DAY, _LENGTH = slice(0, 16), slice(16, 24), slice(24, 26), 26
_PLACES = 27
_ROOM = _SLOT - _PLACES
_DAY_SECONDS = 86_400


class Store:
    """The file below `folder`, made at the first look. 262,144 answers, 17 MB at most."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: int | None = None
        self._is_usable = True

    def get(self, key: bytes) -> tuple[bytes, bytes] | None:
        """The code and the places stored for a key of 16 bytes."""
        file = self._opened()
        if file is None:
            return None
        offset, bucket = self._bucket(file, key)
        for at in range(0, len(bucket) - _SLOT + 1, _SLOT):
            slot = bucket[at : at + _SLOT]
            if slot[_KEY] == key and slot[_LENGTH] <= _ROOM:
                if slot[_DAY] != (today := _today()):  # what is asked for is young again
                    self._write(file, offset + at + _DAY.start, today)
                return slot[_CODE], slot[_PLACES : _PLACES + slot[_LENGTH]]
        return None

    def put(self, key: bytes, code: bytes, places: bytes) -> None:
        """Store places under a key, in the stead of the bucket's oldest answer. What does not fit is not stored."""
        if len(places) > _ROOM or (file := self._opened()) is None:
            return
        offset, bucket = self._bucket(file, key)
        bucket = bucket.ljust(_SLOT * _PER_BUCKET, b"\0")
        slots = [bucket[at : at + _SLOT] for at in range(0, len(bucket), _SLOT)]
        place = min(range(_PER_BUCKET), key=lambda index: (slots[index][_KEY] != key, slots[index][_DAY]))
        slot = key + code + _today() + bytes([len(places)]) + places
        self._write(file, offset + place * _SLOT, slot.ljust(_SLOT, b"\0"))

    @staticmethod
    def _bucket(file: int, key: bytes) -> tuple[int, bytes]:
        offset = len(_HEADER) + int.from_bytes(key[:4], "big") % _BUCKETS * _SLOT * _PER_BUCKET
        try:
            return offset, os.pread(file, _SLOT * _PER_BUCKET, offset)
        except OSError:
            return offset, b""

    def _write(self, file: int, offset: int, data: bytes) -> None:
        try:
            os.pwrite(file, data, offset)
        except OSError:  # the disk is full, or gone: do without
            self._is_usable = False

    def _opened(self) -> int | None:
        if not self._is_usable:
            return None
        if self._file is None:
            try:
                self._file = _open(self._path)
            except OSError:
                self._is_usable = False
        return self._file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _open(path: Path) -> int:
    """The file, made anew when there is none or it is not of our making."""
    for _ in range(3):
        try:
            file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            _make(path)
            continue
        if os.pread(file, len(_HEADER), 0) == _HEADER:
            os.fchmod(file, 0o600)
            return file
        os.close(file)
        path.unlink(missing_ok=True)
    raise FileNotFoundError(path)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(_HEADER)
        os.link(draft, path)
    except FileExistsError:
        pass  # whoever comes first wins
    finally:
        draft.unlink(missing_ok=True)


def clear(folder: Path) -> bool:
    """Forget every answer: the file goes; whether there was one. A process that has it open goes on with its own copy, which
    nobody else can open and which goes with it.
    """
    try:
        (folder / FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def _today() -> bytes:
    return int(time.time() // _DAY_SECONDS).to_bytes(2, "big")
