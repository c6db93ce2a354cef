"""pass@k and pass^k by value."""

from __future__ import annotations

import pytest

from goldworks.evaluation.aggregates import AGGREGATES
from goldworks.evaluation.aggregates.pass_k import PassK, all_of, any_of
from goldworks.evaluation.aggregates.protocol import Scored


def repeats(case_id: str, *values: float | None, cluster: str | None = None, reason: str | None = None) -> list[Scored]:
    return [Scored(case_id, i, cluster or case_id, value, reason, None, None) for i, value in enumerate(values)]


def over(scores: list[Scored], **settings):
    return PassK(PassK.Settings(**settings)).over(scores, confidence=0.95, seed=1)


@pytest.mark.parametrize(
    ("n", "c", "k", "at", "hat"),
    [
        (10, 7, 1, 0.7, 0.7),
        (10, 7, 3, 0.991667, 0.291667),
        (10, 7, 5, 1.0, 0.083333),
        (5, 0, 1, 0.0, 0.0),
        (5, 5, 3, 1.0, 1.0),
        (8, 6, 4, 1.0, 0.214286),
    ],
)
def test_a_case(n, c, k, at, hat):
    assert any_of(c, n, k) == pytest.approx(at, abs=1e-6)
    assert all_of(c, n, k) == pytest.approx(hat, abs=1e-6)


TRIALS = {"a": (1, 1, 1, 1), "b": (1, 1, 1, 1), "c": (0, 1, 1, 1), "d": (1, 0, 1, 0), "e": (0, 0, 0, 0)}
TASKS = [score for task, values in TRIALS.items() for score in repeats(task, *values)]


def test_tasks_of_four_trials():
    found = [over(TASKS, k=k).estimate.value for k in (1, 2, 3, 4)]
    assert found == pytest.approx([0.65, 0.533333, 0.45, 0.4], abs=1e-6)
    whole = over(TASKS)
    assert (whole.estimate.method, whole.estimate.n, whole.estimate.n_clusters) == ("wilson", 5, 5)
    assert whole.detail is not None
    assert whole.detail.rows[1] == ("2", "0.7667", "0.5333")
    assert over(TASKS, k=4, which="any").estimate.value == 0.8
    assert AGGREGATES["pass_k"] is PassK


def test_missing_repeats_and_runs_that_are_too_short():
    missing = [*repeats("a", 1, 1, 1), *repeats("a", None, reason="missing_answer")]
    assert over(missing, k=3).estimate.value == 1
    four = over([*missing, *repeats("b", 1, 1, 1, 1)]).estimate
    assert (four.value, four.n, four.n_missing) == (1, 1, 1)
    short = over(repeats("a", 1, 1)).estimate
    assert (short.value, short.reason) == (None, "n_too_small")
    assert over([]).estimate.reason == "n_zero"
    assert over(repeats("a", None, None, None, None, reason="not_applicable")).estimate.reason == "n_zero"


def test_what_passes_is_a_setting_and_clusters_count():
    halves = [*repeats("a", 0.5, 0.5, cluster="x"), *repeats("b", 0.5, 0.4, cluster="x"), *repeats("c", 1, 1, cluster="y")]
    found = over(halves, k=2, at_least=0.5).estimate
    assert (found.value, found.n_clusters) == (pytest.approx(2 / 3), 2)
