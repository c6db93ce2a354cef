"""What an aggregate is: one number of a whole run that no mean over cases gives, such as macro-F1. Small and stable on purpose.

An aggregate is one subclass of `Aggregate` in one file: a `name`, a frozen pydantic model `Settings` with what a suite may set,
and `over(scores, ...)`. It must be pure: the same scores give the same number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE, NoSettings
from goldworks.golden.read import Case
from goldworks.policies import Policy
from goldworks.statistics import Estimate

Floats = NDArray[np.float64]


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
class Part:
    """What a unit contributes: a case, or the cases of a pair. `counts` are added up over units; None: the value is missing."""

    cases: tuple[str, ...]
    cluster_id: str
    counts: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A run's number as added counts, from which two runs over the same cases are compared. `shape` of the counts."""

    shape: tuple[int, ...]
    parts: tuple[Part, ...]
    whole: Callable[[Floats], Floats]

    def whole_of(self, counts: Floats) -> Floats:
        """The number from added counts [..., flat]."""
        return self.whole(counts.reshape(*counts.shape[:-1], *self.shape))


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The number with its interval, what explains it, and the same as counts for comparisons, if it is made of any."""

    estimate: Estimate
    detail: Detail | None = None
    tally: Tally | None = None


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

    def tally(self, scores: Sequence[Scored]) -> Tally | None:
        """The number as counts that are added up over cases, so that two runs are compared case by case. None, as it stands
        here: the two numbers are held against each other as if their cases were different ones, which is less sharp.
        """
        return None

    def whole(self, counts: Floats) -> Floats:
        """The number from the added counts of `tally` [..., *shape] to [...], NaN where there is none. As it stands here: the
        first count over the second.
        """
        return ratio(counts)


def ratio(counts: Floats) -> Floats:
    """[..., 2] to [...]: the first over the second."""
    good, judged = counts[..., 0], counts[..., 1]
    return np.divide(good, judged, out=np.full_like(good, np.nan), where=judged > 0)


def by_case(scores: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The scores of each case that the metric applies to: values and missing ones."""
    found: dict[str, list[Scored]] = {}
    for score in scores:
        if score.value is not None or score.is_missing:
            found.setdefault(score.case_id, []).append(score)
    return found
