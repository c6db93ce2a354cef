"""Which golden version a log belongs to, and which of its results belong to which case. What belongs to none is counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.imports.came import Log, Result
from goldworks.evaluation.scorers.protocol import Score
from goldworks.golden.case import Case, case_of
from goldworks.golden.read import latest_version, require_version, versions
from goldworks.lake import Lake

NO_ID = "it carries no case id: only tests made by `goldworks golden export` do"
UNKNOWN = "its case is not in the golden version"
CHANGED = "its case has another content in the golden version"
TWICE = "another result of the same case and repeat came before it"
NOT_ANSWERED = "not_in_the_results"


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the answer that came, or one that says why none did, and the tool's scores."""

    case: Case
    answer: Answer
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Matched:
    """Every covered case, as often as it was asked, by repeat and case id. `refused`: reason -> results."""

    version_id: str
    rows: tuple[Row, ...]
    repeats: int
    refused: Mapping[str, int]


def version_of(lake: Lake, log: Log, use_case: str, version: str | None) -> str:
    """The version that is named, else the one that the results were exported from, else the use case's current one.

    Raises `InputError` when it is gone, is of another use case, or the results come from several.
    """
    known = {row["version_id"] for row in versions(lake)}
    named = sorted(known & {result.version_id for result in log.results})
    if version is None and len(named) > 1:
        raise InputError(f"the results come from several golden versions: {', '.join(named)}", remedy="say which: --version")
    version_id = version or next(iter(named), None) or latest_version(lake, use_case)
    if version_id is None:
        raise InputError(f"use case {use_case} has no golden version", remedy=f"goldworks golden mint {use_case}")
    require_version(lake, version_id)
    return version_id


def match(lake: Lake, log: Log, use_case: str, version: str | None) -> Matched:
    """Find the case of each result. Raises as `version_of`, and `InputError` when no result belongs to any case."""
    version_id = version_of(lake, log, use_case, version)
    rows = {row["case_id"]: row for row in lake.rows("golden.cases", where=[("version_id", "=", version_id)])}
    others = sorted({row["use_case"] for row in rows.values()} - {use_case})
    if others:
        raise InputError(f"golden version {version_id} is of the use case {others[0]}", remedy=f"--use-case {others[0]}")
    refused: Counter[str] = Counter()
    found: dict[str, dict[int, Result]] = defaultdict(dict)
    for result in log.results:
        row = rows.get(result.case_id or "")
        if row is None or result.case_id is None:
            refused[NO_ID if result.case_id is None else UNKNOWN] += 1
        elif result.case_digest not in (None, row["case_digest"]):
            refused[CHANGED] += 1
        else:
            here = found[result.case_id]
            repeat = len(here) if result.repeat is None else result.repeat
            if repeat in here:
                refused[TWICE] += 1
            else:
                here[repeat] = result
    if not found:
        why = "; ".join(f"{count} results: {reason}" for reason, count in sorted(refused.items())) or "there is no result"
        raise InputError(
            f"nothing of it belongs to golden version {version_id}: {why}",
            remedy="export the version with `goldworks golden export`, run the tool on that, and import its results",
        )
    covered = sorted({*found, *(case_id for case_id in log.wanted if case_id in rows)})
    repeats = max(log.repeats or 1, *(max(here) + 1 for here in found.values()))
    cases = {case_id: case_of(rows[case_id]) for case_id in covered}
    made = (_row(cases[case_id], repeat, found[case_id].get(repeat)) for repeat in range(repeats) for case_id in covered)
    return Matched(version_id, tuple(made), repeats, dict(refused))


def _row(case: Case, repeat: int, result: Result | None) -> Row:
    if result is None:
        return Row(case, Answer(case.case_id, repeat, "error", NOT_ANSWERED, attempts=0, cluster_id=case.cluster_id), {})
    answer = Answer(
        case.case_id,
        repeat,
        "ok" if result.error is None else "error",
        result.error,
        result.text,
        result.tool_calls,
        latency_ms=result.latency_ms,
        input_tokens=result.input_tokens,
        output_tokens=result.output_tokens,
        cost_usd=result.cost_usd,
        cluster_id=case.cluster_id,
    )
    return Row(case, answer, result.scores)


def only(logs: Sequence[Log], assistant: str | None, prompt: str | None) -> Log:
    """The log of one assistant and prompt. Raises `InputError` listing them when that leaves none, or several."""
    found = [log for log in logs if assistant in (None, log.assistant) and prompt in (None, log.prompt)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{log.assistant} with prompt {log.prompt}" for log in logs) or "none"
    if not found:
        raise InputError(f"no such results; the file has: {there}", remedy="name one of them: --assistant, --prompt")
    raise InputError(
        f"the file has the results of several assistants or prompts: {there}",
        remedy="a run is of one: choose with --assistant and --prompt, and import the file once for each",
    )
