"""Argument grounding by value: what supports text, numbers, dates and times, what is not judged, and when it was said."""

from __future__ import annotations

import pytest
from scored_by_hand import answer, case, scored, value

from goldworks.evaluation.answers import Call, Outcome
from goldworks.evaluation.scorers.counts import counts_in
from goldworks.evaluation.scorers.evidence import Evidence
from goldworks.evaluation.scorers.moments import dates, times
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE

TOOL = {"name": "book"}


@pytest.mark.parametrize(
    ("said", "given", "supported"),
    [
        ("Two lattes, please", "latte", True),
        ("an Americano", "americano ", True),
        ("two cappuccions please", "Cappuccino", True),
        ("a decaf one", "decaffeinated", True),
        ("caramel on top", "Caramel Sauce", True),
        ("a coffee", "hot dogs", False),
        ("something in SF", "San Francisco", True),
        ("something in SF", "San Jose", False),
        ("to <STREET_ADDRESS_1>", "<STREET_ADDRESS_1>", True),
        ("to <STREET_ADDRESS_1>", "<STREET_ADDRESS_2>", False),
        ("mocha mocha-4278", "mocha-4278", True),
        ("mocha mocha-4278", "mocha-4279", False),
        ("I want two", 2, True),
        ("I want two", "2", True),
        ("I want 3", "2", False),
        ("a couple of tickets", 2, True),
        ("a twenty minute walk", 20, True),
        ("with 2% milk", 2, False),
        ("a latte", "1", True),
        ("it costs $1,250", "1250", True),
        ("order 73732", "73732", True),
        ("order 73732", "98566", False),
        ("call 512.555.0128", "5125550128", True),
        ("on March 8th", "2019-03-08", True),
        ("on the 8th of March", "2019-03-08", True),
        ("on the 8th", "2019-03-08", True),
        ("on 3/8", "2019-03-08", True),
        ("on March 9th", "2019-03-08", False),
        ("next Friday", "2019-03-08", True),
        ("on Monday", "2019-03-08", False),
        ("tomorrow", "2019-03-08", True),
        ("at half past 6", "18:30", True),
        ("at 6:30 pm", "18:30", True),
        ("at six thirty in the evening", "18:30", True),
        ("at 6:30 am", "18:30", False),
        ("a quarter to seven", "18:45", True),
        ("at noon", "12:00", True),
        ("at 5", "17:00", True),
        ("at 5", "18:00", False),
        ("?!", "...", False),
    ],
)
def test_what_supports_a_value(said, given, supported):
    of = case({"role": "user", "text": said}, tools=[TOOL])
    assert value("argument_grounding", of, answer(Call("book", {"x": given}))) == supported


@pytest.mark.parametrize("given", [True, None, "", "dontcare", "Any", "True"])
def test_what_is_not_judged(given):
    assert scored("argument_grounding", case(tools=[TOOL]), answer(Call("book", {"x": given}))).reason == NOT_APPLICABLE


def test_enums_and_defaults():
    seats = {"type": "string", "enum": ["economy", "business"]}
    tool = {"name": "book", "parameters": {"properties": {"seat": seats, "unit": {"default": "km"}}}}

    def judged(said: str, **arguments: str) -> float | None:
        return value("argument_grounding", case({"role": "user", "text": said}, tools=[tool]), answer(Call("book", arguments)))

    assert judged("fly me to Rome in business", seat="economy") == 0
    assert judged("fly me to Rome in business", seat="business") == 1
    assert judged("fly me to Rome", seat="economy") is None
    assert judged("how far is Rome", unit="km") is None
    assert judged("how far is Rome", unit="miles") == 0


def test_results_of_earlier_calls_support_and_arguments_do_not():
    found = Call("find", {"query": "tent"}, {"items": [{"sku": "TN-7", "price": 2, "note": "3 left"}]})
    of = case({"role": "user", "text": "the tent"}, tools=[TOOL, {"name": "find"}])
    assert value("argument_grounding", of, answer(found, Call("book", {"sku": "TN-7", "n": 2}))) == 1
    assert value("argument_grounding", of, answer(found, Call("book", {"n": 3}))) == 0.5
    assert value("argument_grounding", of, answer(Call("book", {"sku": "TN-7"}), found)) == 0.5
    invented = Call("book", {"sku": "TN-9"})
    assert value("argument_grounding", of, answer(invented, invented)) == 0
    before = case({"role": "user", "text": "the tent"}, {"role": "tool", "tool_result": {"sku": "TN-7"}}, tools=[TOOL])
    assert value("argument_grounding", before, answer(Call("book", {"sku": "TN-7"}))) == 1
    passage = case({"role": "user", "text": "that one"}, tools=[TOOL], passages=[{"id": "1", "text": "TN-7 is a tent"}])
    assert value("argument_grounding", passage, answer(Call("book", {"sku": "TN-7"}))) == 1


def test_lists_and_objects_value_by_value_and_settings():
    of = case({"role": "user", "text": "oat milk and caramel to Philly"}, tools=[TOOL])
    call = Call("book", {"extras": [{"id": "oat milk"}, {"id": "vanilla"}], "city": "Philadelphia", "fields": ["description"]})
    found = scored("argument_grounding", of, answer(call))
    assert counts_in(found.detail) == {"book.city": (0, 1), "book.extras": (0, 1), "book.fields": (0, 1)}
    settings = {"not_judged": ["book.fields"], "synonyms": {"Philadelphia": ["Philly"]}}
    found = scored("argument_grounding", of, answer(call), **settings)
    assert counts_in(found.detail) == {"book.city": (1, 1), "book.extras": (0, 1)}
    assert value("argument_grounding", of, answer(call), unit="answer", **settings) == 0
    caramel = answer(Call("book", {"x": "caramel sauce"}))
    assert value("argument_grounding", of, caramel) == 1
    assert value("argument_grounding", of, caramel, least_words=1) == 0


def test_in_a_replayed_conversation_only_what_came_before_counts():
    of = case(
        {"role": "user", "text": "hello"},
        {"role": "assistant", "text": "the Fjord, perhaps?"},
        {"role": "user", "text": "the Cove tent"},
        {"role": "assistant", "text": "done"},
        tools=[TOOL],
    )
    early, late = (Call("book", {"x": "Cove"}, turn=turn) for turn in (0, 1))
    spoken = Outcome(turns=("take the Heron", None))
    assert value("argument_grounding", of, answer(early, outcome=spoken)) == 0
    assert value("argument_grounding", of, answer(late, outcome=spoken)) == 1
    assert value("argument_grounding", of, answer(Call("book", {"x": "Heron"}, turn=1), outcome=spoken)) == 1
    assert value("argument_grounding", of, answer(Call("book", {"x": "Heron"}, turn=0), outcome=spoken)) == 0


def test_moments():
    assert dates("from march 1st to 12 april, 2019-05-06 or 31.12.") == {(3, 1), (None, 1), (4, 12), (5, 6), (12, 31)}
    assert dates("13/45 and 2019-13-40") == set()
    assert times("at 17:05 or 9 a.m., not 25") >= {17 * 60 + 5, 9 * 60}
    assert 21 * 60 not in times("9 a.m.")
    assert 0 in times("at midnight")


def test_nothing_said_supports_nothing():
    assert Evidence().supports("x") is False
    assert scored("argument_grounding", case(tools=[TOOL]), answer(text="hi")).reason == NOT_APPLICABLE
    assert scored("argument_grounding", case(tools=[TOOL]), answer(Call("book", "no JSON"))).reason == NOT_APPLICABLE
