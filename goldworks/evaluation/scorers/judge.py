"""Scorer `judge`: a model scores the answer by a rubric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.judge_material import RUBRIC, Shown, answer_of, material_of, says_something
from goldworks.evaluation.scorers.judge_model import Asked, Failed, Judge, JudgeModel
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, Scorer
from goldworks.evaluation.targets.protocol import Estimate
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy

if TYPE_CHECKING:
    from goldworks.evaluation.budget import Budget


class RubricJudge(Scorer):
    """The judge's score, its scale carried to 0..1 in a straight line. It is an opinion: nothing gates on it without
    a certificate.

    - The rubric is that of the case, else the one in the settings. A case without either: not applicable.
    - `levels` says what each score of the scale means, the lowest first; that is the score `lowest`, and each further one is one
      more.
    - An answer that says nothing has the lowest score, and the judge is not asked.
    - No verdict (time-out, 5xx, JSON that is not of the schema) is `scorer_error`: missing, never a low score.
    - The digest covers the endpoint's name, model and parameters, the rubric, the levels and the prompt; the same answer is
      not judged twice under it. `again: 1` judges anew, which shows how steady the judge is.
    """

    name = "judge"
    is_judge = True

    class Settings(Policy):
        """The model, and what it judges by."""

        model: JudgeModel
        rubric: str | None = None
        levels: tuple[str, ...] = Field(min_length=2)
        lowest: int = 1
        show: tuple[Shown, ...] = ("passages", "reference")
        again: int = Field(default=0, ge=0)

        @property
        def scale(self) -> dict[int, str]:
            """Score -> what it means."""
            return dict(enumerate(self.levels, self.lowest))

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._judge = Judge(self.name, settings.model, schema_of(list(settings.scale)), self._read, settings.again)

    def prepare(self, lake: Lake) -> None:
        """Keep verdicts in the home."""
        self._judge.keep_in(lake)

    @property
    def asks_model(self) -> JudgeModel:
        """See the base class."""
        return self._settings.model

    def expected_calls(self, case: Case) -> Sequence[Estimate]:
        """One, of the reference in the answer's place."""
        return [self._judge.estimate(self._asked(case, Answer(case.case_id, 0, text=case.expected.reference)))]

    def pay_from(self, budget: Budget) -> None:
        """See the base class."""
        self._judge.pay_from(budget)

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.rubric or self._settings.rubric or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return self.score_all([(case, answer)])[0]

    def score_all(self, pairs: Sequence[tuple[Case, Answer]]) -> Sequence[Score]:
        """All at once, as many at a time as the model's limits allow."""
        speaking = [index for index, (_, answer) in enumerate(pairs) if says_something(answer, self._settings.show)]
        verdicts = self._judge.ask([self._asked(*pairs[index]) for index in speaking])
        scores = [Score(0.0, detail="says nothing")] * len(pairs)
        for index, verdict in zip(speaking, verdicts, strict=True):
            scores[index] = self._score(verdict)
        return scores

    def _asked(self, case: Case, answer: Answer) -> Asked:
        settings = self._settings
        judged_by = {"rubric": case.expected.rubric or settings.rubric, "scores": {str(k): v for k, v in settings.scale.items()}}
        material = {**judged_by, **material_of(case, answer, settings.show), "answer": answer_of(answer, settings.show)}
        return Asked(RUBRIC, material)

    def _read(self, said: Mapping[str, Any]) -> int:
        score = said["score"]
        if isinstance(score, bool) or not isinstance(score, int) or score not in self._settings.scale:
            raise ValueError
        return score

    def _score(self, verdict: int | str | Failed) -> Score:
        if isinstance(verdict, Failed) or verdict not in self._settings.scale:
            error = verdict.error if isinstance(verdict, Failed) else "no_verdict"
            return Score(None, SCORER_ERROR, f"judge: {error}")
        low, high = min(self._settings.scale), max(self._settings.scale)
        return Score((int(verdict) - low) / (high - low), detail=f"{verdict} of {low}..{high}")


def schema_of(scores: list[int]) -> dict[str, Any]:
    """What the judge answers with."""
    return {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "score": {"type": "integer", "enum": scores}},
        "required": ["reason", "score"],
        "additionalProperties": False,
    }
