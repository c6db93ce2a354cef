"""Asking a judge again about answers it has judged: one that does not agree with itself cannot agree with people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer, answer_of
from goldworks.evaluation.status import MOST_MISSING_RATE
from goldworks.evaluation.suites import Scoring, Suite
from goldworks.golden.case import Case
from goldworks.golden.read import read_version
from goldworks.lake import Lake

PASS_AT = 0.5


def rejudging(lake: Lake, anchors: int) -> Callable[[Suite, str, list[str]], float | None]:
    """A function that has a metric judge `anchors` labelled answers anew, without what it remembers of them.

    It gives None where more of the verdicts are missing than an evaluation run may miss.
    """

    @cache
    def cases_of(version_id: str) -> dict[str, Case]:
        try:
            return {case.case_id: case for case in read_version(lake, version_id)}
        except InputError:  # erased meanwhile
            return {}

    def rejudge(suite: Suite, metric: str, items: list[str]) -> float | None:
        chosen = sorted(items, key=lambda item: hashlib.sha256(item.encode()).digest())[:anchors]
        known = [found for item in chosen if (found := _scored(lake, cases_of, metric, item)) is not None]
        alone = suite.model_copy(update={"metrics": tuple(m for m in suite.metrics if m.metric == metric), "aggregates": ()})
        scores = Scoring.of(alone).scores([(case, answer) for case, answer, _ in known])
        pairs = [(value, score[metric].value) for (_, _, value), score in zip(known, scores, strict=True)]
        same = [(a >= PASS_AT) == (b >= PASS_AT) for a, b in pairs if b is not None]
        too_few = len(pairs) - len(same) > MOST_MISSING_RATE * len(pairs)
        return sum(same) / len(same) if same and not too_few else None

    return rejudge


def _scored(lake: Lake, cases_of: Callable[[str], dict[str, Case]], metric: str, item: str) -> tuple[Case, Answer, float] | None:
    """Case, answer and value of an item (`run/case/repeat`, or the trace id of a recorded answer); None without a value."""
    run_id, case_id, repeat = _place(lake, item)
    if run_id is None:
        return None
    where = [("run_id", "=", run_id), ("case_id", "=", case_id), ("repeat", "=", repeat)]
    scores = lake.rows("evals.scores", ["value"], [*where, ("metric", "=", metric)])
    answers = lake.rows("evals.answers", where=where)
    version = lake.rows("evals.runs", ["version_id"], [("run_id", "=", run_id)])
    if not scores or scores[0]["value"] is None or not answers or not version:
        return None
    case = cases_of(version[0]["version_id"]).get(case_id)
    return None if case is None else (case, answer_of(answers[0]), scores[0]["value"])


def _place(lake: Lake, item: str) -> tuple[str | None, str, int]:
    if item.count("/") == 2:
        run_id, case_id, repeat = item.split("/")
        return run_id, case_id, int(repeat)
    found: Sequence[dict[str, object]] = lake.rows("evals.answers", ["run_id", "case_id", "repeat"], [("trace_id", "=", item)])
    if not found:
        return None, "", 0
    return str(found[-1]["run_id"]), str(found[-1]["case_id"]), int(str(found[-1]["repeat"]))
