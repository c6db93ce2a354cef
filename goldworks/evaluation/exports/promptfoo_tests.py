"""Tests for promptfoo: a JSON list, for `tests: file://cases.json` in a promptfoo configuration.

A test has the variables `messages` (the chat as JSON: the prompt `{{messages}}` sends it as it is), `question` (the last user
message), `context` (the passages) and `reference`. Each assertion has the part of the expected outcome as its `metric`. promptfoo
renders variables and values as templates and reads `file://` ones: in `messages` JSON escapes keep text from being taken for
either; another text that would be is left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import orjson

from goldworks.evaluation.exports.carrying import Left, Minted, chat_of, context_of, ways_of
from goldworks.evaluation.targets.prompts import asked_of
from goldworks.golden.case import Case

NO_CHECK = "promptfoo has no check for it without a program"
REASONS = {
    "reference": "carried as the variable `reference`; a check of free wording needs a model (promptfoo: similar, factuality)",
    "rubric": "carried as the variable `rubric`; a check needs a model (promptfoo: llm-rubric)",
    "pair": "a pair is compared over both its sides, which no test of one case can do",
}
AS_TEMPLATE = "promptfoo would take its text for a template or a file"
OPENS, CLOSES = re.compile(r"\{(?=[{%#])"), re.compile(r"(?<=[%#])\}")
IS_TEMPLATE = re.compile(rf"{OPENS.pattern}|{CLOSES.pattern}|\A(?:file://|package:)")
INLINE_FLAGS = re.compile(r"\(\?(?!:)|\\[pPAzQEC]")
"""Marks of a pattern that RE2 and JavaScript read differently, or only one of them reads."""


def write(cases: Sequence[Minted], left: Left) -> str:
    """The text of the file."""
    return orjson.dumps([_test(one, left) for one in cases], option=orjson.OPT_INDENT_2).decode() + "\n"


def _test(one: Minted, left: Left) -> dict[str, Any]:
    question, expected = one.question, one.case.expected
    texts = {
        "question": asked_of(question)[1],
        "context": context_of(question),
        "reference": expected.reference or "",
        "rubric": expected.rubric or "",
    }
    values = {"messages": _inert(orjson.dumps(chat_of(question)).decode())}
    for name, text in texts.items():
        if IS_TEMPLATE.search(text):
            left.out(one.case, f"variable {name}", AS_TEMPLATE)
        elif text:
            values[name] = text
    if one.case.tools:
        left.out(one.case, "tools", "promptfoo's providers take tools from their own configuration")
    checks: list[dict[str, Any]] = []
    carried: set[str] = set()
    for check in _checks(one.case, left):
        carried.add(check["metric"])
        if _is_template(check.get("value")):
            left.out(one.case, check["metric"], AS_TEMPLATE)
        else:
            checks.append(check)
    if expected.tool_calls:
        left.out(one.case, "tool_calls: arguments", "promptfoo compares the names of called tools only")
    left.all_but(one.case, {*carried, "patterns"}, REASONS, NO_CHECK)
    if not checks:
        left.out(one.case, "any assertion", "promptfoo passes every answer of such a test")
    found: dict[str, Any] = {"description": one.case.case_id, "vars": values, "metadata": one.lineage}
    return {**found, "assert": checks} if checks else found


def _checks(case: Case, left: Left) -> Iterator[dict[str, Any]]:
    expected = case.expected
    for name, sign in (("facts_required", ""), ("facts_forbidden", "not-")):
        for fact in getattr(expected, name):
            match ways_of(fact):
                case []:
                    continue
                case [way]:
                    yield {"type": f"{sign}icontains", "value": way, "metric": name}
                case ways:
                    yield {"type": f"{sign}icontains-any", "value": ways, "metric": name}
    if expected.label:
        yield {"type": "icontains", "value": expected.label, "metric": "label"}
    if expected.should_refuse:
        yield {"type": "is-refusal", "metric": "should_refuse"}
    if expected.json_schema is not None:
        yield {"type": "is-json", "value": expected.json_schema, "metric": "json_schema"}
    for pattern in expected.patterns:
        if INLINE_FLAGS.search(pattern):
            left.out(case, "patterns", "a pattern with flags or classes that JavaScript reads otherwise")
        else:
            yield {"type": "regex", "value": pattern, "metric": "patterns"}
    if expected.tool_calls:
        yield {"type": "tool-call-f1", "value": [call.name for call in expected.tool_calls], "metric": "tool_calls"}
    if expected.attack is not None and expected.attack.canary:
        left.out(case, "attack: encodings of the canary, tools", NO_CHECK)
        yield {"type": "not-icontains", "value": expected.attack.canary, "metric": "attack"}


def _inert(json: str) -> str:
    """The JSON text with every brace that could begin or end a template as an escape; such stand in its strings only."""
    return CLOSES.sub(r"\\u007d", OPENS.sub(r"\\u007b", json))


def _is_template(value: Any) -> bool:
    if isinstance(value, str):
        return bool(IS_TEMPLATE.search(value))
    if isinstance(value, dict):
        return any(_is_template(part) for pair in cast("dict[str, Any]", value).items() for part in pair)
    return isinstance(value, list) and any(map(_is_template, cast("list[Any]", value)))
