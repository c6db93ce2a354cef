"""The vault: values only under its key and in their place; destroyed, nothing can be read; rotation survives a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from goldworks.access.sealing import Sealed, seal, unseal
from goldworks.access.vault import Vault
from goldworks.errors import GoldworksError, InputError

VALUE = "Ann Lee \u00fc"


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    for name in ("GOLDWORKS_VAULT_KEY", "GOLDWORKS_VAULT_KEY_OLD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    vault = Vault(tmp_path)
    for conversation in ("c1", "c2"):
        vault.put(
            conversation,
            [seal(vault.key(), conversation, token, f"{VALUE} {conversation}") for token in ("<PERSON_1>", "<PERSON_2>")],
        )
    return vault


def stored(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_a_value_is_read_back_by_its_place_and_stands_nowhere_in_the_clear(vault: Vault):
    assert vault.read("c1", "<PERSON_1>") == f"{VALUE} c1"
    assert b"Ann Lee" not in stored(vault.home)
    assert vault.file.stat().st_mode & 0o777 == 0o600
    assert (vault.home / "keys" / "vault.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="no <PERSON_9>"):
        vault.read("c1", "<PERSON_9>")


def test_a_row_that_was_moved_or_changed_does_not_open(vault: Vault):
    key = vault.key()
    one = seal(key, "c1", "<PERSON_1>", VALUE)
    assert unseal(key, "c1", "<PERSON_1>", one.blob) == VALUE
    for conversation, token, blob in (
        ("c2", "<PERSON_1>", one.blob),
        ("c1", "<PERSON_2>", one.blob),
        ("c1", "<PERSON_1>", one.blob[:-1] + bytes([one.blob[-1] ^ 1])),
        ("c1", "<PERSON_1>", b""),
    ):
        with pytest.raises(GoldworksError, match="does not open"):
            unseal(key, conversation, token, blob)
    vault.put("c2", [Sealed("<PERSON_1>", one.blob)])
    with pytest.raises(GoldworksError, match="does not open"):
        vault.read("c2", "<PERSON_1>")


def test_another_key_or_a_lost_one_is_refused_and_never_made_anew(vault: Vault, monkeypatch: pytest.MonkeyPatch):
    file = vault.home / "keys" / "vault.key"
    monkeypatch.setenv("GOLDWORKS_VAULT_KEY", "ab" * 32)
    with pytest.raises(GoldworksError, match="not the key"):
        Vault(vault.home).read("c1", "<PERSON_1>")
    monkeypatch.delenv("GOLDWORKS_VAULT_KEY")
    kept = file.rename(vault.home / "kept")
    with pytest.raises(GoldworksError, match="key is gone"):
        Vault(vault.home).read("c1", "<PERSON_1>")
    assert not file.exists()
    kept.rename(file)
    file.chmod(0o644)
    with pytest.raises(GoldworksError, match="chmod 600"):
        Vault(vault.home).key()


def test_after_its_key_is_destroyed_a_copy_of_the_vault_cannot_be_read(vault: Vault):
    copy = vault.file.read_bytes()
    key = (vault.home / "keys" / "vault.key").read_bytes()
    assert vault.destroy() == 4
    assert key not in stored(vault.home)
    assert not vault.file.exists()
    with pytest.raises(InputError):
        vault.read("c1", "<PERSON_1>")
    vault.file.write_bytes(copy)
    with pytest.raises(GoldworksError, match="key is gone"):
        vault.read("c1", "<PERSON_1>")


def test_forgetting_removes_the_bytes(vault: Vault):
    with sqlite3.connect(vault.file) as database:
        rows = database.execute("select conversation, blob from sealed").fetchall()
    assert vault.forget(["c1", "c9"]) == 2
    assert vault.forget_tokens([("c2", "<PERSON_1>")]) == 1
    left = stored(vault.home)
    assert [blob in left for conversation, blob in rows if conversation == "c1"] == [False, False]
    assert vault.read("c2", "<PERSON_2>") == f"{VALUE} c2"
    assert vault.count() == 1


@pytest.mark.parametrize("point", ["vault.next_key_written", "vault.encrypted_anew"])
def test_a_rotation_that_was_killed_goes_on(vault: Vault, point: str):
    old, before = (vault.home / "keys" / "vault.key").read_text(), vault.file.read_bytes()
    code = "import sys; from pathlib import Path; from goldworks.access.vault import Vault; Vault(Path(sys.argv[1])).rotate()"
    killed = subprocess.run(
        [sys.executable, "-c", code, str(vault.home)], check=False, env={**os.environ, "GOLDWORKS_FAULT": point}
    )
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(GoldworksError, match="keys rotate --vault finishes it"):
        vault.read("c1", "<PERSON_1>")
    assert vault.rotate() == 4
    assert (vault.home / "keys" / "vault.key").read_text() != old
    assert vault.read("c1", "<PERSON_1>") == f"{VALUE} c1"
    assert old.encode() not in stored(vault.home)
    assert vault.file.read_bytes() != before
    assert vault.rotate() == 4


def test_a_key_of_the_environment_is_rotated_with_the_old_one_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_VAULT_KEY", "ab" * 32)
    vault = Vault(tmp_path)
    vault.put("c1", [seal(vault.key(), "c1", "<PERSON_1>", VALUE)])
    monkeypatch.setenv("GOLDWORKS_VAULT_KEY", "cd" * 32)
    with pytest.raises(InputError, match="GOLDWORKS_VAULT_KEY_OLD"):
        vault.rotate()
    monkeypatch.setenv("GOLDWORKS_VAULT_KEY_OLD", "ab" * 32)
    assert vault.rotate() == 1
    assert vault.read("c1", "<PERSON_1>") == VALUE
    assert not (tmp_path / "keys").exists()


def test_an_empty_home_has_no_vault_and_looking_makes_none(tmp_path: Path):
    vault = Vault(tmp_path)
    assert (vault.count(), vault.forget(["c"]), vault.rotate()) == (0, 0, 0)
    with pytest.raises(InputError):
        vault.read("c", "<PERSON_1>")
    assert not (tmp_path / "vault").exists()
    assert not (tmp_path / "keys").exists()
