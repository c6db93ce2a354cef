"""promptfoo's `output.json` (`promptfoo eval -o output.json`), in the format version 3 that promptfoo 0.123 writes.

A result whose `failureReason` is 2 is an error of promptfoo or of the provider: it is missing. An assertion whose grader failed
(`metadata.graderError`) is missing for that answer; a result that has no assertion has no score, though promptfoo passes it.
Explanations of graders and rendered prompts are not taken: they repeat texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from msgspec import field

from goldworks.digests import canonical
from goldworks.errors import InputError
from goldworks.evaluation.answers import Call
from goldworks.evaluation.imports.came import Log, Result, Tolerant, content_of, decoded, score_of, text_or_none
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, not_applicable
from goldworks.evaluation.targets.chat_completions import call_of, count

FORMAT_VERSION = 3
NOT_ASSERTED = not_applicable("the test has no such check")
ERROR = 2
"""`failureReason` of a result that is no answer; 0: it passed, 1: an assertion did not."""

COMPUTED = frozenset(
    """contains contains-all contains-any contains-json contains-html contains-sql contains-xml cost equals finish-reason
    icontains icontains-all icontains-any is-html is-json is-refusal is-sql is-valid-function-call is-valid-openai-function-call
    is-valid-openai-tools-call is-xml latency levenshtein bleu gleu meteor rouge-n regex starts-with tool-call-f1
    trace-error-spans trace-span-count trace-span-duration word-count""".split()
)
"""Assertions that promptfoo computes; every other one may rest on a model's opinion. With `not-` before it is the same."""


class _Assertion(Tolerant, frozen=True):
    type: str | None = None
    metric: str | None = None


class _Component(Tolerant, frozen=True):
    score: float | None = None
    assertion: _Assertion | None = None
    metadata: dict[str, Any] | None = None


class _Grading(Tolerant, frozen=True):
    componentResults: tuple[_Component | None, ...] | None = None


class _Usage(Tolerant, frozen=True):
    prompt: int | None = None
    completion: int | None = None


class _Response(Tolerant, frozen=True):
    output: Any = None
    error: Any = None
    tokenUsage: _Usage | None = None
    cost: float | None = None


class _Provider(Tolerant, frozen=True):
    id: str = ""
    label: str | None = None


class _Test(Tolerant, frozen=True):
    metadata: dict[str, Any] | None = None
    asserts: tuple[_Assertion, ...] | None = field(default=None, name="assert")


class _Row(Tolerant, frozen=True):
    failureReason: int
    provider: _Provider
    testCase: _Test
    promptIdx: int = 0
    testIdx: int = 0
    response: _Response | None = None
    gradingResult: _Grading | None = None
    latencyMs: float | None = None


class _Results(Tolerant, frozen=True):
    version: int
    results: tuple[_Row, ...]


class _Meta(Tolerant, frozen=True):
    promptfooVersion: str = "unknown"


class _Output(Tolerant, frozen=True):
    results: _Results
    metadata: _Meta = field(default_factory=_Meta)


def read_promptfoo(file: Path) -> list[Log]:
    """A log for each provider and prompt. Raises `InputError` for a file that is damaged, or of another format version."""
    output = decoded(content_of(file), str(file), _Output)
    if output.results.version != FORMAT_VERSION:
        raise InputError(
            f"{file}: results of promptfoo's format version {output.results.version}; {FORMAT_VERSION} is known",
            remedy="use promptfoo 0.123 or a neighbour of it",
        )
    groups: dict[tuple[str, int], list[_Row]] = defaultdict(list)
    for row in sorted(output.results.results, key=lambda row: row.testIdx):
        groups[row.provider.label or row.provider.id, row.promptIdx].append(row)
    return [_log(output.metadata.promptfooVersion, *key, rows) for key, rows in sorted(groups.items())]


def _log(version: str, assistant: str, prompt: int, rows: Sequence[_Row]) -> Log:
    kinds: dict[str, set[str]] = defaultdict(set)
    results = [_result(row, kinds) for row in rows]
    for index, row in enumerate(rows):
        if results[index].error is not None:
            others = kinds.keys() - {one.metric or one.type for one in row.testCase.asserts or ()}
            results[index] = replace(results[index], scores=dict.fromkeys(others, NOT_ASSERTED))
    opinions = frozenset(name for name, types in kinds.items() if not types <= COMPUTED)
    return Log("promptfoo", version, assistant, str(prompt), tuple(results), tuple(sorted(kinds)), opinions)


def _result(row: _Row, kinds: Mapping[str, set[str]]) -> Result:
    metadata = row.testCase.metadata or {}
    response = row.response or _Response()
    used = response.tokenUsage or _Usage()
    is_error = row.failureReason == ERROR or response.error is not None or response.output is None
    text, calls = (None, ()) if is_error else _spoken(response.output)
    return Result(
        text_or_none(metadata, "case_id"),
        text_or_none(metadata, "case_digest"),
        text_or_none(metadata, "version_id"),
        text=text,
        tool_calls=calls,
        error="promptfoo_error" if is_error else None,
        latency_ms=row.latencyMs,
        input_tokens=count(used.prompt),
        output_tokens=count(used.completion),
        cost_usd=response.cost,
        scores={} if is_error else _scores(row.gradingResult or _Grading(), kinds),
    )


def _scores(grading: _Grading, kinds: Mapping[str, set[str]]) -> dict[str, Score]:
    """By metric, or by the assertion's type when it has none; of several the mean, missing when one of them is."""
    found: dict[str, list[Score]] = defaultdict(list)
    for one in grading.componentResults or ():
        if one is None or one.assertion is None or one.assertion.type is None:
            continue
        name = one.assertion.metric or one.assertion.type
        kinds[name].add(one.assertion.type.removeprefix("not-"))
        is_failure = one.score is None or (one.metadata or {}).get("graderError") is True
        found[name].append(Score(None, SCORER_ERROR, "the grader failed") if is_failure else score_of(cast("float", one.score)))
    return {name: _mean(scores) for name, scores in found.items()}


def _mean(scores: list[Score]) -> Score:
    values = [score.value for score in scores if score.value is not None]
    if len(values) < len(scores):
        return next(score for score in scores if score.value is None)
    return Score(sum(values) / len(values))


def _spoken(output: Any) -> tuple[str | None, tuple[Call, ...]]:
    """Text and tool calls of an output: a text, OpenAI's tool calls or a message with them, or any other JSON as its text."""
    if isinstance(output, str):
        return output, ()
    message: Any = {"tool_calls": output} if isinstance(output, list) else output
    with suppress(KeyError, TypeError, AttributeError):
        calls = tuple(call_of(call["function"]) for call in message["tool_calls"])
        content = message.get("content")
        if calls and (content is None or isinstance(content, str)):
            return content, calls
    return canonical(output).decode(), ()
