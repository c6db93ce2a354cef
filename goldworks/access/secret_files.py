"""Secrets of the home: 32 bytes each, from an environment variable, else from a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from goldworks.errors import GoldworksError
from goldworks.settings import secret

KEY_BYTES = 32


def given_key(variable: str) -> bytes | None:
    """The key that the environment gives, or None. Raises `GoldworksError`, which never shows it."""
    given = secret(variable)
    return None if given is None else decoded(given, variable, "openssl rand -hex 32")


def read_key(path: Path, remedy: str) -> bytes:
    """The key in the file. Raises `GoldworksError` when others can read it, or it holds none."""
    check_rights(path)
    return decoded(path.read_bytes().decode("ascii", "replace").strip(), str(path), remedy)


def check_rights(path: Path) -> None:
    """Raises `GoldworksError` when others than the owner can read or write the file."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise GoldworksError(f"{path} can be read by others", remedy=f"chmod 600 {path}")


def decoded(text: str, where: str, remedy: str) -> bytes:
    """32 bytes from 64 hex digits."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise GoldworksError(f"{where} must be {KEY_BYTES} bytes as {2 * KEY_BYTES} hex digits", remedy=remedy)
    return key


def create_key(path: Path) -> None:
    """Make a new key, unless another process was faster: then its key stays."""
    draft = _draft(path, secrets.token_hex(KEY_BYTES).encode("ascii"))
    try:
        os.link(draft, path)  # whoever comes first wins; a second process reads the first one's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def write_secret(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step, for its owner only; on the disk when this returns."""
    _draft(path, data).replace(path)
    sync_folder(path.parent)


def shred(path: Path) -> None:
    """Overwrite a small file, then remove it. A file system that copies on write, and backups, may keep what was there."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(max(1, path.stat().st_size)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A name that was added to or removed from the folder outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _draft(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return draft
