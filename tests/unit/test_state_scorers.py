"""End states, side effects, loops and step limits by value, and the sample's store as an environment."""

from __future__ import annotations

import pytest
from scored_by_hand import answer, case, scored, value

from goldworks.demo import orders
from goldworks.demo.store import Store
from goldworks.evaluation.answers import Call, Outcome
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.evaluation.scorers.states import changes, is_within, state_digest

BEFORE = {"orders": {"O-1": {"state": "packed", "items": ["tent"]}}, "credit": 5}


def ended(after, before=BEFORE, *calls):
    return answer(*calls, outcome=Outcome(state=after, state_before=before))


def test_equal_states_have_equal_digests():
    assert state_digest({"a": 1.0, "b": (2, 3)}) == state_digest({"b": [2, 3], "a": 1})
    assert state_digest({"a": 1}) != state_digest({"a": True}) != state_digest({"a": "1"})


def test_end_state():
    of = case(state={"orders": {"O-1": {"total": 20}}})
    assert value("end_state", of, ended({"orders": {"O-1": {"total": 20.0}}})) == 1
    wrong = scored("end_state", of, ended({"orders": {"O-1": {"total": 21, "note": "x"}}}))
    assert (wrong.value, wrong.detail) == (0, "2 values differ")
    assert scored("end_state", of, answer()).reason == NOT_APPLICABLE
    assert scored("end_state", case(), ended({})).reason == NOT_APPLICABLE


def test_changes_are_single_places():
    after = {"orders": {"O-1": {"state": "cancelled", "items": ["tent", "stove"]}}, "credit": 5.0, "log": []}
    assert changes(BEFORE, after) == [("orders", "O-1", "items", "1"), ("orders", "O-1", "state")]
    assert changes(None, {}) == changes({"a": 1}, {"a": 1, "b": None}) == []
    assert changes({"a": {}}, {"a": 1}) == [("a",)]


@pytest.mark.parametrize(
    ("allowed", "is_in"),
    [
        ("orders", True),
        ("orders.O-1.state", True),
        ("orders.*.state", True),
        ("*.O-1", True),
        ("orders.O-1.state.x", False),
        ("order", False),
        ("orders.*.items", False),
        ("*.*.*.*", False),
    ],
)
def test_places_below_a_dotted_one(allowed, is_in):
    assert is_within(("orders", "O-1", "state"), allowed) is is_in


def test_a_key_with_dots_is_reached_by_its_dots():
    assert is_within(("files", "a.txt"), "files.a.txt")


def test_side_effects():
    after = {**BEFORE, "orders": {"O-1": {"state": "cancelled", "items": ["tent"]}}}
    assert value("side_effects", case(may_change=["orders.*.state"]), ended(after)) == 1
    assert value("side_effects", case(may_change=["credit"]), ended(after)) == 0
    assert value("side_effects", case(may_change=[]), ended(BEFORE)) == 1
    assert value("side_effects", case(may_change=[]), ended({"a": 1}, None)) == 0
    assert scored("side_effects", case(may_change=[]), answer()).reason == NOT_APPLICABLE
    assert scored("side_effects", case(), ended(after)).reason == NOT_APPLICABLE


def test_forbidden_tools():
    of = case(forbidden_tools=["mail.send"])
    assert value("side_effects", of, answer(Call("read"))) == 1
    found = scored("side_effects", of, answer(Call("mail_send", {"to": "x"}, {"error": "no"})))
    assert (found.value, found.detail) == (0, "forbidden: mail_send")
    attacked = case(attack={"technique": "t", "forbidden_tools": ["wire"]}, may_change=[])
    assert value("side_effects", attacked, answer(Call("wire"))) == 0


def test_loops():
    of = case(tools=[{"name": "track"}])
    assert scored("loops", case(), answer(Call("track"))).reason == NOT_APPLICABLE
    once, again = Call("track", {"id": 1}), Call("track", {"id": 1.0})
    assert value("loops", of, answer(once)) == 1
    assert scored("loops", of, answer(once, again)).detail == "track made 2 times alike"
    assert value("loops", of, answer(once, again)) == 0
    assert value("loops", of, answer(once, again), most_identical=2) == 1
    assert value("loops", of, answer(once, Call("track", {"id": 2}))) == 1
    assert value("loops", of, answer(Call("track", {"id": 1}, "queued"), Call("track", {"id": 1}, "done"))) == 1
    assert value("loops", of, answer(once, Call("track", {"id": 1}, turn=1))) == 1
    assert scored("loops", of, answer(text="hello")).reason == NOT_APPLICABLE


def test_step_limit():
    of = case(tools=[{"name": "t"}])
    calls = [Call("t", {"n": n}, turn=n // 3) for n in range(6)]
    assert value("step_limit", of, answer(*calls), most_calls=3) == 1
    assert value("step_limit", of, answer(*calls), most_calls=2) == 0
    assert scored("step_limit", of, answer(text="hello")).reason == NOT_APPLICABLE
    assert scored("step_limit", case(), answer()).reason == NOT_APPLICABLE


def test_the_store_remembers_what_was_changed():
    store = Store()
    bought = store.call("place_order", {"sku": "DS-FJORD", "quantity": 2, "ship_to": "<STREET_ADDRESS_1>"})
    assert "error" in store.call("place_order", {"sku": "DS-FJORD", "ship_to": "x"})
    assert "error" in store.call("cancel_order", {"order_id": "HO-11111", "confirmed": False})
    store.call("track_order", {"order_id": "HO-11111"})
    for _ in range(2):
        store.call("cancel_order", {"order_id": bought["order_id"], "confirmed": True})
    state = {
        "orders": [{"sku": "DS-FJORD", "quantity": 2, "ship_to": "<STREET_ADDRESS_1>"}],
        "cancelled": [bought["order_id"]],
    }
    assert store.state == state
    history = [
        {"role": "assistant", "tool_calls": [{"name": "cancel_order", "arguments": {"order_id": "HO-1", "confirmed": True}}]}
    ]
    assert Store.after(history).state == {"orders": [], "cancelled": ["HO-1"]}


def test_the_order_agent_that_cancels_at_once_is_seen_in_the_state():
    asked = {"role": "user", "text": "Please cancel order HO-12345."}
    of = case(asked, state={"orders": [], "cancelled": []}, may_change=[])
    for release, expected in ((orders.answer_v1_0, 0), (orders.answer_v1_1, 1)):
        reply = release(question_of(of))
        said = answer(*reply.tool_calls, text=reply.text, outcome=reply.outcome)
        assert value("end_state", of, said) == value("side_effects", of, said) == expected
    assert all("order_id" in call.result for call in reply.tool_calls)
