"""The installation's secret key: from `GOLDWORKS_KEY`, else a file with checked rights, made on first use."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from goldworks.errors import GoldworksError
from goldworks.settings import secret

KEY_BYTES = 32


def load_key(home: Path) -> bytes:
    """The key that hashes of personal data are made with, 32 bytes.

    Losing it cuts every join through those hashes; whoever has it can test guesses of a value against the tables.
    """
    given = secret("GOLDWORKS_KEY")
    if given is not None:
        try:
            key = bytes.fromhex(given)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise GoldworksError(
                f"GOLDWORKS_KEY must be {KEY_BYTES} bytes as {2 * KEY_BYTES} hex digits", remedy="openssl rand -hex 32"
            )
        return key
    path = home / "keys" / "hmac.key"
    if not path.exists():
        _create(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise GoldworksError(f"{path} can be read by others", remedy=f"chmod 600 {path}")
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
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
