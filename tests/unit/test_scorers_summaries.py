"""Scorers of classifications and summaries, by value, with the edge cases their docstrings decide; and the ready suites."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from scored_by_hand import scored, value
from scoring import case, said, suite_of

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.labels import label_in
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE, SCORER_ERROR
from goldworks.evaluation.suites import Scoring, load_suite

SUITES = Path(__file__).resolve().parents[2] / "expectations" / "suites"
LABELS = ["spam", "ham", "not sure", "spam link"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("spam", "spam"),
        (' "Spam." ', "spam"),
        ("**HAM**", "ham"),
        ("Not-sure", "not sure"),
        ("not_sure", "not sure"),
        ("ham\nBecause it is not spam.", "ham"),
        ("It could be spam or ham.\nham", "ham"),
        ('{"label": "spam", "why": "ham is nice"}', "spam"),
        ('```json\n{"category": "not sure"}\n```', "not sure"),
        ("The class is ham, I think; spam is longer.", "ham"),
        ("Label: spam link (not ham)", "spam link"),
        ("I would call this spam.", "spam"),
        ("This has a spam link in it.", "spam link"),
        ("It is not spam, but ham.", None),
        ("hamster", None),
        ("", None),
        ("I cannot say.", None),
        ('{"label": 3}', None),
        ('{"label": "unknown"}', None),
    ],
)
def test_which_label_an_answer_gives(text: str, label: str | None):
    assert label_in(text, LABELS) == label


def test_the_label_is_the_expected_one():
    of = case(label="spam")
    right, wrong, none = (scored("label", of, said(text), labels=LABELS) for text in ("Spam", "ham", "both spam and ham"))
    assert (right.value, right.detail) == (1.0, '{"expected":"spam","said":"spam"}')
    assert (wrong.value, wrong.detail) == (0.0, '{"expected":"spam","said":"ham"}')
    assert (none.value, none.detail) == (0.0, '{"expected":"spam","said":null}')
    assert value("label", of, said(None, Call("t")), labels=LABELS) == 0
    assert scored("label", case(), said("spam")).reason == NOT_APPLICABLE
    assert value("label", case(label="other"), said("other"), labels=LABELS) == 1
    assert value("label", of, said("ham and spam")) == 1  # only the expected one is known


SOURCE = "The museum opened in 1907. It shows 1,200 ships and is closed on Mondays. Entry costs 12 euros for adults."


def test_key_facts_are_covered_in_other_words_but_with_their_numbers():
    of = case(SOURCE, facts_required=["opened in 1907", "shows 1,200 ships", "closed on Mondays | not open on Mondays"])
    covering = said("Opened 1907, the house shows ships, 1200 of them. On Mondays it is closed.")
    assert scored("key_facts", of, covering).detail == "3 of 3 facts covered"
    assert value("key_facts", of, said("Opened in 1908, it shows 1200 ships.")) == pytest.approx(1 / 3)
    assert value("key_facts", of, said("")) == 0
    assert scored("key_facts", case(facts_required=[" | "]), said("x")).reason == NOT_APPLICABLE
    assert value("key_facts", case(facts_required=["the who"]), said("They saw the Who.")) == 1


def always(premise: str, claim: str) -> bool:
    return claim != "closed"


def two(premise: str, claim: str) -> float:
    return 2.0


def test_another_judge_decides_of_facts_and_sentences():
    entail = f"{__name__}:always"
    of = case(SOURCE, facts_required=["anything", "closed"])
    assert value("key_facts", of, said("words"), entail=entail) == 0.5
    assert value("supported_sentences", of, said("Nonsense. More of it."), entail=entail) == 1
    assert suite_of("key_facts").scorer_digests != suite_of("key_facts", entail=entail).scorer_digests
    broken = scored("supported_sentences", of, said("Nonsense."), entail=f"{__name__}:two")
    assert (broken.reason, broken.detail) == (SCORER_ERROR, "ValueError")


def test_sentences_that_the_source_supports():
    of = case(SOURCE)
    text = (
        "The museum opened in 1907. Whales sing loudly in winter. Entry costs 15 euros for adults. Let me know if you need more."
    )
    assert scored("supported_sentences", of, said(text)).detail == "1 of 3 sentences supported"
    assert scored("supported_sentences", of, said("")).reason == NOT_APPLICABLE
    assert scored("supported_sentences", of, said("I cannot help with that.")).reason == NOT_APPLICABLE
    assert scored("supported_sentences", of, said("Anything else?")).detail == "no sentence states a fact"
    assert scored("supported_sentences", case(), said("x")).reason == NOT_APPLICABLE
    asked = case(question=f"Sum up: {SOURCE}")
    assert value("supported_sentences", asked, said("The museum opened in 1907."), source="question") == 1


def test_length_within_its_bounds():
    of = case("one two three four")
    assert [value("length", of, said(text), least=2, most=3) for text in ("a", "a b", "a b c", "a b c d")] == [0, 1, 1, 0]
    assert value("length", of, said("One. Two."), unit="sentences", most=1) == 0
    assert scored("length", of, said("  abcd "), unit="characters", most=4).detail == "4 characters"
    assert scored("length", of, said("a b"), unit="share_of_source", most=0.5).detail == "0.5 share_of_source"
    assert value("length", of, said("a b c"), unit="share_of_source", most=0.5) == 0
    assert scored("length", case(), said("a"), unit="share_of_source", most=1).reason == NOT_APPLICABLE
    assert value("length", of, said(""), most=3) == 1
    assert value("length", of, said(""), least=1) == 0
    assert scored("length", of, said(None, Call("t")), most=3).reason == NOT_APPLICABLE
    for settings, message in (({}, "give `least`"), ({"least": 3, "most": 2}, "is more than")):
        with pytest.raises(ValueError, match=message):
            suite_of("length", **settings)


@pytest.mark.parametrize("name", ["rag", "instructions", "classification", "summarization"])
def test_the_ready_suites_score_without_an_error(name: str):
    suite = load_suite(SUITES / f"{name}.yml")
    expected = {
        "reference": "It opened in 1907.",
        "facts_required": ["1907"],
        "facts_forbidden": ["1908"],
        "label": "museum",
        "answerable": True,
        "relevant_passages": ["1"],
        "instructions": [{"kind": "punctuation:no_comma"}],
        "patterns": ["1907"],
        "json_schema": {"type": "object"},
    }
    of = msgspec.structs.replace(case(("1", SOURCE), **expected), tags=("citations",))
    answers = [said('The museum "opened in 1907. It shows" ships [1].'), said(""), Answer("c1", 0, "error", "timeout")]
    good, empty, missing = Scoring.of(suite).scores([(of, answer) for answer in answers])
    assert all(score.value is not None and score.value >= 0 for score in good.values()), good
    assert all(score.reason != SCORER_ERROR for score in empty.values())
    assert all(score.value is None for score in missing.values())
    metrics = {metric.metric: metric for metric in suite.metrics}
    assert all(metric.kpi for metric in (*metrics.values(), *suite.aggregates))
    bare = msgspec.structs.replace(of, passages=(), expected=case().expected)
    assert all(score.reason != SCORER_ERROR for score in Scoring.of(suite).scores([(bare, answers[0])])[0].values())
