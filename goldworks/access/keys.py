"""The installation's secret key: from `GOLDWORKS_KEY`, else a file with checked rights, made on first use."""

from __future__ import annotations

import secrets
from pathlib import Path

from goldworks.access.secret_files import create_key, given_key, read_key
from goldworks.digests import keyed_digest
from goldworks.errors import GoldworksError

MARK = "key_mark"
"""File of the home that recognises its key, and does not give it away."""
ANEW = "If it is lost, begin a new home: hashes made with another key match none of these"


def load_key(home: Path) -> bytes:
    """The key that hashes of personal data are made with, 32 bytes.

    Losing it cuts every join through those hashes; whoever has it can test guesses of a value against the tables.
    """
    given = given_key("GOLDWORKS_KEY")
    key = _stored(home) if given is None else given
    _recognise(home, key)
    return key


def erased_hash(key: bytes, conversation_id: str, value_hash: str) -> str:
    """What stands for an erased value in one conversation. It is made with the key of content ids: a rotation leaves it."""
    return keyed_digest(key, "erased", conversation_id, value_hash)


def _stored(home: Path) -> bytes:
    path = home / "keys" / "hmac.key"
    if not path.exists():
        if (home / MARK).exists():
            raise GoldworksError(f"the key of {home} is gone: {path}", remedy=f"put it back, or set GOLDWORKS_KEY. {ANEW}")
        create_key(path)
    return read_key(path, f"put the key back. {ANEW}")


def _recognise(home: Path, key: bytes) -> None:
    """Refuse another key than the one that the home's tables were made with: the same value would get two hashes."""
    mark, path = keyed_digest(key, "mark"), home / MARK
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{MARK}.{secrets.token_hex(4)}")
        draft.write_text(mark, encoding="ascii")
        draft.replace(path)
    elif path.read_text(encoding="ascii") != mark:
        raise GoldworksError(f"not the key that the tables of {home} were made with", remedy=f"use that key. {ANEW}")
