"""Reading one log file, line by line, with every line accounted for. What a line means is the dialects' business.

file = LogFile("logs/otlp/2026-11-02.jsonl.gz")
for line in file: ...
file.dialect, file.sha256, file.size_bytes, file.is_incomplete
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from goldworks.conversations import mapped
from goldworks.conversations.damage import REASONS, UnusableLine, check_utf8, decode_any
from goldworks.conversations.dialects import DIALECTS
from goldworks.conversations.mapping import LogMapping
from goldworks.conversations.records import Line, Turn, Unusable
from goldworks.conversations.streams import Decompressed, open_location, pieces, read_range
from goldworks.conversations.values import storable
from goldworks.errors import InputError

__all__ = ["REASONS", "UNKNOWN", "LogFile", "detect", "read_line"]

UNKNOWN = "unknown"
"""Dialect of a file in which no line was recognised."""

LOOKAHEAD_LINES = 8
LOOKAHEAD_BYTES = 8 << 20
BOM = b"\xef\xbb\xbf"

Parse = Callable[[bytes], tuple[Turn, ...]]


class LogFile:
    """One pass over one file, streaming: memory is bounded by its longest lines.

    `location` is a local path or an fsspec URL (with `storage_options`), plain or gzip by its first bytes. A line is what
    lies between line feeds, without a carriage return before the line feed; a line of white space only is empty, as is one
    of nothing. Without `dialect` or `mapping` the dialect is that of the first line recognised; up to eight lines wait until
    one is, after that JSON lines of a file still unrecognised are `unknown_dialect`.

    Iterating raises `OSError` when the location cannot be read, and nothing for what stands in the file.
    """

    def __init__(
        self,
        location: str,
        *,
        dialect: str | None = None,
        mapping: LogMapping | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Raise `InputError` for a dialect that does not exist, or `mapped` without a mapping."""
        self.location = location
        self.dialect = UNKNOWN
        self.sha256 = ""
        self.size_bytes = 0
        self.is_incomplete = False
        self._named = _named(dialect, mapping)
        self._storage_options = storage_options

    def __iter__(self) -> Iterator[Line]:
        """The lines; afterwards `dialect`, `sha256` (of the bytes as delivered), `size_bytes` and `is_incomplete` hold."""
        self.dialect, parse = self._named or (UNKNOWN, None)
        self.size_bytes = 0
        digest = hashlib.sha256()

        def on_raw(data: bytes) -> None:
            digest.update(data)
            self.size_bytes += len(data)

        with open_location(self.location, self._storage_options) as stream:
            source = Decompressed(stream, on_raw)
            waiting: list[tuple[int, int, bytes]] = []
            for number, (offset, raw, is_whole) in enumerate(pieces(iter(source)), start=1):
                if not is_whole and source.is_damaged:
                    lost = Unusable("truncated_gzip", f"byte {offset + len(raw)} of the decompressed file")
                    yield from _read_all(waiting, parse)
                    waiting = []
                    yield Line(number, offset, len(raw), unusable=lost, raw=raw)
                    continue
                waiting.append((number, offset, raw[:-1] if raw.endswith(b"\r") else raw))
                if parse is None and (found := detect([_without_bom(number, raw)])) is not None:
                    self.dialect, parse = found, _parser(found)
                if parse is not None or len(waiting) >= LOOKAHEAD_LINES or _size(waiting) >= LOOKAHEAD_BYTES:
                    yield from _read_all(waiting, parse)
                    waiting = []
            yield from _read_all(waiting, parse)
        self.is_incomplete = source.is_damaged
        self.sha256 = digest.hexdigest()


def detect(first_lines: Sequence[bytes]) -> str | None:
    """The dialect of the first of these lines that is recognised, or None."""
    for line in first_lines:
        try:
            value = decode_any(line)
        except UnusableLine:
            continue
        for dialect in DIALECTS:
            if dialect.recognises(value):
                return dialect.NAME
    return None


def read_line(location: str, byte_offset: int, length_bytes: int, storage_options: Mapping[str, Any] | None = None) -> bytes:
    """The bytes of a quarantined line, read again from its source, for someone who may see them.

    Raises `InputError` when the file no longer reaches that far, `OSError` when it cannot be read.
    """
    found = read_range(location, byte_offset, length_bytes, storage_options)
    if len(found) < length_bytes:
        raise InputError(
            f"{location} ends before byte {byte_offset + length_bytes}: it is no longer the file that was read",
            remedy="take the day again: goldworks run",
        )
    return found


def _named(dialect: str | None, mapping: LogMapping | None) -> tuple[str, Parse] | None:
    if dialect == mapped.NAME or (dialect is None and mapping is not None):
        if mapping is None:
            raise InputError(
                "dialect `mapped` needs a mapping",
                remedy="name a file in expectations/mappings/ in expectations/policies/intake.yml",
            )
        return mapped.NAME, mapped.parser(mapping)
    if dialect is None:
        return None
    if mapping is not None:
        raise InputError(f"dialect {dialect!r} takes no mapping", remedy=f"leave out one of them, or name {mapped.NAME!r}")
    return dialect, _parser(dialect)


def _parser(name: str) -> Parse:
    for dialect in DIALECTS:
        if name == dialect.NAME:
            return dialect.parse
    known = ", ".join([*(dialect.NAME for dialect in DIALECTS), mapped.NAME])
    raise InputError(f"no log dialect {name!r}", remedy=f"one of {known}")


def _read_all(waiting: Iterable[tuple[int, int, bytes]], parse: Parse | None) -> Iterator[Line]:
    for number, offset, raw in waiting:
        body = _without_bom(number, raw)
        if not body.strip():
            yield Line(number, offset, len(raw), raw=raw)
            continue
        try:
            check_utf8(body)
            turns = tuple(map(storable, (parse or _unknown)(body)))
            yield Line(number, offset, len(raw), turns, raw=raw)
        except UnusableLine as problem:
            yield Line(number, offset, len(raw), unusable=Unusable(problem.reason, problem.detail), raw=raw)
        except RecursionError:  # decoded, but too deep to walk through
            yield Line(number, offset, len(raw), unusable=Unusable("nested_too_deep"), raw=raw)


def _unknown(line: bytes) -> tuple[Turn, ...]:
    decode_any(line)
    raise UnusableLine("unknown_dialect")


def _without_bom(number: int, raw: bytes) -> bytes:
    return raw.removeprefix(BOM) if number == 1 else raw


def _size(waiting: Iterable[tuple[int, int, bytes]]) -> int:
    return sum(len(raw) for _, _, raw in waiting)
