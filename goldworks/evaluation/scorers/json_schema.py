"""Scorer `json_schema`: the answer is JSON of the shape that its case asks for."""

from __future__ import annotations

import orjson

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.json_valid import FENCE
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, Scorer
from goldworks.evaluation.scorers.schemas import validator
from goldworks.golden.read import Case
from goldworks.policies import Policy


class JsonSchema(Scorer):
    """1 when the whole answer is one JSON value that satisfies the case's `json_schema` (Draft 2020-12), else 0.

    For one schema for all cases see `json_valid`.

    - Text around the JSON makes it invalid; a Markdown fence around all of it is allowed with `allow_fence: true`.
    - An empty answer is not JSON: 0, also when it comes with a tool call. 2.0 is an integer, as JSON Schema has it.
    - A `json_schema` that is no JSON Schema: `scorer_error`; so is one that refers to another document. None: not
      applicable.
    """

    name = "json_schema"

    class Settings(Policy):
        """What may stand around the JSON."""

        allow_fence: bool = False

    def __init__(self, settings: Settings) -> None:
        self._allow_fence = settings.allow_fence

    def applies(self, case: Case) -> bool:
        """See the class."""
        return case.expected.json_schema is not None

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        try:
            ready = validator(case.expected.json_schema or {})
        except ValueError as error:
            return Score(None, SCORER_ERROR, f"json_schema of the case: {error}")
        text = (answer.text or "").strip()
        if self._allow_fence and (fenced := FENCE.match(text)):
            text = fenced.group(1)
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return Score(0.0, detail="not JSON")
        first = next(iter(ready.iter_errors(value)), None)
        if first is None:
            return Score(1.0)
        return Score(0.0, detail=f"against the schema at {'/'.join(str(part) for part in first.schema_path)}")
