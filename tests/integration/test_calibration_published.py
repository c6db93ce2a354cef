"""Published labels of the development data: which metrics and judges people confirm, and that a judge goes by the order."""

from __future__ import annotations

import pytest

from benchmarks.calibration import DATA, GIVEN, begin_items, certificate, llmbar_items, mtrag_items, pairwise, pandalm_items

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


def test_lexical_support_gets_no_certificate_from_the_ratings_of_mtrag():
    """It ranks answers as people do, but misses most of the few that they call unfaithful, and they agree too little."""
    items, alpha = mtrag_items(DATA, "lexical_support")
    assert alpha.value == pytest.approx(0.47, abs=0.005)
    found = certificate(items, alpha)
    assert (len(items), sum(one.is_failure is True for one in items)) == (431, 48)
    assert found.state == "too_few_labels", "20 of the 30 failures that a certificate takes, on the half that it is judged by"
    assert found.auroc.value == pytest.approx(0.90, abs=0.01)
    assert found.quality.balanced_accuracy.high is not None
    assert found.quality.balanced_accuracy.high < 0.80
    assert any("agreement of the raters" in line for line in found.missing)
    given = certificate(items, GIVEN)
    assert any("balanced accuracy" in line for line in given.missing), "nor would it, if the raters agreed"


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
