"""What the names model answered on other days, on disk: places only, found by a keyed hash of the text; never a text.

The file is a table of fixed size. A text's hash says in which bucket its slot stands, so a look-up is one short read, and a
full bucket gives up its oldest slot. Each slot carries a code over its answer: one that was torn by a killed process, written by
two at once or damaged on disk is no answer, and the model is asked. So it needs no lock, and whatever is wrong with the
file costs time and nothing else.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from goldworks.digests import digest, keyed_digest
from goldworks.redaction.names import Names, Place
from goldworks.redaction.policy import NameRules

FILE = "names.cache"
_HEADER = b"goldworks names cache 1\n".ljust(64, b"\0")
_SLOT, _PER_BUCKET, _BUCKETS = 64, 8, 1 << 15
_KEY, _CODE, _DAY, _LENGTH = slice(0, 16), slice(16, 24), slice(24, 26), 26
_PLACES = 27
_ROOM = _SLOT - _PLACES
_DAY_SECONDS = 86_400
_LIBRARIES = ("spacy", "presidio-analyzer", "onnxruntime", "tokenizers")


class Store:
    """The file below `folder`, made when something is first put. 262,144 answers, 17 MB at most."""

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


class CachedNames:
    """Names by another finder, asked once for each text in the life of the store.

    `fingerprint` stands for everything that an answer depends on beside the text.
    """

    def __init__(self, names: Names, store: Store, key: bytes, fingerprint: str) -> None:
        self._names, self._store, self._key, self._fingerprint = names, store, key, fingerprint

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        keys = [bytes.fromhex(keyed_digest(self._key, "names", self._fingerprint, text)) for text in texts]
        found = [self._stored(key, len(text)) for key, text in zip(keys, texts, strict=True)]
        asked = [index for index, places in enumerate(found) if places is None]
        answers = self._names.find_names([texts[index] for index in asked]) if asked else []
        for index, places in zip(asked, answers, strict=True):
            found[index] = places
            data = _packed(places)
            self._store.put(keys[index], self._code(keys[index], data), data)
        return [places or [] for places in found]

    def _stored(self, key: bytes, length: int) -> list[Place] | None:
        stored = self._store.get(key)
        if stored is None:
            return None
        code, data = stored
        if code != self._code(key, data):
            return None
        places = _unpacked(data)
        return places if not places or places[-1][1] <= length else None

    def _code(self, key: bytes, data: bytes) -> bytes:
        return bytes.fromhex(keyed_digest(self._key, "places", key, data, size=8))


def fingerprint(rules: NameRules, identity: str) -> str:
    """The model, the rules for names, the code and the libraries that an answer comes from.

    Not the whole policy: a new pattern of another layer changes no answer of the model.
    """
    versions = {library: version for library in _LIBRARIES if (version := _version(library))}
    relevant = rules.model_dump(mode="json", exclude={"path", "score"})
    return digest([identity, relevant, _code_digest(), versions, [*sys.version_info[:2]], unicodedata.unidata_version])


def _version(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Digest of the code that finds names and shows texts to the finder."""
    here = Path(__file__).parent
    files = [*here.glob("*.py"), *(here.parent / "adapters").glob("names*.py")]
    return digest([[path.name, path.read_text(encoding="utf-8")] for path in sorted(files)])


def _today() -> bytes:
    return int(time.time() // _DAY_SECONDS).to_bytes(2, "big")


def _packed(places: Sequence[Place]) -> bytes:
    """Distances and lengths, in groups of seven bits."""
    data = bytearray()
    at = 0
    for start, end in places:
        for number in (start - at, end - start):
            left = number
            while left >= 0x80:
                data.append(left & 0x7F | 0x80)
                left >>= 7
            data.append(left)
        at = end
    return bytes(data)


def _unpacked(data: bytes) -> list[Place]:
    numbers: list[int] = []
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    places: list[Place] = []
    at = 0
    for distance, length in zip(numbers[::2], numbers[1::2], strict=True):
        places.append((at + distance, at + distance + length))
        at += distance + length
    return places
