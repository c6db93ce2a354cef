"""What the names model answered on other days, on disk: places only, found by a keyed hash of the text; never a text.

Each answer carries a keyed code, so that nothing but an answer that was once given for that text is ever taken for one.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from goldworks.digests import digest, keyed_digest
from goldworks.redaction.names import Names, Place
from goldworks.redaction.names_store import Store
from goldworks.redaction.policy import NameRules

_LIBRARIES = ("spacy", "presidio-analyzer", "onnxruntime", "tokenizers")


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
