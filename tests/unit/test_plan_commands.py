"""`goldworks plan`: the numbers are those of the statistics, the words are plain, wrong input is wrong usage."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from goldworks.review.policy import load_review_policy
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics.certificate_size import labels_for_certificate
from goldworks.statistics.intervals import wilson
from goldworks.statistics.judge_quality import judge_quality
from pipelines.plan_commands import app


def plan(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(arguments))
    return found.exit_code, found.output


def numbers(*arguments: str) -> dict:
    code, out = plan(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def test_cases_for_a_margin_and_what_cases_reach():
    found = numbers("margin", "0.03", "--cases", "300")
    assert found["cases"] == 687
    assert found["reachable_margin"] == pytest.approx(0.0454, abs=5e-5)
    assert found["words"] == (
        "687 cases show that a release is not worse by 3 points, 80 times in 100, if it is as good and 10% of the verdicts "
        "change. Your 300 cases are 387 short: when nothing changed they show a margin of 4.54 points."
    )


@pytest.mark.parametrize(
    ("arguments", "key", "value"),
    [
        (("improvement", "0.05", "--changes", "0.2"), "cases", 626),
        (("reduction", "0.1", "--truly", "0.3", "--claim", "0.2"), "cases_per_window", 7728),
        (("rate", "0.001"), "cases_without_failure", 2995),
        (("rate", "0.95", "--at-least", "--truly", "0.98"), "cases", 234),
        (("rate", "0.001", "--truly", "0.0002"), "failures", 2),
        (("estimate", "0.9", "--within", "0.03", "--of", "1000"), "labels", 278),
        (("kappa", "0.6", "--positives", "0.2"), "items", 392),
        (("repeats", "0.1"), "runs", 29),
    ],
)
def test_each_question_gives_the_number_of_its_formula(arguments, key, value):
    assert numbers(*arguments)[key] == value


def test_the_odds_of_a_plan_without_failure_are_told():
    code, out = plan("rate", "0.001", "--truly", "0.0001")
    assert code == 0
    assert "2,995 cases without a failure prove that fewer than 0.1 % fail; if the rate truly is 0.01 % that happens 74%" in out


def test_labels_cost_hours_and_dollars():
    found = numbers("estimate", "0.9", "--within", "0.05", "--minutes", "2", "--hourly", "30")
    assert (found["labels"], found["hours"], found["cost_usd"]) == pytest.approx((139, 139 / 30, 139))
    assert "(4.6 hours of reviewers, $139)" in found["words"]


def test_what_a_label_costs_comes_from_the_policy_when_it_is_not_given():
    terms = load_review_policy(PROJECT_ROOT / "expectations").labelling
    assert terms.usd_per_hour is not None
    found = numbers("estimate", "0.9", "--within", "0.05")
    hours = 139 * terms.minutes / 60
    assert (found["hours"], found["cost_usd"]) == pytest.approx((hours, hours * terms.usd_per_hour))


def test_labels_for_a_certificate_meet_its_bounds():
    found = numbers("judge", "--sensitivity", "0.84", "--specificity", "0.9", "--positives", "0.25", "--tier", "T2")
    n = found["labels"]
    size = labels_for_certificate(
        0.84, 0.9, 0.25, least_labels=1, least_positives=1, least_negatives=1, balanced_accuracy_low=0.80, kappa_low=0.60
    )
    assert size.labels == n
    positive, negative = round(n * 0.25), n - round(n * 0.25)
    caught, passed = round(positive * 0.84), round(negative * 0.9)
    human = [True] * positive + [False] * negative
    said = [True] * caught + [False] * (positive - caught + passed) + [True] * (negative - passed)
    quality = judge_quality(human, said, confidence=0.9)
    assert min(quality.balanced_accuracy.low - 0.80, quality.kappa.low - 0.60) == pytest.approx(0, abs=0.01)


def test_of_grades_half_of_the_labels_choose_the_cut():
    plain, graded = (numbers("judge", *more)["labels"] for more in ((), ("--graded",)))
    assert graded == 2 * plain


def test_a_judge_that_is_not_good_enough_gets_no_number():
    found = numbers("judge", "--sensitivity", "0.7", "--specificity", "0.8")
    assert found["labels"] is None
    assert "needs to be better" in found["words"]
    perfect = numbers("judge", "--sensitivity", "1", "--specificity", "1", "--tier", "T1")
    assert perfect["labels"] == 100
    assert wilson(1.0, 100, 0.9)[0] > 0.9


@pytest.mark.parametrize(
    "arguments",
    [
        ("margin", "0.03", "--truly=-0.03"),
        ("margin", "3"),
        ("improvement", "0.2", "--changes", "0.1"),
        ("rate", "0.01", "--truly", "0.02"),
        ("rate", "0"),
        ("judge", "--tier", "T9"),
        ("reduction", "0.1", "--truly", "0.2", "--claim", "0.3"),
    ],
)
def test_what_cannot_be_planned_is_wrong_usage(arguments):
    code, out = plan(*arguments)
    assert code == 2
    assert "Traceback" not in out


@pytest.mark.parametrize("command", ["margin", "improvement", "reduction", "rate", "estimate", "kappa", "judge", "repeats"])
def test_help_has_an_example_that_runs(command):
    code, out = plan(command, "--help")
    assert code == 0
    example = " ".join(out.split()).split("goldworks plan ")[1].split(",")[0].split(" ╭")[0]
    words = example.split()
    words = words[: next((i for i, w in enumerate(words) if i and words[i - 1].startswith("─")), len(words))]
    if "╭─" in words:
        words = words[: words.index("╭─")]
    code, out = plan(*words)
    assert code == 0, (words, out)
