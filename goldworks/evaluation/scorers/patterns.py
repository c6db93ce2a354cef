"""Scorer `patterns`: regular expressions that the answer must match, or must not."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, field_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, Scorer
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Patterns(Scorer):
    """`measure: all` (default): 1 when every pattern is found in the answer, else 0; `share`: the share that is found; `none`: 1
    when none is found, else 0.

    The patterns are those of the case (`patterns`) and of the suite. They are RE2's: linear time whatever the text, so neither
    look-around nor back-references; `(?i)` ignores letter case, `(?s)` lets `.` match line ends, `^...$` is the whole answer.

    - Neither case nor suite has patterns: not applicable.
    - An empty answer is searched as any other: `^$` matches it. An answer of tool calls alone is empty.
    - A pattern of a case that RE2 cannot read: `scorer_error`, and the detail says which; one of the suite: the suite is refused.
    """

    name = "patterns"

    class Settings(Policy):
        """What is counted, and patterns for every case of the metric."""

        measure: Literal["all", "share", "none"] = "all"
        patterns: tuple[str, ...] = Field(default=())

        @field_validator("patterns")
        @classmethod
        def _can_be_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            for pattern in value:
                compiled(pattern)
            return value

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(self._settings.patterns or case.expected.patterns)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        found: list[bool] = []
        for place, pattern in enumerate([*self._settings.patterns, *case.expected.patterns]):
            try:
                found.append(compiled(pattern).search(answer.text or "") is not None)
            except ValueError as error:
                return Score(None, SCORER_ERROR, f"pattern {place - len(self._settings.patterns)} of the case: {error}")
        detail = f"{sum(found)} of {len(found)} found"
        if self._settings.measure == "share":
            return Score(sum(found) / len(found), detail=detail)
        return Score(float(all(found) if self._settings.measure == "all" else not any(found)), detail=detail)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern in RE2's form. Raises `ValueError` when it cannot be read; the message does not quote the pattern."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        words = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        raise ValueError(f"RE2 cannot read it ({words.partition(':')[0]})") from None
