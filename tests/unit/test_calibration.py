"""Certificates: what the labels must show, where a graded metric is cut, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from goldworks.calibration import LabelledItem, certify, load_calibration_policy
from goldworks.errors import PolicyError
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import Estimate

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
POLICY = load_calibration_policy(PROJECT_ROOT / "expectations")
RELIABLE = Estimate(0.8, 0.7, 0.9, 0.90, "krippendorff_alpha", 100, 100)


def items(counts: Sequence[tuple[int, float | None, bool | None]], days: float = 1) -> list[LabelledItem]:
    """So many items of each (value of the metric, what people say), all different."""
    pairs = [(value, failed) for n, value, failed in counts for _ in range(n)]
    when = NOW - dt.timedelta(days=days)
    return [LabelledItem(f"item{n}", f"item{n}", value, failed, when) for n, (value, failed) in enumerate(pairs)]


OF_6A = items([(42, 0.0, True), (8, 1.0, True), (15, 0.0, False), (135, 1.0, False)])
"""The worked example of a judge: 42 hits, 8 misses, 15 false alarms, 135 rightly passed."""


def certified(labelled: Sequence[LabelledItem], tier: str = "T3", alpha: Estimate | None = RELIABLE, **options):
    limits = POLICY.limits[tier].at(POLICY.label_days)
    return certify(labelled, limits, now=NOW, human_alpha=alpha, self_consistency=options.pop("self_consistency", 1.0), **options)


def test_the_worked_example_is_certified():
    found = certified(OF_6A)
    assert (found.state, found.missing, found.fails_up_to, found.n_chosen_on) == ("valid", (), 0.0, 0)
    assert found.quality.balanced_accuracy.low == pytest.approx(0.813562, abs=2e-3)
    assert found.quality.kappa.low == pytest.approx(0.61375, abs=2e-3)
    assert found.cells == {(True, True): 42, (False, True): 8, (True, False): 15, (False, False): 135}
    assert found.expires_at == NOW + dt.timedelta(days=89)


def test_the_highest_tier_asks_more():
    found = certified(OF_6A, "T1")
    assert found.state == "not_usable"
    assert any("sensitivity of at least 0.9: is 0.840" in line for line in found.missing)


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ({"alpha": None}, "agreement of the raters"),
        ({"alpha": replace(RELIABLE, low=0.5)}, "improve the guideline|more labels may show it"),
        ({"self_consistency": None}, "anchors were not judged again"),
        ({"self_consistency": 0.9}, "judged again: 90.0%"),
    ],
)
def test_what_is_not_shown_does_not_hold(spoilt, says: str):
    found = certified(OF_6A, **spoilt)
    assert found.state == "not_usable"
    assert len(found.missing) == 1
    assert re.search(says, found.missing[0])


def test_before_there_are_enough_labels_it_says_how_many_are_missing():
    found = certified(items([(10, 0.0, True), (50, 1.0, False)]))
    assert found.state == "too_few_labels"
    assert found.labels_missing == 40
    nothing = certified([])
    assert (nothing.state, nothing.labels_missing, nothing.expires_at) == ("too_few_labels", 100, None)
    assert any("has no bound" in line for line in nothing.missing)


def test_of_a_graded_metric_half_of_the_labels_choose_the_cut_and_twice_as_many_are_missing():
    few = items([(10, 0.2, True), (50, 0.9, False)])
    found = certified(few)
    assert found.labels_missing == 2 * max(100 - found.quality.n, 60 - min(30, found.quality.n_positive) - 30)
    assert certified([], is_graded=True).labels_missing == 200


def test_old_labels_count_no_more():
    assert certified(items([(100, 0.0, True), (100, 1.0, False)], days=91)).state == "too_few_labels"
    assert certified(items([(100, 0.0, True), (100, 1.0, False)], days=89)).state == "valid"


def test_answers_without_a_verdict_count_as_wrong_and_unsure_people_are_counted():
    found = certified([*OF_6A[:-5], *items([(5, None, False)]), *items([(30, 1.0, None)])])
    assert (found.quality.n_abstained, found.quality.n_unsure) == (5, 30)
    assert any("people unsure" in line for line in found.missing)


def graded(strength: float, n: int = 600) -> list[LabelledItem]:
    """Values that lean `strength` standard deviations towards what people say."""
    chance = random.Random(20261101)
    found: list[LabelledItem] = []
    for number in range(n):
        failed = chance.random() < 0.4
        value = min(1.0, max(0.0, 0.5 + 0.15 * (chance.gauss() - strength * (1 if failed else -1))))
        found.append(LabelledItem(f"graded{number}", f"c{number}", value, failed, NOW, "en" if number % 2 else "de"))
    return found


def test_a_graded_metric_is_cut_on_one_half_and_judged_on_the_other():
    found = certified(graded(2.0))
    assert found.state == "valid", found.missing
    assert found.fails_up_to is not None
    assert 0.35 < found.fails_up_to < 0.65
    assert found.n_chosen_on + found.quality.n == 600
    assert 250 < found.quality.n < 350
    assert set(found.by_segment) == {"de", "en"}
    assert found.auroc.value is not None
    assert found.auroc.value > 0.98


def test_a_metric_that_people_do_not_confirm_is_not_usable():
    found = certified(graded(0.0))
    assert found.state == "not_usable"
    assert any(line.startswith("kappa with people") for line in found.missing)


def test_a_metric_that_never_separates_is_not_usable():
    found = certified(items([(100, 0.7, True), (100, 0.7, False)]))
    assert found.state == "not_usable"
    assert found.auroc.value == 0.5


def test_a_broken_policy_is_refused(tmp_path: Path):
    (tmp_path / "policies").mkdir()
    text = (PROJECT_ROOT / "expectations" / "policies" / "calibration.yml").read_text()
    file = tmp_path / "policies" / "calibration.yml"
    file.write_text(text.replace("cost_of_miss", "cost_of_mis"))
    with pytest.raises(PolicyError, match=r"calibration.yml:\d+: .*cost_of_mis"):
        load_calibration_policy(tmp_path)
    file.write_text(text.replace("  T1: {", "  # T1: {").replace("       kappa_low: 0.70", "#       kappa_low: 0.70"))
    with pytest.raises(PolicyError, match="T1 is missing"):
        load_calibration_policy(tmp_path)


def test_every_pairing_names_what_there_is():
    from goldworks.evaluation.suites import load_suite
    from goldworks.review.rubric import load_rubrics

    rubrics = load_rubrics(PROJECT_ROOT / "expectations")
    for one in POLICY.pairings:
        suite = load_suite(PROJECT_ROOT / "expectations" / "suites" / f"{one.suite}.yml")
        assert one.metric in [metric.metric for metric in suite.metrics]
        assert one.dimension in rubrics[one.rubric].by_name
