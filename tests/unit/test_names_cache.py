"""The cache of names on disk: it never changes an answer, whatever happens to its file, and holds no text."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldworks.adapters.caches_forgetting import HashCaches
from goldworks.orders import Kind, new_order
from goldworks.redaction import model_files, names_store
from goldworks.redaction.model_files import content_digest
from goldworks.redaction.names import Place, in_order
from goldworks.redaction.names_cache import CachedNames, fingerprint
from goldworks.redaction.names_store import FILE, Store, clear
from goldworks.redaction.policy import NameRules
from goldworks.settings import PROJECT_ROOT

KEY = b"\x05" * 32
TEXTS = [f"Rosa and Rosa Lindqvist ordered {number} lamps" for number in range(40)]


class Counting:
    """Finds capitalised words, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        self.asked += texts
        return [answer(text) for text in texts]


def answer(text: str) -> list[Place]:
    return in_order((index, min(index + 3, len(text))) for index, char in enumerate(text) if char.isupper())


def cached(folder: Path, key: bytes = KEY, mark: str = "one") -> tuple[CachedNames, Counting]:
    names = Counting()
    return CachedNames(names, Store(folder), key, mark), names


def test_a_text_is_asked_once_for_all_processes_and_days(tmp_path: Path):
    names, model = cached(tmp_path)
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
    again, other_model = cached(tmp_path)
    assert again.find_names([*TEXTS, "New Text"]) == [answer(text) for text in [*TEXTS, "New Text"]]
    assert (len(model.asked), other_model.asked) == (len(TEXTS), ["New Text"])


def test_another_key_or_another_model_is_another_question(tmp_path: Path):
    cached(tmp_path)[0].find_names(TEXTS)
    for names, model in (cached(tmp_path, b"\x06" * 32), cached(tmp_path, mark="two")):
        names.find_names(TEXTS)
        assert model.asked == TEXTS


def test_what_an_answer_depends_on_is_part_of_the_question_and_nothing_else():
    def mark(identity: str = "spacy-1", **values: object) -> str:
        given = {"engine": "gliner", "path": "/here", "score": 0.6, "not_names": ["a"], **values}
        return fingerprint(NameRules.model_validate(given), identity)

    assert mark() == mark(path="/there", score=0.9)
    assert len({mark(), mark("spacy-2"), mark(threshold=0.4), mark(not_names=["b"]), mark(labels=["x"])}) == 5


def test_the_file_is_the_owners_alone_and_holds_no_text(tmp_path: Path):
    folder = tmp_path / "cache"
    cached(folder)[0].find_names(TEXTS)
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = b"|".join((folder / FILE).read_bytes().split(bytes(64)))  # without the empty slots
    for part in ("Rosa", "Lindqvist", "ordered", "lamps"):
        assert part.encode() not in written
        assert part.encode("utf-16-le") not in written
    clear(folder)
    assert not (folder / FILE).exists()


def test_after_clearing_everything_is_asked_again(tmp_path: Path):
    clear(tmp_path)
    cached(tmp_path)[0].find_names(TEXTS)
    clear(tmp_path)
    names, model = cached(tmp_path)
    names.find_names(TEXTS)
    assert model.asked == TEXTS


@settings(max_examples=60, deadline=None)
@given(
    batches=st.lists(st.lists(st.text(st.characters(codec=None), max_size=60), max_size=5), max_size=6),
    damage=st.lists(st.tuples(st.integers(0, 1 << 25), st.binary(min_size=1, max_size=80)), max_size=3),
)
def test_no_damage_and_no_batch_changes_an_answer(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]], damage: list[tuple[int, bytes]]
):
    folder = tmp_path_factory.mktemp("cache")
    for _ in range(3):
        names, _model = cached(folder)
        for batch in batches:
            assert names.find_names(batch) == [answer(text) for text in batch]
        path = folder / FILE
        size = path.stat().st_size if path.exists() else 0
        for offset, data in damage if size else []:
            with path.open("r+b") as file:
                file.seek(offset % size)
                file.write(data)


@pytest.mark.parametrize("place", range(0, 64, 3))
def test_a_slot_with_a_wrong_bit_is_no_answer(tmp_path: Path, place: int):
    cached(tmp_path)[0].find_names(TEXTS[:1])
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    content[len(content) - 64 + place] ^= 0x10
    path.write_bytes(content)
    names, _ = cached(tmp_path)
    assert names.find_names(TEXTS[:1]) == [answer(TEXTS[0])]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 5000])
