"""Rotating the keys of identity hashes: every stored hash is hashed once more, table by table, day by day.

What is under way stands in `keys/rotation.json` until it is done. Killed at any point, `rotate` goes on from there; until then
nothing that hashes identities runs on the home, for hashes of two generations stand in it.

Not covered: ids made with the installation's key itself (messages, content, cases, lines, `id-`): they name things across tables,
versions and journals. If that key leaked, whoever has it and the tables can test whether a guessed *whole message* or *id* is
among them, not whether a value is: begin a new home from the logs with a new GOLDWORKS_KEY, and erase this one. Certificates and
the audit log keep the hashes that they were signed with, and copies that were made before a rotation keep theirs.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from typing import Any, Literal, cast

import msgspec
import pyarrow as pa

from goldworks.access.audit_log import AuditLog
from goldworks.access.key_ring import ORDER, Epoch, Ring, read_ring, wrapped, write_ring
from goldworks.access.keys import erased_hash
from goldworks.access.secret_files import KEY_BYTES, check_rights, shred, write_secret
from goldworks.digests import digest
from goldworks.errors import BusyError
from goldworks.faults import fault_point
from goldworks.lake import Lake, declared
from goldworks.locks import alone

Joins = Literal["keep", "cut"]
HASHES: dict[str, tuple[str, ...]] = {
    "logs.turns": ("user_hash", "session_hash"),
    "logs.conversations": ("user_hash",),
    "logs.entities": ("value_hash", "variant_hashes"),
}
"""Columns of the lake that hold identity hashes. A test looks for others by name."""


class Doing(msgspec.Struct, frozen=True):
    """The partition that is being written, its hashes in number, and their digests before and after."""

    place: str
    before: str
    after: str
    hashes: int = 0


class Order(msgspec.Struct, frozen=True):
    """A rotation under way. `salt` stands for the key that stored hashes are hashed with; `fresh` for that of new ones, when
    joins are cut: then `salt` is thrown away at the end. `cut` are places whose joins were lost on the way.
    """

    joins: Joins
    to_generation: int
    salt: str
    fresh: str | None
    kept: tuple[int, ...]
    done: tuple[str, ...] = ()
    doing: Doing | None = None
    hashes: int = 0
    cut: tuple[str, ...] = ()


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did."""

    joins: Joins
    generation: int
    hashes: int
    cut_places: tuple[str, ...]
    generations: tuple[int, ...]


def rotate(
    lake: Lake, key: bytes, joins: Joins, log: AuditLog, needed: Collection[int] = (), erased: Collection[str] = ()
) -> Rotated:
    """Rotate the identity keys, or finish a rotation that was interrupted, as that one was begun.

    `needed` are generations whose keys a list outside the lake still needs (hashes of who is suppressed), `erased` its hashes of
    values: what stands for these in the tables is made with the key of content ids, and stays. Raises `BusyError` when
    an intake runs, or when an erasure is unfinished: its order holds hashes too.
    """
    with (
        alone(lake.home / "intake.lock", f"an intake is running on {lake.home}"),
        alone(lake.home / "golden.lock", f"another process is changing the golden sets of {lake.home}"),
    ):
        if any((lake.home / "forgetting").glob("*.json")):
            raise BusyError("an erasure or a late reveal waits to be finished", remedy="goldworks run")
        ring = read_ring(lake.home, key)
        order = _Rotation(lake, ring).order or _begin(lake, ring, joins, needed)
        return _Rotation(lake, ring, order, erased).finish(log)


def _begin(lake: Lake, ring: Ring, joins: Joins, needed: Collection[int]) -> Order:
    fresh = secrets.token_hex(KEY_BYTES) if joins == "cut" else None
    order = Order(joins, ring.generation + 1, secrets.token_hex(KEY_BYTES), fresh, tuple(sorted(set(needed))))
    write_secret(lake.home / "keys" / ORDER, msgspec.json.encode(order))
    fault_point("rotation.ordered")
    return order


