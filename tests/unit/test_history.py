"""A conversation's messages are stored once, however its records repeat, cut or fork the history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldworks.intake.history import Conversation

KEY = b"k" * 32


def place(tree: Conversation, contents: list[str]) -> list[str]:
    nodes = tree.place(contents)
    for node in nodes:
        tree.remember(node)
    return [node.message_id for node in nodes]


def test_each_turn_adds_only_its_own_messages():
    tree = Conversation("c", KEY)
    first = place(tree, ["u1", "a1"])
    second = place(tree, ["u1", "a1", "u2", "a2"])
    assert second[:2] == first
    assert len(tree.nodes) == 4


def test_a_late_earlier_turn_adds_nothing():
    tree = Conversation("c", KEY)
    place(tree, ["u1", "a1", "u2", "a2"])
    place(tree, ["u1", "a1"])
    assert len(tree.nodes) == 4


def test_a_regenerated_answer_is_a_branch_beside_the_first():
    tree = Conversation("c", KEY)
    place(tree, ["u1", "a1"])
    place(tree, ["u1", "other"])
    assert [node.index for node in tree.nodes.values()] == [0, 1, 1]


def test_a_sliding_window_continues_the_stored_path():
    tree = Conversation("c", KEY)
    place(tree, ["u1", "a1", "u2", "a2"])
    window = place(tree, ["u2", "a2", "u3", "a3"])
    assert len(tree.nodes) == 6
    assert [tree.nodes[message].index for message in window] == [2, 3, 4, 5]


def test_a_word_said_twice_does_not_anchor_a_window():
    tree = Conversation("c", KEY)
    place(tree, ["hello", "a1", "yes", "a2"])
    place(tree, ["yes", "new", "more"])
    assert len(tree.nodes) == 7, "one common message is no overlap"


def test_conversations_do_not_share_ids():
    assert place(Conversation("a", KEY), ["u1"]) != place(Conversation("b", KEY), ["u1"])


@given(st.lists(st.text(max_size=3), min_size=1, max_size=12), st.permutations(range(1, 13)))
def test_the_order_of_arrival_does_not_change_the_tree(history: list[str], order: list[int]):
    whole = Conversation("c", KEY)
    place(whole, history)
    shuffled = Conversation("c", KEY)
    for length in (n for n in order if n <= len(history)):
        place(shuffled, history[:length])
    assert shuffled.nodes.keys() == whole.nodes.keys()
