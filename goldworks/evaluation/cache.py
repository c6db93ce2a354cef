"""Answers that were given before, for development: a target is not asked the same question for the same repeat again.

Off unless asked for, and never used by the graph: what stands behind an endpoint may have changed. It holds redacted answers as
the journal does, found by a keyed hash of target, question and repeat. What cannot be read is no answer. It can be deleted.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from goldworks.digests import canonical, digest, keyed_digest
from goldworks.evaluation.answers import Answer, Question

FILE = "answers.sqlite"
MOST_BYTES = 256 << 20
MOST_SECONDS = 30 * 86_400
TABLE = """
create table if not exists answers (
    key text primary key, case_id text not null, cluster_id text, conversation_id text, kept_at real not null,
    answer blob not null
) without rowid
"""


class AnswerCache:
    """The cache below a home's folder `cache`. `made_by`: what the answers' redaction depends on.

    An answer older than `most_seconds` is none. When the file is over `most_bytes` the oldest answers go.
    """

    def __init__(
        self, folder: Path, key: bytes, made_by: str, *, most_seconds: float = MOST_SECONDS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._key, self._made_by = key, made_by
        self._decoder = msgspec.json.Decoder(Answer)
        self._file = _opened(folder / FILE, most_bytes)
        self._file.execute("delete from answers where kept_at < ?", [time.time() - most_seconds])

    def get(self, target: dict[str, Any], question: Question, repeat: int, cluster_id: str) -> Answer | None:
        """The answer, as that to this case; it cost no call."""
        row = self._file.execute("select answer from answers where key = ?", [self._hash(target, question, repeat)]).fetchone()
        if row is None:
            return None
        try:
            answer = self._decoder.decode(row[0])
        except msgspec.DecodeError:
            return None
        return msgspec.structs.replace(answer, case_id=question.case_id, repeat=repeat, cluster_id=cluster_id, attempts=0)

    def put(self, target: dict[str, Any], question: Question, answer: Answer) -> None:
        """Keep a good answer; errors are not kept."""
        if answer.is_ok:
            key = self._hash(target, question, answer.repeat)
            ids = answer.case_id, answer.cluster_id, answer.conversation_id
            row = [key, *ids, time.time(), msgspec.json.encode(answer)]
            self._file.execute("insert or replace into answers values (?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _hash(self, target: dict[str, Any], question: Question, repeat: int) -> str:
        asked = msgspec.to_builtins(question)
        said = canonical({name: value for name, value in asked.items() if name not in ("case_id", "conversation_id", "trace_id")})
        return keyed_digest(self._key, "answer", self._made_by, digest(target), said, str(repeat))


@contextmanager
def answer_cache(folder: Path, key: bytes, made_by: str) -> Generator[AnswerCache]:
    """The cache while the block lasts."""
    with closing(AnswerCache(folder, key, made_by)) as cache:
        yield cache


def has_cached(folder: Path) -> bool:
    """Whether there is a cache."""
    return (folder / FILE).exists()


def cached_answers(folder: Path) -> Iterator[Answer]:
    """All of its answers."""
    if has_cached(folder):
        with closing(_opened(folder / FILE, MOST_BYTES)) as file:
            rows = file.execute("select answer from answers").fetchall()
        for (data,) in rows:
            with suppress(msgspec.DecodeError):
                yield msgspec.json.decode(data, type=Answer)


def forget_cached(folder: Path, is_gone: Callable[[str, str | None, str | None], bool]) -> int:
    """Remove answers by (case id, cluster, conversation), old bytes included; return how many went."""
    return _forget(folder, is_gone) if has_cached(folder) else 0


def count_cached(folder: Path, is_gone: Callable[[str, str | None, str | None], bool]) -> int:
    """How many `forget_cached` would remove."""
    return _forget(folder, is_gone, is_done=False) if has_cached(folder) else 0


def _forget(folder: Path, is_gone: Callable[[str, str | None, str | None], bool], *, is_done: bool = True) -> int:
    with closing(_opened(folder / FILE, MOST_BYTES)) as file:
        rows = file.execute("select key, case_id, cluster_id, conversation_id from answers").fetchall()
        gone = [[key] for key, *ids in rows if is_gone(*ids)]
        if gone and is_done:
            file.executemany("delete from answers where key = ?", gone)
            file.execute("vacuum")
    return len(gone)


def age_cached(folder: Path, first_kept: str) -> int:
    """Remove answers that were kept before a day (ISO date; empty: none), old bytes included; return how many went."""
    if not first_kept or not has_cached(folder):
        return 0
    seconds = dt.datetime.fromisoformat(first_kept).replace(tzinfo=dt.UTC).timestamp()
    with closing(_opened(folder / FILE, MOST_BYTES)) as file:
        gone = file.execute("delete from answers where kept_at < ?", [seconds]).rowcount
        if gone:
            file.execute("vacuum")
    return gone


def _opened(path: Path, most_bytes: int) -> sqlite3.Connection:
    """The file, private to its owner; one that is damaged is begun anew, and one that is too large loses its oldest half."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    try:
        return _connected(path, most_bytes)
    except sqlite3.DatabaseError:
        path.unlink()
        path.touch(mode=0o600)
        return _connected(path, most_bytes)


def _connected(path: Path, most_bytes: int) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        for pragma in ("secure_delete = on", "journal_mode = memory", "synchronous = off"):  # it can be lost, but not linger
            file.execute(f"pragma {pragma}")
        file.execute(TABLE)
        if path.stat().st_size > most_bytes:
            file.execute("delete from answers where kept_at <= (select avg(kept_at) from answers)")
            file.execute("vacuum")
    except BaseException:
        file.close()
        raise
    return file
