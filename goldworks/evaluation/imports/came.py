"""What a tool's results say, in our words: the same whichever tool they came from. Not yet redacted: it stays in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from goldworks.errors import InputError
from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score

T = TypeVar("T")
NOT_SCORED = "not_scored"
"""Reason of a metric that the tool has for other answers of the run, and not for this one."""


class Tolerant(msgspec.Struct, frozen=True):
    """Base of what is read from a tool's file: keys that are not named are passed over."""


@dataclass(frozen=True, slots=True)
class Result:
    """One answer. `repeat` None: the tool does not number repeats; their order does. `error`: why there is none, a class without
    text. `scores`: by check; of an answer that did not come, those that do not apply to its case.
    """

    case_id: str | None
    case_digest: str | None
    version_id: str | None
    repeat: int | None = None
    text: str | None = None
    tool_calls: tuple[Call, ...] = ()
    error: str | None = None
    latency_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    scores: Mapping[str, Score] = field(default_factory=dict[str, Score])


@dataclass(frozen=True, slots=True)
class Log:
    """All results of one assistant. `opinions`: checks that rest on a model's opinion, or may. `wanted`: ids of the cases that
    should have been asked, as far as the tool tells; `repeats`: how often each, if it tells.
    """

    tool: str
    tool_version: str
    assistant: str
    prompt: str
    results: tuple[Result, ...]
    checks: tuple[str, ...]
    opinions: frozenset[str] = frozenset()
    wanted: tuple[str, ...] = ()
    repeats: int | None = None


def decoded(data: bytes, what: str, type_: type[T]) -> T:
    """JSON as `type_`. Raises `InputError` naming the place; nothing of the text is quoted.

    NaN is read as such, for tools write it.
    """
    remedy = "export it again with the tool that wrote it; nothing was imported"
    try:
        value = json.loads(data.decode("utf-8"), parse_int=_integer)
        if b"\\ud" in data.lower():
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        return msgspec.convert(value, type_, strict=True)
    except UnicodeEncodeError:
        raise InputError(f"{what}: a text in it holds half a character (a lone surrogate)", remedy=remedy) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 at byte {error.start}", remedy=remedy) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{what}: not whole JSON: {error.msg} at {place}", remedy=remedy) from None
    except RecursionError:
        raise InputError(f"{what}: nested too deep to be read", remedy=remedy) from None
    except msgspec.ValidationError as error:
        raise InputError(f"{what}: {error}", remedy=remedy) from None


def _integer(digits: str) -> int | float:
    """A number that no column can hold as an integer becomes a real one."""
    value = int(digits) if len(digits) < 20 else float(digits)
    return value if -(2**63) <= value < 2**63 else float(value)


def content_of(file: Path) -> bytes:
    """The file's bytes. Raises `InputError`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", remedy="name the file that the tool wrote") from None


def score_of(value: float) -> Score:
    """A number as a score: outside 0..1, or none at all, it is none of ours."""
    return Score(value) if 0 <= value <= 1 else Score(None, SCORER_ERROR, "value outside 0..1")


def text_or_none(values: Mapping[str, Any], name: str) -> str | None:
    """A text of the metadata, None when there is none."""
    value = values.get(name)
    return value if isinstance(value, str) and value else None
