"""Published labels of the development data: which metrics and judges people confirm, and that a judge goes by the order."""

from __future__ import annotations

import pytest

from benchmarks.calibration import DATA, GIVEN, begin_items, certificate, llmbar_items, pairwise, pandalm_items

pytestmark = pytest.mark.skipif(
    not (DATA / "truth").exists(), reason="the development data is not here: published labels are not held against judges"
)


def test_lexical_support_is_confirmed_and_a_metric_that_says_nothing_of_it_is_not():
    found = certificate(begin_items(DATA, "lexical_support"), GIVEN)
    assert found.state == "valid"
    assert found.auroc.value == pytest.approx(0.93, abs=0.01)
    assert found.quality.balanced_accuracy.value == pytest.approx(0.85, abs=0.01)
    assert certificate(begin_items(DATA, "lexical_support"), None).state == "not_usable", "nobody knows how far people agree"
    other = certificate(begin_items(DATA, "answered"), GIVEN)
    assert other.state == "not_usable"
    assert other.quality.balanced_accuracy.value == pytest.approx(0.5, abs=0.01)


def test_the_judges_of_pandalm_stay_below_people():
    rows = pairwise(DATA)
    kappas: list[float] = []
    for judge in ("gpt-3.5-turbo", "pandalm-7b"):
        items, alpha = pandalm_items(rows, judge)
        found = certificate(items, alpha)
        assert found.state == "not_usable"
        assert alpha.value is not None
        assert found.quality.kappa.high is not None
        assert found.quality.kappa.high < alpha.value, "people agree more with each other"
        assert found.quality.kappa.value is not None
        kappas.append(found.quality.kappa.value)
    assert kappas[0] > kappas[1]


def test_a_judge_that_changes_its_mind_with_the_order_loses_those_verdicts():
    rows = pairwise(DATA)
    both = certificate(llmbar_items(rows, "GPT-4", None), GIVEN).quality
    first = certificate(llmbar_items(rows, "GPT-4", "12"), GIVEN).quality
    assert both.n_abstained == 37
    assert both.agreement.value is not None
    assert first.agreement.value is not None
    assert both.agreement.value < first.agreement.value
    assert certificate(llmbar_items(rows, "ChatGPT", None), GIVEN).quality.n_abstained == 163
