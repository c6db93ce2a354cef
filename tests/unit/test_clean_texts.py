"""What the second scanner is spared: it finds what it would have found, whatever happens to the file, which holds no text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldworks.adapters.caches_forgetting import HashCaches
from goldworks.orders import Kind, new_order
from goldworks.proof.clean import FILE, Remembering
from goldworks.proof.triage import Hit

KEY = b"k" * 32
CLEAN, LEAK = "an order of two lamps", "mail rosa@posteo.de"


class Finder:
    """Finds every @; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scan(self, texts: Sequence[str]) -> list[list[Hit]]:
        self.asked += texts
        return [[Hit(at, at + 1, "AT", 1.0) for at, one in enumerate(text) if one == "@"] for text in texts]


def scanner(folder: Path, fingerprint: bytes = b"1", key: bytes = KEY) -> tuple[Remembering, Finder]:
    finder = Finder()
    return Remembering(finder, folder, key, fingerprint), finder


def test_a_clean_text_is_scanned_once_and_a_finding_every_time(tmp_path: Path):
    for asked in ([CLEAN, LEAK], [LEAK], [LEAK]):
        remembering, finder = scanner(tmp_path)
        assert remembering.scan([CLEAN, LEAK]) == [[], Finder().scan([LEAK])[0]]
        assert finder.asked == asked


@pytest.mark.parametrize("other", [{"fingerprint": b"2"}, {"key": b"x" * 32}])
def test_another_scanner_or_key_has_seen_nothing(tmp_path: Path, other: dict[str, bytes]):
    scanner(tmp_path)[0].scan([CLEAN])
    remembering, finder = scanner(tmp_path, **other)
    remembering.scan([CLEAN])
    assert finder.asked == [CLEAN]
    remembering, finder = scanner(tmp_path, **other)
    remembering.scan([CLEAN])
    assert finder.asked == []


@given(st.lists(st.lists(st.text("ab@\ud800é", max_size=3), max_size=8), max_size=5))
def test_it_finds_what_is_there(tmp_path_factory: pytest.TempPathFactory, days: list[list[str]]):
    folder = tmp_path_factory.mktemp("cache")
    for texts in days:
        assert scanner(folder)[0].scan(texts) == Finder().scan(texts)


@pytest.mark.parametrize("damage", [b"", b"x", b"not of our making, whatever it is"])
def test_a_damaged_file_costs_time_alone(tmp_path: Path, damage: bytes):
    scanner(tmp_path)[0].scan([CLEAN])
    (tmp_path / FILE).write_bytes(damage)
    assert scanner(tmp_path)[0].scan([CLEAN, LEAK])[0] == []
    remembering, finder = scanner(tmp_path)
    remembering.scan([CLEAN])
    assert finder.asked == []


def test_no_file_of_ours_in_its_place_costs_time_alone(tmp_path: Path):
    (tmp_path / "folder" / FILE).mkdir(parents=True)
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "folder", tmp_path / "file"):
        assert [bool(hits) for hits in scanner(folder)[0].scan([CLEAN, LEAK])] == [False, True]


def test_what_a_killed_process_left_half_written_is_cut_off(tmp_path: Path):
    scanner(tmp_path)[0].scan([CLEAN])
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"123")
    scanner(tmp_path)[0].scan(["another"])
    remembering, finder = scanner(tmp_path)
    remembering.scan([CLEAN, "another"])
    assert finder.asked == []


def test_the_file_is_the_owners_and_holds_no_text(tmp_path: Path):
    scanner(tmp_path / "cache")[0].scan([CLEAN])
    file = tmp_path / "cache" / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 16


@pytest.mark.parametrize(("kind", "is_left"), [("conversation", False), ("user", False), ("value", False), ("reveal", True)])
def test_an_erasure_deletes_it(tmp_path: Path, kind: Kind, is_left: bool):
    scanner(tmp_path)[0].scan([CLEAN])
    assert HashCaches(tmp_path).forget(new_order(kind, ["c"], "1-a")).counts == {"files": int(not is_left)}
    assert (tmp_path / FILE).exists() == is_left
