"""One evaluation run: a target answers the cases of a golden version, a suite scores the answers, the tables keep both.

Killed at any point and started again it goes on from its journal; done once, it is not done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.answers import Answer, Question
from goldworks.evaluation.asking import Asking, Halt
from goldworks.evaluation.budget import SAMPLE, Budget, Expected
from goldworks.evaluation.cache import AnswerCache
from goldworks.evaluation.case_list import CaseList
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.interrupting import Interrupted, interruptible
from goldworks.evaluation.journal import Journal, open_journal
from goldworks.evaluation.judging import expected_judging
from goldworks.evaluation.parts import Part, journals_of
from goldworks.evaluation.recording import Record, stored_answers
from goldworks.evaluation.redacting import Redacts
from goldworks.evaluation.result import RunResult, find_run, load_result
from goldworks.evaluation.suites import Scoring, Suite
from goldworks.evaluation.targets.protocol import Limits, Prepared, Target
from goldworks.evaluation.wanted import Wanted
from goldworks.faults import fault_point
from goldworks.golden.read import require_version
from goldworks.lake import Lake

Progress = Callable[[int, int, int], None]
"""Called after each answer with (answers so far, answers wanted, of these failed)."""


def run(
    lake: Lake,
    version_id: str,
    suite: Suite,
    target: Target,
    *,
    occasion: str,
    release: str | None = None,
    seed: int = 0,
    repeats: int = 1,
    redactor: Redacts | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    dagster_run_id: str | None = None,
    budget: Budget | None = None,
    cache: AnswerCache | None = None,
) -> RunResult:
    """Make the run, or go on with it, or find it done, and return it as the tables have it.

    `occasion` is part of the run's id: the same one is the same run, another asks the target anew. `redactor` is needed for
    targets whose answers do not come from the lake: nothing unredacted is written, not even to the journal. `limits` default
    to the target's own. `status.status_of` says what its status means; started again, it asks for what is missing. What parts
    of it (`run_part`) have asked is taken over. `budget` ends it cleanly at a cap, the suite's judges included; what it does
    not cap the suite may. `cache` is for development alone: answers that were given before to the same question are taken
    from it.

    Raises `InputError` for a version without cases, `BusyError` when another process asks for the same answers, `Interrupted`
    when the user ended it.
    """
    plan = _Plan.of(lake, version_id, suite, target, seed, repeats, redactor)
    budget = budget or Budget()
    budget.cap_by(suite.max_cost_usd, suite.max_tokens)
    config, run_id = plan.config, plan.config.run_id(occasion)
    with ExitStack() as held:
        answers_id = config.answers_id(occasion)
        journal = held.enter_context(open_journal(lake.home, answers_id))
        require_version(lake, version_id)  # it may have been erased since it was read; who erases waits for open journals
        before = find_run(lake, run_id)
        parts = [held.enter_context(open_journal(lake.home, name)) for name in journals_of(lake.home, answers_id)]
        if before is not None and before["status"] == "complete":
            for part in parts:  # asked after the run was done
                part.clear()
            return load_result(lake, run_id)
        for part in parts:
            journal.take(iter(part.answers.values()))
        journal.take(stored_answers(lake, config, occasion))
        head = {
            "run_id": run_id,
            "config_digest": config.digest,
            "config": config.as_json,
            "occasion": occasion,
            "use_case": plan.cases[0].use_case,
            "version_id": version_id,
            "suite": suite.name,
            "target": target.name,
            "target_kind": target.kind,
            "release": release,
            "seed": seed,
            "repeats": repeats,
            "started_at": before["started_at"] if before else datetime.now(UTC),
            "mlflow_run_id": before["mlflow_run_id"] if before else None,
            "dagster_run_id": dagster_run_id,
        }
        budget.of_run(run_id, is_resumed=before is not None or bool(journal.answers))
        scoring, record = Scoring.of(suite, lake, budget), Record(lake, head, budget)
        budget.judging = expected_judging(scoring, plan.cases, len(plan.cases) * repeats, budget)
        asking = _AskingRun(plan, limits or target.limits, journal, progress, budget, cache)
        wanted, halt = asyncio.run(asking.run(record.begin))
        if halt.reason == "interrupted":
            raise Interrupted(len(journal.answered), len(wanted))
        record.end(wanted.answered(journal.answers, halt.reason), scoring, halt.reason)
        for one in (journal, *parts):
            one.clear()
    return load_result(lake, run_id, is_new=True, because=halt.because or budget.said(), note=budget.note)


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a part has: `answers` of its `wanted` answers; `because` says why it ended early."""

    answers: int
    wanted: int
    because: str | None = None


