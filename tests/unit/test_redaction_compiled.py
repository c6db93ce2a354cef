"""Compiled rules on disk: used only when this installation wrote them for the same rules; whatever is wrong costs time alone."""

from __future__ import annotations

import pytest

from goldworks.redaction import prefilter
from goldworks.redaction.compiled import CODE_BYTES, Compiled

HINTS = [r"\d{4}", r"[a-z]+@[a-z]+", "secret"]
TEXTS = ["call 1234", "nothing", "me@there and a secret"]
FOUND = {0: {0}, 2: {1, 2}}

pytest.importorskip("hyperscan")


def stored(tmp_path):
    (path,) = (tmp_path / "cache").glob("rules-*.hs")
    return path


@pytest.fixture
def compiled(tmp_path):
    return Compiled(tmp_path / "cache", b"k" * 32)


def test_what_is_read_back_finds_the_same(compiled, tmp_path, monkeypatch):
    assert prefilter.build(HINTS, compiled).candidates(TEXTS) == FOUND
    assert stored(tmp_path).stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(prefilter, "compiled_here", None)  # a second compilation would fail
    assert prefilter.build(HINTS, compiled).candidates(TEXTS) == FOUND


DAMAGES = [lambda data: data[:-1], lambda data: data[:CODE_BYTES] + b"x" + data[CODE_BYTES + 1 :], lambda data: b""]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_file_is_not_used(compiled, tmp_path, damage):
    prefilter.build(HINTS, compiled)
    path = stored(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert prefilter.build(HINTS, compiled).candidates(TEXTS) == FOUND
    assert path.read_bytes() == whole  # written anew


def test_another_key_or_other_rules_are_another_file(compiled, tmp_path):
    prefilter.build(HINTS, compiled)
    first = stored(tmp_path).read_bytes()
    prefilter.build(HINTS, Compiled(tmp_path / "cache", b"j" * 32))
    assert stored(tmp_path).read_bytes() != first
    assert prefilter.build([*HINTS, "more"], compiled).candidates(["more"]) == {0: {3}}
    stored(tmp_path)  # the old rules are gone


def test_a_disk_that_refuses_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert prefilter.build(HINTS, Compiled(tmp_path / "file" / "cache", b"k" * 32)).candidates(TEXTS) == FOUND
