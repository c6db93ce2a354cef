"""The installation's signature: Ed25519 over a DSSE envelope, so that others can check it with the public key alone.

The key comes from `GOLDWORKS_SIGNING_KEY`, else from `keys/signing.key`, made on first use. `keys/signing.pub` is its public
half, for giving away; public halves of keys that were rotated out stay in `keys/retired/`, and what they signed stays valid.
Whoever has the home's signing key can sign anything: keep the key elsewhere (the environment) where that matters.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from goldworks.access.secret_files import create_key, given_key, read_key, write_secret
from goldworks.digests import canonical
from goldworks.errors import GoldworksError, InputError

VARIABLE = "GOLDWORKS_SIGNING_KEY"
STATEMENT_TYPE = "application/vnd.goldworks.statement+json"
ANEW = "goldworks keys rotate --signing makes a new one; what the old one signed stays valid"

Envelope = dict[str, Any]


class Signer:
    """Signs for the home folder `home`, and checks what it signed."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "keys"
        self.public_file = self.folder / "signing.pub"
        self._key: Ed25519PrivateKey | None = None

    def sign(self, payload: bytes, payload_type: str = STATEMENT_TYPE) -> Envelope:
        """`payload` in a DSSE envelope. Raises `GoldworksError` when the key is gone, unreadable or another one."""
        key = self._loaded()
        signature = key.sign(pre_authentication(payload_type, payload))
        return {
            "payloadType": payload_type,
            "payload": base64.b64encode(payload).decode("ascii"),
            "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode("ascii")}],
        }

    def sign_statement(self, statement: dict[str, Any], payload_type: str = STATEMENT_TYPE) -> Envelope:
        """The statement as canonical JSON in an envelope."""
        return self.sign(canonical(statement), payload_type)

    def verify(self, envelope: Envelope, payload_type: str | None = None) -> bytes:
        """The payload of an envelope that a present or earlier key of this home signed. Raises `GoldworksError`."""
        return verify(envelope, self.public_keys(), payload_type)

    @property
    def key_id(self) -> str:
        """Of the present key."""
        return key_id(self._loaded().public_key())

    def present_key_id(self) -> str:
        """Of the public half that is there, also when the private one is lost. Raises `InputError`."""
        return key_id(read_public(self.public_file))

    def public_keys(self) -> list[Ed25519PublicKey]:
        """The present key's public half first, then those of keys rotated out."""
        if not self.public_file.exists():
            self._loaded()
        return [read_public(path) for path in (self.public_file, *sorted((self.folder / "retired").glob("*.pub")))]

    def rotate(self) -> str:
        """Retire the present key for a new one; return the new one's id. With the key in the environment: set the new one there
        first, then call this.
        """
        given = given_key(VARIABLE)
        if self.public_file.exists():
            old = read_public(self.public_file)
            retired = self.folder / "retired" / f"{key_id(old)[:16]}.pub"
            write_secret(retired, _pem(old))
        fresh = Ed25519PrivateKey.from_private_bytes(given) if given else Ed25519PrivateKey.generate()
        if (
            given is not None
            and self.public_file.exists()
            and key_id(fresh.public_key()) == key_id(read_public(self.public_file))
        ):
            raise InputError(f"{VARIABLE} still holds the present key", remedy="set it to a new one: openssl rand -hex 32")
        self.public_file.unlink(missing_ok=True)  # killed from here on, the key that is found is the present one
        if given is None:
            write_secret(self.folder / "signing.key", fresh.private_bytes_raw().hex().encode("ascii"))
        self._key = None
        return self.key_id

    def _loaded(self) -> Ed25519PrivateKey:
        if self._key is None:
            given, path = given_key(VARIABLE), self.folder / "signing.key"
            if given is None:
                if not path.exists():
                    if self.public_file.exists():
                        raise GoldworksError(
                            f"the signing key of {self.folder.parent} is gone: {path}",
                            remedy=f"put it back, or set {VARIABLE}. If it is lost, {ANEW}",
                        )
                    create_key(path)
                given = read_key(path, f"put the key back. If it is lost, {ANEW}")
            key = Ed25519PrivateKey.from_private_bytes(given)
            if not self.public_file.exists():
                write_secret(self.public_file, _pem(key.public_key()))
            elif key_id(read_public(self.public_file)) != key_id(key.public_key()):
                raise GoldworksError(
                    f"not the signing key that {self.public_file} belongs to", remedy=f"use that key. If it is lost, {ANEW}"
                )
            self._key = key
        return self._key


def verify(envelope: Envelope, keys: list[Ed25519PublicKey], payload_type: str | None = None) -> bytes:
    """The payload of a DSSE envelope that one of `keys` signed; of `payload_type`, if one is given.

    Raises `GoldworksError` when it is no envelope, signed by none of them, or not what was signed.
    """
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        type_ = str(envelope["payloadType"])
        signatures = [(str(one.get("keyid")), base64.b64decode(one["sig"], validate=True)) for one in envelope["signatures"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise GoldworksError("not a signed envelope", remedy="name a file that Goldworks signed") from None
    if payload_type is not None and type_ != payload_type:
        raise GoldworksError(f"signed as {type_}, not as {payload_type}", remedy="name the file of that kind")
    known = {key_id(key): key for key in keys}
    tried = [(known[name], signature) for name, signature in signatures if name in known]
    if not tried:
        names = ", ".join(name[:16] for name, _ in signatures) or "nobody"
        raise GoldworksError(f"signed by a key that is not known here: {names}", remedy="give the public key of who signed it")
    for key, signature in tried:
        try:
            key.verify(signature, pre_authentication(type_, payload))
        except InvalidSignature:
            continue
        return payload
    raise GoldworksError("the signature does not fit: it was changed after it was signed")


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding, which binds the payload to its type."""
    type_ = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(type_), type_, len(payload), payload)


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the public key in DER form, as `openssl pkey -pubin -outform DER | sha256sum` says it."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def read_public(path: Path) -> Ed25519PublicKey:
    """A public key file. Raises `InputError`."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", remedy="name the public key of who signed it") from None
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        what = f"{path}: not an Ed25519 public key in PEM form"
        raise InputError(what, remedy="it is the keys/signing.pub of who signed: ask them for it")
    return key


def read_envelope(path: Path) -> Envelope:
    """The envelope in a file. Raises `InputError`."""
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{path}: not a signed envelope")
    return found


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
