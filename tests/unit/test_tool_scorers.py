"""Scorers of tool calls by value: schemas, comparators and trajectories, with the edge cases their docstrings decide."""

from __future__ import annotations

import pytest
from scored_by_hand import answer, case, scored, value

from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers.comparators import ABSENT, argument_fits
from goldworks.evaluation.scorers.counts import counts_in, place, with_counts
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE, SCORER_ERROR

ORDER = {
    "name": "order",
    "parameters": {
        "type": "object",
        "properties": {"order_id": {"type": "string", "pattern": "^O-"}, "qty": {"type": "integer", "minimum": 1}},
        "required": ["order_id", "qty"],
        "additionalProperties": False,
    },
}
OPEN = {"name": "open", "parameters": {"type": "object", "properties": {"a": {}}, "required": ["a"]}}


@pytest.mark.parametrize(
    ("arguments", "valid", "required", "undeclared", "types", "values"),
    [
        ({"order_id": "O-1", "qty": 2}, 1, 1, 1, 1, 1),
        ({"order_id": "1", "qty": 0}, 0, 1, 1, 1, 0),
        ({"order_id": "O-1", "qty": 2, "x": 1}, 0, 1, 0, 1, 1),
        ({"order_id": "O-1", "qty": 2.0}, 1, 1, 1, 1, 1),
        ({"order_id": "O-1", "qty": True}, 0, 1, 1, 0, 1),
        ({"qty": "2"}, 0, 0, 1, 0, 1),
        ({}, 0, 0, 1, 1, 1),
        (None, 0, 0, 1, 1, 1),
        ("no JSON", 0, 0, 1, 0, 1),
    ],
)
def test_arguments_are_held_against_the_schema(arguments, valid, required, undeclared, types, values):
    said = answer(Call("order", arguments))
    found = [
        value("tool_schema", case(tools=[ORDER]), said, measure=measure)
        for measure in ("valid", "required", "undeclared", "types", "values")
    ]
    assert found == [valid, required, undeclared, types, values]


def test_undeclared_arguments_are_counted_though_the_schema_is_silent_about_them():
    said = answer(Call("open", {"a": 1, "b": 2}), Call("open", {"a": 1}))
    of = case(tools=[OPEN])
    assert value("tool_schema", of, said) == 1
    assert value("tool_schema", of, said, measure="undeclared") == 0
    assert value("tool_schema", of, said, measure="undeclared", unit="call") == 0.5
    free = {"name": "open", "parameters": {"type": "object", "properties": {}, "additionalProperties": True}}
    silent = {"name": "open", "parameters": {"type": "object"}}
    patterned = {"name": "open", "parameters": {"type": "object", "patternProperties": {"^[ab]$": {}}}}
    for tool, expected in ((free, 1), (silent, 1), (patterned, 1)):
        assert value("tool_schema", case(tools=[tool]), said, measure="undeclared") == expected
    assert value("tool_schema", case(tools=[patterned]), answer(Call("open", {"c": 1})), measure="undeclared") == 0


def test_arguments_that_ask_for_others_and_values_that_lack_something():
    tool = {
        "name": "t",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "object", "required": ["b"]}, "x": {}, "y": {}},
            "dependentRequired": {"x": ["y"]},
        },
    }
    of = case(tools=[tool])
    assert value("tool_schema", of, answer(Call("t", {"a": {}})), measure="required") == 0
    assert value("tool_schema", of, answer(Call("t", {"x": 1})), measure="required") == 0
    assert value("tool_schema", of, answer(Call("t", {"x": 1, "y": 1, "a": {"b": 1}})), measure="required") == 1


def test_what_has_no_schema_is_not_judged():
    bare = {"name": "bare"}
    assert scored("tool_schema", case(), answer(Call("order", {}))).reason == NOT_APPLICABLE
    assert scored("tool_schema", case(tools=[bare]), answer(Call("bare", {}))).reason == NOT_APPLICABLE
    assert scored("tool_schema", case(tools=[ORDER]), answer(text="hello")).reason == NOT_APPLICABLE
    both = case(tools=[ORDER, bare])
    assert scored("tool_schema", both, answer(Call("bare", {}))).reason == NOT_APPLICABLE
    unknown = answer(Call("invented", {}))
    assert value("tool_schema", both, unknown) == 0
    assert scored("tool_schema", both, unknown, measure="required").reason == NOT_APPLICABLE
    assert value("tool_schema", case(tools=[{**ORDER, "name": "shop.order"}]), answer(Call("shop_order", {}))) == 0


