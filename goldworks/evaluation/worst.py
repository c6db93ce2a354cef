"""The worst answers of a run, with all that a person needs to see why they failed.

Texts are redacted, as the tables hold them, and cut where they are very long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from goldworks.evaluation.answers import answer_of
from goldworks.golden.case import Case, case_of
from goldworks.golden.read import what_remains
from goldworks.lake import Lake

FAILURE_BELOW = 0.5
CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a conversation: who or what, and the text."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer with a score below one half. `scores`: (metric, value, detail), lowest first."""

    case_id: str
    repeat: int
    mean: float
    scores: tuple[tuple[str, float, str], ...]
    labels: tuple[str, ...]
    asked: tuple[Said, ...]
    expected: tuple[Said, ...]
    answered: tuple[Said, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Metrics with a score below one half."""
        return tuple(name for name, value, _ in self.scores if value < FAILURE_BELOW)

    @property
    def heading(self) -> str:
        """The last thing that the user said, on one line."""
        last = next((said.text for said in reversed(self.asked) if said.who == "user"), "")
        flat = " ".join(last.split())
        return flat if len(flat) <= 120 else flat[:119] + "…"


def worst_answers(lake: Lake, run: Mapping[str, Any], most: int) -> tuple[list[Failure], int]:
    """The worst answers of a run, lowest mean score first, and how many have a score below one half."""
    where = [("run_id", "=", run["run_id"])]
    scores: dict[tuple[str, int], list[tuple[str, float, str]]] = {}
    for row in lake.rows("evals.scores", ["case_id", "repeat", "metric", "value", "detail"], where):
        if row["value"] is not None:
            one = (row["metric"], row["value"], row["detail"] or "")
            scores.setdefault((row["case_id"], row["repeat"]), []).append(one)
    means = {
        key: sum(value for _, value, _ in found) / len(found)
        for key, found in scores.items()
        if min(value for _, value, _ in found) < FAILURE_BELOW
    }
    chosen = sorted(means, key=lambda key: (means[key], key))[:most]
    ids = [("case_id", "in", sorted({case_id for case_id, _ in chosen}))]
    answers = {(row["case_id"], row["repeat"]): row for row in lake.rows("evals.answers", where=[*where, *ids])}
    version = what_remains(lake, run["version_id"])
    cases = {row["case_id"]: case_of(row) for row in lake.rows("golden.cases", where=[("version_id", "=", version), *ids])}
    found = [_failure(key, means[key], scores[key], cases.get(key[0]), answers[key]) for key in chosen if key in answers]
    return found, len(means)


def _failure(
    key: tuple[str, int], mean: float, scores: Sequence[tuple[str, float, str]], case: Case | None, row: Mapping[str, Any]
) -> Failure:
    labels = () if case is None else tuple(filter(None, (case.origin, case.tier, case.intent, *case.tags)))
    return Failure(
        key[0],
        key[1],
        mean,
        tuple(sorted(scores, key=lambda one: one[1])),
        labels,
        () if case is None else tuple(_asked(case)),
        () if case is None else tuple(_expected(case)),
        tuple(_answered(row)),
    )


def _asked(case: Case) -> list[Said]:
    found: list[Said] = []
    for message in case.messages:
        if message.text:
            found.append(Said(message.role, _cut(message.text)))
        found += [Said(f"{message.role} calls {call.name}", _json(call.arguments)) for call in message.tool_calls]
        if message.tool_result is not None:
            found.append(Said("tool result", _json(message.tool_result)))
    passages = [Said(f"passage {passage.id or index}", _cut(passage.text)) for index, passage in enumerate(case.passages, 1)]
    return [*found, *passages]


def _expected(case: Case) -> list[Said]:
    set_: dict[str, Any] = msgspec.to_builtins(case.expected)
    return [Said(name.replace("_", " "), _json(value)) for name, value in set_.items()]


def _answered(row: Mapping[str, Any]) -> list[Said]:
    answer = answer_of(row)
    found = [Said(f"turn {number}", _cut(text)) for number, text in enumerate(answer.outcome.turns if answer.outcome else (), 1)]
    for call in answer.tool_calls:
        found.append(Said(f"calls {call.name}", _json(call.arguments)))
        if call.result is not None:
            found.append(Said(f"result of {call.name}", _json(call.result)))
    if answer.text is not None:
        found.append(Said("answer", _cut(answer.text)))
    if answer.outcome is not None and answer.outcome.divergences:
        found.append(Said("not in the recording", ", ".join(answer.outcome.divergences)))
    return found or [Said("answer", "(nothing)" if answer.error is None else f"({answer.error})")]


def _json(value: Any) -> str:
    return _cut(value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _cut(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}… ({len(text) - CHARACTERS:,} characters more)"
