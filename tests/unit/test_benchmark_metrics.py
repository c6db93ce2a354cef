"""The benchmark's metrics by value, its alignment of redacted text with the original, and its figures of targets."""

from __future__ import annotations

import pytest

from benchmarks.redaction.metrics import ALL, count, f2, is_caught, mask
from benchmarks.redaction.ours import aligned


def test_f2_weighs_recall_four_times() -> None:
    assert f2(0.5, 1.0) == pytest.approx(5 * 0.5 / (4 * 0.5 + 1.0))
    assert f2(1.0, 0.5) == pytest.approx(2.5 / 4.5)
    assert f2(0.0, 0.0) == 0.0
    assert f2(None, 1.0) is None


def test_a_span_is_caught_at_ninety_percent_of_its_letters_and_digits() -> None:
    text = "call 555-123-4567 now"
    start, end = 5, 17
    assert is_caught(text, mask(len(text), [(5, 16, "X")]), start, end), "9 of 10 digits"
    assert not is_caught(text, mask(len(text), [(5, 15, "X")]), start, end), "8 of 10 digits"
    assert is_caught(text, mask(len(text), [(5, 8, "A"), (9, 12, "B"), (13, 17, "C")]), start, end), "hyphens do not count"


def test_recall_takes_any_type_and_precision_its_own() -> None:
    text = "Rosa 12345 x"
    table = count([text], [[(0, 4, "PERSON"), (5, 10, "PHONE")]], [[(0, 4, "PLACE"), (5, 8, "PHONE"), (11, 12, "PHONE")]])
    person, phone, place, everything = table["PERSON"], table["PHONE"], table["PLACE"], table[ALL]
    assert (person.span_recall, person.span_precision) == (1.0, None), "gone, though not as a person"
    assert (place.span_recall, place.span_precision, place.precision) == (None, 0.0, 0.0)
    assert (phone.span_recall, phone.recall) == (0.0, 3 / 5)
    assert (phone.span_precision, phone.precision) == (1 / 2, 3 / 4)
    assert (everything.precision, everything.recall) == (7 / 8, 7 / 9)
    assert (everything.span_precision, everything.span_recall) == (2 / 3, 1 / 2)
    assert everything.f2 == pytest.approx(f2(7 / 8, 7 / 9))


def test_characters_under_two_findings_count_once() -> None:
    table = count(["Rosa Lind"], [[(0, 9, "PERSON")]], [[(0, 4, "PERSON"), (0, 9, "PERSON")]])
    assert (table[ALL].found_chars, table[ALL].caught_chars, table["PERSON"].found_chars) == (8, 8, 8)


@pytest.mark.parametrize(
    ("text", "redacted", "values", "expected"),
    [
        ("no value", "no value", {}, []),
        ("I am Rosa.", "I am <PERSON_1>.", {}, [(5, 9, "PERSON")]),
        (
            "Rosa Lind r@x.org!",
            "<PERSON_1> <EMAIL_ADDRESS_1>!",
            {"<PERSON_1>": "Rosa Lind"},
            [(0, 9, "PERSON"), (10, 17, "EMAIL_ADDRESS")],
        ),
        ("<PERSON_1> wrote to Rosa", "<PERSON_1> wrote to <PERSON_2>", {}, [(20, 24, "PERSON")]),
        ("Rosa and Lind", "<PERSON_1> and <PERSON_2>", {"<PERSON_1>": "Rosamunde"}, [(0, 4, "PERSON"), (9, 13, "PERSON")]),
    ],
)
def test_tokens_are_put_back_to_the_stretches_they_stand_for(
    text: str, redacted: str, values: dict[str, str], expected: list[tuple[int, int, str]]
) -> None:
    assert aligned(text, redacted, values) == expected


def test_a_redacted_text_of_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not come from"):
        aligned("Rosa is here", "<PERSON_1> was here", {})
