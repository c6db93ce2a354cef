"""The journal of a run: one line per answer, redacted, appended at once, so that no answer paid for is lost.

It belongs to what was asked, not to how it is scored: a run that was cut short and whose scorers were changed meanwhile still
finds its answers. Once they stand in `evals.answers` it is emptied, so that there is one copy to redact again or erase.
Answers stay on the disk; in memory is only where each of them stands.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

import msgspec

from goldworks.evaluation.answers import Answer
from goldworks.locks import alone

Key = tuple[str, int]
"""(case id, repeat)."""

FILE = "answers.jsonl"
_DECODER = msgspec.json.Decoder(Answer)
_ENCODER = msgspec.json.Encoder()
_LENGTH_BITS = 32


class Journal:
    """An open journal, locked against other processes. `answers` is what it said when it was opened, then what is added."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._places: dict[Key, int] = {}
        self.answers: Mapping[Key, Answer] = _Answers(file, self._places)
        self.answered: set[Key] = set()
        self._end = 0
        self._read()

    def _read(self) -> None:
        """Take the whole lines; one that a killed process left half written is cut off, one that is no answer is passed over."""
        self._file.seek(0)
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                with suppress(msgspec.DecodeError):
                    self._note(_DECODER.decode(line), len(line))
                self._end += len(line)
        self._file.truncate(self._end)
        self._file.seek(self._end)

    def _note(self, answer: Answer, length: int) -> None:
        key = answer.case_id, answer.repeat
        self._places[key] = self._end << _LENGTH_BITS | length
        if answer.is_ok:
            self.answered.add(key)
        else:
            self.answered.discard(key)

    def add(self, answer: Answer) -> None:
        """Append one answer; when this returns, killing the process does not lose it. Raises `OSError` when the disk is full."""
        line = _ENCODER.encode(answer) + b"\n"
        if self._file.write(line) != len(line):
            self._file.truncate(self._end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._note(answer, len(line))
        self._end += len(line)

    def take(self, answers: Iterator[Answer]) -> None:
        """Add those that are not here as good answers yet."""
        for answer in answers:
            if (answer.case_id, answer.repeat) not in self.answered:
                self.add(answer)

    def clear(self) -> None:
        """Empty the file: its answers stand in the lake."""
        self._file.truncate(0)
        self._file.seek(0)
        self._end = 0
        self._places.clear()
        self.answered.clear()


class _Answers(Mapping[Key, Answer]):
    """The answers of a journal, each read when it is asked for."""

    def __init__(self, file: FileIO, places: Mapping[Key, int]) -> None:
        self._file, self._places = file, places

    def __getitem__(self, key: Key) -> Answer:
        place = self._places[key]
        length = place & (1 << _LENGTH_BITS) - 1
        return _DECODER.decode(os.pread(self._file.fileno(), length, place >> _LENGTH_BITS))

    def __iter__(self) -> Iterator[Key]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@contextmanager
def open_journal(home: Path, answers_id: str) -> Generator[Journal]:
    """The journal of these answers, made if need be. Raises `BusyError` when another process is asking for them."""
    folder = home / "runs" / answers_id
    folder.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    path = folder / FILE
    path.touch(mode=0o600)
    with alone(path, "another process is asking the same target for the same answers"), path.open("r+b", buffering=0) as file:
        yield Journal(file)
