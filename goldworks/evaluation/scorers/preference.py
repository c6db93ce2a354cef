"""Scorer `preference`: a model says which of two answers is better, asked in both orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer, answer_of
from goldworks.evaluation.scorers.judge_material import PREFERENCE, Shown, material_of, says_something
from goldworks.evaluation.scorers.judge_material import answer_of as shown_answer
from goldworks.evaluation.scorers.judge_model import Asked, Failed, Judge, JudgeModel, Verdict
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, Scorer, not_applicable
from goldworks.evaluation.targets.protocol import Estimate
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy

if TYPE_CHECKING:
    from goldworks.evaluation.budget import Budget

CONSISTENT = ("won", "lost", "tie")
FIRST, SECOND, MIXED = "inconsistent: first shown", "inconsistent: second shown", "inconsistent: a tie in one order"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "better": {"type": "string", "enum": ["A", "B", "tie"]}},
    "required": ["reason", "better"],
    "additionalProperties": False,
}


class Preference(Scorer):
    """1 when the answer is preferred in both orders, 0 when the other one is, 1/2 for a tie or when the orders disagree
    (method: swapped pairs). The mean is the win rate; `position_consistency` says how far the judge can be believed.

    The other answer is the case's reference, or, with `against: RUN_ID`, that of another run to the same case and repeat.

    - It is an opinion: nothing gates on it without a certificate.
    - No other answer: not applicable. Both say nothing: 1/2; one does: it loses. The judge is not asked for either.
    - Equal texts are a tie, and the judge is not asked.
    - No verdict in one of the orders is `scorer_error`: missing.
    - Digest, journal and `again` as for `judge`.
    """

    name = "preference"
    is_judge = True

    class Settings(Policy):
        """The model, what it judges by, and against what."""

        model: JudgeModel
        rubric: str = Field(default="Which answer helps the person who asked more, and is right?", min_length=1)
        against: str | None = Field(default=None, description="id of a run; the case's reference when not given")
        show: tuple[Shown, ...] = ("passages",)
        again: int = Field(default=0, ge=0)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._judge = Judge(self.name, settings.model, SCHEMA, _read, settings.again)
        self._others: dict[tuple[str, int], Answer] = {}

    def prepare(self, lake: Lake) -> None:
        """Keep verdicts in the home, and read the answers of the other run. Raises `InputError` when there is none."""
        self._judge.keep_in(lake)
        if self._settings.against is not None:
            rows = lake.rows("evals.answers", where=[("run_id", "=", self._settings.against), ("status", "=", "ok")])
            if not rows:
                raise InputError(f"no answers of a run {self._settings.against}", remedy="goldworks eval list")
            self._others = {(row["case_id"], row["repeat"]): answer_of(row) for row in rows}

    @property
    def asks_model(self) -> JudgeModel:
        """See the base class."""
        return self._settings.model

    def expected_calls(self, case: Case) -> Sequence[Estimate]:
        """One for each order, of the reference in the answers' places."""
        one = Answer(case.case_id, 0, text=case.expected.reference)
        return [self._judge.estimate(self._asked(case, one, one))] * 2

    def pay_from(self, budget: Budget) -> None:
        """See the base class."""
        self._judge.pay_from(budget)

    def applies(self, case: Case) -> bool:
        """See the class."""
        if self._settings.against is None:
            return bool((case.expected.reference or "").strip())
        return any(case_id == case.case_id for case_id, _ in self._others)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return self.score_all([(case, answer)])[0]

    def score_all(self, pairs: Sequence[tuple[Case, Answer]]) -> Sequence[Score]:
        """All at once, each in both orders."""
        others = [self._other(case, answer) for case, answer in pairs]
        scores = [self._unasked(answer, other) for (_, answer), other in zip(pairs, others, strict=True)]
        left = [index for index, score in enumerate(scores) if score is None]
        asked: list[Asked] = []
        for index in left:
            case, answer = pairs[index]
            other = others[index]
            assert other is not None
            asked += [self._asked(case, answer, other), self._asked(case, other, answer)]
        verdicts = self._judge.ask(asked)
        for place, index in enumerate(left):
            scores[index] = in_both_orders(verdicts[2 * place], verdicts[2 * place + 1])
        return [score for score in scores if score is not None]

    def _other(self, case: Case, answer: Answer) -> Answer | None:
        if self._settings.against is None:
            return Answer(case.case_id, answer.repeat, text=case.expected.reference)
        return self._others.get((case.case_id, answer.repeat))

    def _unasked(self, answer: Answer, other: Answer | None) -> Score | None:
        """The score that needs no judge."""
        if other is None:
            return not_applicable("the other run has no answer to it")
        show = self._settings.show
        here, there = says_something(answer, show), says_something(other, show)
        if here and there and shown_answer(answer, show) != shown_answer(other, show):
            return None
        if here == there:
            return Score(0.5, detail="tie")
        return Score(float(here), detail="won" if here else "lost")

    def _asked(self, case: Case, first: Answer, second: Answer) -> Asked:
        show = self._settings.show
        shown = {**material_of(case, first, ()), **_given(case, first, show)}
        both = {"A": shown_answer(first, show), "B": shown_answer(second, show)}
        return Asked(PREFERENCE, {"rubric": self._settings.rubric, **shown, **both})


def in_both_orders(shown_first: Verdict | Failed, shown_second: Verdict | Failed) -> Score:
    """The score of an answer from the verdict when it was A and the one when it was B."""
    for verdict in (shown_first, shown_second):
        if isinstance(verdict, Failed):
            return Score(None, SCORER_ERROR, f"judge: {verdict.error}")
    match shown_first, shown_second:
        case "A", "B":
            return Score(1.0, detail="won")
        case "B", "A":
            return Score(0.0, detail="lost")
        case "tie", "tie":
            return Score(0.5, detail="tie")
        case "A", "A":
            return Score(0.5, detail=FIRST)
        case "B", "B":
            return Score(0.5, detail=SECOND)
        case _:
            return Score(0.5, detail=MIXED)


def _given(case: Case, answer: Answer, show: Sequence[Shown]) -> dict[str, Any]:
    """What both answers rest on: the case's own passages and conversation, whatever either fetched itself."""
    bare = Answer(answer.case_id, answer.repeat)
    return material_of(case, bare, show)


def _read(said: Mapping[str, Any]) -> str:
    better = said["better"]
    if better not in ("A", "B", "tie"):
        raise ValueError
    return better
