"""What the judges of a suite will take, before a run begins: from some of its cases, with the reference in the answer's place."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.errors import InputError
from goldworks.evaluation.budget import SAMPLE, Budget, Expected
from goldworks.evaluation.suites import MetricPolicy, Scoring
from goldworks.evaluation.targets.protocol import Estimate
from goldworks.golden.read import Case


def expected_judging(scoring: Scoring, cases: Sequence[Case], answers: int, budget: Budget) -> Expected | None:
    """Judgments of so many `answers`, at most: verdicts that stand in the home are not asked for again. None without a judge.

    Raises `InputError` for a cap in dollars on a judge whose price is not known.
    """
    sample = [cases[index] for index in range(0, len(cases), max(1, len(cases) // SAMPLE))]
    found: list[Expected] = []
    for metric in scoring.suite.metrics:
        model = scoring.scorers[metric.metric].asks_model
        if model is None or not sample:
            continue
        calls = [one for case in sample for one in _calls(scoring, metric, case)]
        of_all = round(len(calls) / len(sample) * answers)
        read = round(of_all * sum(one.input_tokens for one in calls) / max(1, len(calls)))
        limits = [one.output_tokens for one in calls if one.output_tokens is not None]
        written = round(of_all * sum(limits) / len(limits)) if limits else 0
        price = model.prices or budget.price_of(model.model)
        if budget.max_cost_usd is not None and price is None and of_all:
            raise InputError(
                f"the price of {model.model}, the judge of {metric.metric}, is not known, so the cost cannot be capped",
                remedy="add it to expectations/policies/prices.yml, or cap the tokens: --max-tokens, or max_tokens in the suite",
            )
        found.append(Expected(of_all, read, written, None if price is None else price.of(read, written)))
    return _together(found) if found else None


def _calls(scoring: Scoring, metric: MetricPolicy, case: Case) -> Sequence[Estimate]:
    scorer = scoring.scorers[metric.metric]
    return scorer.expected_calls(case) if metric.applies_to.takes(case) and scorer.applies(case) else ()


def _together(found: Sequence[Expected]) -> Expected:
    costs = [one.cost_usd for one in found]
    known = [cost for cost in costs if cost is not None]
    return Expected(
        sum(one.calls for one in found),
        sum(one.input_tokens or 0 for one in found),
        sum(one.output_tokens or 0 for one in found),
        sum(known) if len(known) == len(costs) else None,
    )
