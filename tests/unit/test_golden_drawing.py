"""Drawing: size, floors, shares and stability; duplicates: one of each group is kept, and nothing else is left out."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldworks.errors import PolicyError
from goldworks.golden.drawing import Item, draw
from goldworks.golden.near_duplicates import features, first_of_each, jaccard
from goldworks.golden.strata import intent, known_failures, strata
from goldworks.use_cases import Plan, load_use_cases

ITEMS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("12"), st.integers(0, 9)), min_size=0, max_size=80
).map(lambda rows: [Item(f"c{i}", row[:3], row[3] == 0) for i, row in enumerate(rows)])


@given(ITEMS, st.integers(1, 60), st.integers(0, 6), st.randoms())
@settings(deadline=None)
def test_size_floors_and_fixed_ones_are_kept_whatever_the_order(items: list[Item], size: int, floor: int, chance: random.Random):
    drawn = draw(items, size, floor, "salt")
    fixed = [item for item in items if item.is_fixed]
    assert len(drawn) == len({item.item_id for item in drawn}) == max(min(size, len(items)), len(fixed))
    assert {item.item_id for item in fixed} <= {item.item_id for item in drawn}
    shuffled = items[:]
    chance.shuffle(shuffled)
    assert draw(shuffled, size, floor, "salt") == drawn
    if len(drawn) < size or size >= floor * 7 + len(fixed):  # 7 values: enough for every floor
        for stratum in range(3):
            there, got = Counter(i.values[stratum] for i in items), Counter(i.values[stratum] for i in drawn)
            assert all(got[value] >= min(floor, there[value]) for value in there)


def population(size: int, start: int = 0) -> list[Item]:
    chance = random.Random(start)
    kinds = [f"tool{i}" for i in range(30)]
    weights = [1 / (1 + i) for i in range(30)]
    return [
        Item(f"conv-{start + i}", (chance.choices(kinds, weights)[0], chance.choice(["1.0", "2.0"]), chance.choice("abc")))
        for i in range(size)
    ]


def test_shares_are_proportional_also_over_many_small_cells():
    """180 cells for 400 cases: most cells deserve less than one, and together still get their share."""
    items = population(4000)
    drawn = draw(items, 400, 0, "seed-1")
    there, got = Counter(i.values for i in items), Counter(i.values for i in drawn)
    assert all(abs(got[cell] - there[cell] / 10) < 1.5 for cell in there)
    small = {cell for cell in there if there[cell] < 10}
    expected = sum(there[cell] for cell in small) / 10
    assert len(small) > 50
    assert abs(sum(got[cell] for cell in small) - expected) < 0.35 * expected


def test_more_data_change_few_cases_and_another_seed_changes_most():
    items = population(2000)
    before = {item.item_id for item in draw(items, 200, 3, "seed-1")}
    after = {item.item_id for item in draw(items + population(200, 10_000), 200, 3, "seed-1")}
    assert len(before & after) >= 170  # a tenth more data: about a tenth of the cases change
    other = {item.item_id for item in draw(items, 200, 3, "seed-2")}
    assert len(before & other) < 60


# duplicates


LINES = st.lists(st.lists(st.sampled_from("red blue green stone river cloud lamp door".split()), max_size=12), max_size=25)


@given(LINES, st.sampled_from([0.5, 0.7, 0.85, 1.0]))
@settings(deadline=None)
def test_of_each_group_of_duplicates_one_is_kept(lines: list[list[str]], threshold: float):
    inputs = [features(" ".join(words)) for words in lines]
    found = first_of_each(inputs, threshold)
    kept = [index for index, duplicate_of in enumerate(found) if duplicate_of is None]
    for index, duplicate_of in enumerate(found):
        if duplicate_of is not None:
            assert duplicate_of < index
            assert duplicate_of in kept
            assert jaccard(inputs[index], inputs[duplicate_of]) >= threshold
    assert len({inputs[index] for index in kept}) == len(kept)


def test_near_duplicates_are_found_as_by_comparing_all_pairs():
    chance = random.Random(7)
    words = [f"word{i}" for i in range(400)]
    texts = [" ".join(chance.choices(words, k=60)) for _ in range(150)]
    texts += [text.replace(text.split()[chance.randrange(60)], "changed", 1) for text in texts]
    inputs = [features(text) for text in texts]
    kept: list[int] = []
    for index, one in enumerate(inputs):
        if all(jaccard(one, inputs[other]) < 0.85 for other in kept):
            kept.append(index)
    assert [i for i, duplicate_of in enumerate(first_of_each(inputs, 0.85)) if duplicate_of is None] == kept
    assert 150 <= len(kept) < 160


def test_what_counts_as_the_same_input():
    ask = features("Where is <PERSON_1>'s order?", "Hello", ["h1"], ["p1"])
    assert features("where is <PERSON_2> s ORDER", "hello!", ["h1"], ["p1"]) == ask
    assert features("Where is <PERSON_1>'s order?", "Hello", ["h2"], ["p1"]) != ask
    assert features("Where is <PERSON_1>'s order?", "Hello", ["h1"], ["p2"]) != ask
    assert features("👍") != features("👎")
    assert jaccard(features("东京的天气怎么样呢今天"), features("东京的天气怎么样呢明天")) > 0.5


# strata


TURN = {
    "tool_names": [],
    "question": "What is it?",
    "question_index": 0,
    "release": None,
    "feedback_score": None,
    "tool_errors": 0,
}


@pytest.mark.parametrize(
    ("change", "stratum", "value"),
    [
        ({}, "intent", "ask_what"),
        ({"tool_names": ["find", "book"]}, "intent", "find"),
        ({"tool_names": ["find", "book"]}, "tools", "several"),
        ({}, "release", "unknown"),
        ({}, "length", "1"),
        ({"question_index": 1}, "length", "2-6"),
        ({"question_index": 5}, "length", "2-6"),
        ({"question_index": 6}, "length", "7+"),
        ({"feedback_score": -0.5}, "feedback", "down"),
        ({"feedback_score": -0.5}, "known_failure", "yes"),
        ({"tool_errors": 1}, "known_failure", "yes"),
        ({"feedback_score": 1.0}, "known_failure", "no"),
    ],
)
def test_the_strata_of_a_turn(change: dict[str, object], stratum: str, value: str):
    assert strata({**TURN, **change}, Plan())[stratum] == value


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Please could you tell me", "ask_yes_no"),
        ("Hi, where’s my parcel", "ask_where"),
        ("Summarise this", "rework"),
        ("<PERSON_1> is who?", "ask_other"),
        ("Danke", "other"),
        ("", "other"),
    ],
)
def test_kinds_of_request(question: str, kind: str):
    assert intent([], question) == kind


def test_known_failures_are_named():
    assert known_failures({"tool_errors": 2, "feedback_score": -1.0}) == ("failed_tool", "thumb_down")


# approval


def test_the_top_tier_is_never_approved_by_policy(tmp_path):
    path = tmp_path / "use_cases.yml"
    path.write_text("version: 1\ndefault:\n  owner: a\n  tier: T1\n  approval: policy\n")
    with pytest.raises(PolicyError, match=r"use_cases\.yml:\d+: default: .*tier T1 needs `approval: people`"):
        load_use_cases(path)
    path.write_text("version: 1\ndefault: {owner: a, tier: T1}\n")
    assert load_use_cases(path).get("anything").approval == "people"
