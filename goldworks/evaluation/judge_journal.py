"""The journal of a judge: one line per judgment, appended at once: a killed run pays for none twice. No text stands in it.

Beside the verdict stands what it took and which run asked for it, so that a run that goes on knows what it has spent. Lines of an
earlier release hold the verdict alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

Verdict = int | str


class Judgment(msgspec.Struct, frozen=True, array_like=True):
    """What a judge gave when it was asked once. `key`: a keyed digest of what it was shown.

    `verdict` None: there was none in its answer, which costs all the same. `run_id` None: no run asked. `cost_usd` None: no price
    is known. `input_tokens` and `output_tokens` None: an earlier release asked, and noted neither these nor the run.
    """

    key: str
    verdict: Verdict | None
    run_id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether what it took is known, and who asked."""
        return self.input_tokens is not None and self.output_tokens is not None

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return (self.input_tokens or 0) + (self.output_tokens or 0)


class JudgeJournal:
    """Judgments of one judge.

    Two processes may append to it: a line is one write. A line that was cut, or is none, is passed over.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._is_cut = False
        self.key = key

    @property
    def name(self) -> str:
        """Which journal it is: that of one configuration of a judge."""
        return self._path.stem

    def verdicts(self) -> dict[str, Judgment]:
        """By their keys, the judgments that brought a verdict."""
        return {one.key: one for one in self._lines() if one.verdict is not None}

    def asked_by(self, run_id: str) -> list[Judgment]:
        """All that the run asked for."""
        return [one for one in self._lines() if one.run_id == run_id]

    def add(self, judgment: Judgment) -> None:
        """Append it; when this returns, killing the process does not lose it."""
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._path.touch(mode=0o600)
        with self._path.open("ab", buffering=0) as file:
            file.write((b"\n" if self._is_cut else b"") + msgspec.json.encode(judgment) + b"\n")
        self._is_cut = False

    def _lines(self) -> Iterator[Judgment]:
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        self._is_cut = bool(data) and not data.endswith(b"\n")
        for line in data.splitlines():
            try:
                yield msgspec.json.decode(line, type=Judgment)
            except msgspec.DecodeError:
                continue
