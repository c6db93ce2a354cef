"""Values that a person asked to have erased, of which only keyed hashes are left: found in every text of every conversation.

They are few and the texts are many, so a window of words is hashed only when it is as long as one of them. What is stored of such
a value is a hash that holds in its conversation only: it leads neither to the value nor from one conversation to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from goldworks.access.key_ring import IdentityKeys
from goldworks.access.keys import erased_hash
from goldworks.redaction.known import recognise
from goldworks.redaction.records import Known
from goldworks.redaction.values import Hasher, Variant

ERASED = "ERASED"
"""Type of an erased value that no rule recognises."""


class ErasedList(msgspec.Struct, frozen=True):
    """Erased values, and the keys that their hashes were made with."""

    keys: IdentityKeys
    values: tuple[Known, ...]


class Erased:
    """All erased values of a home. `key` makes the hashes that are stored."""

    def __init__(self, key: bytes, lists: Sequence[ErasedList]) -> None:
        self._key = key
        self._lists = [(Hasher(one.keys), one.values) for one in lists]
        self._by_hash = [
            (hasher, {digest: known for known in values for digest in (known.value_hash, *known.variant_hashes)})
            for hasher, values in self._lists
        ]

    def find(self, texts: Sequence[str]) -> Iterator[tuple[str, Known]]:
        """(text as it stands, the value), each way of writing it once."""
        for hasher, values in self._lists:
            for text, known, _ in recognise(texts, values, hasher):
                yield text, known

    def look_up(self, forms: Iterable[Variant]) -> Known | None:
        """The erased value that a value which a rule recognised is; parts of a name are not the name."""
        whole = [form.squeezed for form in forms if not form.is_part]
        for hasher, by_hash in self._by_hash:
            for digest in hasher.many(ERASED, whole):
                if (known := by_hash.get(digest)) is not None:
                    return known
        return None

    def stored_hash(self, conversation_id: str, known: Known) -> str:
        """What stands for the value in the entities of one conversation; the same whenever that is taken."""
        return erased_hash(self._key, conversation_id, known.value_hash)
