"""What was erased on request and must not come in again: conversations, users and values, as keyed hashes in a file of the home.

The list only grows. Conversations are hashed with the key of content ids, which is never rotated. Users and values are kept as
the tables had them, with the generation of the identity keys: the list is not re-keyed at a rotation, those keys are kept for it.
What is dropped or redacted because of it is the business of the intake and of the redactor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Literal

import msgspec

from goldworks.access.key_ring import Ring
from goldworks.access.secret_files import check_rights, write_secret
from goldworks.digests import keyed_digest
from goldworks.errors import GoldworksError
from goldworks.locks import alone
from goldworks.redaction.erased import ERASED, ErasedList
from goldworks.redaction.records import Known

FILE = "suppressed.jsonl"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of the list. Of a value: its number for good, the hashes of other ways to write it, and how long these are."""

    kind: Literal["conversation", "user", "value"]
    digest: str
    generation: int = 0
    number: int = 0
    variants: tuple[str, ...] = ()
    words: int = 1
    lengths: tuple[int, ...] = ()


def entries(home: Path) -> list[Entry]:
    """Everything on the list. Raises `GoldworksError` for a file that is none or that others can read: nothing may come in."""
    path = home / FILE
    if not path.exists():
        return []
    check_rights(path)
    try:
        return [msgspec.json.decode(line, type=Entry) for line in path.read_bytes().splitlines()]
    except msgspec.MsgspecError:
        raise GoldworksError(
            f"{path} is damaged: it says what was erased and must not come in again", remedy="put back its last copy"
        ) from None


def number_of(home: Path, value_hash: str) -> int:
    """The number of a value: its own when it is on the list, else the next one. Numbers are never given twice."""
    listed = entries(home)
    own = next((one.number for one in listed if one.kind == "value" and one.digest == value_hash), None)
    return own if own is not None else max((one.number for one in listed), default=0) + 1


class Suppressions:
    """The list of a home. Adding twice is adding once."""

    def __init__(self, home: Path, ring: Ring) -> None:
        self._home, self._ring = home, ring

    def add_conversations(self, ids: Iterable[str]) -> None:
        """Turns of these conversations are dropped from now on."""
        self._add([Entry("conversation", self._conversation(one)) for one in sorted(set(ids))])

    def add_user(self, user_hash: str) -> None:
        """Every conversation of this user is dropped from now on; `user_hash` as the tables have it now."""
        self._add([Entry("user", user_hash, self._ring.generation)])

    def add_value(self, known: Known) -> None:
        """This value is redacted wherever it stands from now on, as `known.token` where no rule recognises it."""
        number = int(known.token.rpartition("_")[2].rstrip(">"))
        hashes = (known.variant_hashes, known.variant_words, known.lengths)
        self._add([Entry("value", known.value_hash, self._ring.generation, number, *hashes)])

    def generations(self) -> set[int]:
        """Generations of the identity keys that the list needs."""
        return {entry.generation for entry in entries(self._home) if entry.kind != "conversation"}

    def value_hashes(self) -> set[str]:
        """Hashes of the values, as the list keeps them."""
        return {entry.digest for entry in entries(self._home) if entry.kind == "value"}

    def load(self) -> Suppressed:
        """The list as the intake asks it."""
        return Suppressed(self, self._ring, entries(self._home))

    def values(self) -> tuple[ErasedList, ...]:
        """The values, for a redactor: one list for each generation."""
        by_generation: dict[int, list[Known]] = {}
        for one in entries(self._home):
            if one.kind == "value":
                known = Known(f"<{ERASED}_{one.number}>", ERASED, one.digest, one.variants, one.words, one.lengths)
                by_generation.setdefault(one.generation, []).append(known)
        return tuple(ErasedList(self._ring.at(number), tuple(known)) for number, known in sorted(by_generation.items()))

    def _conversation(self, conversation_id: str) -> str:
        return keyed_digest(self._ring.key, "suppressed", conversation_id)

    def _add(self, wanted: Collection[Entry]) -> None:
        with alone(self._home / "suppressed.lock", "the list of what was erased is being written", wait_seconds=30):
            before = entries(self._home)
            listed = {(entry.kind, entry.digest): entry for entry in before}
            for entry in wanted:
                known = listed.get((entry.kind, entry.digest))
                listed[entry.kind, entry.digest] = entry if known is None else _widened(known, entry)
            after = list(listed.values())
            if after != before:
                write_secret(self._home / FILE, b"".join(msgspec.json.encode(entry) + b"\n" for entry in after))


def _widened(known: Entry, again: Entry) -> Entry:
    """What is on the list already, with the ways of writing it that were found since."""
    return msgspec.structs.replace(
        known,
        variants=(*known.variants, *(one for one in again.variants if one not in known.variants)),
        words=max(known.words, again.words),
        lengths=tuple(sorted({*known.lengths, *again.lengths})),
    )


class Suppressed:
    """The list in memory, for an intake; what that adds is on the disk at once."""

    def __init__(self, kept: Suppressions, ring: Ring, listed: Iterable[Entry]) -> None:
        self._kept, self._key = kept, ring.key
        self._conversations: set[str] = set()
        by_generation: dict[int, set[str]] = {}
        for one in listed:
            if one.kind == "conversation":
                self._conversations.add(one.digest)
            elif one.kind == "user":
                by_generation.setdefault(one.generation, set()).add(one.digest)
        self._users = [(ring.at(number), frozenset(hashes)) for number, hashes in sorted(by_generation.items())]
        self._judged: dict[str, bool] = {}

    def has_conversation(self, conversation_id: str) -> bool:
        """Whether a conversation (by its stored id) is on the list."""
        return bool(self._conversations) and keyed_digest(self._key, "suppressed", conversation_id) in self._conversations

    def has_user(self, user_id: str | None) -> bool:
        """Whether a user is, by the raw id that the log gives."""
        if user_id is None or not self._users:
            return False
        found = self._judged.get(user_id)
        if found is None:
            found = self._judged[user_id] = any(keys.digest("user", user_id) in hashes for keys, hashes in self._users)
        return found

    def add_conversations(self, ids: Collection[str]) -> None:
        """Conversations in which a user of the list took part."""
        if ids:
            self._kept.add_conversations(ids)
            self._conversations.update(keyed_digest(self._key, "suppressed", one) for one in ids)
