"""`expectations/policies/intake.yml` as frozen models."""

from __future__ import annotations

import datetime as dt
import fnmatch
from pathlib import Path
from typing import Literal

from pydantic import Field

from goldworks.policies import Policy, load_policy


class FileRule(Policy):
    """Files that match the glob `match` (relative path) are read as `dialect`, with `mapping` when it is `mapped`."""

    match: str
    dialect: Literal["detect", "otlp", "openai_chat", "mapped"] = "detect"
    mapping: str | None = None


class IntakePolicy(Policy):
    """The intake's policy: see the comments of the file."""

    version: int = Field(ge=1)
    first_day: dt.date
    files: tuple[FileRule, ...] = Field(min_length=1)
    names_in: tuple[Literal["system", "user", "assistant", "tool", "retrieval", "passage", "feedback"], ...]

    def rule(self, source: str) -> FileRule | None:
        """The first rule that matches a relative path, or None: the file is not a log."""
        paths = (source, f"/{source}")  # the second so that `**/x` also matches at the top
        return next((rule for rule in self.files if any(fnmatch.fnmatchcase(path, rule.match) for path in paths)), None)


def load_intake_policy(expectations: Path) -> IntakePolicy:
    """The policy below the folder `expectations`."""
    return load_policy(expectations / "policies" / "intake.yml", IntakePolicy)