def run_part(
    lake: Lake,
    version_id: str,
    suite: Suite,
    target: Target,
    part: Part,
    *,
    occasion: str,
    seed: int = 0,
    repeats: int = 1,
    redactor: Redacts | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    budget: Budget | None = None,
    cache: AnswerCache | None = None,
) -> PartResult:
    """Ask one share of the cases, beside other processes that ask theirs. The answers stay in the part's journal until `run`
    with the same arguments takes them over. Raises as `run` does.
    """
    plan = _Plan.of(lake, version_id, suite, target, seed, repeats, redactor, part)
    budget = budget or Budget()
    budget.cap_by(suite.max_cost_usd, suite.max_tokens, part.many)
    with open_journal(lake.home, part.journal_of(plan.config.answers_id(occasion))) as journal:
        require_version(lake, version_id)
        journal.take(answer for answer in stored_answers(lake, plan.config, occasion) if part.takes(answer.case_id))
        asking = _AskingRun(plan, limits or target.limits, journal, progress, budget, cache)
        wanted, halt = asyncio.run(asking.run(lambda wanted, here: None))
        if halt.reason == "interrupted":
            raise Interrupted(len(journal.answered), len(wanted))
        return PartResult(len(journal.answered), len(wanted), halt.because or halt.reason)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked of whom."""

    cases: CaseList
    target: Target
    prepared: Prepared
    config: RunConfig
    seed: int
    repeats: int
    redactor: Redacts | None

    @staticmethod
    def of(
        lake: Lake,
        version_id: str,
        suite: Suite,
        target: Target,
        seed: int,
        repeats: int,
        redactor: Redacts | None,
        part: Part | None = None,
    ) -> _Plan:
        if not target.is_redacted and redactor is None:
            raise ValueError("answers of a live target must be redacted: give a redactor")
        if target.is_fixed and repeats != 1:
            raise InputError(f"target {target.name} gives the same answer each time", remedy="use --repeats 1")
        cases = CaseList.read(lake, version_id)
        if not cases:
            raise InputError(f"golden version {version_id} has no cases", remedy="goldworks golden list")
        prepared = target.prepare(lake, cases)
        config = RunConfig.of(version_id, suite, target, prepared, seed, repeats)
        if part is not None:
            cases = cases.of([index for index, case_id in enumerate(cases.ids) if part.takes(case_id)])
        return _Plan(cases, target, prepared, config, seed, repeats, None if target.is_redacted else redactor)


@dataclass(slots=True)
class _AskingRun:
    """Asking what a journal has no answers to yet."""

    plan: _Plan
    limits: Limits
    journal: Journal
    progress: Progress | None
    budget: Budget
    cache: AnswerCache | None
    _done: int = 0
    _failed: int = 0

    async def run(self, begin: Callable[[int, int], None]) -> tuple[Wanted, Halt]:
        """Ask; return all that the target covers, and why it ended early. `begin` is told (wanted, here) before."""
        plan, halt = self.plan, Halt()
        async with plan.prepared.open(self.limits) as session:
            wanted = Wanted.of(plan.cases, plan.seed, plan.repeats, session)
            if self.cache is not None:
                self._take_cached(self.cache, wanted)
            self._done = sum(key in self.journal.answered for key in wanted.all_keys())
            begin(len(wanted), self._done)
            self._say(len(wanted))
            self._begin_budget(wanted)

            def on_answer(question: Question, answer: Answer) -> None:
                self.journal.add(answer)
                fault_point("evals.answer_journalled")
                self.budget.add(answer)
                if self.cache is not None:
                    self.cache.put(plan.config.target, question, answer)
                self._done, self._failed = self._done + 1, self._failed + (not answer.is_ok)
                self._say(len(wanted))

            allows = self.budget.allows if self.budget.is_capped else None
            asking = Asking(session, self.limits.concurrency, plan.redactor, on_answer, halt, allows)
            try:
                with interruptible(halt):
                    await asking.all(wanted.asks(self.journal.answered))
            except* GoldworksError as group:
                raise _first(group) from None
        return wanted, halt

    def _say(self, wanted: int) -> None:
        if self.progress is not None:
            self.progress(self._done, wanted, self._failed)

    def _take_cached(self, cache: AnswerCache, wanted: Wanted) -> None:
        for question, repeat, cluster in wanted.asks(self.journal.answered):
            answer = cache.get(self.plan.config.target, question, repeat, cluster)
            if answer is not None:
                self.journal.add(answer)

    def _begin_budget(self, wanted: Wanted) -> None:
        sample = wanted.sample(self.journal.answered, SAMPLE)
        expected = Expected.of(self.plan.target, len(wanted) - self._done, sample)
        self.budget.begin(self.plan.target, expected, self.journal.answers.values())


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
