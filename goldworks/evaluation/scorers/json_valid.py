"""Scorer `json_valid`: the answer is JSON, and of the shape the suite asks for."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import orjson
from pydantic import Field, field_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.golden.read import Case
from goldworks.policies import Policy

FENCE = re.compile(r"\A```(?:json)?[ \t]*\n(.*)\n```\Z", re.DOTALL)


class JsonValid(Scorer):
    """1 when the whole answer is one JSON value (and satisfies `schema`, when one is set), else 0.

    - Text around the JSON makes it invalid; a Markdown fence around all of it is allowed with `allow_fence: true`.
    - Any JSON value counts, a bare number or string too: ask for an object with `schema: {type: object}`.
    - An empty answer is not JSON: 0, also when it comes with a tool call. NaN and Infinity are not JSON.
    - It applies to every case: let the suite say with `applies_to` which cases ask for JSON.
    """

    name = "json_valid"

    class Settings(Policy):
        """`schema`: a JSON Schema (Draft 2020-12)."""

        json_schema: dict[str, Any] | None = Field(default=None, alias="schema")
        allow_fence: bool = False

        @field_validator("json_schema")
        @classmethod
        def _is_schema(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
            if value is not None:
                try:
                    jsonschema_rs.validator_for(value)
                except (jsonschema_rs.ValidationError, ValueError) as error:
                    raise ValueError(f"not a JSON Schema: {error}") from None
            return value

    def __init__(self, settings: Settings) -> None:
        self._allow_fence = settings.allow_fence
        self._validator = jsonschema_rs.validator_for(settings.json_schema) if settings.json_schema is not None else None

    def applies(self, case: Case) -> bool:
        """See the class."""
        return True

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = (answer.text or "").strip()
        if self._allow_fence and (fenced := FENCE.match(text)):
            text = fenced.group(1)
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return Score(0.0, detail="not JSON")
        if self._validator is None or self._validator.is_valid(value):
            return Score(1.0)
        first = next(iter(self._validator.iter_errors(value)))
        place = "/".join(str(part) for part in first.schema_path)
        return Score(0.0, detail=f"against the schema at {place}")
