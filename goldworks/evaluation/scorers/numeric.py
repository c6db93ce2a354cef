"""Scorer `numeric`: the answer's number is the reference's, within a tolerance."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import numbers_in_order
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Numeric(Scorer):
    """1 when the number that the answer gives is within max(`absolute`, `relative` * |reference|) of the reference, else 0.

    `take`: which number of the answer counts: the `last` (default: reasoning comes first), the `first`, or `any`.
    `decimal: comma` reads 1.250,5 as 1250.5; `point` (default) reads 1,250.5 so.

    - Units, currencies and per cent signs are not looked at: `5 %` is 5, not 0.05. Number words (`five`), digits within words
      and redaction tokens, and what has several points (dates, versions) are no numbers.
    - The reference has no number: not applicable. It has several: the last counts, as in the answer.
    - The answer has none: 0.
    """

    name = "numeric"

    class Settings(Policy):
        """How near it must be, and how numbers are written."""

        absolute: float = Field(default=0.0, ge=0)
        relative: float = Field(default=1e-9, ge=0)
        take: Literal["last", "first", "any"] = "last"
        decimal: Literal["point", "comma"] = "point"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(self._numbers(case.expected.reference or ""))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        wanted = self._numbers(case.expected.reference or "")[-1]
        given = self._numbers(answer.text or "")
        if not given:
            return Score(0.0, detail="no number")
        taken = {"last": given[-1:], "first": given[:1], "any": given}[self._settings.take]
        allowed = max(self._settings.absolute, self._settings.relative * abs(wanted))
        return Score(
            float(any(abs(number - wanted) <= allowed for number in taken)), detail=f"{len(given)} numbers in the answer"
        )

    def _numbers(self, text: str) -> list[float]:
        if self._settings.decimal == "comma":
            text = text.translate(str.maketrans(".,", ",."))
        found = [float(number) for number in numbers_in_order(text) if number.count(".") <= 1]
        return [number for number in found if math.isfinite(number)]