def test_a_schema_never_fetches_another_and_a_broken_one_is_no_fault_of_the_answer():
    for parameters in ({"$ref": "http://127.0.0.1:9/schema.json"}, {"type": "nonsense"}):
        found = scored("tool_schema", case(tools=[{"name": "t", "parameters": parameters}]), answer(Call("t", {})))
        assert (found.reason, found.detail) == (SCORER_ERROR, "ValueError")


def test_the_detail_counts_per_argument_and_never_tells_a_name_that_is_none():
    said = answer(Call("order", {"order_id": "O-1"}), Call("order", {"order_id": "O-1", "qty": 1, "call me Ann": 2}))
    found = scored("tool_schema", case(tools=[ORDER]), said, measure="required")
    assert found.detail == "1 of 2 calls | order.order_id 2/2; order.qty 1/2"
    assert counts_in(found.detail) == {"order.order_id": (2, 2), "order.qty": (1, 2)}
    undeclared = scored("tool_schema", case(tools=[ORDER]), said, measure="undeclared")
    assert counts_in(undeclared.detail) == {"order.order_id": (2, 2), "order.other": (0, 1), "order.qty": (1, 1)}


def test_counts_are_read_back():
    assert place("a.b", "<PERSON_1>") == "a.b.other"
    assert counts_in(with_counts("x | y 1/1", {"t.a": (1, 2)})) == {"t.a": (1, 2)}
    assert counts_in("no counts") == counts_in(None) == counts_in("a | b") == {}


WEATHER = {
    "name": "get_weather",
    "arguments": {
        "city": ["NYC", "New York"],
        "days": [3],
        "min_c": [5.0, ""],
        "unit": ["celsius", "fahrenheit", ""],
    },
    "comparators": {"city": "allowed", "days": "allowed", "min_c": "allowed", "unit": "allowed"},
}


@pytest.mark.parametrize(
    ("name", "arguments", "fits"),
    [
        ("get_weather", {"city": "new-york", "days": 3}, True),
        ("get_weather", {"city": "NYC", "days": 3, "min_c": 5}, True),
        ("get_weather", {"city": "NYC", "days": 3.0}, False),
        ("get_weather", {"city": "NYC", "days": True}, False),
        ("get_weather", {"city": "Boston", "days": 3}, False),
        ("get_weather", {"city": "NYC"}, False),
        ("get_weather", {"city": "NYC", "days": 3, "lang": "en"}, False),
        ("weather", {"city": "NYC", "days": 3}, False),
        ("get_weather", {"city": "NYC", "days": 3, "unit": "kelvin"}, False),
    ],
)
def test_calls_match_as_the_function_calling_leaderboard_has_it(name, arguments, fits):
    assert value("tool_calls", case(tool_calls=[WEATHER]), answer(Call(name, arguments))) == fits


def test_parallel_calls_match_in_any_order_and_in_equal_number():
    other = {**WEATHER, "arguments": {**WEATHER["arguments"], "city": ["Boston"]}}
    of = case(tool_calls=[WEATHER, other])
    nyc, boston = (Call("get_weather", {"city": city, "days": 3}) for city in ("NYC", "Boston"))
    assert value("tool_calls", of, answer(boston, nyc)) == 1
    assert value("tool_calls", of, answer(nyc)) == 0


def test_a_greedy_pairing_would_fail_here():
    either = {"name": "t", "arguments": {"a": [1, 2]}, "comparators": {"a": "allowed"}}
    one = {"name": "t", "arguments": {"a": 1}}
    assert value("tool_calls", case(tool_calls=[either, one]), answer(Call("t", {"a": 1}), Call("t", {"a": 2}))) == 1


