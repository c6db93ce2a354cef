"""Which files below some folders any process opens, reads or changes while a block runs, native libraries included (Linux)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ACCESS, MODIFY, ATTRIB, OPEN, MOVED, CREATE, DELETE = 0x1, 0x2, 0x4, 0x20, 0xC0, 0x100, 0x200
NON_BLOCKING = 0o4000
OVERFLOWED = 0x4000
HEADER = struct.Struct("iIII")


@contextmanager
def touched(*folders: Path) -> Generator[set[str]]:
    """The set is filled when the block ends: paths of what was touched in the folders that were there when it began."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(NON_BLOCKING)
    assert handle >= 0
    found: set[str] = set()
    try:
        watched: dict[int, Path] = {}
        for path in (one for folder in folders for one in (folder, *folder.rglob("*")) if one.is_dir()):
            number = libc.inotify_add_watch(handle, os.fsencode(path), ACCESS | MODIFY | ATTRIB | OPEN | MOVED | CREATE | DELETE)
            assert number >= 0, path
            watched[number] = path
        yield found
        found.update(_read(handle, watched))
    finally:
        os.close(handle)


def _read(handle: int, watched: dict[int, Path]) -> Generator[str]:
    while True:
        try:
            data = os.read(handle, 1 << 20)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            number, mask, _, length = HEADER.unpack_from(data, at)
            at += HEADER.size
            name = data[at : at + length].rstrip(b"\0").decode()
            at += length
            assert not mask & OVERFLOWED, "too much to be counted"
            yield str(watched[number] / name)
