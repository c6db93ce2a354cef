"""Scorer `length`: the answer is as long as it should be."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.passages import passages_of
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.words import sentences, words
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Length(Scorer):
    """1 when the answer has at least `least` and at most `most` of `unit`, both included, else 0.

    `unit`: `words`, `sentences`, `characters` (white space at both ends does not count), or `share_of_source`: words of the
    answer over words of the passages, for how much a summary shortens.

    - It applies to every case; `share_of_source` is not applicable without passages with text.
    - An empty answer has length 0: it fails a `least`, and passes a `most` alone.
    - An answer of tool calls alone has no length: not applicable.
    """

    name = "length"

    class Settings(Policy):
        """The bounds; at least one."""

        unit: Literal["words", "sentences", "characters", "share_of_source"] = "words"
        least: float | None = Field(default=None, ge=0)
        most: float | None = Field(default=None, ge=0)

        @model_validator(mode="after")
        def _bounds(self) -> Length.Settings:
            if self.least is None and self.most is None:
                raise ValueError("give `least`, `most`, or both")
            if self.least is not None and self.most is not None and self.least > self.most:
                raise ValueError("`least` is more than `most`")
            return self

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def applies(self, case: Case) -> bool:
        """See the class."""
        return True

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = (answer.text or "").strip()
        if not text and answer.tool_calls:
            return not_applicable("a tool call alone")
        unit = self._settings.unit
        if unit == "share_of_source":
            source = sum(len(words(passage.text)) for passage in passages_of(case, answer))
            if not source:
                return not_applicable("there are no passages")
            length = len(words(text)) / source
        else:
            length = len({"words": words, "sentences": sentences, "characters": str}[unit](text))
        least, most = self._settings.least, self._settings.most
        is_within = (least is None or length >= least) and (most is None or length <= most)
        return Score(float(is_within), detail=f"{length:.3g} {unit}")
