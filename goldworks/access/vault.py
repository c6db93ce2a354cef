"""The vault: the values behind the tokens, encrypted, outside the lake. Off unless `expectations/policies/keys.yml` turns it on.

AES-256-GCM, with the conversation and the token as associated data: a row that is moved to another place does not open. The
worker that redacts encrypts; nothing else of the line ever holds a value of the vault. Destroying the key destroys all of it,
wherever copies of the file lie. The key is `GOLDWORKS_VAULT_KEY`, else `keys/vault.key`, made when the first value is kept.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from goldworks.access.sealing import Sealed, seal, unseal
from goldworks.access.secret_files import create_key, given_key, read_key, shred, write_secret
from goldworks.digests import keyed_digest
from goldworks.errors import GoldworksError, InputError
from goldworks.faults import fault_point
from goldworks.locks import alone

VARIABLE, OLD_VARIABLE = "GOLDWORKS_VAULT_KEY", "GOLDWORKS_VAULT_KEY_OLD"
WAIT_SECONDS = 60.0
GONE = "the values cannot be read any more; goldworks vault destroy removes them and lets a new vault begin"


class Vault:
    """The vault of the home folder `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.file = home / "vault" / "values.sqlite"
        self._key_file = home / "keys" / "vault.key"
        self._next_file = home / "keys" / "vault.key.next"

    def key(self) -> bytes:
        """The key, made on first use of an empty vault. Raises `GoldworksError` when it is gone or another one."""
        if self._next_file.exists():
            raise GoldworksError(
                f"a rotation of the vault's key of {self.home} was interrupted",
                remedy="goldworks keys rotate --vault finishes it",
            )
        given = given_key(VARIABLE)
        if given is None:
            if not self._key_file.exists():
                if self.file.exists():
                    raise GoldworksError(
                        f"the vault's key is gone: {self._key_file}", remedy=f"put it back. If it is lost, {GONE}"
                    )
                create_key(self._key_file)
            given = read_key(self._key_file, f"put the key back. If it is lost, {GONE}")
        with self._opened() as database:
            database.execute("insert into mark select ? where not exists (select 1 from mark)", [_mark(given)])
            if database.execute("select mark from mark").fetchone() != (_mark(given),):
                raise GoldworksError(
                    f"not the key that the vault of {self.home} was made with", remedy=f"use that key. If it is lost, {GONE}"
                )
        return given

    def put(self, conversation: str, sealed: Iterable[Sealed]) -> None:
        """Keep values of a conversation; one that is there is replaced."""
        rows = [(conversation, one.token, one.blob) for one in sealed]
        if rows:
            with self._opened() as database:
                database.executemany("insert or replace into sealed values (?, ?, ?)", rows)

    def has(self, conversation: str, token: str) -> bool:
        """Whether a value is there."""
        return self._blob(conversation, token) is not None

    def read(self, conversation: str, token: str) -> str:
        """One value. Raises `InputError` when it is not there. Whoever calls this notes it before it is shown."""
        blob = self._blob(conversation, token)
        if blob is None:
            raise InputError(f"the vault has no {token} of conversation {conversation}")
        return unseal(self.key(), conversation, token, blob)

    def _blob(self, conversation: str, token: str) -> bytes | None:
        if not self.file.exists():
            return None
        with self._opened() as database:
            where = "select blob from sealed where conversation = ? and token = ?"
            found = database.execute(where, [conversation, token]).fetchone()
        return None if found is None else found[0]

    def count(self) -> int:
        """Values there are."""
        if not self.file.exists():
            return 0
        with self._opened() as database:
            return int(database.execute("select count(*) from sealed").fetchone()[0])

    def forget(self, conversations: Iterable[str]) -> int:
        """Remove all values of conversations, with their bytes; return how many."""
        return self._delete("delete from sealed where conversation = ?", [(one,) for one in conversations])

    def forget_tokens(self, places: Iterable[tuple[str, str]]) -> int:
        """Remove values by (conversation, token), with their bytes; return how many."""
        return self._delete("delete from sealed where conversation = ? and token = ?", list(places))

    def destroy(self) -> int:
        """Destroy the key, then what it encrypted; return how many values that were. Nobody can read them again: also not
        in copies of the file, unless they have a copy of the key.
        """
        with self._alone():
            count = self.count()
            shred(self._key_file)
            shred(self._next_file)
            fault_point("vault.key_destroyed")
            self.file.unlink(missing_ok=True)
        return count

    def rotate(self) -> int:
        """Encrypt everything anew with a new key; return how many values. Killed on the way, it goes on when called again.

        A key of the environment: the new one in `GOLDWORKS_VAULT_KEY`, the old one in `GOLDWORKS_VAULT_KEY_OLD`.
        """
        with self._alone():
            if not self.file.exists():
                return 0
            given = given_key(VARIABLE)
            if given is None and not self._next_file.exists():
                self.key()  # refuses a key that is not the vault's
                write_secret(self._next_file, os.urandom(32).hex().encode("ascii"))
            fault_point("vault.next_key_written")
            new = given if given is not None else read_key(self._next_file, "goldworks vault destroy")
            with self._opened() as database:  # one transaction: the mark says which key the rows are made with
                if database.execute("select mark from mark").fetchone() != (_mark(new),):
                    self._anew(database, self._old_key(database), new)
                count = int(database.execute("select count(*) from sealed").fetchone()[0])
            self._vacuum()
            fault_point("vault.encrypted_anew")
            if given is None:
                shred(self._key_file)
                self._next_file.replace(self._key_file)
            return count

    def _old_key(self, database: sqlite3.Connection) -> bytes:
        old = given_key(OLD_VARIABLE) or (read_key(self._key_file, "put the key back") if self._key_file.exists() else None)
        if old is None or database.execute("select mark from mark").fetchone() != (_mark(old),):
            raise InputError("the key that the vault was made with is needed once more", remedy=f"set {OLD_VARIABLE} to it")
        return old

    @staticmethod
    def _anew(database: sqlite3.Connection, old: bytes, new: bytes) -> None:
        for conversation, token, blob in database.execute("select conversation, token, blob from sealed").fetchall():
            fresh = seal(new, conversation, token, unseal(old, conversation, token, blob))
            database.execute("update sealed set blob = ? where conversation = ? and token = ?", [fresh.blob, conversation, token])
        database.execute("update mark set mark = ?", [_mark(new)])

    def _delete(self, statement: str, places: list[tuple[str, ...]]) -> int:
        if not self.file.exists() or not places:
            return 0
        with self._opened() as database:
            count = database.executemany(statement, places).rowcount
        self._vacuum()
        return count

    def _vacuum(self) -> None:
        database = sqlite3.connect(self.file, isolation_level=None)
        database.execute("vacuum")
        database.close()

    def _alone(self) -> AbstractContextManager[None]:
        return alone(self.home / "vault.lock", "the vault is being changed", wait_seconds=WAIT_SECONDS)

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.file.exists():
            os.close(os.open(self.file, os.O_CREAT | os.O_WRONLY, 0o600))
        database = sqlite3.connect(self.file, timeout=WAIT_SECONDS)
        try:
            database.execute("pragma secure_delete = on")
            database.execute(
                "create table if not exists sealed (conversation text, token text, blob blob, primary key (conversation, token))"
            )
            database.execute("create table if not exists mark (mark text)")
            with database:
                yield database
        finally:
            database.close()


def _mark(key: bytes) -> str:
    """What recognises a key, and does not give it away."""
    return keyed_digest(key, "vault")
