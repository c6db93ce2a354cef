"""Orders: what is to be forgotten, written down before anything is deleted, so that whoever comes next can finish it.

An order holds ids and keyed hashes, never a value. It is a file of the home until it is closed; a reveal then leaves nothing
behind, an erasure its certificate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from goldworks.access.secret_files import write_secret
from goldworks.digests import digest
from goldworks.redaction.records import Known

Kind = Literal["conversation", "user", "value", "reveal", "retention"]
Counts = dict[str, int]


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be forgotten.

    `conversations` go as a whole, and with them `cases` made from them. `values` leave the texts of what belongs to a
    conversation (or, for a case that comes from none, to the case), known by their hashes; `cut` are hashes in `logs.entities`
    that must not lead to a value any more. `days`, `candidates`, `versions` and `runs` are where all this stands. `kept_out`
    are values that must not come in again, wherever they stand now.
    """

    conversations: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    values: dict[str, tuple[Known, ...]] = {}
    cut: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    kept_out: tuple[Known, ...] = ()


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order. `subjects`: the ids or hashes that were named; `done`: counts by place, of the places that are finished.

    `is_located` says that `scope` names every place. `successors` maps an erased golden version to the one that holds what
    remained of it.
    """

    order_id: str
    kind: Kind
    subjects: tuple[str, ...]
    opened_at: dt.datetime
    policy_version: str
    scope: Scope = Scope()
    is_located: bool = False
    reason: str | None = None
    done: dict[str, Counts] = {}
    successors: dict[str, str | None] = {}


class Orders:
    """The open orders of a home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "forgetting"

    def open(self) -> list[Order]:
        """Open orders, oldest first."""
        paths = sorted(self.folder.glob("*.json"))
        found = [msgspec.json.decode(path.read_bytes(), type=Order) for path in paths]
        return sorted(found, key=lambda order: (order.opened_at, order.order_id))

    def find(self, order_id: str) -> Order | None:
        """The open order of this id."""
        path = self._path(order_id)
        return msgspec.json.decode(path.read_bytes(), type=Order) if path.exists() else None

    def write(self, order: Order) -> Order:
        """Keep the order as it is now; when this returns it outlives a kill."""
        write_secret(self._path(order.order_id), msgspec.json.format(msgspec.json.encode(order), indent=1))
        return order

    def close(self, order: Order) -> None:
        """The order is carried out."""
        self._path(order.order_id).unlink(missing_ok=True)

    def _path(self, order_id: str) -> Path:
        return self.folder / f"{order_id}.json"


def order_id(kind: Kind, subjects: Iterable[str]) -> str:
    """The same subjects give the same order: asking twice is asking once."""
    return f"{kind}-{digest([kind, sorted(set(subjects))])[:16]}"


def new_order(kind: Kind, subjects: Iterable[str], policy_version: str, *, reason: str | None = None) -> Order:
    """An order that begins now; nothing is written yet."""
    named = tuple(sorted(set(subjects)))
    return Order(order_id(kind, named), kind, named, dt.datetime.now(dt.UTC), policy_version, reason=reason)


def open_reveal(home: Path, values: Mapping[str, Iterable[Known]], days: Iterable[str], policy_version: str) -> None:
    """Order that values recognised only now be followed into all that was made of their conversations. The intake calls this
    before it writes them, and takes care of its own tables; `days` are those on which it redacts messages again.
    """
    found = {conversation: tuple(known) for conversation, known in sorted(values.items())}
    if not found:
        return
    subjects = [f"{conversation} {one.value_hash}" for conversation, known in found.items() for one in known]
    order = new_order("reveal", subjects, policy_version)
    Orders(home).write(
        msgspec.structs.replace(
            order, subjects=tuple(found), scope=Scope(values=found, days=tuple(sorted(set(days)))), done={"logs": {}}
        )
    )
