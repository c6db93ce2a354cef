"""What an aggregate is: one number of a whole run that no mean over cases gives, such as macro-F1. Small and stable on purpose.

An aggregate is one subclass of `Aggregate` in one file: a `name`, a frozen pydantic model `Settings` with what a suite may set,
and `over(scores, ...)`. It must be pure: the same scores give the same number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE, NoSettings
from goldworks.golden.read import Case
from goldworks.policies import Policy
from goldworks.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Scored:
    """One score of the metric that is aggregated: a row of `evals.scores` with the cluster of its case.

    `case` is None when the golden version is gone (erased) and no successor holds the case, and when nothing needs it.
    """

    case_id: str
    repeat: int
    cluster_id: str
    value: float | None
    reason: str | None
    detail: str | None
    case: Case | None

    @property
    def is_missing(self) -> bool:
        """Whether a value was asked for and did not come. Scores that do not apply are neither there nor missing."""
        return self.value is None and self.reason != NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Detail:
    """A table that explains an aggregate on the report page. Cells are shown as text; no text of conversations."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The number with its interval, and what explains it."""

    estimate: Estimate
    detail: Detail | None = None


class Aggregate(ABC):
    """Aggregates the scores of one metric of a run. `name` is what suites call it.

    `needs_cases`: it looks at `Scored.case`; otherwise cases are not read, and `case` may be None.
    """

    name: ClassVar[str]
    needs_cases: ClassVar[bool] = True
    Settings: ClassVar[type[Policy]] = NoSettings

    def __init__(self, settings: Any) -> None:
        """`settings` is of the class's own `Settings`."""
        assert isinstance(settings, self.Settings)

    @abstractmethod
    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """The number over all scores of the run, in the order of case and repeat.

        What cannot be computed has value None and a reason in its estimate. `seed` is for resampling, and differs by run.
        """
