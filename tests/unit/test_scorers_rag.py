"""Scorers of answers from passages, by value, with the edge cases their docstrings decide."""

from __future__ import annotations

import pytest
from scored_by_hand import scored, value
from scoring import case, said, suite_of

from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers.citations import count
from goldworks.evaluation.scorers.citing import cited_sentences, without_citations
from goldworks.evaluation.scorers.entailment import lexical_entailment
from goldworks.evaluation.scorers.passages import Passage
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE

PAGES = tuple(Passage(str(number), f"page {number}") for number in range(1, 6))

TRUE_OF = {
    "Harbor opens at nine.": [{1}],
    "It ships to Norway and Peru.": [{1, 2}],
    "Returns take thirty days.": [{1}, {4}],
}
"""Which sets of pages entail each sentence; larger sets do too."""

ANSWER = (
    "Harbor opens at nine [1]. It ships to Norway and Peru [1][2]. Returns take thirty days [1][3][4][2]. "
    "Shoes are free [2]. Hats are free. Coats are free [9][7]."
)


def judged(premise: str, claim: str) -> bool:
    pages = {int(line.split()[1]) for line in premise.splitlines()}
    return any(pages >= wanted for wanted in TRUE_OF.get(claim, []))


def by_alce(premise: str, claim: str) -> float:
    return float(judged(premise, claim))


def test_the_worked_example_of_alce():
    """Recall 3/6, precision 5/7, F1 10/17, and each sentence alone; validity 8/10, coverage 4/6."""
    sentences = cited_sentences(ANSWER, PAGES)
    counts = count(sentences, PAGES, judged, at_most=3)
    assert (counts.recall, counts.precision, counts.f1) == pytest.approx((0.5, 0.7142857142857143, 0.588235294117647))
    alone = [count([sentence], PAGES, judged, at_most=3) for sentence in sentences]
    assert [(one.recall, one.precision, one.f1) for one in alone] == [
        (1.0, 1.0, 1.0),
        (1.0, 1.0, 1.0),
        (1.0, pytest.approx(2 / 3), 0.8),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
    ]
    assert counts.resolving / (counts.resolving + counts.dangling) == 0.8
    assert counts.with_citation / counts.sentences == pytest.approx(0.6667, abs=1e-4)


def test_the_worked_example_as_scores_of_a_suite():
    of = case(*(page.text for page in PAGES))
    settings = {"entail": f"{__name__}:by_alce"}
    got = {m: value("citations", of, said(ANSWER), measure=m, **settings) for m in ("recall", "precision", "f1")}
    assert got == pytest.approx({"recall": 0.5, "precision": 5 / 7, "f1": 10 / 17})
    assert value("citations", of, said(ANSWER), measure="validity") == 0.8
    assert value("citations", of, said(ANSWER), measure="coverage") == pytest.approx(2 / 3)


def test_the_digest_covers_the_judge_of_entailment():
    ours, theirs = suite_of("citations"), suite_of("citations", entail=f"{__name__}:by_alce")
    assert ours.scorer_digests != theirs.scorer_digests


def test_where_citations_stand_and_what_they_are():
    pages = (Passage("doc-1", "a"), Passage("doc-2", "b"), Passage("7", "c"))

    def read(text: str) -> list[tuple[str, tuple[int, ...], int]]:
        return [(one.text, one.cited, one.dangling) for one in cited_sentences(text, pages)]

    assert read("Open at nine [1]. Closed at six. [doc-2]") == [("Open at nine.", (0,), 0), ("Closed at six.", (1,), 0)]
    assert read("Both [1, doc-2; 7].") == [("Both.", (0, 1, 2), 0)]
    assert read("Twice [^1] and [1].") == [("Twice and.", (0,), 0)]
    assert read("Nine [8] and [doc-9].") == [("Nine and.", (), 2)]
    assert read("See [here], [2](http://x.org) or [note 1].") == [("See [here], [2](http://x.org) or [note 1].", (), 0)]
    assert read("An id before a place [7].") == [("An id before a place.", (2,), 0)]
    assert read("[1]") == []
    assert without_citations("Nine [1]. Six [2].", pages) == "Nine.\nSix."


def test_citations_at_their_edges():
    of = case("The shop opens at nine.", "The shop is in Bergen.")
    assert scored("citations", of, said("Sorry, I cannot help with that.")).reason == NOT_APPLICABLE
    assert scored("citations", of, said("")).reason == NOT_APPLICABLE
    assert scored("citations", of, said(None, Call("look"))).reason == NOT_APPLICABLE
    assert scored("citations", of, said("Hello! Anything else?")).detail == "no sentence states a fact"
    assert scored("citations", case(), said("Nine [1].")).reason == NOT_APPLICABLE
    assert scored("citations", case(answerable=True), said("Nine [1].")).detail == "there are no passages"
    for measure in ("recall", "precision", "f1", "coverage"):
        assert value("citations", of, said("The shop opens at nine."), measure=measure) == 0
    assert scored("citations", of, said("The shop opens at nine."), measure="validity").detail == "no citation"
    greeted = scored("citations", of, said("Hello! The shop opens at nine [1]. Let me know if you need more."))
    assert (greeted.value, greeted.detail) == (
        1.0,
        "1 of 1 sentences supported, 1 of 1 citations needed; 2 sentences state nothing",
    )
    half = said("The shop opens at nine [1][9].")
    assert value("citations", of, half) == 0
    assert value("citations", of, half, measure="validity") == 0.5
    assert value("citations", of, said("The shop opens at nine [2]."), measure="precision") == 0


