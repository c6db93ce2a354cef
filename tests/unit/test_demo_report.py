"""What `goldworks demo` decides to say: a verdict only from an interval, and what stands in for a model that is not there."""

from __future__ import annotations

import pytest

from goldworks.demo import model
from goldworks.evaluation.compare import MetricComparison
from goldworks.statistics import Estimate
from pipelines.demo import has_model
from pipelines.demo_report import verdict


def estimate(value: float, low: float | None, high: float | None) -> Estimate:
    return Estimate(value, low, high, 0.95, "test", 40, 40)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.02, 0.3, "better"), (-0.3, -0.02, "worse"), (-0.1, 0.3, "undecided"), (0.0, 0.3, "undecided"), (None, None, "undecided")],
)
def test_a_difference_is_called_by_its_interval_not_by_its_value(low: float | None, high: float | None, said: str):
    side = estimate(0.5, 0.4, 0.6)
    assert verdict(MetricComparison("facts_required", side, side, estimate(0.15, low, high), is_paired=True)) == said


def test_without_the_model_recorded_answers_are_announced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model, "WEIGHTS_PACKAGE", "no-such-weights-package")
    notes: list[str] = []
    assert not has_model(notes)
    assert "no-such-weights-package" in notes[0]
    assert "answers found in the logs" in notes[0]
