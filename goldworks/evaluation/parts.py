"""Parts of a run: several processes ask one share of the cases each, and whoever runs it whole puts them together.

Which part a case belongs to follows from its id alone, so nothing depends on the order of the cases or of the processes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from goldworks.errors import InputError
from goldworks.evaluation.journal import FILE

FORM = re.compile(r"^([1-9]\d{0,3})/([1-9]\d{0,3})$")


class Part(NamedTuple):
    """Part `number` (from 1) of so `many`."""

    number: int
    many: int

    @staticmethod
    def parse(text: str) -> Part:
        """A part written as `2/4`. Raises `InputError`."""
        found = FORM.match(text)
        part = Part(int(found[1]), int(found[2])) if found else None
        if part is None or part.number > part.many:
            raise InputError(f"{text!r} is no part", remedy="write it as 1/4, 2/4, 3/4, 4/4")
        return part

    def takes(self, case_id: str) -> bool:
        """Whether the case belongs to it."""
        return int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:8], "big") % self.many == self.number - 1

    def journal_of(self, answers_id: str) -> str:
        """Name of its journal."""
        return f"{answers_id}-{self.number}of{self.many}"

    def __str__(self) -> str:
        return f"{self.number}/{self.many}"


def journals_of(home: Path, answers_id: str) -> Iterator[str]:
    """Names of the journals of parts of these answers, with whatever number of parts, that hold something."""
    for path in sorted((home / "runs").glob(f"{answers_id}-*of*/{FILE}")):
        if path.stat().st_size:
            yield path.parent.name
