"""The key is made once, private, and never quietly replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldworks.errors import GoldworksError
from goldworks.keys import load_key


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


def test_a_key_of_the_environment_wins_and_a_bad_one_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_KEY", "ab" * 32)
    assert load_key(tmp_path) == b"\xab" * 32
    monkeypatch.setenv("GOLDWORKS_KEY", "tooshort")
    with pytest.raises(GoldworksError) as caught:
        load_key(tmp_path)
    assert "tooshort" not in str(caught.value)
