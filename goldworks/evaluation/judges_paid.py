"""What the judges of a run took, all its starts together: what its caps count, and what stands in its row of `evals.runs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from goldworks.evaluation.judge_journal import Judgment


@dataclass(slots=True)
class JudgesPaid:
    """`judgments` were asked and took `tokens` and `usd`; of `unpriced` of them no price is known. Verdicts that the home had
    from other runs cost nothing. `refused` did not fit the caps any more.

    `unrecorded`: verdicts that an earlier release wrote, used by a run that was begun before: it may have paid for them.
    `is_untold`: a scorer of the suite's own asks a model, and does not tell what that takes.
    """

    judgments: int = 0
    tokens: int = 0
    usd: float = 0.0
    unpriced: int = 0
    refused: int = 0
    unrecorded: set[str] = field(default_factory=set[str])
    is_untold: bool = False
    _by_model: dict[str, tuple[int, int, float]] = field(default_factory=dict[str, tuple[int, int, float]])
    """By judging model: judgments, tokens, US dollars."""
    _journals: set[str] = field(default_factory=set[str])

    def add(self, model: str, judgment: Judgment) -> None:
        """Count one, also when there was no verdict in it."""
        judgments, tokens, usd = self._by_model.get(model, (0, 0, 0.0))
        cost = judgment.cost_usd or 0.0
        self._by_model[model] = judgments + 1, tokens + judgment.tokens, usd + cost
        self.judgments += 1
        self.tokens += judgment.tokens
        self.usd += cost
        self.unpriced += judgment.cost_usd is None

    def take_over(self, journal: str, model: str, earlier: Iterable[Judgment]) -> None:
        """Count what earlier starts of the run have asked for, by a journal: once, though two metrics may share it."""
        if journal not in self._journals:
            self._journals.add(journal)
            for judgment in earlier:
                self.add(model, judgment)

    def each(self, model: str) -> tuple[float, float] | None:
        """US dollars and tokens of one judgment of the model, on the average so far; None when there is none yet."""
        if model not in self._by_model:
            return None
        judgments, tokens, usd = self._by_model[model]
        return usd / judgments, tokens / judgments

    @property
    def columns(self) -> dict[str, Any]:
        """Their columns of `evals.runs`. What is not known whole is None."""
        is_known = not self.unrecorded and not self.is_untold
        return {
            "judgments": self.judgments if is_known else None,
            "judge_tokens": self.tokens if is_known else None,
            "judge_cost_usd": self.usd if is_known and not self.unpriced else None,
        }

    @property
    def warning(self) -> str | None:
        """What to know about these numbers; None: nothing."""
        if not self.unrecorded:
            return None
        return (
            f"what {len(self.unrecorded):,} verdicts of an earlier start took is not on record, for an earlier release asked for "
            "them: it is in no cap, and what the judges of this run took is not known"
        )