def test_citations_look_at_what_the_target_fetched():
    of = case("Nothing here.", answerable=True)
    fetched = said("The shop opens at nine [a].", contexts=(("a", "The shop opens at nine."),))
    assert value("citations", of, fetched) == 1


def test_lexical_entailment_is_of_words():
    page = "Orders can be returned within 30 days of delivery. Shipping is free from 50 euros."
    assert lexical_entailment(page, "Orders can be returned within 30 days.") > 0.5
    assert lexical_entailment(page, "Orders can be returned within 60 days.") == 0
    assert lexical_entailment(page, "Elephants live in warm countries.") < 0.1


def test_a_judge_that_cannot_judge_is_refused_with_the_suite():
    with pytest.raises(ValueError, match="or write lexical"):
        suite_of("citations", entail="some.module:nowhere")


def test_quotes_stand_word_for_word():
    of = case("Items may be returned within thirty days — unworn, with the receipt.", "Gift cards cannot be returned.")
    right = 'The page says "items may be returned within thirty days" [1].'
    assert value("quotes", of, said(right)) == 1
    assert value("quotes", of, said(right.replace("[1]", "[2]"))) == 0
    assert value("quotes", of, said(right.replace("[1]", "[9]"))) == 0
    assert value("quotes", of, said(right.replace("thirty", "sixty"))) == 0
    assert value("quotes", of, said("It says “Items may be returned … with the receipt.”")) == 1
    assert value("quotes", of, said("It says “with the receipt ... Items may be returned”")) == 0
    assert value("quotes", of, said("It says “days - unworn, with the receipt”, and „Gift cards can be returned“.")) == 0.5
    assert scored("quotes", of, said('The "gift card" page.')).reason == NOT_APPLICABLE
    assert value("quotes", of, said('The "gift cards" page.'), least_words=2) == 1
    assert value("quotes", case("One is here. Two is there."), said('"One is here. Two is there."')) == 1
    assert scored("quotes", of, said("")).reason == NOT_APPLICABLE


def test_numbers_stand_in_the_cited_passage():
    of = case("Delivery takes 3 to 5 days and costs 1,200.50 kroner.", "A discount of 5 % is given.", question="Order 77?")
    assert value("numbers_supported", of, said("It costs 1200.5 kroner [1] and order 77 takes 3-5 days [1].")) == 1
    assert value("numbers_supported", of, said("It costs 1300 kroner, less 5% [2].")) == 0.5
    assert value("numbers_supported", of, said("It takes 5 days [2]. It takes 3 days [2].")) == 0.5
    assert value("numbers_supported", of, said("It takes 3 days [8].")) == 0
    assert value("numbers_supported", of, said("Order 77 takes 3 days."), allow_asked=False) == 0.5
    assert scored("numbers_supported", of, said("Your order 77 is on its way, five days.")).reason == NOT_APPLICABLE
    assert value("numbers_supported", of, said("1. It takes 3 days.\n2. It costs less.")) == 1
    assert value("numbers_supported", of, said("<ORDER_12> takes 4 days")) == 0


def test_answered_when_the_passages_hold_it_and_declined_when_not():
    answer, decline, empty = said("At nine."), said("I don't know, the pages do not say."), said(" ")
    yes, no = case(answerable=True), case(answerable=False)
    got = [[value("answerable", of, what) for what in (answer, decline, empty, said(None, Call("t")))] for of in (yes, no)]
    assert got == [[1, 0, 0, 1], [0, 1, 0, 0]]
    assert scored("answerable", yes, decline).detail == '{"expected":"answer","said":"decline"}'
    assert scored("answerable", case(), answer).reason == NOT_APPLICABLE
    assert scored("answerable", no, answer, cases="answerable").reason == NOT_APPLICABLE
    assert value("answerable", no, answer, cases="unanswerable") == 0


def test_context_against_the_relevant_passages():
    of = case(relevant_passages=["a", "b"])
    fetched = said("x", contexts=(("z", ""), ("a", ""), ("a", ""), ("b", "")))
    got = {m: value("context", of, fetched, measure=m) for m in ("recall", "precision", "average_precision")}
    assert got == pytest.approx({"recall": 1.0, "precision": 2 / 3, "average_precision": (1 / 2 + 2 / 3) / 2})
    assert value("context", of, said("x", contexts=(("a", ""),))) == 0.5
    assert value("context", of, said("x", contexts=(("a", ""),)), measure="average_precision") == 0.5
    assert value("context", of, said("x")) == 0
    assert scored("context", of, said("x"), measure="precision").reason == NOT_APPLICABLE
    assert scored("context", case(("a", "text")), said("x")).reason == NOT_APPLICABLE
    given = case(("a", "text"), ("c", "text"), relevant_passages=["a"])
    assert value("context", given, said("x"), measure="precision") == 0.5


def test_lexical_support_reads_what_was_fetched_and_no_citations():
    page = "The museum opens at ten in the morning on every day of the week."
    text = "The museum opens at ten in the morning [4]."
    of = case(page, answerable=True)
    assert value("lexical_support", of, said(text.replace("[4]", "[1]"))) == value("lexical_support", of, said(text[:-5] + "."))
    elsewhere = said(text, contexts=(("4", "Ships sail north when the wind is fair."),))
    low = value("lexical_support", of, elsewhere)
    assert low is not None
    assert low < 0.1
    assert scored("lexical_support", case(answerable=True), said(text)).detail == "there are no passages"
