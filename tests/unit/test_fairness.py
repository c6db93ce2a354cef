"""Pairs, the gap between their sides, and the floor of segments, by value."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from goldworks.digests import digest
from goldworks.errors import PolicyError
from goldworks.evaluation.aggregates.paired_gap import PairedGap
from goldworks.evaluation.aggregates.protocol import Scored
from goldworks.evaluation.aggregates.segment_floor import SegmentFloor, verdict
from goldworks.evaluation.fairness import names
from goldworks.evaluation.fairness.pairs import attributes_of, make_pairs
from goldworks.evaluation.fairness.swaps import load_swaps
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.scorers.protocol import MISSING_ANSWER, NOT_APPLICABLE
from goldworks.evaluation.suites import load_suite
from goldworks.golden.case import Case, CaseMessage, Expected, Pair
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import Estimate, paired_difference

KEY = bytes(range(32))
SWAPS = load_swaps(PROJECT_ROOT / "expectations" / "pairs")


def base(number: int = 0, **changes) -> Case:
    asked = CaseMessage(role="user", text=f"How long may I return kayak {number}?")
    known = {"tags": ("returns",), "expected": Expected(facts_required=("30 days",)), "conversation_id": "c", **changes}
    return Case(case_id=f"base-{number}", use_case="docs", tier="T2", origin="production", messages=(asked,), **known)


@pytest.mark.parametrize("attribute", attributes_of(SWAPS))
def test_sides_differ_in_the_swapped_words_only(attribute: str):
    cases = make_pairs([base(1), base(2)], SWAPS, [attribute], KEY, count=4)
    pairs: dict[str, list[Case]] = {}
    for case in cases:
        assert case.expected.pair is not None
        pairs.setdefault(case.expected.pair.id, []).append(case)
    assert len(pairs) == 4
    for left, right in pairs.values():
        assert left.expected.pair.attribute == right.expected.pair.attribute == attribute
        assert left.expected.pair.variant != right.expected.pair.variant
        assert left.expected.facts_required == ("30 days",)
        assert left.parents == right.parents
        assert (left.conversation_id, left.cluster_id) == (None, left.expected.pair.id)
        assert f"pair:{attribute}" in left.tags
        question = base(int(left.parents[0][-1])).messages[0].text
        texts = [question_of(case).messages[0]["text"] for case in (left, right)]
        assert texts[0] != texts[1]
        assert all(question in text for text in texts)
        assert not any(re.search(r"[{}]|<PERSON", text) for text in texts)


def test_pairs_are_the_same_each_time_and_made_of_golden_cases_alone():
    cases = [base(number) for number in range(4)]
    made = make_pairs(cases, SWAPS, ["gender"], KEY, count=5)
    assert made == make_pairs(cases[::-1], SWAPS, ["gender"], KEY, count=5)
    assert {case.case_id for case in made}.isdisjoint(case.case_id for case in make_pairs(cases, SWAPS, ["gender"], KEY, seed=1))
    assert make_pairs([msgspec.structs.replace(cases[0], origin="red_team")], SWAPS, ["gender"], KEY) == []
    assert make_pairs(made, SWAPS, ["gender"], KEY) == []


def test_no_name_stands_in_a_stored_case_and_each_side_gets_one_of_its_group():
    cases = make_pairs([base(number) for number in range(12)], SWAPS, ["name"], KEY, count=11)
    every = {name for group in names.GROUPS.values() for name in group}
    used = set()
    for case in cases:
        assert names.TAG in case.tags
        assert names.PLACE in (case.messages[0].text or "")
        assert not every & set(re.findall(r"\w+", case.messages[0].text or ""))
        pair = case.expected.pair
        assert pair is not None
        said = every & set(re.findall(r"\w+", question_of(case).messages[0]["text"]))
        assert said == {names.name_of(pair.id, pair.variant)} <= set(names.GROUPS[pair.variant])
        used |= {pair.variant}
    assert used == names.GROUPS.keys()


def test_lists_of_names_do_not_change_under_a_version():
    assert {len(group) for group in names.GROUPS.values()} == {8}
    frozen = {1: "a7c184ba1d32"}
    assert digest({group: list(found) for group, found in names.GROUPS.items()})[:12] == frozen[names.VERSION]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("My {partner} would", "My {cousin} would", "no word {cousin} of gender"),
        ("attribute: age, text", "attribute: height, text", "no attribute 'height'"),
        ("I ask as a {who}. {question}", "{question}", "must hold {question} once, and a word of gender"),
        ("english_women, english_men", "english_women, martians", "no group 'martians'"),
        ("home: the students' hall", "house: the students' hall", "every variant must give the same words"),
    ],
)
def test_broken_swaps_are_refused(tmp_path: Path, old: str, new: str, says: str):
    text = (PROJECT_ROOT / "expectations" / "pairs" / "swaps.yml").read_text()
    assert old in text
    (tmp_path / "swaps.yml").write_text(text.replace(old, new))
    with pytest.raises(PolicyError, match=re.escape(says)):
        load_swaps(tmp_path)


def side(pair: str, variant: str, value: float | None, *, made_of: str = "", attribute: str = "gender", reason=None) -> Scored:
    case = base(0, expected=Expected(pair=Pair(pair, attribute, variant)))
    case = msgspec.structs.replace(case, case_id=f"{pair}-{variant}", parents=(made_of or pair,))
    return Scored(case.case_id, 0, case.cluster_id, value, reason, None, case)


def gap(scores, **settings) -> Estimate:
    values = {"attribute": "gender", "base": "man", "variant": "woman", **settings}
    return PairedGap(PairedGap.Settings(**values)).over(scores, confidence=0.95, seed=1).estimate


def test_the_gap_is_the_paired_difference_with_its_interval():
    scores = []
    left, right = [1, 1, 1, 1, 0, 1, 1, 0], [1, 0, 1, 0, 0, 1, 1, 1]
    for number, (man, woman) in enumerate(zip(left, right, strict=True)):
        scores += [side(f"p{number}", "man", man), side(f"p{number}", "woman", woman)]
    found = gap(scores)
    assert found == paired_difference(left, right, [f"p{n}" for n in range(8)], confidence=0.95, seed=1)
    assert (found.value, found.method, found.n) == (-0.125, "paired_tango", 8)
    turned = gap(scores, base="woman", variant="man")
    assert turned.value == 0.125
    assert turned.low == pytest.approx(-found.high)


def test_pairs_of_one_question_are_one_cluster():
    scores = [side(f"p{n}", which, n % 2, made_of=f"q{n // 4}") for n in range(12) for which in ("man", "woman")]
    found = gap(scores)
    assert (found.value, found.n, found.n_clusters) == (0, 12, 3)


def test_a_pair_without_a_side_is_missing_and_one_that_does_not_apply_is_left_out():
    scores = [
        *(side("a", "man", 1), side("a", "woman", 1), side("b", "man", 1), side("b", "woman", 0), side("c", "man", 1)),
        *(side("d", "man", 1), side("d", "woman", None, reason=MISSING_ANSWER)),
        *(side("e", "man", None, reason=NOT_APPLICABLE), side("e", "woman", None, reason=NOT_APPLICABLE)),
        *(side("f", "man", 1, attribute="age"), side("f", "woman", 0, attribute="age")),
    ]
    scores += [side("g", "woman", 1)]
    found = gap(scores)
    assert (found.value, found.n, found.n_missing) == (-0.5, 2, 2)
    assert gap([]).reason == "n_zero"


def test_the_original_of_a_rewording_is_the_case_it_was_made_of():
    original = base(7)
    twins = [side("base-7", "typos", 0, attribute="wording"), side("base-7", "greeting", 1, attribute="wording")]
    scores = [Scored("base-7", 0, "c", 1.0, None, None, original), *twins]
    found = gap(scores, attribute="wording", base="original", variant=None)
    assert (found.value, found.n) == (-0.5, 1)
    detail = PairedGap(PairedGap.Settings(attribute="wording")).over(scores, confidence=0.95, seed=1).detail
    assert detail is not None
    assert detail.rows == (("greeting", "1", "1.0000"), ("original", "1", "1.0000"), ("typos", "1", "0.0000"))


def in_segment(intent: str, value: float | None, number: int) -> Scored:
    case = msgspec.structs.replace(base(number, tags=(f"lang:{intent}",)), intent=intent, case_id=f"{intent}-{number}")
    return Scored(case.case_id, 0, case.case_id, value, None if value is not None else MISSING_ANSWER, None, case)


def test_the_worst_segment_of_those_large_enough():
    scores = [in_segment("en", 1, n) for n in range(40)] + [in_segment("de", float(n % 4 > 0), n) for n in range(40)]
    scores += [in_segment("fr", 0, n) for n in range(3)] + [in_segment("en", None, 99)]
    for settings in ({"by": "intent"}, {"by": "tag", "prefix": "lang:"}):
        found = SegmentFloor(SegmentFloor.Settings(**settings, floor=0.9)).over(scores, confidence=0.95, seed=1)
        assert (found.estimate.value, found.estimate.n, found.estimate.note) == (0.75, 40, "worst of 2 segments: de")
        assert found.detail is not None
        assert [(row[0], row[1], row[-1]) for row in found.detail.rows] == [
            ("de", "40", "fail"),
            ("en", "40", "pass"),
            ("fr", "3", "fail"),
        ]


def test_segments_that_are_too_small_or_absent_give_no_value():
    small = SegmentFloor(SegmentFloor.Settings(by="intent")).over([in_segment("fr", 0, 1)], confidence=0.95, seed=1)
    assert (small.estimate.value, small.estimate.reason, small.estimate.n) == (None, "n_too_small", 1)
    none = SegmentFloor(SegmentFloor.Settings(by="variant")).over([in_segment("fr", 0, 1)], confidence=0.95, seed=1)
    assert none.estimate.reason == "n_zero"
    sides = [side(f"p{n}", "man", 1) for n in range(12)]
    by_side = SegmentFloor(SegmentFloor.Settings(by="variant")).over(sides, confidence=0.95, seed=1)
    assert str(by_side.estimate.note).endswith("gender=man")


def test_a_floor_is_decided_by_bounds():
    estimate = Estimate(0.8, 0.7, 0.9, 0.9, "wilson", 10, 10)
    assert [verdict(estimate, floor) for floor in (0.7, 0.8, 0.95)] == ["pass", "inconclusive", "fail"]
    assert verdict(Estimate(0.8, None, None, 0.9, "wilson", 1, 1), 0.5) == "inconclusive"


def test_the_suite_of_fairness_loads():
    assert load_suite(PROJECT_ROOT / "expectations" / "suites" / "fairness.yml").scorer_digests["gender_gap"]
