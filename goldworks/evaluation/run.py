"""One evaluation run: a target answers the cases of a golden version, a suite scores the answers, the tables keep both.

Killed at any point and started again it goes on from its journal; done once, it is not done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.asking import Ask, Redacts, ask_all
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.journal import Journal, open_journal
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.recording import Record, stored_answers
from goldworks.evaluation.result import RunResult, find_run, load_result
from goldworks.evaluation.suites import Suite
from goldworks.evaluation.targets.protocol import Limits, Prepared, Target
from goldworks.faults import fault_point
from goldworks.golden.read import Case, read_version, require_version
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
) -> RunResult:
    """Make the run, or go on with it, or find it done, and return it as the tables have it.

    `occasion` is part of the run's id: the same one is the same run, another asks the target anew. `redactor` is needed for
    targets whose answers do not come from the lake: nothing unredacted is written, not even to the journal. `limits` default
    to the target's own. A run that lacks answers is `incomplete`; started again, it asks for the missing ones.

    Raises `InputError` for a version without cases, `BusyError` when another process asks for the same answers.
    """
    if not target.is_redacted and redactor is None:
        raise ValueError("answers of a live target must be redacted: give a redactor")
    if target.is_fixed and repeats != 1:
        raise InputError(f"target {target.name} gives the same answer each time", remedy="use --repeats 1")
    cases = read_version(lake, version_id)
    if not cases:
        raise InputError(f"golden version {version_id} has no cases", remedy="goldworks golden list")
    prepared = target.prepare(lake, cases)
    config = RunConfig.of(version_id, suite, target, prepared, seed, repeats)
    run_id = config.run_id(occasion)
    with open_journal(lake.home, config.answers_id(occasion)) as journal:
        require_version(lake, version_id)  # it may have been erased since it was read; who erases waits for open journals
        before = find_run(lake, run_id)
        if before is not None and before["status"] == "complete":
            return load_result(lake, run_id)
        for key, answer in stored_answers(lake, config, occasion).items():
            journal.answers.setdefault(key, answer)
        head = {
            "run_id": run_id,
            "config_digest": config.digest,
            "config": config.as_json,
            "occasion": occasion,
            "use_case": cases[0].use_case,
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
        record = Record(lake, head)
        used = None if target.is_redacted else redactor
        asks = _wanted(cases, seed, repeats)
        covered = asyncio.run(_ask(prepared, asks, limits or target.limits, used, journal, record, progress))
        record.end(cases, suite, [journal.answers[question.case_id, repeat] for question, repeat, _ in covered])
        journal.clear()
    return load_result(lake, run_id, is_new=True)


def _wanted(cases: Sequence[Case], seed: int, repeats: int) -> list[Ask]:
    return [
        (question_of(case, seed, repeat), repeat, case.cluster_id)
        for repeat in range(repeats)
        for case in sorted(cases, key=lambda case: case.case_id)
    ]


async def _ask(
    prepared: Prepared,
    asks: Sequence[Ask],
    limits: Limits,
    redactor: Redacts | None,
    journal: Journal,
    record: Record,
    progress: Progress | None,
) -> list[Ask]:
    """Ask what is covered and not answered yet; return all that is covered."""
    async with prepared.open(limits) as session:
        covered = [ask for ask in asks if session.covers(ask[0])]
        done = {key for key, answer in journal.answers.items() if answer.is_ok}
        left = [ask for ask in covered if (ask[0].case_id, ask[1]) not in done]
        count, errors = len(covered) - len(left), 0
        record.begin(len(covered), count)

        def on_answer(answer: Answer) -> None:
            nonlocal count, errors
            journal.add(answer)
            fault_point("evals.answer_journalled")
            count, errors = count + 1, errors + (not answer.is_ok)
            if progress is not None:
                progress(count, len(covered), errors)

        try:
            await ask_all(session, left, limits.concurrency, redactor, on_answer)
        except* GoldworksError as group:
            raise _first(group) from None
    return covered


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
