"""The key is made once, private, and never quietly replaced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from goldworks.access.keys import load_key
from goldworks.errors import GoldworksError


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_KEY", raising=False)
    key = load_key(tmp_path)
    assert len(key) == 32
    assert load_key(tmp_path) == key
    assert (tmp_path / "keys" / "hmac.key").stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_KEY", raising=False)
    load_key(tmp_path)
    (tmp_path / "keys" / "hmac.key").chmod(0o644)
    with pytest.raises(GoldworksError, match="chmod 600"):
        load_key(tmp_path)


def test_a_key_that_is_not_the_one_of_the_tables_is_refused_and_never_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_KEY", raising=False)
    key = load_key(tmp_path)
    file = tmp_path / "keys" / "hmac.key"
    kept = file.rename(tmp_path / "kept")
    with pytest.raises(GoldworksError, match="is gone"):
        load_key(tmp_path)
    assert not file.exists()
    monkeypatch.setenv("GOLDWORKS_KEY", "cd" * 32)
    with pytest.raises(GoldworksError, match="not the key"):
        load_key(tmp_path)
    monkeypatch.delenv("GOLDWORKS_KEY")
    kept.rename(file)
    assert load_key(tmp_path) == key
    monkeypatch.setenv("GOLDWORKS_KEY", key.hex())
    assert load_key(tmp_path) == key


def test_a_key_file_that_holds_no_key_is_refused_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_KEY", raising=False)
    (tmp_path / "keys").mkdir()
    file = tmp_path / "keys" / "hmac.key"
    for content in ("", "abcd", "no hex"):
        file.write_text(content, encoding="ascii")
        file.chmod(0o600)
        with pytest.raises(GoldworksError, match="64 hex digits") as caught:
            load_key(tmp_path)
        assert not content or content not in str(caught.value)


def test_a_draft_that_a_killed_process_left_is_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_KEY", raising=False)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / f"hmac.key.{os.getpid()}").write_text(
        "", encoding="ascii"
    )  # in a container the number is always the same
    assert len(load_key(tmp_path)) == 32


def test_a_key_of_the_environment_wins_and_a_bad_one_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_KEY", "ab" * 32)
    assert load_key(tmp_path) == b"\xab" * 32
    monkeypatch.setenv("GOLDWORKS_KEY", "tooshort")
    with pytest.raises(GoldworksError) as caught:
        load_key(tmp_path)
    assert "tooshort" not in str(caught.value)