@pytest.mark.parametrize(
    ("comparator", "wanted", "given", "fits"),
    [
        ("set", ["a", "b"], ["b", "a"], True),
        ("set", ["a", "b"], ["b", "a", "a"], True),
        ("set", ["a", 2], [2.0, "a"], True),
        ("set", ["a"], "a", True),
        ("set", ["a"], ["A"], False),
        ("set", [{"x": 1}], [{"x": 1}], True),
        ("set", [], [], True),
        ("set", ["a"], ABSENT, False),
        ("regex", r"O-\d+", "O-12", True),
        ("regex", r"O-\d+", "my O-12", False),
        ("regex", r"\d+", 12, True),
        ("regex", r"(?i)yes|no", "YES", True),
        ("regex", r"(a+)+b", "a" * 50_000, False),
        ("allowed", ["a", ""], ABSENT, True),
        ("allowed", ["a"], ABSENT, False),
        ("allowed", [True], 1, False),
        ("allowed", [1.5], "1.5", False),
        ("allowed", ["1.5"], "15", True),
        ("allowed", [[1, 2]], [1, 2], True),
        ("allowed", [[1, 2]], [2, 1], False),
        ("allowed", [[{"k": ["x"]}]], [{"k": "X"}], True),
        ("allowed", [{"k": ["x", ""], "l": [1]}], {"l": 1}, True),
        ("allowed", [{"k": ["x"]}], {"k": "x", "l": 1}, False),
        ("allowed", "a", "A", True),
        ("exact", "1.5", "15", False),
        ("exact", 2, 2.0, True),
        ("exact", 1, True, False),
    ],
)
def test_comparators(comparator, wanted, given, fits):
    assert argument_fits(comparator, wanted, given) is fits


def test_a_pattern_that_is_none_is_an_error_of_the_scorer():
    of = case(tool_calls=[{"name": "t", "arguments": {"a": "(?=x)"}, "comparators": {"a": "regex"}}])
    assert scored("tool_calls", of, answer(Call("t", {"a": "x"}))).reason == SCORER_ERROR


A, B, C = (Call(name, {"x": 1}) for name in "abc")
MEASURES = ("exact", "in_order", "any_order", "unordered", "precision", "recall")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([A, B, C], (1, 1, 1, 1, 1, 1)),
        ([A, B, Call("d"), C], (0, 1, 1, 0, 0.75, 1)),
        ([B, A, C], (0, 0, 1, 1, 1, 1)),
        ([A, C], (0, 0, 0, 0, 1, 2 / 3)),
        ([A, Call("b", {"x": 2}), C], (0, 0, 0, 0, 2 / 3, 2 / 3)),
        ([A, B, B, C], (0, 1, 1, 0, 0.75, 1)),
        ([], (0, 0, 0, 0, 0, 0)),
    ],
    ids=["same", "extra", "swapped", "missing", "wrong argument", "twice", "empty"],
)
def test_trajectories(made, expected):
    of = case(tool_calls=[{"name": name, "arguments": {"x": 1}} for name in "abc"])
    assert tuple(value("trajectory", of, answer(*made), measure=measure) for measure in MEASURES) == pytest.approx(expected)


def test_a_case_that_must_not_act():
    assert scored("trajectory", case(), answer(A)).reason == NOT_APPLICABLE
    none = tuple(value("trajectory", case(), answer(), measure=measure, expects_none=True) for measure in MEASURES)
    one = tuple(value("trajectory", case(), answer(A), measure=measure, expects_none=True) for measure in MEASURES)
    assert none == (1, 1, 1, 1, 1, 1)
    assert one == (0, 1, 1, 0, 0, 1)


def test_a_trajectory_of_names_alone_and_with_comparators():
    of = case(tool_calls=[{"name": "a", "arguments": {"x": "O-.*"}, "comparators": {"x": "regex"}}])
    assert value("trajectory", of, answer(Call("a", {"x": "O-1"})), measure="exact") == 1
    assert value("trajectory", of, answer(Call("a", {"y": 1})), measure="exact") == 0
    assert value("trajectory", of, answer(Call("a", {"y": 1})), measure="exact", arguments="ignore") == 1


def test_recall_is_counted_per_tool_and_argument():
    of = case(
        tool_calls=[{"name": "t", "arguments": {"a": 1, "b": 2}}, {"name": "t", "arguments": {"a": 5, "b": 6}}, {"name": "u"}]
    )
    found = scored("tool_calls", of, answer(Call("t", {"a": 5, "b": 6}), Call("t", {"a": 1})))
    assert found.detail == "1 matched of 3 expected and 2 made | t() 1/2; t.a 2/2; t.b 1/2; u() 0/1"
