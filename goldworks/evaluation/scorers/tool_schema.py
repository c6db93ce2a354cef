"""Scorer `tool_schema`: the arguments of each call against the JSON schema that the tool declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.counts import counted, place, with_counts
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.schemas import kinds_of_errors, validator
from goldworks.evaluation.scorers.tool_names import plain_name
from goldworks.golden.read import Case
from goldworks.policies import Policy

Measure = Literal["valid", "required", "undeclared", "types", "values"]


class ToolSchema(Scorer):
    """Calls in order by their tools' JSON schemas (Draft 2020-12); by `measure`:

    `valid`: the arguments satisfy the schema as it is written; `required`: no required argument is missing; `undeclared`: no
    argument is given that the schema does not declare, whatever it says of additional ones; `types`: the values are of the
    declared types; `values`: they satisfy every other keyword (enum, pattern, minimum ...).

    By `unit`: `answer` (default) 1 when every call is in order, else 0; `call`: the share of the calls that are.

    - No schema is known of any tool that was called, or no call was made: not applicable.
    - A call of a tool that the case does not have: not `valid`; the other measures leave it out. A tool without a schema
      forgives nothing and is left out of all of them. Names are compared with dots and underscores alike.
    - Arguments that are no JSON object: not `valid`, of a wrong type, and without every required one. None is the empty object.
    - 2.0 is an integer, as JSON Schema has it; true is not 1.
    - A schema without `properties` declares nothing, and one whose `additionalProperties` is true or a schema declares
      everything: no argument is undeclared by either.
    - A missing argument deep inside a value is missing too. A schema that is none is an error of the scorer, not of the answer.
    """

    name = "tool_schema"

    class Settings(Policy):
        """What is measured, and of what."""

        measure: Measure = "valid"
        unit: Literal["answer", "call"] = "answer"

    def __init__(self, settings: Settings) -> None:
        self._measure: Measure = settings.measure
        self._by_answer = settings.unit == "answer"

    def applies(self, case: Case) -> bool:
        """Whether a schema is known of any tool."""
        return any(tool.parameters is not None for tool in case.tools)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        schemas = {plain_name(tool.name): tool.parameters for tool in case.tools}
        judged = [(call.name, done) for call in answer.tool_calls if (done := self._is_in_order(call, schemas)) is not None]
        if not judged:
            return not_applicable("no call of a tool whose schema is known")
        good = sum(done for _, done in judged)
        detail = with_counts(f"{good} of {len(judged)} calls", self._counts(answer, schemas))
        return Score(float(good == len(judged)) if self._by_answer else good / len(judged), detail=detail)

    def _is_in_order(self, call: Call, schemas: Mapping[str, dict[str, Any] | None]) -> bool | None:
        name = plain_name(call.name)
        if name not in schemas:
            return False if self._measure == "valid" else None
        schema = schemas[name]
        if schema is None:
            return None
        return all(done for _, done in judgments(call, schema, self._measure))

    def _counts(self, answer: Answer, schemas: Mapping[str, dict[str, Any] | None]) -> dict[str, tuple[int, int]]:
        known = [(call, schema) for call in answer.tool_calls if (schema := schemas.get(plain_name(call.name))) is not None]
        return counted(
            (place(call.name, argument), done)
            for call, schema in known
            for argument, done in judgments(call, schema, self._measure)
            if argument is not None
        )


def judgments(call: Call, schema: dict[str, Any], measure: Measure) -> Iterator[tuple[str | None, bool]]:
    """(argument, whether it is in order) for each argument that `measure` looks at; None for what concerns no single one."""
    whole = {} if call.arguments is None else call.arguments
    given = cast("Mapping[str, Any]", whole) if isinstance(whole, Mapping) else None
    if measure == "undeclared":
        yield from ((name, is_declared(name, schema)) for name in given or {})
        return
    if measure == "required":
        yield from _presence(schema, given)
        return
    errors = [(kind, name) for kind, name in kinds_of_errors(schema, whole) if measure in ("valid", kind)]
    bad = {name for _, name in errors}
    yield from ((name, name not in bad) for name in given or {})
    if None in bad:
        yield None, False


def _presence(schema: dict[str, Any], given: Mapping[str, Any] | None) -> Iterator[tuple[str | None, bool]]:
    """Which required arguments are there, and what lacks something required within."""
    needed = [name for name in schema.get("required") or () if isinstance(name, str)]
    yield from ((name, name in (given or {})) for name in needed)
    if given is None:
        return
    lacking = {name for kind, name in kinds_of_errors(schema, given) if kind == "required"}
    yield from ((name, False) for name in sorted(name for name in lacking if name is not None))
    if None in lacking and all(name in given for name in needed):  # one argument asks for another
        yield None, False


def is_declared(name: str, schema: dict[str, Any]) -> bool:
    """Whether a schema declares an argument; see `ToolSchema`."""
    properties, patterns = schema.get("properties"), schema.get("patternProperties")
    if schema.get("additionalProperties") not in (None, False) or (properties is None and not patterns):
        return True
    if name in (properties or {}):
        return True
    return bool(patterns) and validator({"patternProperties": dict.fromkeys(patterns, False)}).is_valid({name: None}) is False
