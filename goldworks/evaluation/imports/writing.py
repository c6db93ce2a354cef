"""Making a run of matched results: redacted, scored by the suite if one is named, with the tool's own scores beside it.

The run's id follows from the content of the file (a keyed digest), the version, the suite and the occasion, so the same file is
the same run. The run's row is written before and after, as of any other run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from goldworks.digests import canonical, keyed_digest
from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer, row_of
from goldworks.evaluation.budget import Budget
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.imports.came import NOT_SCORED, Log
from goldworks.evaluation.imports.matching import Matched, Row, match
from goldworks.evaluation.journal import open_journal
from goldworks.evaluation.judging import expected_judging
from goldworks.evaluation.prices import PriceTable
from goldworks.evaluation.redacting import Redacts, redacted
from goldworks.evaluation.result import RunResult, find_run, load_result
from goldworks.evaluation.scorers.protocol import MISSING_ANSWER, Score
from goldworks.evaluation.status import status_of
from goldworks.evaluation.suites import Scoring, Suite
from goldworks.golden.read import require_version
from goldworks.lake import Lake

BLOCK = 256
GIVEN = "goldworks.evaluation.imports.given:"
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Imported:
    """The run, and results that were refused: reason -> how many."""

    result: RunResult
    refused: Mapping[str, int]


def import_log(
    lake: Lake,
    log: Log,
    content: bytes,
    redactor: Redacts,
    key: bytes,
    *,
    use_case: str,
    version: str | None = None,
    release: str | None = None,
    suite: Suite | None = None,
    prices: PriceTable | None = None,
) -> Imported:
    """Write the log as a run, or find it done. `content`: the bytes it was read from. `suite` scores the answers too;
    without one only the tool's scores are kept. `prices`: of the suite's judges, for which the caps of the suite hold; what the
    tool's own took nobody tells. What did not fit a cap is judged when the log is imported again under a higher one.

    Raises `InputError` when the results belong to no case or version, a name in them is personal, or the price of a judge that is
    capped is not known; then nothing is written.
    """
    matched = match(lake, log, use_case, version)
    names = _metric_names(log, redactor)
    whole = _suite(log, names, suite)
    config = RunConfig(
        version_id=matched.version_id,
        suite=whole.model_dump(mode="json"),
        scorer_digests=whole.scorer_digests,
        target_name=log.assistant,
        target={
            "kind": log.tool,
            "tool_version": log.tool_version,
            "prompt": log.prompt,
            "results": keyed_digest(key, "import", content),
        },
        seed=0,
        repeats=matched.repeats,
    )
    occasion = "/".join([*([f"release:{release}"] if release else []), f"import:{log.tool}"])
    run_id = config.run_id(occasion)
    with open_journal(lake.home, config.answers_id(occasion)):
        require_version(lake, matched.version_id)  # it may have been erased meanwhile; who erases waits for open journals
        before = find_run(lake, run_id)
        if before is not None and before["answers"] and before["stopped"] is None:
            return Imported(load_result(lake, run_id), matched.refused)
        head = {
            "run_id": run_id,
            "config_digest": config.digest,
            "config": config.as_json,
            "occasion": occasion,
            "use_case": use_case,
            "version_id": matched.version_id,
            "suite": whole.name,
            "target": log.assistant,
            "target_kind": log.tool,
            "release": release,
            "seed": 0,
            "repeats": matched.repeats,
            "started_at": before["started_at"] if before else datetime.now(UTC),
            "mlflow_run_id": before["mlflow_run_id"] if before else None,
            "dagster_run_id": None,
        }
        rows = list(_redacted(matched.rows, redactor))
        budget = Budget(prices=prices)
        budget.of_run(run_id, is_resumed=before is not None)
        budget.judges.is_untold = bool(log.opinions)
        scoring = _scoring(suite, lake, rows, budget) if suite is not None else None
        lake.replace("evals.runs", [_run_row(head, matched, 0, budget)], {"run_id": run_id})
        answers = ({"run_id": run_id, **row_of(row.answer)} for row in rows)
        lake.replace("evals.answers", answers, {"run_id": run_id})
        lake.replace("evals.scores", _scores(run_id, rows, names, whole, scoring), {"run_id": run_id})
        here = sum(row.answer.is_ok for row in rows)
        lake.replace("evals.runs", [_run_row(head, matched, here, budget)], {"run_id": run_id})
    result = load_result(lake, run_id, is_new=True, because=budget.said(), note=budget.note)
    return Imported(result, matched.refused)


def _scoring(suite: Suite, lake: Lake, rows: Sequence[Row], budget: Budget) -> Scoring:
    """The suite's scorers, whose judges keep to its caps."""
    budget.cap_by(suite.max_cost_usd, suite.max_tokens)
    scoring = Scoring.of(suite, lake, budget)
    expected_judging(scoring, [row.case for row in rows], len(rows), budget)  # refuses a judge whose cost cannot be capped
    return scoring


