"""The journal of a run: one line per answer, redacted, appended and flushed at once, so that no answer paid for is lost.

It belongs to what was asked, not to how it is scored: a run that was cut short and whose scorers were changed meanwhile still
finds its answers. Once they stand in `evals.answers` it is emptied, so that there is one copy to redact again or erase.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from goldworks.evaluation.answers import Answer
from goldworks.locks import alone

Key = tuple[str, int]
"""(case id, repeat)."""

_DECODER = msgspec.json.Decoder(Answer)
_ENCODER = msgspec.json.Encoder()


class Journal:
    """An open journal, locked against other processes. `answers` holds what it said when it was opened, then what is added."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.answers: dict[Key, Answer] = {}
        self._read()

    def _read(self) -> None:
        """Take the whole lines; one that a killed process left half written is cut off, one that is no answer is passed over."""
        self._file.seek(0)
        end = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            with suppress(msgspec.DecodeError):
                answer = _DECODER.decode(line)
                self.answers[answer.case_id, answer.repeat] = answer
        self._file.seek(end)
        self._file.truncate()

    def add(self, answer: Answer) -> None:
        """Append one answer; when this returns, killing the process does not lose it."""
        self._file.write(_ENCODER.encode(answer) + b"\n")
        self._file.flush()
        self.answers[answer.case_id, answer.repeat] = answer

    def clear(self) -> None:
        """Empty the file: its answers stand in the lake."""
        self._file.seek(0)
        self._file.truncate()


@contextmanager
def open_journal(home: Path, answers_id: str) -> Generator[Journal]:
    """The journal of these answers, made if need be. Raises `BusyError` when another process is asking for them."""
    folder = home / "runs" / answers_id
    folder.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    path = folder / "answers.jsonl"
    path.touch(mode=0o600)
    with alone(path, "another process is asking the same target for the same answers"), path.open("r+b") as file:
        yield Journal(file)
