"""Rates per tool and argument, from the counts in the details of scores."""

from __future__ import annotations

from goldworks.evaluation.aggregates.per_argument import PerArgument
from goldworks.evaluation.aggregates.protocol import Scored


def scored(case_id: str, detail: str | None, value: float | None = 1.0, reason: str | None = None) -> Scored:
    return Scored(case_id, 0, case_id, value, reason, detail, None)


SCORES = [
    scored("a", "x | t() 1/2; t.a 1/2; t.b 2/2"),
    scored("b", "x | t() 1/1; t.a 1/1"),
    scored("c", None),
    scored("d", None, None, "missing_answer"),
    scored("e", None, None, "not_applicable"),
]


def over(scores, **settings):
    return PerArgument(PerArgument.Settings(**settings)).over(scores, confidence=0.95, seed=1)


def test_each_argument_has_its_row_and_all_together_the_number():
    found = over(SCORES)
    assert (found.estimate.value, found.estimate.n, found.estimate.n_clusters, found.estimate.n_missing) == (0.8, 5, 2, 1)
    assert found.detail is not None
    assert [row[:3] for row in found.detail.rows] == [("t.a", "3", "0.667"), ("t.b", "2", "1.000")]


def test_calls_are_counted_apart():
    found = over(SCORES, of="calls")
    assert (found.estimate.value, found.estimate.n) == (2 / 3, 3)


def test_without_counts_there_is_no_number():
    found = over(SCORES[2:])
    assert (found.estimate.value, found.estimate.reason, found.detail) == (None, "n_zero", None)
