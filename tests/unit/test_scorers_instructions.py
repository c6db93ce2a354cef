"""Instructions, patterns and schemas by value, with the edge cases their docstrings decide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_by_hand import scored, value
from scoring import case, said, suite_of

from goldworks.evaluation.aggregates import AGGREGATES
from goldworks.evaluation.aggregates.protocol import Scored
from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers.ifeval import KINDS, follows, variants
from goldworks.evaluation.scorers.ifeval.language import language_of
from goldworks.evaluation.scorers.instructions import problem_of
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE, SCORER_ERROR
from goldworks.golden.case import Instruction

EXAMPLES: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("keywords:existence", {"keywords": ["tea", "cup"]}, ["Tea in a cup.", "teacup"], ["a cup", ""]),
    (
        "keywords:frequency",
        {"keyword": "tea", "frequency": 2, "relation": "at least"},
        ["Tea, tea!", "teatea"],
        ["tea", "coffee"],
    ),
    ("keywords:frequency", {"keyword": "tea", "frequency": 2, "relation": "less than"}, ["one tea", "none"], ["tea tea"]),
    ("keywords:forbidden_words", {"forbidden_words": ["cat"]}, ["a category"], ["A Cat.", "cat-like"]),
    ("keywords:letter_frequency", {"letter": "q", "let_frequency": 2, "let_relation": "at least"}, ["Qq", "quick queen"], ["q"]),
    ("keywords:letter_frequency", {"letter": "Q", "let_frequency": 1, "let_relation": "less than"}, ["none"], ["quick"]),
    (
        "language:response_language",
        {"language": "de"},
        ["Das ist ein ganz gewöhnlicher Satz über das Wetter."],
        ["This is quite an ordinary sentence about weather.", "C'est une phrase tout à fait ordinaire."],
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "at least"},
        ["One. Two!", "One\nTwo"],
        ["One.", "3.5 apples"],
    ),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "less than"}, ["One."], ["One. Two."]),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        ["One\n***\nTwo", "*** One *** Two ***"],
        ["One", "One *** *** Two", "a\n\nb"],
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "less than"},
        ["two words", "don't"],
        ["don't go", "a b c"],
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Well"},
        ["One.\n\nwell, two.", 'One.\n\n\n\n"Well" two'],
        ["Well.\n\nTwo.", "One.\n\nTwo.\n\nWell.", "Well", "One.\n\nWelling up"],
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        ["Dear [name], of [town]", "[a][b][c]"],
        ["[one]", "[a\nb] [c]"],
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, ["Bye.\nP.S. More", "p. s. more"], ["PS more"]),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, ["P.P.S more", "p. p. s. more"], ["P.S. more"]),
    ("detectable_content:postscript", {"postscript_marker": "N.B."}, ["n.b. this"], ["nxb. this"]),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        ["* one\n* two", "text\n  - one\n- two"],
        ["* one", "* a\n* b\n* c", "**bold**\n* one"],
    ),
    (
        "detectable_format:constrained_response",
        {},
        ["My answer is yes.", "Well. My answer is maybe. So."],
        ["my answer is yes.", "My answer is yes"],
    ),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        ["*one* and **two**", "*a*\n*b*"],
        ["*one*", "** ** *one*", "*a\nb*"],
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        ["Section 1\na\nSection 2\nb", "Section1 Section2 Section3"],
        ["SECTION 1 SECTION 2", "Section 1"],
    ),
    ("detectable_format:json_format", {}, ['{"a": 1}', '```json\n{"a": [1]}\n```', "3"], ["a: 1", '{"a": NaN}', 'So: {"a": 1}']),
    ("detectable_format:title", {}, ["<<A title>>\ntext"], ["<A title>", "<< >>", "<<a\nb>>"]),
    ("combination:two_responses", {}, ["One ****** Two", "******One******Two"], ["One", "One ****** One", "a ****** ****** b"]),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, ["say it. It."], ["I say it."]),
    ("startend:end_checker", {"end_phrase": "The end."}, ["So. THE END.", '"So. The end."'], ["The end. Or not?"]),
    ("startend:quotation", {}, ['"All of it."', ' "a" '], ['"', 'So: "a"', "“a”"]),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        ["NASA and ESA", "A COVID-19 case"],
        ["Nasa, ESA", "2 3"],
    ),
    ("change_case:capital_word_frequency", {"capital_frequency": 1, "capital_relation": "less than"}, ["none"], ["NASA"]),
    (
        "change_case:english_capital",
        {},
        ["THIS IS QUITE AN ORDINARY SENTENCE ABOUT WEATHER."],
        ["This is quite an ordinary sentence.", "DAS IST EIN GANZ GEWÖHNLICHER SATZ ÜBER DAS WETTER."],
    ),
    (
        "change_case:english_lowercase",
        {},
        ["this is quite an ordinary sentence about weather."],
        ["This is quite an ordinary one."],
    ),
    ("punctuation:no_comma", {}, ["No such mark; none."], ["One, two", "1,000"]),
]


@pytest.mark.parametrize(("kind", "settings", "followed", "broken"), EXAMPLES)
def test_each_kind(kind: str, settings: dict[str, Any], followed: list[str], broken: list[str]):
    of = case(instructions=[{"kind": kind, "settings": settings}])
    assert [value("instructions", of, said(text)) for text in followed] == [1.0] * len(followed)
    assert [value("instructions", of, said(text)) for text in broken] == [0.0] * len(broken)


def test_all_25_kinds_have_an_example():
    assert {kind for kind, *_ in EXAMPLES} == KINDS.keys()
    assert len(KINDS) == 25


JSON_ONLY = {"kind": "detectable_format:json_format"}
STARTS = {"kind": "combination:repeat_prompt", "settings": {"prompt_to_repeat": "Once"}}
NO_COMMA = {"kind": "punctuation:no_comma"}


def test_the_worked_example_strict_and_loose():
    """JSON behind a wrapper; a beginning behind a wrapper, with an instruction that holds; an empty answer."""
    rows = [
        ([JSON_ONLY], 'Sure, here it is:\n{"a": 1}', [False], [True]),
        ([STARTS, NO_COMMA], "Sure!\nOnce upon a time.", [False, True], [True, True]),
        ([JSON_ONLY], "", [False], [False]),
    ]
    for instructions, text, strict, loose in rows:
        of = case(instructions=instructions)
        for mode, wanted in (("strict", strict), ("loose", loose)):
            share = sum(wanted) / len(wanted)
            assert value("instructions", of, said(text), mode=mode, level="instruction") == share
            assert value("instructions", of, said(text), mode=mode) == float(all(wanted))
    loose_prompts = [value("instructions", case(instructions=r[0]), said(r[1]), mode="loose") for r in rows]
    assert sum(loose_prompts) / 3 == pytest.approx(0.6666666666666666)  # type: ignore[arg-type]


def test_the_accuracy_at_the_level_of_instructions_is_pooled():
    """Three prompts with 2, 1 and 2 instructions, of which 2, 1 and 1 are followed: 4 of 5, not the mean of the shares."""
    cases = [([NO_COMMA, STARTS], "Once."), ([NO_COMMA], "Yes."), ([NO_COMMA, STARTS], "Never.")]
    found = [scored("instructions", case(instructions=i), said(text), level="instruction") for i, text in cases]
    assert [one.detail for one in found] == [
        "2 of 2 followed",
        "1 of 1 followed",
        "1 of 2 followed; not combination:repeat_prompt",
    ]
    rows = [Scored(f"c{n}", 0, f"c{n}", one.value, one.reason, one.detail, None) for n, one in enumerate(found)]
    pooled = AGGREGATES["pooled_share"]
    estimate = pooled(pooled.Settings()).over(rows, confidence=0.95, seed=1).estimate
    assert (estimate.value, estimate.n, estimate.n_clusters) == (0.8, 5, 3)
    prompt = [scored("instructions", case(instructions=i), said(text)) for i, text in cases]
    assert [one.value for one in prompt] == [1, 1, 0]


@pytest.mark.parametrize(("value_", "detail"), [(0.5, "half"), (0.25, "1 of 2 followed"), (1.0, "0 of 0 followed")])
def test_what_does_not_say_what_it_counts_is_not_pooled(value_: float, detail: str):
    pooled = AGGREGATES["pooled_share"]
    with pytest.raises(ValueError, match="do not say"):
        pooled(pooled.Settings()).over([Scored("c", 0, "c", value_, None, detail, None)], confidence=0.95, seed=1)


def test_pooling_nothing_and_what_is_missing():
    pooled = AGGREGATES["pooled_share"]
    rows = [Scored("c", 0, "c", None, "missing_answer", None, None), Scored("d", 0, "d", None, "not_applicable", None, None)]
    estimate = pooled(pooled.Settings()).over(rows, confidence=0.95, seed=1).estimate
    assert (estimate.reason, estimate.n_missing) == ("n_zero", 1)


def test_the_eight_texts_of_loose_checking():
    assert variants("*a*\nb\nc") == ["*a*\nb\nc", "b\nc", "*a*\nb", "b", "a\nb\nc", "b\nc", "a\nb", "b"]


def test_instructions_at_their_edges():
    assert scored("instructions", case(), said("x")).reason == NOT_APPLICABLE
    assert value("instructions", case(instructions=[NO_COMMA]), said(None, Call("t"))) == 0
    german = {"kind": "language:response_language", "settings": {"language": "de"}}
    assert scored("instructions", case(instructions=[german]), said("Ja.")).detail == "no instruction can be decided"
    both = scored("instructions", case(instructions=[german, NO_COMMA]), said("Ja."))
    assert (both.value, both.detail) == (1.0, "1 of 1 followed")
    unknown = scored("instructions", case(instructions=[{"kind": "keywords:rhyme"}]), said("x"))
    assert (unknown.reason, unknown.detail) == (SCORER_ERROR, "no instruction kind 'keywords:rhyme'")
    wrong = {"kind": "keywords:existence", "settings": {"keyword": "x"}}
    assert scored("instructions", case(instructions=[wrong]), said("x")).detail == (
        "settings of keywords:existence: keyword, keywords"
    )
    assert problem_of(Instruction("punctuation:no_comma")) is None
    assert problem_of(Instruction("punctuation:no_comma", {"n": 1})) == "settings of punctuation:no_comma: n"


def test_languages_with_scripts_of_their_own_and_short_texts():
    assert language_of("यह एक छोटा सा हिंदी वाक्य है जो लंबा है") == "hi"
    assert language_of("ಇದು ಕನ್ನಡದಲ್ಲಿ ಬರೆದ ಒಂದು ಸಣ್ಣ ವಾಕ್ಯ") == "kn"
    assert language_of("Això és una frase prou llarga en català.") == "ca"
    assert language_of("1234567890 1234567890 1234567890") is None


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_checked_without_failing(text: str, is_loose: bool):
    for kind, settings, *_ in EXAMPLES:
        if "language" not in kind and "english" not in kind:
            check = KINDS[kind]
            assert follows(text, check, check.Settings.model_validate(settings), is_loose=is_loose) in (True, False)


def test_patterns_are_searched_for():
    of = case(patterns=["(?i)order \\d+", "^Dear"])
    assert value("patterns", of, said("Dear Ann, order 12 is here.")) == 1
    assert value("patterns", of, said("Order 12 is here.")) == 0
    assert value("patterns", of, said("Order 12 is here."), measure="share") == 0.5
    assert value("patterns", of, said("Nothing."), measure="none") == 1
    assert value("patterns", case(), said("a1"), patterns=["\\d"]) == 1
    assert value("patterns", case(patterns=["^$"]), said("")) == 1
    assert scored("patterns", case(), said("x")).reason == NOT_APPLICABLE


def test_a_pattern_takes_linear_time_and_one_that_cannot_is_refused():
    of = case(patterns=["(a+)+$"])
    assert value("patterns", of, said("a" * 50_000 + "b")) == 0
    broken = scored("patterns", case(patterns=["a", "(?<=b)a"]), said("a"))
    assert broken.reason == SCORER_ERROR
    assert broken.detail == "pattern 1 of the case: RE2 cannot read it (invalid perl operator)"
    with pytest.raises(ValueError, match="RE2 cannot read it"):
        suite_of("patterns", patterns=["("])


def test_json_of_the_shape_of_the_case():
    of = case(json_schema={"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}})
    assert value("json_schema", of, said('{"n": 2.0}')) == 1
    assert scored("json_schema", of, said('{"n": "2"}')).detail == "against the schema at properties/n/type"
    assert scored("json_schema", of, said("")).detail == "not JSON"
    assert value("json_schema", of, said('```json\n{"n": 1}\n```')) == 0
    assert value("json_schema", of, said('```json\n{"n": 1}\n```'), allow_fence=True) == 1
    assert scored("json_schema", case(), said("{}")).reason == NOT_APPLICABLE
    assert scored("json_schema", case(json_schema={"type": "objekt"}), said("{}")).reason == SCORER_ERROR
    elsewhere = scored("json_schema", case(json_schema={"$ref": "http://example.com/s.json"}), said("{}"))
    assert elsewhere.reason == SCORER_ERROR
