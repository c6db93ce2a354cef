"""From a location to lines of bytes: opening, decompressing, splitting. Nothing here looks into a line."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 18
MAX_OUT = 1 << 20


def open_location(location: str, storage_options: Mapping[str, Any] | None = None) -> BinaryIO:
    """The bytes at a local path or an fsspec URL, as delivered. Raises `OSError`."""
    if location.startswith("/") or ("://" not in location and "::" not in location):  # `::` chains URLs, but may stand in a path
        return Path(location).open("rb")
    import fsspec

    fs, path = cast(Any, fsspec).core.url_to_fs(location, **(storage_options or {}))
    return cast(BinaryIO, fs.open(path, "rb"))


class Decompressed:
    """The bytes of a stream, decompressed when they begin as gzip (whatever the file's name), in chunks of at most 1 MiB.

    Several gzip members are read as one. A member that is cut or damaged gives every byte before the damage, then
    `is_damaged` is True; no exception. `on_raw` sees every byte as delivered, also those after the damage.
    """

    def __init__(self, stream: BinaryIO, on_raw: Callable[[bytes], object] | None = None) -> None:
        self.is_damaged = False
        self._stream = stream
        self._on_raw = on_raw

    def __iter__(self) -> Iterator[bytes]:
        head = self._read_at_least(2, b"")
        if head.startswith(GZIP_MAGIC):
            yield from self._members(head)
            while self._read():
                pass
            return
        while head:
            yield head
            head = self._read()

    def _read(self) -> bytes:
        data = self._stream.read(CHUNK)
        if data and self._on_raw is not None:
            self._on_raw(data)
        return data

    def _read_at_least(self, size: int, data: bytes) -> bytes:
        while len(data) < size and (more := self._read()):
            data += more
        return data

    def _members(self, data: bytes) -> Iterator[bytes]:
        while data:
            member = zlib.decompressobj(wbits=31)
            is_full = False
            while not member.eof:
                if not data and not is_full and not (data := self._read()):
                    self.is_damaged = True  # the member is cut
                    return
                before = member.copy()  # zlib throws away what it decompressed just before it meets damage
                try:
                    out = member.decompress(data, MAX_OUT)
                except zlib.error:
                    self.is_damaged = True
                    yield from _salvage(before, data)
                    return
                if out:
                    yield out
                is_full = len(out) == MAX_OUT  # then more may be waiting inside although no input is left
                data = member.unused_data if member.eof else member.unconsumed_tail
            data = self._after_member(data)
            if data and not data.startswith(GZIP_MAGIC):
                self.is_damaged = True  # neither another member nor padding
                return

    def _after_member(self, data: bytes) -> bytes:
        """What follows a member, zero padding skipped."""
        while not (data := data.lstrip(b"\0")) and (data := self._read()):
            pass
        return self._read_at_least(2, data) if data else data


def _salvage(member: Any, data: bytes) -> Iterator[bytes]:
    """What `data` decompresses to before the damage in it, found by feeding it byte by byte."""
    saved = bytearray()
    try:
        for index in range(len(data)):
            saved += member.decompress(data[index : index + 1])
            if len(saved) >= MAX_OUT:
                yield bytes(saved)
                saved.clear()
    except zlib.error:
        pass  # the damage itself: the caller has recorded it
    if saved:
        yield bytes(saved)


def pieces(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """(offset, bytes without the line feed, whether a line feed ended it) of each line; an empty rest is no line."""
    offset = 0
    held: list[bytes] = []
    for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        held.append(first)
        for following in rest:
            line = b"".join(held)
            yield offset, line, True
            offset += len(line) + 1
            held = [following]
    line = b"".join(held)
    if line:
        yield offset, line, False


def read_range(location: str, start: int, size: int, storage_options: Mapping[str, Any] | None = None) -> bytes:
    """`size` bytes from `start` of the decompressed stream; fewer when it ends before. Raises `OSError`."""
    found = bytearray()
    position = 0
    with open_location(location, storage_options) as stream:
        for chunk in Decompressed(stream):
            if position + len(chunk) > start:
                found += chunk[max(0, start - position) : start + size - position]
            position += len(chunk)
            if position >= start + size:
                break
    return bytes(found)