class _Rotation:
    """One rotation, from where its order stands."""

    def __init__(self, lake: Lake, ring: Ring, order: Order | None = None, erased: Collection[str] = ()) -> None:
        self._lake, self._ring, self._erased = lake, ring, sorted(erased)
        self._path = lake.home / "keys" / ORDER
        self._order = order
        self._again: dict[bytes, dict[str, str]] = {}

    @property
    def order(self) -> Order | None:
        if self._order is None and self._path.exists():
            check_rights(self._path)
            self._order = msgspec.json.decode(self._path.read_bytes(), type=Order)
        return self._order

    def finish(self, log: AuditLog) -> Rotated:
        order = self._now
        if self._ring.generation < order.to_generation:
            layer = self._ring.layer(order.salt)
            for place, key, partition in self._places():
                if place not in order.done:
                    self._rewrite(place, key, partition, layer)
            for key in HASHES:
                self._lake.purge(key)  # the old hashes leave the disk, with their minimum and maximum in the table's log
            fault_point("rotation.before_ring")
            self._ring = _turned(self._ring, self._now)
            write_ring(self._lake.home, self._ring)
        order = self._now
        done = Rotated(order.joins, self._ring.generation, order.hashes, order.cut, tuple(self._ring.generations))
        detail = {"joins": done.joins, "generation": done.generation, "hashes": done.hashes, "kept": list(done.generations)}
        log.append("keys.rotated_identity", {**detail, "cut_places": list(done.cut_places)})
        shred(self._path)
        return done

    @property
    def _now(self) -> Order:
        assert self._order is not None
        return self._order

    def _places(self) -> Iterator[tuple[str, str, dict[str, str] | None]]:
        for key in HASHES:
            partitions = self._lake.partitions(key) if declared(key).partition_by else [{}]
            for partition in partitions:
                yield f"{key} {' '.join(partition.values())}".strip(), key, partition or None

    def _rewrite(self, place: str, key: str, partition: dict[str, str] | None, layer: bytes) -> None:
        """Hash the hashes of one partition once more, if that was not done before a kill."""
        where = [(name, "=", value) for name, value in (partition or {}).items()]
        stored = self._lake.read(key, where=where or None)
        before, doing = _hashes_digest(key, stored), self._now.doing
        is_begun = doing is not None and doing.place == place
        if doing is not None and is_begun and before not in (doing.before, doing.after):
            # changed by somebody since the kill, so nobody knows which hashes were done: they join nothing any more
            layer = secrets.token_bytes(KEY_BYTES)
            self._write(cut=(*self._now.cut, place))
            is_begun = False
        if doing is None or not is_begun or before != doing.after:
            rows, count = self._rehashed(key, stored, layer)
            doing = Doing(place, before, _hashes_digest(key, rows), count)
            self._write(doing=doing)
            self._lake.replace(key, rows, partition)
            fault_point("rotation.half_done")
        self._write(done=(*self._now.done, place), doing=None, hashes=self._now.hashes + doing.hashes)

    def _rehashed(self, key: str, rows: pa.Table, layer: bytes) -> tuple[pa.Table, int]:
        count, known, staying = 0, self._again.setdefault(layer, {}), self._staying(key, rows)

        def again(value: Any) -> Any:
            nonlocal count
            if value is None or (not isinstance(value, list) and value in staying):
                return value
            if isinstance(value, list):
                return [again(one) for one in cast(list[Any], value)]
            count += 1
            found = known.get(value)
            if found is None:
                found = known[value] = wrapped(layer, value)
            return found

        for name in HASHES[key]:
            index, field = rows.schema.get_field_index(name), rows.schema.field(name)
            rows = rows.set_column(index, field, pa.array([again(one) for one in rows.column(name).to_pylist()], field.type))
        return rows, count

    def _staying(self, key: str, rows: pa.Table) -> set[str]:
        """Hashes of erased values, each of one conversation."""
        conversations = set(rows.column("conversation_id").to_pylist()) if key == "logs.entities" and self._erased else set[str]()
        return {erased_hash(self._ring.key, one, value) for one in conversations for value in self._erased}

    def _write(self, **changes: Any) -> None:
        self._order = msgspec.structs.replace(self._now, **changes)
        write_secret(self._path, msgspec.json.encode(self._order))


def _turned(ring: Ring, order: Order) -> Ring:
    """The ring after the rotation."""
    if order.joins == "keep":
        newest = ring.epochs[-1]
        return Ring(ring.key, (*ring.epochs[:-1], msgspec.structs.replace(newest, layers=(*newest.layers, order.salt))))
    needed = [epoch for epoch in ring.epochs if any(epoch.first <= one <= epoch.last for one in order.kept)]
    return Ring(ring.key, (*needed, Epoch(order.to_generation, order.fresh)))


def _hashes_digest(key: str, rows: pa.Table) -> str:
    """Digest of the hashes of a partition, whatever the order of its rows."""
    columns = [rows.column(name).to_pylist() for name in HASHES[key]]
    return digest(sorted(digest(list(row)) for row in zip(*columns, strict=True)))
