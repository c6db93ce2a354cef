"""What a run wants to know: each case that the target covers, as often as it is repeated. Made when needed, not kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from goldworks.evaluation.answers import Answer, Question
from goldworks.evaluation.asking import Ask
from goldworks.evaluation.case_list import CaseList
from goldworks.evaluation.journal import Key
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.targets.protocol import Session, covers_everything
from goldworks.golden.read import Case


@dataclass(frozen=True, slots=True)
class Wanted:
    """The answers that are wanted, repeat by repeat, by case id. `covered` None: all of them."""

    cases: CaseList
    seed: int
    repeats: int
    covered: frozenset[Key] | None = None

    @staticmethod
    def of(cases: CaseList, seed: int, repeats: int, session: Session) -> Wanted:
        """Those that the session covers."""
        whole = Wanted(cases, seed, repeats)
        if covers_everything(session):
            return whole
        covered = frozenset((question.case_id, repeat) for question, repeat, _ in whole.asks(()) if session.covers(question))
        return Wanted(cases, seed, repeats, covered)

    def __len__(self) -> int:
        return len(self.cases) * self.repeats if self.covered is None else len(self.covered)

    def all_keys(self) -> Iterator[Key]:
        """Their keys."""
        ids = self.cases.ids
        return (key for repeat in range(self.repeats) for key in ((case_id, repeat) for case_id in ids) if self._has(key))

    def asks(self, done: Collection[Key]) -> Iterator[Ask]:
        """The questions that are not `done`."""
        for repeat in range(self.repeats):
            for case in self.cases:
                key = case.case_id, repeat
                if key not in done and self._has(key):
                    yield question_of(case, self.seed, repeat), repeat, case.cluster_id

    def sample(self, done: Collection[Key], most: int) -> list[Question]:
        """At most so many of the questions that are not `done`, from all over."""
        step = max(1, len(self) // most)
        return [question for question, _, _ in islice(self.asks(done), 0, None, step)]

    def answered(self, answers: Mapping[Key, Answer], stopped: str | None) -> Iterator[Sequence[tuple[Case, Answer]]]:
        """Each case with its answer, some at a time; without one when the run was `stopped` before it was asked."""
        for repeat in range(self.repeats):
            for block in self.cases.blocks():
                pairs: list[tuple[Case, Answer]] = []
                for case in block:
                    key = case.case_id, repeat
                    if self._has(key):
                        none = Answer(case.case_id, repeat, "error", f"stopped_{stopped}", attempts=0, cluster_id=case.cluster_id)
                        pairs.append((case, answers.get(key, none)))
                if pairs:
                    yield pairs

    def _has(self, key: Key) -> bool:
        return self.covered is None or key in self.covered
