"""Which rules may match in which texts of a batch: hyperscan over all texts at once where it is installed, RE2 otherwise.

Both answer a superset of what the rules match, so that which of them is installed changes nothing in the result.
"""

from __future__ import annotations

import platform
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from itertools import islice
from typing import Any, Protocol

from goldworks.redaction.compiled import Compiled

_BATCH_BYTES = 4_000_000


class Prefilter(Protocol):
    """Answers which hints stand in which texts."""

    def candidates(self, texts: Sequence[str]) -> dict[int, set[int]]:
        """Index of a text -> indices of the hints in it; only texts that have any."""
        ...


def build(hints: Sequence[str], compiled: Compiled | None = None) -> Prefilter:
    """The fastest prefilter that is installed. `compiled`: where its compiled form is kept, if anywhere."""
    try:
        return Hyperscan(hints, compiled)
    except ImportError:
        return Re2Prefilter(hints)


class Hyperscan:
    """Hyperscan over all texts of a batch in one go."""

    def __init__(self, hints: Sequence[str], compiled: Compiled | None = None) -> None:
        library = f"hyperscan {metadata.version('hyperscan')} {platform.machine()}"
        stored = compiled.read(hints, library) if compiled is not None else None
        self._database: Any = _loaded(stored) if stored is not None else None
        if self._database is None:
            data = compiled_here(tuple(hints))
            self._database = _loaded(data)
            if compiled is not None:
                compiled.write(hints, library, data)

    def candidates(self, texts: Sequence[str]) -> dict[int, set[int]]:
        """Index of a text -> indices of the hints in it; only texts that have any."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        first = 0
        while first < len(texts):
            pieces: list[bytes] = []
            ends: list[int] = []
            size = 0
            for text in islice(texts, first, None):
                piece = text.encode("utf-8", "replace")
                if pieces and size + len(piece) > _BATCH_BYTES:
                    break
                pieces.append(piece)
                size += len(piece) + 1
                ends.append(size)
            self._scan(b"\0".join(pieces), ends, found, first)
            first += len(pieces)
        return found

    def _scan(self, data: bytes, ends: Sequence[int], found: defaultdict[int, set[int]], first: int) -> None:
        def seen(index: int, start: int, end: int, flags: int, context: object) -> None:
            found[first + bisect_right(ends, end - 1)].add(index)

        self._database.scan(data, match_event_handler=seen)


@lru_cache(maxsize=4)
def compiled_here(hints: tuple[str, ...]) -> bytes:
    """The hints compiled, once in a process: policies that differ in other things share it."""
    import hyperscan

    database: Any = hyperscan.Database()
    database.compile(
        expressions=[hint.encode() for hint in hints],
        ids=list(range(len(hints))),
        elements=len(hints),
        flags=[hyperscan.HS_FLAG_UTF8] * len(hints),
    )
    return hyperscan.dumpb(database)


def _loaded(data: bytes) -> Any:
    """A compiled database; None when it was made for another processor."""
    import hyperscan

    try:
        database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    return database


class Re2Prefilter:
    """RE2's set of expressions, text by text."""

    def __init__(self, hints: Sequence[str]) -> None:
        import re2

        options = re2.Options()
        options.max_mem = 256 << 20
        options.log_errors = False
        self._set: Any = re2.Set.SearchSet(options)
        for hint in hints:
            self._set.Add(hint)
        self._set.Compile()

    def candidates(self, texts: Sequence[str]) -> dict[int, set[int]]:
        """Index of a text -> indices of the hints in it; only texts that have any."""
        found = ((index, self._set.Match(text.encode("utf-8", "replace"))) for index, text in enumerate(texts))
        return {index: set(hints) for index, hints in found if hints}