def _run_row(head: Mapping[str, Any], matched: Matched, here: int, budget: Budget) -> dict[str, Any]:
    wanted = len(matched.rows)
    counts = {"cases": wanted // matched.repeats, "answers": here, "missing": wanted - here}
    stopped = "judging_budget" if budget.judges.refused else None
    how = {"status": status_of(here, wanted, stopped), "stopped": stopped, "ended_at": datetime.now(UTC)}
    return {**head, **counts, **how, **budget.judges.columns}


def _metric_names(log: Log, redactor: Redacts) -> dict[str, str]:
    """check -> name of its metric, `<tool>_<check>`. Raises `InputError` when two would be the same, or a name is personal."""
    from goldworks.redaction import Document, Field

    texts = {"assistant": log.assistant, "prompt": log.prompt, **{f"check {i}": name for i, name in enumerate(log.checks, 1)}}
    fields = tuple(Field(name, "assistant", "text", text) for name, text in texts.items())
    [document] = redactor.redact([Document("names of an import", fields)])
    personal = [field.owner for field in document.fields if field.is_withheld or field.value != texts[field.owner]]
    if personal:
        raise InputError(
            "names in the results are personal, and would stand in every table: " + ", ".join(personal),
            remedy="rename it in the tool's configuration, run the tool again, and import that",
        )
    names = {check: f"{log.tool}_{_plain(check)}"[:LONGEST_NAME] for check in log.checks}
    if len(set(names.values())) < len(names):
        twice = sorted(check for check, name in names.items() if list(names.values()).count(name) > 1)
        raise InputError(f"checks whose names differ in signs alone: {', '.join(twice)}", remedy="rename one of them")
    return names


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "check"


def _suite(log: Log, names: Mapping[str, str], suite: Suite | None) -> Suite:
    """The suite's metrics and the tool's checks as one suite: what stands in the run's configuration."""
    about = {"version": 1, "name": log.tool, "description": f"Checks of {log.tool} {log.tool_version}."}
    own: dict[str, Any] = suite.model_dump(mode="json") if suite is not None else {**about, "metrics": []}
    given = [
        {
            "metric": name,
            "scorer": GIVEN + ("Opinion" if check in log.opinions else "Check"),
            "kpi": f"as {log.tool} scores it",
            "settings": {"tool": log.tool, "tool_version": log.tool_version, "check": check},
        }
        for check, name in names.items()
    ]
    if not own["metrics"] and not given:
        raise InputError(f"{log.tool} scored nothing", remedy="score the answers here: --suite NAME")
    return Suite.model_validate_json(canonical({**own, "metrics": [*own["metrics"], *given]}))


def _redacted(rows: Sequence[Row], redactor: Redacts) -> Iterator[Row]:
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK]
        answers = redacted([row.answer for row in block], redactor)
        yield from (replace(row, answer=answer) for row, answer in zip(block, answers, strict=True))


def _scores(
    run_id: str, rows: Sequence[Row], names: Mapping[str, str], whole: Suite, scoring: Scoring | None
) -> Iterator[dict[str, Any]]:
    """Rows of `evals.scores`: of the suite, then of the tool."""
    digests = whole.scorer_digests
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK]
        own = scoring.scores([(row.case, row.answer) for row in block]) if scoring is not None else [{} for _ in block]
        for row, scores in zip(block, own, strict=True):
            given = {name: _given(row.answer, row.scores.get(check)) for check, name in names.items()}
            for metric, score in (scores | given).items():
                yield {
                    "run_id": run_id,
                    "case_id": row.answer.case_id,
                    "repeat": row.answer.repeat,
                    "metric": metric,
                    "value": score.value,
                    "reason": score.reason,
                    "detail": score.detail,
                    "scorer_digest": digests[metric],
                }


def _given(answer: Answer, score: Score | None) -> Score:
    """The tool's score of an answer, where it says none one that says why."""
    if not answer.is_ok and score is None:
        return Score(None, MISSING_ANSWER, answer.error)
    return score or Score(None, "not_applicable", NOT_SCORED)
