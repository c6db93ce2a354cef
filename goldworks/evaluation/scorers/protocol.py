"""What a scorer is. Small and stable on purpose: scorers of your own rest on it.

A scorer is one subclass of `Scorer` in one file: a `name`, a frozen pydantic model `Settings` with what a suite may set,
`applies(case)` and `score(case, answer)`. It is made once per run and must be pure: the same case and answer give the same score.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from goldworks.evaluation.answers import Answer
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy

if TYPE_CHECKING:
    from goldworks.evaluation.budget import Budget
    from goldworks.evaluation.scorers.judge_model import JudgeModel
    from goldworks.evaluation.targets.protocol import Estimate

NOT_APPLICABLE = "not_applicable"
MISSING_ANSWER = "missing_answer"
SCORER_ERROR = "scorer_error"


@dataclass(frozen=True, slots=True)
class Score:
    """`value` in 0..1, higher is better, or None with a `reason`. `detail` says what decided, without conversation text."""

    value: float | None
    reason: str | None = None
    detail: str | None = None


class NoSettings(Policy):
    """For a scorer that has nothing to set."""


class Scorer(ABC):
    """Scores an answer of status ok; infrastructure errors never reach it. `name` is what suites call it.

    `is_judge`: a model's opinion decides, so nothing may gate on it before it was held against human labels.
    """

    name: ClassVar[str]
    is_judge: ClassVar[bool] = False
    Settings: ClassVar[type[Policy]] = NoSettings

    def __init__(self, settings: Any) -> None:
        """`settings` is of the class's own `Settings`."""
        assert isinstance(settings, self.Settings)

    @classmethod
    def plugins(cls, settings: Any) -> tuple[str, ...]:
        """Code that the settings name, as `package.module:name`: its source is part of the scorer's digest."""
        return ()

    @classmethod
    def content(cls, settings: Any) -> dict[str, str]:
        """Digests of files that the settings name, such as a model's, by what they are: part of the scorer's digest."""
        return {}

    def prepare(self, lake: Lake) -> None:  # noqa: B027 - most scorers need nothing
        """Called once before a run is scored, for a scorer that keeps a journal in the home or reads another run."""

    @property
    def asks_model(self) -> JudgeModel | None:
        """The model that is asked for scores, whose calls cost; None: nothing is asked."""
        return None

    def expected_calls(self, case: Case) -> Sequence[Estimate]:
        """Tokens of each call that an answer to the case will take."""
        return ()

    def pay_from(self, budget: Budget) -> None:  # noqa: B027 - most scorers pay nothing
        """Called before a run is scored: what it asks counts there, and what does not fit is not asked."""

    @abstractmethod
    def applies(self, case: Case) -> bool:
        """Whether the case asks for this metric. Decides whether an answer that did not come is missing for it."""

    @abstractmethod
    def score(self, case: Case, answer: Answer) -> Score:
        """The score of a case it applies to; None with a reason when this answer gives nothing to measure."""

    def score_all(self, pairs: Sequence[tuple[Case, Answer]]) -> Sequence[Score]:
        """The scores of many, in their order. A scorer that is faster over many at once, such as one that asks a model,
        overrides this; each score must be the same as alone, and what could not be scored is None with a reason.
        """
        return [_alone(self, case, answer) for case, answer in pairs]


def _alone(scorer: Scorer, case: Case, answer: Answer) -> Score:
    try:
        return scorer.score(case, answer)
    except Exception as error:  # a scorer is anybody's code; its failure is counted as missing, and its class shown
        return Score(None, SCORER_ERROR, type(error).__name__)


def not_applicable(why: str) -> Score:
    """No score, because case or answer give nothing to measure."""
    return Score(None, NOT_APPLICABLE, why)
