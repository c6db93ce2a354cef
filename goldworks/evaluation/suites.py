"""Suites: which scorers a run applies, under which metric names, to which cases. YAML in `expectations/suites/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from goldworks.errors import InputError
from goldworks.evaluation import aggregates
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.budget import Budget
from goldworks.evaluation.scorers import choose
from goldworks.evaluation.scorers.protocol import MISSING_ANSWER, SCORER_ERROR, Score, Scorer, not_applicable
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy, load_policy


class AppliesTo(Policy):
    """Cases a metric is for; an empty list means any. A case must satisfy each list; of `tags` it needs one."""

    origins: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def takes(self, case: Case) -> bool:
        """Whether the case is one of them."""
        return (
            (not self.origins or case.origin in self.origins)
            and (not self.tiers or case.tier in self.tiers)
            and (not self.intents or case.intent in self.intents)
            and (not self.tags or bool(set(self.tags) & set(case.tags)))
        )


class MetricPolicy(Policy):
    """One metric of a suite: a scorer with its settings, and the KPI it feeds. For `scorer` see `scorers.choose`.

    `is_judge`: say so of code of your own that asks a model for its opinion; of our judges it is known.
    """

    metric: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    scorer: str
    kpi: str
    settings: dict[str, Any] = Field(default_factory=dict)
    applies_to: AppliesTo = AppliesTo()
    is_judge: bool = Field(default=False, exclude_if=lambda value: not value)

    @model_validator(mode="after")
    def _has_its_scorer(self) -> MetricPolicy:
        try:
            choose(self.scorer).settings(self.settings)
        except InputError as error:
            raise ValueError(str(error)) from None
        except ValidationError as error:
            raise ValueError(_problems(error)) from None
        return self


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, ('settings', *p['loc'])))}: {p['msg']}" for p in error.errors())


class AggregatePolicy(Policy):
    """One number of the whole run: an aggregate (see `aggregates`) of a metric of the suite, and the KPI it feeds."""

    metric: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    aggregate: str
    of: str
    kpi: str
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_its_aggregate(self) -> AggregatePolicy:
        try:
            aggregates.choose(self.aggregate).Settings.model_validate(self.settings)
        except InputError as error:
            raise ValueError(str(error)) from None
        except ValidationError as error:
            raise ValueError(_problems(error)) from None
        return self


class Suite(Policy):
    """`expectations/suites/<name>.yml`.

    `max_cost_usd` and `max_tokens`: what one run of it may take, judges included, where the command says nothing else. They
    change no digest, so a run that was stopped at one goes on under a higher one.
    """

    version: int = Field(ge=1)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    metrics: tuple[MetricPolicy, ...] = Field(min_length=1)
    aggregates: tuple[AggregatePolicy, ...] = Field(default=(), exclude_if=lambda value: not value)
    max_cost_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False, exclude=True)
    max_tokens: int | None = Field(default=None, ge=1, exclude=True)

    @model_validator(mode="after")
    def _has_each_metric_once(self) -> Suite:
        names = [one.metric for one in (*self.metrics, *self.aggregates)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"metric named twice: {', '.join(twice)}")
        metrics = [metric.metric for metric in self.metrics]
        for index, one in enumerate(self.aggregates):
            if one.of not in metrics:
                raise ValueError(f"aggregates.{index}.of: no metric {one.of!r}; one of {', '.join(metrics)}")
        return self

    @cached_property
    def scorer_digests(self) -> dict[str, str]:
        """Digest of each metric's scorer and settings, and of each aggregate's code, settings and metric."""
        found = {m.metric: choose(m.scorer).digest(m.settings, m.applies_to.model_dump()) for m in self.metrics}
        for one in self.aggregates:
            kind = aggregates.choose(one.aggregate)
            found[one.metric] = aggregates.aggregate_digest(kind, one.settings, found[one.of])
        return found


def judged(suite: Mapping[str, Any]) -> frozenset[str]:
    """Metrics and aggregates of a suite, as a run's configuration has it, that rest on a model's opinion.

    One whose scorer cannot be found any more counts as such: nobody knows what it was.
    """
    metrics = {one["metric"] for one in suite["metrics"] if one.get("is_judge") or _is_judge(one["scorer"])}
    return frozenset(metrics | {one["metric"] for one in suite.get("aggregates", ()) if one["of"] in metrics})


def _is_judge(scorer: str) -> bool:
    try:
        return choose(scorer).scorer.is_judge
    except InputError:
        return True


@dataclass(frozen=True, slots=True)
class Scoring:
    """A suite made ready to score."""

    suite: Suite
    scorers: Mapping[str, Scorer]

    @staticmethod
    def of(suite: Suite, lake: Lake | None = None, budget: Budget | None = None) -> Scoring:
        """Make the suite's scorers. `lake`: the tables of the run, for scorers that need them. `budget`: of the run, from which
        judges pay; what earlier starts of the run paid them is counted in it.
        """
        scorers = {m.metric: choose(m.scorer).make(m.settings) for m in suite.metrics}
        if lake is not None:
            for scorer in scorers.values():
                scorer.prepare(lake)
        if budget is not None:
            for metric in suite.metrics:
                scorer = scorers[metric.metric]
                scorer.pay_from(budget)
                budget.judges.is_untold |= (metric.is_judge or scorer.is_judge) and scorer.asks_model is None
        return Scoring(suite, scorers)

    def scores(self, pairs: Sequence[tuple[Case, Answer]]) -> list[dict[str, Score]]:
        """Every metric of each answer. An infrastructure error, or a scorer that fails, gives None with its reason, not 0."""
        found: list[dict[str, Score]] = [{} for _ in pairs]
        for metric in self.suite.metrics:
            for scores, score in zip(found, self._scores(metric, pairs), strict=True):
                scores[metric.metric] = score
        return found

    def _scores(self, metric: MetricPolicy, pairs: Sequence[tuple[Case, Answer]]) -> list[Score]:
        scorer = self.scorers[metric.metric]
        found = [_without_scoring(metric, scorer, case, answer) for case, answer in pairs]
        left = [index for index, score in enumerate(found) if score is None]
        try:
            scores = list(scorer.score_all([pairs[index] for index in left]))
            if len(scores) != len(left):
                raise ValueError("another number of scores than of answers")
        except Exception as error:  # as in `score_all`: whose code it is nobody knows
            scores = [Score(None, SCORER_ERROR, type(error).__name__)] * len(left)
        for index, score in zip(left, scores, strict=True):
            found[index] = _within_range(score)
        return [score for score in found if score is not None]


def _without_scoring(metric: MetricPolicy, scorer: Scorer, case: Case, answer: Answer) -> Score | None:
    """The score that is none, when there is nothing to score."""
    try:
        if not (metric.applies_to.takes(case) and scorer.applies(case)):
            return not_applicable("the case does not ask for it")
    except Exception as error:
        return Score(None, SCORER_ERROR, type(error).__name__)
    return None if answer.is_ok else Score(None, MISSING_ANSWER, answer.error)


def _within_range(score: Score) -> Score:
    if score.value is not None and not 0 <= score.value <= 1:
        return Score(None, SCORER_ERROR, "value outside 0..1")
    return score


def load_suite(path: Path) -> Suite:
    """The suite that a YAML file describes. Raises `PolicyError` naming file, line and key."""
    return load_policy(path, Suite)
