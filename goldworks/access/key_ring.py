"""The keys that hash identities: values of people, users, sessions. They can be rotated; the key of content ids cannot.

A ring holds epochs. An epoch has a base key and, over it, a layer for each rotation that kept joins: a hash of generation g is
the hash of generation g-1 hashed again with the layer's key, so that stored hashes are re-keyed without the values, and a key
that leaked before tests no guess any more. A rotation that cuts joins begins a new epoch; of older ones only what the suppression
list needs is kept. The first epoch's base is the installation's key itself, as homes had it before there was a ring.

What the file `keys/identity.ring` holds are salts: the keys are derived from them and the installation's key, so neither of the
two tests a guess alone. Message ids, content hashes, case digests, line hashes and `id-` ids are made with the installation's key
and are not touched by a rotation: they name things across tables, golden versions and journals. If that key leaked,
begin a new home (`goldworks keys rotate` says so too).
"""

from __future__ import annotations

import hmac
from functools import cached_property
from pathlib import Path

import msgspec

from goldworks.access.secret_files import KEY_BYTES, check_rights, write_secret
from goldworks.digests import keyed_digest
from goldworks.errors import GoldworksError

FILE = "identity.ring"
ORDER = "rotation.json"
"""In the folder of keys while a rotation is under way: hashes of two generations stand in the tables."""


class IdentityKeys(msgspec.Struct, frozen=True):
    """What one generation hashes with; equal keys are equal, and it can be sent to a worker."""

    base: bytes
    layers: tuple[bytes, ...] = ()
    generation: int = 0

    def digest(self, *parts: str) -> str:
        """Keyed hash of an identity, as ("user", id), ("session", id) or (type, normal form) of a value: 32 hex digits."""
        found = keyed_digest(self.base, *parts)
        for layer in self.layers:
            found = wrapped(layer, found)
        return found


class Epoch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Generations that join: `first`, and one more per layer. `salt` is None where the base is the installation's key."""

    first: int
    salt: str | None
    layers: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The newest of its generations."""
        return self.first + len(self.layers)


class Ring(msgspec.Struct, frozen=True, dict=True):
    """All generations that are still known; `epochs` oldest first, the last one is in use."""

    key: bytes
    epochs: tuple[Epoch, ...] = (Epoch(0, None),)

    @property
    def generation(self) -> int:
        """The generation that new hashes are made with."""
        return self.epochs[-1].last

    @property
    def generations(self) -> list[int]:
        """Generations that can still be computed."""
        return [generation for epoch in self.epochs for generation in range(epoch.first, epoch.last + 1)]

    @cached_property
    def current(self) -> IdentityKeys:
        """What new hashes are made with."""
        return self.at(self.generation)

    def at(self, generation: int) -> IdentityKeys:
        """What a generation hashed with. Raises `GoldworksError` when its keys were destroyed."""
        for epoch in self.epochs:
            if epoch.first <= generation <= epoch.last:
                base = self.key if epoch.salt is None else self._derived("identity", epoch.salt)
                layers = tuple(self._derived("layer", salt) for salt in epoch.layers[: generation - epoch.first])
                return IdentityKeys(base, layers, generation)
        raise GoldworksError(
            f"the keys of generation {generation} were destroyed; there are {', '.join(map(str, self.generations))}"
        )

    def digest_at(self, generation: int, *parts: str) -> str:
        """`IdentityKeys.digest` of a generation: for lists that are not re-keyed. Raises as `at` does."""
        return self.at(generation).digest(*parts)

    def layer(self, salt: str) -> bytes:
        """The key that a salt of a layer stands for."""
        return self._derived("layer", salt)

    def _derived(self, purpose: str, salt: str) -> bytes:
        return bytes.fromhex(keyed_digest(self.key, purpose, bytes.fromhex(salt), size=KEY_BYTES))


def wrapped(layer: bytes, old: str) -> str:
    """A hash of one generation as the next one has it."""
    return keyed_digest(layer, "rotated", old)


def wrapped_all(layer: bytes, old: list[str]) -> list[str]:
    """`wrapped` of many hashes, in half the time."""
    base = hmac.new(layer, digestmod="sha256")
    base.update((7).to_bytes(8, "big") + b"rotated" + (32).to_bytes(8, "big"))
    found: list[str] = []
    for one in old:
        mac = base.copy()
        mac.update(one.encode("ascii"))
        found.append(mac.digest()[:16].hex())
    return found


def load_ring(home: Path, key: bytes) -> Ring:
    """The ring of a home. Raises `GoldworksError` when others can read it, it is none, or a rotation was interrupted."""
    if (home / "keys" / ORDER).exists():
        raise GoldworksError(f"a rotation of the keys of {home} was interrupted", remedy="goldworks keys rotate finishes it")
    return read_ring(home, key)


def read_ring(home: Path, key: bytes) -> Ring:
    """As `load_ring`, also while a rotation is under way."""
    path = home / "keys" / FILE
    if not path.exists():
        return Ring(key)
    check_rights(path)
    try:
        return Ring(key, msgspec.json.decode(path.read_bytes(), type=tuple[Epoch, ...]))
    except msgspec.MsgspecError:
        raise GoldworksError(f"{path} holds no key ring", remedy="put it back: without it no hash of the tables fits") from None


def write_ring(home: Path, ring: Ring) -> None:
    """Keep the ring in the home, in one step."""
    write_secret(home / "keys" / FILE, msgspec.json.encode(ring.epochs))
