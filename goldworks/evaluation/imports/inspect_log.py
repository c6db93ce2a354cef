"""Inspect's logs: `.eval` (a zip of JSON) and `.json`, in the log format version 2.

A sample with an `error`, or that a limit of time, of money or an operator ended, is missing; one that a limit of messages or
tokens ended is the assistant's own doing, and counts with its scores. What the log's data set names and no sample answers is
missing too. A scorer's value is read as Inspect reads it: C 1, P 0.5, I and N 0, yes and true 1, no and false 0, numbers as they
are; a value with several entries is a check each. With an empty target Inspect's text scorers find it in every answer, so what
they say of such a sample is not taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import field

from goldworks.errors import InputError
from goldworks.evaluation.answers import Call
from goldworks.evaluation.imports.came import Log, Result, Tolerant, content_of, decoded, score_of, text_or_none
from goldworks.evaluation.imports.zipped import open_zip
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, not_applicable

FORMAT_VERSION = 2
START, HEADER, SAMPLES = "_journal/start.json", "header.json", "samples/"
COMPUTED = frozenset(("includes", "match", "pattern", "answer", "exact", "f1", "choice", "math"))
"""Inspect's scorers that compare with `target`; every other one may rest on a model's opinion."""

LIMITS_THAT_ARE_ERRORS = frozenset(("time", "working", "cost", "operator", "custom"))
WORDS = {"c": 1.0, "p": 0.5, "i": 0.0, "n": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
ATTACHED = "attachment://"
NO_TARGET = not_applicable("the case has no target")


class _Usage(Tolerant, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_cost: float | None = None


class _Call(Tolerant, frozen=True):
    function: str
    arguments: Any = None


class _Message(Tolerant, frozen=True):
    content: str | list[dict[str, Any]] = ""
    tool_calls: tuple[_Call, ...] | None = None


class _Choice(Tolerant, frozen=True):
    message: _Message


class _Said(Tolerant, frozen=True):
    choices: tuple[_Choice, ...] = ()
    usage: _Usage | None = None
    error: str | None = None


class _Score(Tolerant, frozen=True):
    value: Any = None


class _Limit(Tolerant, frozen=True):
    type: str


class _Sample(Tolerant, frozen=True):
    id: int | str
    epoch: int
    target: str | list[str] = ""
    metadata: dict[str, Any] | None = None
    output: _Said = field(default_factory=_Said)
    scores: dict[str, _Score] | None = None
    error: dict[str, Any] | None = None
    limit: _Limit | None = None
    attachments: dict[str, str] | None = None
    total_time: float | None = None


class _Dataset(Tolerant, frozen=True):
    sample_ids: tuple[int | str, ...] | None = None


class _Config(Tolerant, frozen=True):
    epochs: int | None = None


class _Named(Tolerant, frozen=True):
    name: str


class _Eval(Tolerant, frozen=True):
    model: str
    task: str = ""
    scorers: tuple[_Named, ...] | None = None
    dataset: _Dataset = field(default_factory=_Dataset)
    config: _Config = field(default_factory=_Config)
    packages: dict[str, str] | None = None


class _Header(Tolerant, frozen=True):
    version: int
    eval: _Eval


class _Whole(_Header, frozen=True):
    samples: tuple[_Sample, ...] | None = None


def read_inspect(file: Path) -> list[Log]:
    """The one log of the file. Raises `InputError` for a file that is damaged, or of another format version."""
    if file.suffix == ".json":
        whole = decoded(content_of(file), str(file), _Whole)
        return [_log(file, whole, whole.samples or ())]
    with open_zip(file) as archive:
        head = next((name for name in (HEADER, START) if name in archive.names), None)
        if head is None:
            raise InputError(f"{file}: no log of Inspect: it has no {HEADER}", remedy="name a .eval file that Inspect wrote")
        header = decoded(archive.read(head), f"{file}: {head}", _Header)
        names = sorted(name for name in archive.names if name.startswith(SAMPLES) and name.endswith(".json"))
        return [_log(file, header, tuple(decoded(archive.read(name), f"{file}: {name}", _Sample) for name in names))]


def _log(file: Path, header: _Header, samples: tuple[_Sample, ...]) -> Log:
    if header.version != FORMAT_VERSION:
        raise InputError(
            f"{file}: Inspect's log format version {header.version}; {FORMAT_VERSION} is known",
            remedy="convert it with a present Inspect: inspect log convert --to eval --output-dir converted FILE",
        )
    said = header.eval
    computed = COMPUTED & {scorer.name for scorer in said.scorers or ()}
    results = tuple(_result(sample, computed) for sample in samples)
    checks = sorted({name for result in results for name in result.scores})
    return Log(
        "inspect",
        (said.packages or {}).get("inspect_ai", "unknown"),
        said.model,
        said.task,
        results,
        tuple(checks),
        frozenset(check for check in checks if check not in COMPUTED),
        tuple(str(one) for one in said.dataset.sample_ids or ()),
        said.config.epochs,
    )


def _result(sample: _Sample, computed: frozenset[str]) -> Result:
    metadata = sample.metadata or {}
    said = sample.output
    error = _error(sample)
    message = said.choices[0].message if said.choices and error is None else _Message()
    used = said.usage or _Usage()
    return Result(
        text_or_none(metadata, "case_id") or (sample.id if isinstance(sample.id, str) else None),
        text_or_none(metadata, "case_digest"),
        text_or_none(metadata, "version_id"),
        repeat=sample.epoch - 1,
        text=_text(message, sample.attachments or {}) if error is None else None,
        tool_calls=tuple(Call(call.function, call.arguments) for call in message.tool_calls or ()),
        error=error,
        latency_ms=None if sample.total_time is None else 1000 * sample.total_time,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cost_usd=used.total_cost,
        scores=dict(_scores(sample)) if error is None else {} if _has_target(sample) else dict.fromkeys(computed, NO_TARGET),
    )


def _error(sample: _Sample) -> str | None:
    """Why there is no answer, None when there is one. A sample that no model answered, and nothing else, is cut short."""
    if sample.error is not None or sample.output.error is not None:
        return "inspect_error"
    if sample.limit is not None and sample.limit.type in LIMITS_THAT_ARE_ERRORS:
        return f"{sample.limit.type}_limit"
    return None if sample.output.choices or sample.limit is not None else "inspect_error"


def _text(message: _Message, attachments: Mapping[str, str]) -> str:
    if isinstance(message.content, str):
        return _attached(message.content, attachments)
    texts = (part.get("text") for part in message.content if part.get("type") == "text")
    return "\n".join(_attached(text, attachments) for text in texts if isinstance(text, str))


def _attached(text: str, attachments: Mapping[str, str]) -> str:
    return attachments.get(text.removeprefix(ATTACHED), text) if text.startswith(ATTACHED) else text


def _has_target(sample: _Sample) -> bool:
    return any(sample.target)


def _scores(sample: _Sample) -> Iterator[tuple[str, Score]]:
    for name, score in (sample.scores or {}).items():
        if name in COMPUTED and not _has_target(sample):
            yield name, NO_TARGET
        elif isinstance(score.value, dict):
            yield from ((f"{name}_{key}", _value(value)) for key, value in score.value.items())
        else:
            yield name, _value(score.value)


def _value(value: Any) -> Score:
    if isinstance(value, str):
        number = WORDS.get(value.lower())
        if number is None:
            with suppress(ValueError):
                number = float(value)
        value = number
    if isinstance(value, int | float) and math.isfinite(value):
        return score_of(float(value))
    return Score(None, SCORER_ERROR, "the scorer gave no number")
