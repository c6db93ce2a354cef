"""From scores to estimates: one value per case and metric, then the statistics. Repeats of a case are averaged first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.statistics import Estimate, mean, rate, seed_of

CaseValues = dict[str, dict[str, float | None]]
"""metric -> case -> mean over its repeats; None when every repeat is missing. Cases the metric does not apply to are absent."""


def case_values(scores: Iterable[Mapping[str, Any]]) -> CaseValues:
    """Rows of `evals.scores` (case_id, metric, value, reason) by metric and case. Every metric that occurs has an entry."""
    found: dict[str, dict[str, list[float]]] = {}
    for row in scores:
        cases = found.setdefault(row["metric"], {})
        if row["value"] is not None:
            cases.setdefault(row["case_id"], []).append(row["value"])
        elif row["reason"] != NOT_APPLICABLE:
            cases.setdefault(row["case_id"], [])
    return {
        metric: {case_id: sum(values) / len(values) if values else None for case_id, values in cases.items()}
        for metric, cases in found.items()
    }


def estimate(
    values: Sequence[float | None], clusters: Sequence[str], seed_parts: Sequence[str], confidence: float = 0.95
) -> Estimate:
    """A rate when every value is 0 or 1, else a mean."""
    if all(value in (0, 1, None) for value in values):
        return rate(values, clusters, confidence=confidence)
    return mean(values, clusters, confidence=confidence, seed=seed_of(*seed_parts))


def summarise(scores: Iterable[Mapping[str, Any]], clusters: Mapping[str, str], run_id: str) -> dict[str, Estimate]:
    """The estimate of each metric of a run. `clusters`: cluster of each case."""
    return {
        metric: estimate(list(cases.values()), [clusters.get(case, case) for case in cases], (run_id, metric, ""))
        for metric, cases in case_values(scores).items()
    }
