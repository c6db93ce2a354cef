"""Rubrics and anchors as policies, and the guide that is printed from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldworks.errors import InputError, PolicyError
from goldworks.review.anchors import load_anchors
from goldworks.review.guide import guide_page
from goldworks.review.rubric import load_rubric, load_rubrics
from goldworks.settings import PROJECT_ROOT

EXPECTATIONS = PROJECT_ROOT / "expectations"

RUBRIC = """\
version: 2
name: small
title: Small
description: d
use_cases: [shop]
dimensions:
  - name: right
    question: Is it <right> & true?
    scale:
      - {value: "yes", meaning: m, is_pass: true}
      - {value: "no", meaning: m, is_pass: false}
    examples:
      - {question: q, answer: "<script>alert(1)</script>", value: "yes", why: w}
      - {question: q, answer: a, value: "no", why: w}
"""


def write(folder: Path, text: str, name: str = "small") -> Path:
    (folder / "rubrics" / "anchors").mkdir(parents=True, exist_ok=True)
    (folder / "rubrics" / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_rubrics_load_and_their_anchors_fit() -> None:
    rubrics = load_rubrics(EXPECTATIONS)
    assert rubrics["docs"].use_cases == ("harbor-docs",)
    assert rubrics["agent"].use_cases == ("harbor-orders",)
    assert rubrics["docs"].by_name["completeness"].values == ("1", "2", "3", "4")
    assert rubrics["docs"].by_name["attribution"].is_pass("Generic") is None
    anchors = load_anchors(EXPECTATIONS, rubrics["docs"])
    assert len(anchors) >= 20, "fewer cannot qualify anybody"
    assert len(load_anchors(EXPECTATIONS, rubrics["agent"])) >= 20
    passes = [rubrics["docs"].by_name["attribution"].is_pass(one.expected["attribution"]) for one in anchors.values()]
    assert {True, False, None} <= set(passes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("question: Is", "qestion: Is", "dimensions.0.qestion: unknown key; did you mean 'question'?"),
        ('value: "no", why', "value: maybe, why", "example of 'maybe', which is none of yes, no"),
        ("is_pass: false", "is_pass: true", "a choice that passes and one that fails"),
        ("name: small", "name: other", "'other' is not the file's name"),
        ('value: "no", meaning', 'value: "yes", meaning', "the choice 'yes' stands twice"),
    ],
)
def test_a_broken_rubric_names_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = write(tmp_path, RUBRIC.replace(old, new, 1))
    with pytest.raises(PolicyError) as error:
        load_rubric(folder, "small")
    assert said in str(error.value)
    assert "small.yml" in str(error.value)


def test_an_unknown_rubric_and_a_use_case_claimed_twice_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, RUBRIC)
    with pytest.raises(InputError, match="there are: small"):
        load_rubric(folder, "large")
    write(tmp_path, RUBRIC.replace("name: small", "name: twin"), "twin")
    with pytest.raises(PolicyError, match=r"shop stands in small\.yml as well"):
        load_rubrics(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nanchors: []", "agreed for version 1 of the rubric, which is at 2"),
        ("version: 2\nanchors: [{id: a, question: q, answer: a, expected: {wrong: x}, why: w}]", "no such dimension"),
        ("version: 2\nanchors: [{id: a, question: q, answer: a, expected: {right: x}, why: w}]", "'x' is not on the scale"),
    ],
)
def test_anchors_that_do_not_fit_the_rubric_are_refused(tmp_path: Path, text: str, said: str) -> None:
    folder = write(tmp_path, RUBRIC)
    (folder / "rubrics" / "anchors" / "small.yml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=said):
        load_anchors(folder, load_rubric(folder, "small"))


def test_the_guide_holds_every_choice_and_example_and_escapes_them(tmp_path: Path) -> None:
    page = guide_page(load_rubric(write(tmp_path, RUBRIC), "small"))
    assert "Is it &lt;right&gt; &amp; true?" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    docs = load_rubric(EXPECTATIONS, "docs")
    page = guide_page(docs)
    assert all(choice.value in page for dimension in docs.dimensions for choice in dimension.scale)
    assert page.count('class="example"') == sum(len(one.examples) for one in docs.dimensions)
    assert page == guide_page(docs)


def test_a_rubric_says_what_to_mark_and_the_guide_shows_it(tmp_path: Path) -> None:
    without = load_rubric(write(tmp_path, RUBRIC), "small")
    assert without.digest == "637851b404a12ed5803ed379771bb3ec9a3b680e25c1418cbde420c7c23dea79", (
        "as before there were marks: certificates stay"
    )
    marking = RUBRIC.replace("    scale:", "    marks: Mark <b> wrong words.\n    scale:", 1)
    rubric = load_rubric(write(tmp_path, marking), "small")
    assert rubric.by_name["right"].marks == "Mark <b> wrong words."
    assert [one.value for one in rubric.by_name["right"].failing] == ["no"]
    assert rubric.digest != without.digest
    assert "Mark &lt;b&gt; wrong words. Only with: no." in guide_page(rubric)
    assert "What to mark" not in guide_page(without)
    twin = marking + marking[marking.index("  - name: right") :].replace("name: right", "name: right_marks")
    with pytest.raises(PolicyError, match="right_marks: marks of another dimension are called so"):
        load_rubric(write(tmp_path, twin), "small")
