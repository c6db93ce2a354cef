"""The installation's secret key: from `GOLDWORKS_KEY`, else a file with checked rights, made on first use."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from goldworks.digests import keyed_digest
from goldworks.errors import GoldworksError
from goldworks.settings import secret

KEY_BYTES = 32
MARK = "key_mark"
"""File of the home that recognises its key, and does not give it away."""
ANEW = "If it is lost, begin a new home: hashes made with another key match none of these"


def load_key(home: Path) -> bytes:
    """The key that hashes of personal data are made with, 32 bytes.

    Losing it cuts every join through those hashes; whoever has it can test guesses of a value against the tables.
    """
    given = secret("GOLDWORKS_KEY")
    key = _stored(home) if given is None else _decoded(given, "GOLDWORKS_KEY", "openssl rand -hex 32")
    _recognise(home, key)
    return key


def _stored(home: Path) -> bytes:
    path = home / "keys" / "hmac.key"
    if not path.exists():
        if (home / MARK).exists():
            raise GoldworksError(f"the key of {home} is gone: {path}", remedy=f"put it back, or set GOLDWORKS_KEY. {ANEW}")
        _create(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise GoldworksError(f"{path} can be read by others", remedy=f"chmod 600 {path}")
    return _decoded(path.read_bytes().decode("ascii", "replace").strip(), str(path), f"put the key back. {ANEW}")


def _decoded(text: str, where: str, remedy: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise GoldworksError(f"{where} must be {KEY_BYTES} bytes as {2 * KEY_BYTES} hex digits", remedy=remedy)
    return key


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


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(secrets.token_hex(KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, path)  # whoever comes first wins; a second process reads the first one's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
