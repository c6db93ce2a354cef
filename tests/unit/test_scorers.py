"""Each scorer by value, with the edge cases its docstring decides."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers import SCORERS, scorer_digest
from goldworks.evaluation.scorers.lexical_support import features_of
from goldworks.evaluation.scorers.protocol import MISSING_ANSWER, NOT_APPLICABLE, SCORER_ERROR
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.evaluation.scorers.words import holds, numbers, sentences, words
from goldworks.evaluation.sources import sources_of
from goldworks.evaluation.suites import Scoring, Suite
from goldworks.golden.read import Case


def case(passages=(), **expected) -> Case:
    value = {
        "case_id": "c1",
        "use_case": "u",
        "tier": "T2",
        "intent": None,
        "origin": "authored",
        "tags": [],
        "messages": [{"role": "user", "text": "?"}],
        "passages": [{"id": str(i), "text": text} for i, text in enumerate(passages)],
        "tools": [],
        "expected": expected,
        "conversation_id": None,
        "trace_id": None,
        "release": None,
    }
    return msgspec.convert(value, Case)


def said(text: str | None = None, *calls: Call) -> Answer:
    return Answer("c1", 0, text=text, tool_calls=calls)


def scored(scorer: str, of: Case, answer: Answer, **settings):
    metric = {"metric": "m", "scorer": scorer, "kpi": "k", "settings": settings}
    suite = Suite.model_validate({"version": 1, "name": "s", "description": "d", "metrics": [metric]})
    return Scoring.of(suite).scores([(of, answer)])[0]["m"]


def value(scorer: str, of: Case, answer: Answer, **settings) -> float | None:
    return scored(scorer, of, answer, **settings).value


def test_words_numbers_and_sentences():
    assert words("Don’t panic, <PERSON_1>: it's 5 o'clock!") == ("don't", "panic", "<person_1>", "it's", "5", "o'clock")
    assert words("Ärger über ﬁne 日本") == ("ärger", "über", "fine", "日本")
    assert numbers("1,200 items, 1200.50 left, -3 and 3, 4; A12 and <PHONE_NUMBER_1>") == {"1200", "1200.5", "-3", "3", "4"}
    assert sentences("One. Two!\n\n- three\n***") == ("One.", "Two!", "- three")


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("You have 30 days, no more.", "30 Days", True),
        ("130 days", "30 days", False),
        ("It costs 1,250 euros", "1250 euros", True),
        ("cat", "category", False),
        ("I wrote to <EMAIL_ADDRESS_1>.", "<EMAIL_ADDRESS_1>", True),
        ("", "x", False),
        ("yes :-)", ":-)", True),
        ("It costs 3.5 percent", "5 percent", False),
        ("It costs 12,5 euros", "5 euros", False),
        ("It costs 12,5 euros.", "12.50 euros", True),
        ("It costs $30.", "$30.00", True),
        ("at -5 degrees", "5 degrees", False),
        ("at −5 degrees", "-5 degrees", True),
        ("5-10 days", "10 days", True),
        ("version 2.10.3 is out", "2.1", False),
        ("on 30.11.2026", "30.11.2026", True),
        ("Take 1,2,3 of them", "2", True),
    ],
)
def test_holds(text, phrase, found):
    assert holds(text, phrase) is found


def test_exact():
    of = case(reference="Thirty days.")
    assert value("exact", of, said("thirty  days")) == 1
    assert value("exact", of, said("thirty days"), ignore="nothing") == 0
    assert value("exact", of, said(" Thirty days. "), ignore="nothing") == 1
    assert value("exact", of, said(None)) == 0
    assert scored("exact", case(), said("x")).reason == NOT_APPLICABLE
    assert scored("exact", case(reference="  "), said("x")).reason == NOT_APPLICABLE
    assert value("exact", case(reference="!?"), said("!?")) == 1
    assert value("exact", case(reference="1,250"), said("1250.0")) == 1
    assert value("exact", case(reference="-5"), said("5")) == 0
    assert value("exact", case(reference="3.5"), said("3 5")) == 0


def test_contains():
    of = case(reference="30 days")
    assert value("contains", of, said("Within 30 days of delivery.")) == 1
    assert value("contains", of, said("Within 130 days.")) == 0
    assert value("contains", of, said("")) == 0
    assert scored("contains", case(), said("x")).reason == NOT_APPLICABLE
    paragraph = case(reference="one two three four five six seven eight nine ten eleven twelve thirteen")
    assert scored("contains", paragraph, said("x")).reason == NOT_APPLICABLE
    assert value("contains", paragraph, said("x"), most_words=13) == 0


def test_facts():
    of = case(facts_required=["30 days", "free | at no charge", "receipt"], facts_forbidden=["60 days"])
    assert value("facts", of, said("30 days, at no charge."), which="required") == pytest.approx(2 / 3)
    assert scored("facts", of, said("30 days"), which="required").detail == "1 of 3 stated"
    assert value("facts", of, said(""), which="required") == 0
    assert value("facts", of, said(""), which="forbidden") == 1
    assert value("facts", of, said("It is 60 days"), which="forbidden") == 0
    assert scored("facts", case(), said("x"), which="required").reason == NOT_APPLICABLE
    assert scored("facts", case(facts_required=[" ", "|"]), said("x"), which="required").reason == NOT_APPLICABLE


def test_token_f1_and_rouge_l():
    of = case(reference="the cat sat on the mat")
    assert value("token_f1", of, said("The cat, the mat.")) == pytest.approx(2 * 4 / 10)
    assert value("rouge_l", of, said("the mat sat on the cat")) == pytest.approx(2 * 4 / 12)
    police = case(reference="police killed the gunman")  # the worked examples of Lin 2004
    assert value("rouge_l", police, said("police kill the gunman")) == pytest.approx(3 / 4)
    assert value("rouge_l", police, said("the gunman kill police")) == pytest.approx(2 / 4)
    for scorer in ("token_f1", "rouge_l"):
        assert value(scorer, of, said("The cat sat on the mat!")) == 1
        assert value(scorer, of, said("")) == 0
        assert value(scorer, of, said("dog")) == 0
        assert scored(scorer, case(), said("x")).reason == NOT_APPLICABLE


def test_json_valid():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    assert value("json_valid", case(), said('{"a": 1}')) == 1
    assert value("json_valid", case(), said('Sure: {"a": 1}')) == 0
    assert value("json_valid", case(), said('```json\n{"a": 1}\n```')) == 0
    assert value("json_valid", case(), said('```json\n{"a": 1}\n```'), allow_fence=True) == 1
    assert value("json_valid", case(), said('{"a": "secret words"}'), schema=schema) == 0
    assert "secret" not in (scored("json_valid", case(), said('{"a": "secret words"}'), schema=schema).detail or "")
    assert value("json_valid", case(), said("NaN")) == 0
    assert value("json_valid", case(), said("")) == 0


REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "I cannot answer this question from the documents.",
    "Unfortunately I do not have enough information to answer.",
    "I don't know.",
    "I don't know, but I can't look it up either.",
    "The passages do not mention a return period.",
    "I’m unable to share that.",
    "We must decline this request.",
)
ANSWERS = (
    "You can't return shoes after 30 days.",
    "Sorry for the wait! Your order has been shipped.",
    "I don't have any doubt it is open.",
    "I don't know about the history but it is one of the major sports.",
    "The shop is open until six. Anything else?",
    "You cannot cancel, but you can change the date. I can help with that.",
    "I found it. It is 30 days. Ask me anything. I cannot answer questions on tax, though.",
)


def test_refusal():
    assert [is_refusal(text) for text in REFUSALS] == [True] * len(REFUSALS)
    assert [is_refusal(text) for text in ANSWERS] == [False] * len(ANSWERS)
    assert value("refusal", case(should_refuse=True), said(REFUSALS[0])) == 1
    assert value("refusal", case(should_refuse=True), said(ANSWERS[0])) == 0
    to_answer = case(reference="30 days")
    assert value("refusal", to_answer, said(REFUSALS[0])) == 0
    assert value("refusal", to_answer, said(ANSWERS[0])) == 1
    assert value("refusal", case(should_refuse=True), said(REFUSALS[0], Call("refund", {}))) == 0
    assert value("refusal", to_answer, said("")) == 0
    assert value("refusal", case(should_refuse=True), said("")) == 0


def test_nobody_said_whether_to_refuse_so_refusing_is_neither_right_nor_wrong():
    assert scored("refusal", case(), said(REFUSALS[0])).reason == NOT_APPLICABLE
    assert scored("refusal", case(facts_forbidden=["x"]), said(ANSWERS[0])).reason == NOT_APPLICABLE


def test_answered_counts_what_other_metrics_leave_out():
    assert value("answered", case(), said(ANSWERS[0])) == 1
    assert value("answered", case(), said(REFUSALS[0])) == 0
    assert value("answered", case(), said("  ")) == 0
    assert value("answered", case(), said("", Call("refund", {}))) == 1
    assert scored("answered", case(should_refuse=True), said("x")).reason == NOT_APPLICABLE


PASSAGE = "Returns are free within 30 days of delivery. Sale items cannot be returned. Our shop in Bergen opens at 9."


def test_lexical_support_orders_answers_as_a_reader_would():
    of = case(passages=[PASSAGE])
    copied = value("lexical_support", of, said("Returns are free within 30 days of delivery."))
    reworded = value("lexical_support", of, said("You can return it free within 30 days of the delivery."))
    wrong_number = value("lexical_support", of, said("Returns are free within 60 days of delivery."))
    invented = value("lexical_support", of, said("Members in Oslo get a gold voucher for their birthday."))
    assert copied > 0.8
    assert copied > reworded > invented
    assert copied > wrong_number
    assert invented < 0.2


def test_lexical_support_has_nothing_to_say_without_claims_or_passages():
    assert scored("lexical_support", case(), said("x")).reason == NOT_APPLICABLE
    assert scored("lexical_support", case(passages=[""]), said("x")).reason == NOT_APPLICABLE
    of = case(passages=[PASSAGE])
    assert scored("lexical_support", of, said("")).reason == NOT_APPLICABLE
    assert scored("lexical_support", of, said("I do not know.")).reason == NOT_APPLICABLE


def test_lexical_features():
    (features,) = features_of("Sale items cannot be returned in Oslo after 14 days.", [PASSAGE])
    assert features.coverage == pytest.approx(5 / 7)  # neither oslo nor 14
    assert (features.numbers, features.names, features.negation) == (0.0, 0.0, 1.0)


def wanted(name="book", arguments=None, **comparators):
    return {"name": name, "arguments": arguments or {}, "comparators": comparators}


ORDER = {"order_id": "O-1", "qty": 2, "note": "Ring the bell."}


@pytest.mark.parametrize(
    ("arguments", "comparators", "expected"),
    [
        (ORDER, {}, 1),
        ({**ORDER, "qty": 2.0}, {}, 1),
        ({**ORDER, "qty": True}, {}, 0),
        ({**ORDER, "qty": "2"}, {}, 0),
        ({**ORDER, "qty": "2.0"}, {"qty": "number"}, 1),
        ({**ORDER, "qty": "two"}, {"qty": "number"}, 0),
        ({**ORDER, "note": "ring THE-bell"}, {"note": "casefold"}, 1),
        ({**ORDER, "note": "ring THE-bell"}, {}, 0),
        ({**ORDER, "note": "please: ring the bell, twice"}, {"note": "contains"}, 1),
        ({"order_id": "O-1", "qty": 2}, {"note": "any"}, 1),
        ({"order_id": "O-1", "qty": 2}, {}, 0),
        ({**ORDER, "lang": "en"}, {}, 0),
        (None, {}, 0),
        ("not json", {}, 0),
    ],
)
def test_tool_call_arguments(arguments, comparators, expected):
    of = case(tool_calls=[wanted("book", ORDER, **comparators)])
    assert value("tool_calls", of, said(None, Call("book", arguments))) == expected
    assert value("tool_calls", of, said(None, Call("book", arguments)), measure="name") == 1


def test_tool_calls_do_not_depend_on_order_and_count_each_once():
    any_city = wanted("weather", {"city": "Oslo"}, city="any")
    of = case(tool_calls=[any_city, wanted("weather", {"city": "Bergen"})])
    bergen, rome = Call("weather", {"city": "Bergen"}), Call("weather", {"city": "Rome"})
    for calls in ((bergen, rome), (rome, bergen)):  # a greedy pairing would fail one of the two
        assert value("tool_calls", of, said(None, *calls)) == 1
    assert value("tool_calls", of, said(None, bergen)) == 0
    assert value("tool_calls", of, said(None, bergen), measure="recall") == 0.5
    assert value("tool_calls", of, said(None, bergen), measure="precision") == 1
    assert value("tool_calls", of, said(None, bergen, rome, rome), measure="precision") == pytest.approx(2 / 3)
    assert value("tool_calls", of, said("done"), measure="precision") == 0
    assert value("tool_calls", case(tool_calls=[wanted("a.b")]), said(None, Call("a_b", {}))) == 1


def test_tool_calls_where_none_is_expected():
    assert scored("tool_calls", case(), said("hello")).reason == NOT_APPLICABLE
    assert value("tool_calls", case(), said("hello"), expects_none=True) == 1
    assert value("tool_calls", case(), said(None, Call("pay", {})), expects_none=True) == 0
    extra = case(tool_calls=[wanted("pay", {"sum": 1})])
    assert value("tool_calls", extra, said(None, Call("pay", {"sum": 1, "tip": 2})), allow_extra=True) == 1


def test_an_infrastructure_error_is_missing_only_where_the_metric_applies():
    error = Answer("c1", 0, "error", "timeout")
    assert scored("token_f1", case(reference="x"), error).reason == MISSING_ANSWER
    assert scored("token_f1", case(), error).reason == NOT_APPLICABLE


def test_a_scorer_that_fails_is_missing_and_keeps_the_text_to_itself(monkeypatch):
    def fail(self, case, answer):
        raise RuntimeError(answer.text)

    monkeypatch.setattr(SCORERS["exact"], "score", fail)
    score = scored("exact", case(reference="x"), said("private words"))
    assert (score.value, score.reason, score.detail) == (None, SCORER_ERROR, "RuntimeError")


def test_scorer_digest_follows_source_and_settings(tmp_path):
    assert scorer_digest(SCORERS["facts"], {"which": "required"}) != scorer_digest(SCORERS["facts"], {"which": "forbidden"})
    assert scorer_digest(SCORERS["exact"], {}) == scorer_digest(SCORERS["exact"], {})
    assert scorer_digest(SCORERS["exact"], {}) != scorer_digest(SCORERS["contains"], {})
    used = sources_of(SCORERS["answered"].__module__)  # words only through refusal
    assert {name.rsplit(".", 1)[-1] for name in used} == {"answered", "refusal", "words", "protocol"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), lambda x: st.lists(x, max_size=2), max_leaves=4
)
SETTINGS: dict[str, dict] = {"facts": {"which": "required"}, "length": {"most": 5}}
NEEDS_SETTINGS = {name for name, scorer in SCORERS.items() if any(f.is_required() for f in scorer.Settings.model_fields.values())}
"""Those without an entry in `SETTINGS` are tested on their own, for their settings name something."""


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_any_text_scores_in_range_or_says_why_not(reference, text, arguments):
    of = case(passages=[reference], reference=reference, facts_required=[reference], tool_calls=[wanted("t", arguments)])
    for name in SCORERS.keys() - (NEEDS_SETTINGS - SETTINGS.keys()):
        score = scored(name, of, said(text, Call("t", arguments)), **SETTINGS.get(name, {}))
        assert score.reason != SCORER_ERROR
        assert (score.value is None) == (score.reason is not None)
        assert score.value is None or 0 <= score.value <= 1
    assert value("tool_calls", of, said(text, Call("t", arguments))) == 1
    if words(reference):
        assert value("exact", of, said(reference)) == 1
        assert value("token_f1", of, said(reference)) == 1
        assert value("rouge_l", of, said(reference), words="unicode") == 1
        assert value("contains", of, said(f"so: {reference} !"), most_words=100) in (0, 1)


def test_a_scorer_over_many_that_fails_is_missing_for_all_that_it_was_given(monkeypatch: pytest.MonkeyPatch):
    def broken(self: object, pairs: object) -> None:
        raise RuntimeError("Ann Lee")

    monkeypatch.setattr(SCORERS["exact"], "score_all", broken)
    metric = {"metric": "m", "scorer": "exact", "kpi": "k"}
    suite = Suite.model_validate({"version": 1, "name": "s", "description": "d", "metrics": [metric]})
    pairs = [(case(reference="a"), said("a")), (case(), said("a")), (case(reference="b"), Answer("c1", 0, "error", "timeout"))]
    got = [scores["m"] for scores in Scoring.of(suite).scores(pairs)]
    assert [score.reason for score in got] == [SCORER_ERROR, NOT_APPLICABLE, MISSING_ANSWER]
    assert got[0].detail == "RuntimeError"
