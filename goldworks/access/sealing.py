"""One value, encrypted for its place: what a worker does with a value before anything else of the line gets to see it."""

from __future__ import annotations

import os

import msgspec

from goldworks.digests import canonical
from goldworks.errors import GoldworksError

NONCE_BYTES = 12


class Sealed(msgspec.Struct, frozen=True):
    """An encrypted value of a conversation."""

    token: str
    blob: bytes


def seal(key: bytes, conversation: str, token: str, value: str) -> Sealed:
    """Encrypt a value for its place: AES-256-GCM, with the conversation and the token as associated data."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    secret = value.encode("utf-8", "surrogatepass")
    return Sealed(token, nonce + AESGCM(key).encrypt(nonce, secret, canonical([conversation, token])))


def unseal(key: bytes, conversation: str, token: str, blob: bytes) -> str:
    """The value. Raises `GoldworksError` when the key is another, or the row was changed or moved."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        secret = AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], canonical([conversation, token]))
    except (InvalidTag, ValueError):
        raise GoldworksError("the entry of the vault does not open: it was changed, or moved from another place") from None
    return secret.decode("utf-8", "surrogatepass")
