"""Signatures of what people wrote into policies, waivers and approvals say: over the content, bound to its type (DSSE).

A signature proves that it was made with the signing key of a home, and that nothing was changed since. Whose hand typed the name
of the person it does not prove.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from goldworks.access.signing import Signer, key_id, read_public, verify
from goldworks.digests import canonical
from goldworks.errors import GoldworksError, InputError
from goldworks.policies import Policy
from goldworks.settings import TRUSTED_KEYS, trusted_key_ids

KEYS = "keys"
"""Folder of the policies in which public keys of other homes lie. The environment says which of them count here."""


class Signature(Policy):
    """Of the home that it was signed in."""

    keyid: str
    sig: str


def sign_content(content: dict[str, Any], payload_type: str, signer: Signer) -> Signature:
    """The home's signature of the content. Raises as `Signer.sign`."""
    return Signature(**signer.sign_statement(content, payload_type)["signatures"][0])


def signature_problem(
    content: dict[str, Any], payload_type: str, signature: Signature, keys: Sequence[Ed25519PublicKey]
) -> tuple[str, str] | None:
    """Why a signature does not count, a word (changed, unknown_key) and a sentence; None: it does."""
    envelope = {
        "payloadType": payload_type,
        "payload": base64.b64encode(canonical(content)).decode("ascii"),
        "signatures": [signature.model_dump()],
    }
    try:
        verify(envelope, list(keys), payload_type)
    except GoldworksError as error:
        if "does not fit" in error.what:
            return "changed", error.what
        named = f"a key of another home counts when its public half lies in {KEYS}/ and {TRUSTED_KEYS} names its id"
        return "unknown_key", f"{error.what}; {named}"
    return None


def trusted_keys(signer: Signer, expectations: Path) -> list[Ed25519PublicKey]:
    """Keys whose signatures count: this home's, and of those in `expectations/keys/` the ones that the environment names by id.

    What lies in the folder does not count by itself: who may write policies would approve them by laying a key beside them.
    Raises `InputError` for an id of which there is no key.
    """
    named = trusted_key_ids()
    if not named:
        return signer.public_keys()
    others = {key_id(key): key for key in (read_public(path) for path in sorted((expectations / KEYS).glob("*.pub")))}
    own = signer.public_keys()
    if absent := sorted(named - others.keys() - {key_id(key) for key in own}):
        raise InputError(
            f"{TRUSTED_KEYS} names {absent[0]}, and no file of {expectations / KEYS} holds that key",
            remedy="put the public key (keys/signing.pub of its home) there, or take the id out",
        )
    return [*own, *(others[name] for name in sorted(named & others.keys()))]