def test_a_file_that_is_no_cache_is_made_anew(tmp_path: Path, content: bytes):
    (tmp_path / FILE).write_bytes(content)
    for asked in (TEXTS, []):
        names, model = cached(tmp_path)
        assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
        assert model.asked == asked


def test_a_file_cut_short_loses_answers_and_nothing_else(tmp_path: Path):
    cached(tmp_path)[0].find_names(TEXTS)
    os.truncate(tmp_path / FILE, (tmp_path / FILE).stat().st_size // 2 + 17)
    names, model = cached(tmp_path)
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
    assert set(model.asked) < set(TEXTS)


def test_a_full_disk_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(names_store.os, "pwrite", full)
    names, _ = cached(tmp_path)
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
    monkeypatch.setattr(names_store.os, "link", full)
    names, _ = cached(tmp_path / "other")
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    names, _ = cached(tmp_path / "file")
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path):
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    names, _ = cached(tmp_path)
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"


def test_it_never_grows_beyond_its_size_and_gives_up_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(names_store, "_BUCKETS", 1)
    day = 20_000
    monkeypatch.setattr(names_store.time, "time", lambda: day * 86_400)
    texts = [f"Text {number}" for number in range(8)]
    cached(tmp_path)[0].find_names(texts)
    day += 1
    cached(tmp_path)[0].find_names(texts[:7])  # asked for again: young again
    cached(tmp_path)[0].find_names(["One More"])
    assert (tmp_path / FILE).stat().st_size == 64 + 8 * 64
    names, model = cached(tmp_path)
    names.find_names([*texts[:7], "One More"])
    assert model.asked == []
    names.find_names(texts[7:])
    assert model.asked == texts[7:]


def test_an_answer_too_long_for_a_slot_is_given_and_not_kept(tmp_path: Path):
    text = "A b " * 500
    for _ in range(2):
        names, model = cached(tmp_path)
        assert names.find_names([text]) == [answer(text)]
        assert model.asked == [text]


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.unit.test_names_cache import TEXTS, answer, cached
print("ready", flush=True)
while True:
    names, _ = cached(Path(sys.argv[2]), mark=sys.argv[3])
    assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
    names._fingerprint += "x"
    names.find_names(TEXTS)
"""


def test_two_runs_at_once_one_of_them_killed(tmp_path: Path):
    command = [sys.executable, "-c", WRITER, str(PROJECT_ROOT), str(tmp_path)]
    runs = [subprocess.Popen([*command, mark], stdout=subprocess.PIPE, cwd=PROJECT_ROOT) for mark in ("one", "one")]
    try:
        for run in runs:
            assert run.stdout is not None
            assert run.stdout.readline() == b"ready\n"
        for _ in range(20):
            names, _model = cached(tmp_path)
            assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
        runs[0].kill()
        runs[0].wait()
        for _ in range(20):
            names, _model = cached(tmp_path)
            assert names.find_names(TEXTS) == [answer(text) for text in TEXTS]
        assert runs[1].poll() is None
    finally:
        for run in runs:
            run.kill()
            run.communicate()


@pytest.mark.parametrize(("kind", "is_left"), [("conversation", False), ("user", False), ("value", False), ("reveal", True)])
def test_an_erasure_deletes_it(tmp_path: Path, kind: Kind, is_left: bool):
    cached(tmp_path)[0].find_names(TEXTS)
    holder = HashCaches(tmp_path)
    assert holder.forget(new_order(kind, ["c"], "1-a")).counts == {"files": int(not is_left)}
    assert (tmp_path / FILE).exists() == is_left
    assert holder.forget(new_order(kind, ["c"], "1-a")).counts == {"files": 0}


def test_a_large_model_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    real = model_files._sha256  # pyright: ignore[reportPrivateUsage]

    def counted(path: Path, size: int, modified_ns: int) -> str:
        read.append(path.name)
        return real(path, size, modified_ns)

    monkeypatch.setattr(model_files, "_LARGE_BYTES", 100)
    monkeypatch.setattr(model_files, "_sha256", counted)
    model, memo = tmp_path / "model", tmp_path / "cache"
    model.mkdir()
    (model / "model.onnx").write_bytes(b"1" * 200)
    (model / "config.json").write_bytes(b"{}")
    first = content_digest(model, memo)
    assert content_digest(model, memo) == first == content_digest(model)
    assert read.count("model.onnx") == 2  # the last was asked without a memory
    (model / "model.onnx").write_bytes(b"2" * 200)
    second = content_digest(model, memo)
    assert second != first
    for path in memo.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.write_bytes(b"no JSON")
    assert content_digest(model, memo) == second
