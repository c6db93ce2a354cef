"""Scorers that stand in a run's configuration for the checks of another tool: the tool computed the scores, not they."""

from __future__ import annotations

from typing import ClassVar

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Check(Scorer):
    """A check that the tool computes. Applies to no case of a run of our own."""

    name = "check_of_another_tool"

    class Settings(Policy):
        """Whose check it is, of which version, and what it is called there."""

        tool: str
        tool_version: str
        check: str

    def applies(self, case: Case) -> bool:
        """See the class."""
        return False

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return not_applicable("only the tool computes it")


class Opinion(Check):
    """A check that rests on a model's opinion, or may, for nobody but the tool knows what it does."""

    name = "opinion_of_another_tool"
    is_judge: ClassVar[bool] = True
