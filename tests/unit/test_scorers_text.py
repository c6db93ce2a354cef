"""Scorers against a reference text, by value and against second implementations."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from rouge_score import rouge_scorer
from scored_by_hand import scored, value
from scoring import case, said, suite_of
from tiny_models import sentence_encoder, static_embeddings

from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers import embedders
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.evaluation.suites import Scoring

PAIRS = [
    ("The cat sat on the mat.", "the cat was sitting on the mat"),
    ("Returns are free within 30 days of delivery.", "You can return it free of charge for 30 days."),
    ("Don't open the U.S. parcel; it's 12.50 EUR!", "do not open the us parcel it is 12,50"),
    ("A-B C_D e1", "a b c d E1"),
    ("Café à Zürich", "cafe a zurich"),
    ("one two three four five", "five four three two one"),
    ("x", "y"),
    ("repeat repeat repeat", "repeat"),
    ("Line one.\nLine two.", "Line two.\n\nLine one."),
]


def rouge(reference: str, text: str) -> float:
    return rouge_scorer.RougeScorer(["rougeL"]).score(reference, text)["rougeL"].fmeasure


@pytest.mark.parametrize(("reference", "text"), PAIRS)
def test_rouge_l_equals_rouge_score(reference: str, text: str):
    assert value("rouge_l", case(reference=reference), said(text)) == pytest.approx(rouge(reference, text), abs=1e-12)


def test_rouge_l_equals_rouge_score_on_a_thousand_pairs():
    chosen = random.Random(7)
    words = "the a cat dog sat on mat 12 naïve it's Ω return, days. free; U.S. \n".split(" ")
    scorer = rouge_scorer.RougeScorer(["rougeL"])
    for _ in range(1000):
        reference, text = (" ".join(chosen.choices(words, k=chosen.randint(1, 40))) for _ in range(2))
        wanted = scorer.score(reference, text)["rougeL"].fmeasure
        got = value("rouge_l", case(reference=reference), said(text))
        assert got is None if not any(ch.isascii() and ch.isalnum() for ch in reference) else got == pytest.approx(wanted)


@given(st.text(max_size=50), st.text(max_size=50))
def test_rouge_l_equals_rouge_score_on_any_text(reference: str, text: str):
    got = value("rouge_l", case(reference=reference), said(text))
    assert got == pytest.approx(rouge(reference, text)) if got is not None else rouge(reference, text) == 0


def test_rouge_l_of_all_letters():
    of = case(reference="naïve Ärzte")
    assert value("rouge_l", of, said("naïve Ärzte"), words="unicode") == 1
    assert value("rouge_l", of, said("Ärzte"), words="unicode") == pytest.approx(2 / 3)
    assert scored("rouge_l", case(reference="日本"), said("日本")).reason == NOT_APPLICABLE
    assert value("rouge_l", case(reference="日本"), said("日本"), words="unicode") == 1


@pytest.mark.parametrize(("reference", "text"), PAIRS)
def test_bleu_and_chrf_are_those_of_sacrebleu(reference: str, text: str):
    of = case(reference=reference)
    assert value("bleu", of, said(text)) == pytest.approx(sacrebleu.sentence_bleu(text, [reference]).score / 100)
    assert value("chrf", of, said(text)) == pytest.approx(sacrebleu.sentence_chrf(text, [reference]).score / 100)


def test_bleu_and_chrf_at_their_edges():
    of = case(reference="The shop opens at nine in the morning.")
    for scorer in ("bleu", "chrf"):
        assert value(scorer, of, said("The shop opens at nine in the morning.")) == pytest.approx(1)
        assert value(scorer, of, said("")) == 0
        assert value(scorer, of, said(None, Call("t"))) == 0
        assert scored(scorer, case(reference=" "), said("x")).reason == NOT_APPLICABLE
    assert value("bleu", case(reference="店は九時に開きます"), said("店は九時に開きます"), tokenize="char") == pytest.approx(1)
    plus = value("chrf", of, said("The shop opens at ten."), word_order=2)
    assert plus == pytest.approx(sacrebleu.sentence_chrf("The shop opens at ten.", ["The shop opens at nine in the morning."],
                                                         word_order=2).score / 100)  # fmt: skip


def test_numbers_within_a_tolerance():
    of = case(reference="The total is 1,250.50 euros.")
    assert value("numeric", of, said("2 shirts at 625.25 make 1250.5")) == 1
    assert value("numeric", of, said("1250.5 for 2 shirts")) == 0
    assert value("numeric", of, said("1250.5 for 2 shirts"), take="first") == 1
    assert value("numeric", of, said("2 shirts, 1250.5, 3 hats"), take="any") == 1
    assert value("numeric", of, said("about 1,251"), absolute=0.5) == 1
    assert value("numeric", of, said("about 1,252"), absolute=0.5) == 0
    assert value("numeric", of, said("1263"), relative=0.01) == 1
    assert value("numeric", of, said("-1250.50")) == 0
    assert scored("numeric", of, said("twelve hundred")).detail == "no number"
    assert scored("numeric", case(reference="twelve"), said("12")).reason == NOT_APPLICABLE
    assert value("numeric", case(reference="1.250,5"), said("es sind 1250,5"), decimal="comma") == 1
    assert value("numeric", case(reference="5 %"), said("5%")) == 1
    assert scored("numeric", case(reference="1.2.3"), said("1.2.3")).reason == NOT_APPLICABLE


VECTORS = {"nine": [1.0, 0.0], "ten": [0.8, 0.6], "sea": [0.0, 1.0], "land": [-1.0, 0.0]}


@pytest.mark.parametrize("made", [sentence_encoder, static_embeddings])
def test_embeddings_of_a_model_in_a_folder(tmp_path: Path, made):
    model = str(made(tmp_path / "model", VECTORS))
    texts = {"nine": 1.0, "ten": 0.8, "sea": 0.0, "land": 0.0, "nine nine": 1.0, "nine sea": 0.5**0.5, "": 0.0, "other": 0.0}
    scoring = Scoring.of(suite_of("embedding", model=model))
    got = [one["m"].value for one in scoring.scores([(case(reference="nine"), said(text)) for text in texts])]
    assert got == pytest.approx(list(texts.values()), abs=1e-6)
    alone = [value("embedding", case(reference="nine"), said(text), model=model) for text in texts]
    assert alone == pytest.approx(got)
    assert scored("embedding", case(), said("nine"), model=model).reason == NOT_APPLICABLE


def test_another_model_in_the_folder_is_another_scorer(tmp_path: Path):
    def digest() -> str:
        return suite_of("embedding", model=str(tmp_path / "model")).scorer_digests["m"]

    sentence_encoder(tmp_path / "model", VECTORS)
    before = digest()
    assert digest() == before
    sentence_encoder(tmp_path / "model", {**VECTORS, "ten": [0.6, 0.8]})
    assert digest() != before


def test_a_folder_that_holds_no_model_is_refused_with_the_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ValueError, match="no folder"):
        suite_of("embedding", model=str(tmp_path / "absent"))
    with pytest.raises(ValueError, match="holds neither"):
        suite_of("embedding", model=str(tmp_path))
    sentence_encoder(tmp_path / "model", VECTORS)
    monkeypatch.setattr(embedders.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="need onnxruntime and tokenizers: uv sync --extra models"):
        suite_of("embedding", model=str(tmp_path / "model"))
