"""Texts in which a scanner found nothing, remembered by keyed digest: most of what is published today was so yesterday.

Only what was clean is remembered, so what people accept or no longer accept counts at once, and every finding is found again. A
text that could not be scanned has a finding that says so, and is not remembered.
A file of 8 bytes a text, and no text: two texts of a million share a digest once in ten million homes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from goldworks.proof.triage import Hit, Scanner

FILE = "second_scanner.clean"
MOST = 4_000_000
"""Texts remembered at most, 32 MB; then it begins anew."""
_BYTES = 8


class Remembering:
    """A scanner that is spared the texts it is known to find nothing in.

    `fingerprint` says which scanner it is, in which version: another one has seen nothing. `key` is the home's.
    Whatever is wrong with the file costs time and nothing else.
    """

    def __init__(self, scanner: Scanner, folder: Path, key: bytes, fingerprint: bytes) -> None:
        self._scanner = scanner
        self._path = folder / FILE
        self._key = hashlib.blake2b(fingerprint, key=key, digest_size=32).digest()
        self._head = hashlib.blake2b(b"second scanner 1", key=self._key, digest_size=_BYTES).digest()
        self._known = np.sort(self._read())

    def scan(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Hits in each text, in order."""
        digests = np.array([self._digest(text) for text in texts], np.uint64)
        at = np.searchsorted(self._known, digests)
        known = np.zeros(len(texts), bool)
        inside = at < len(self._known)
        known[inside] = self._known[at[inside]] == digests[inside]
        found: list[list[Hit]] = [[] for _ in texts]
        left = np.flatnonzero(~known).tolist()
        for index, hits in zip(left, self._scanner.scan([texts[index] for index in left]), strict=True):
            found[index] = hits
        self._append(digests[[index for index in left if not found[index]]])
        return found

    def _digest(self, text: str) -> int:
        data = text.encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(data, key=self._key, digest_size=_BYTES).digest(), "little")

    def _read(self) -> np.ndarray:
        try:
            data = self._path.read_bytes()
        except OSError:
            data = b""
        if data[:_BYTES] != self._head or len(data) > MOST * _BYTES:
            with suppress(OSError):
                self._path.unlink()
            return np.empty(0, np.uint64)
        return np.frombuffer(data[_BYTES : len(data) // _BYTES * _BYTES], np.dtype("<u8"))

    def _append(self, digests: np.ndarray) -> None:
        """Append in one write: one that a killed process left half written is cut off by whoever appends next."""
        if not digests.size:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            try:
                size = os.fstat(file).st_size
                os.ftruncate(file, size // _BYTES * _BYTES)
                os.write(file, (b"" if size >= _BYTES else self._head) + digests.astype("<u8").tobytes())
            finally:
                os.close(file)
        except OSError:
            return


def clear(folder: Path) -> bool:
    """Forget every text; whether anything was remembered."""
    try:
        (folder / FILE).unlink()
    except FileNotFoundError:
        return False
    return True
