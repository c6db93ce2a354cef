"""Several runs over the same cases, to choose between: quality, latency and cost of each, and who is shown better than whom.

Pure: takes what was read, reads nothing. Every pair is compared case by case in the three measures. All these claims are one
family under Holm's correction, so the chance that any of them is wrong is at most `CLAIM_LEVEL`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from goldworks.errors import InputError
from goldworks.evaluation.metrics import estimate
from goldworks.release.choice_notes import notes_of
from goldworks.release.contenders import NUMBERS, Contender, Measure, Number, Together, together
from goldworks.release.measuring import mean_of_numbers, quantile
from goldworks.release.pareto import Place, front
from goldworks.statistics import Estimate, paired_difference, seed_of
from goldworks.statistics.estimates import tidy, undefined
from goldworks.statistics.intervals import cluster_sums
from goldworks.statistics.multiplicity import holm
from goldworks.statistics.resampling import RESAMPLES, sign_flip

CONFIDENCE = 0.95
CLAIM_LEVEL = 0.05
TAIL = 0.95
RESAMPLES_PER_CLAIM = 100
"""So that the smallest p of a sign-flip test, 1 / (resamples + 1), times the number of claims stays well below the level."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one contender is: each metric, then the means of latency (ms) and cost (USD) per answer and the 95th percentile of
    latency, all over the same cases as the others'. `aggregates`: figures over these cases together. `place`: on the Pareto
    front, or beaten by whom.
    """

    name: str
    run_id: str
    is_recorded: bool
    metrics: Mapping[str, Estimate]
    latency_ms: Estimate
    latency_p95_ms: Estimate
    cost_usd: Estimate
    place: Place
    aggregates: Mapping[str, Estimate]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """One pair in one measure. `difference`: second minus first, of quality, of mean latency (ms) or of mean cost (USD).
    `p_adjusted`: Holm's, over all claims; None when there was nothing to test. `better`: the one that is shown better, None when
    neither is.
    """

    measure: Measure
    first: str
    second: str
    difference: Estimate
    p_adjusted: float | None = None
    better: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The comparison by one main metric. `cases`: common to all; `metric_cases`: of these, with the metric; `asked`: by
    contender, how many it answered. `notes`: what to know, in words. `advisory`: metrics and aggregates that no valid certificate
    confirms, of which nothing is claimed.
    """

    metric: str
    cases: int
    metric_cases: int
    asked: Mapping[str, int]
    standings: tuple[Standing, ...]
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]
    advisory: tuple[str, ...] = ()

    @property
    def is_advice(self) -> bool:
        """Whether the main metric is one that people have not confirmed."""
        return self.metric in self.advisory

    def of(self, measure: Measure) -> list[Claim]:
        """The claims in one measure."""
        return [claim for claim in self.claims if claim.measure == measure]

    @property
    def tested(self) -> int:
        """How many claims share the level."""
        return sum(claim.p_adjusted is not None for claim in self.claims)


def choose(contenders: Sequence[Contender], metric: str) -> Choice:
    """Compare the contenders over the cases that all of them answered. Higher values of `metric` are better. Of one that is
    advisory differences are shown; it is not tested, and the front is without it.

    Raises `InputError` as `together` does, and for a metric that one of them has no value of.
    """
    those = together(contenders)
    lacking = [one.name for one in contenders if all(value is None for value in one.within(metric, those.cases).values())]
    if lacking or not those.of_metric(metric):
        raise InputError(
            f"{metric} has no values that could be compared" + (f", none of {', '.join(lacking)}" if lacking else ""),
            remedy=f"--metric, one of: {', '.join(those.metrics) or '(they have no metric in common)'}",
        )
    figures = {one.name: _figures(one, those) for one in contenders}
    is_advice = metric in those.advisory
    points = {
        name: (None if is_advice else found[0][metric].value, found[1].value, found[3].value) for name, found in figures.items()
    }
    places = front(points)
    standings = tuple(
        Standing(one.name, one.run_id, one.is_recorded, *figures[one.name], places[one.name], _shared(one, contenders), one.facts)
        for one in contenders
    )
    asked = {one.name: len(one.clusters) for one in contenders}
    notes = tuple(notes_of(those, metric))
    claims, advisory = _claims(those, metric), tuple(sorted(those.advisory))
    return Choice(metric, len(those.cases), len(those.of_metric(metric)), asked, standings, claims, notes, advisory)


def _shared(one: Contender, contenders: Sequence[Contender]) -> dict[str, Estimate]:
    """Its aggregates that the others have as well."""
    names = [name for name in one.aggregates if all(name in other.aggregates for other in contenders)]
    return {name: replace(one.aggregates[name], is_judge=name in one.opinions) for name in names}


def _figures(one: Contender, those: Together) -> tuple[dict[str, Estimate], Estimate, Estimate, Estimate]:
    """(metrics, mean latency, its 95th percentile, mean cost)."""
    metrics: dict[str, Estimate] = {}
    for metric in those.metrics:
        cases = those.of_metric(metric)
        values, clusters = [one.values[metric][case] for case in cases], [one.clusters[case] for case in cases]
        found = estimate(values, clusters, (one.run_id, metric, "choose"), CONFIDENCE)
        metrics[metric] = replace(found, is_judge=True) if metric in one.opinions else found
    numbers, means = dict[Number, list[float]](), dict[Number, Estimate]()
    for number in NUMBERS:
        known = those.numbers[one.name][number]
        cases = those.of_number(number) if known else []
        numbers[number] = [known[case] for case in cases]
        means[number] = _not_negative(mean_of_numbers(numbers[number], [one.clusters[case] for case in cases], CONFIDENCE))
    return metrics, means["latency"], quantile(numbers["latency"], TAIL, CONFIDENCE), means["cost"]


def _not_negative(found: Estimate) -> Estimate:
    """Neither time nor money goes below 0."""
    return found if found.low is None else replace(found, low=max(0.0, found.low))


def _claims(those: Together, metric: str) -> tuple[Claim, ...]:
    pairs = list(combinations(those.contenders, 2))
    resamples = max(RESAMPLES, RESAMPLES_PER_CLAIM * 3 * len(pairs))
    raw: list[Claim] = []
    for first, second in pairs:
        found = _quality(first, second, metric, those.of_metric(metric), resamples)
        if metric in those.advisory:
            found = replace(found, p_value=None, reason="advisory")
        raw.append(Claim("quality", first.name, second.name, found))
        raw.extend(Claim(number, first.name, second.name, _number(first, second, number, those, resamples)) for number in NUMBERS)
    p_values = [claim.difference.p_value for claim in raw]
    adjusted = iter(holm([p for p in p_values if p is not None]))
    return tuple(claim if p is None else _decided(claim, next(adjusted)) for claim, p in zip(raw, p_values, strict=True))


def _decided(claim: Claim, p_adjusted: float) -> Claim:
    value = claim.difference.value
    if p_adjusted > CLAIM_LEVEL or not value:
        return replace(claim, p_adjusted=p_adjusted)
    is_second = value > 0 if claim.measure == "quality" else value < 0
    return replace(claim, p_adjusted=p_adjusted, better=claim.second if is_second else claim.first)


def _quality(first: Contender, second: Contender, metric: str, cases: Sequence[str], resamples: int) -> Estimate:
    old, new = ([one.values[metric][case] for case in cases] for one in (first, second))
    clusters = [first.clusters[case] for case in cases]
    seed = seed_of(first.run_id, second.run_id, metric)
    found = paired_difference(old, new, clusters, confidence=CONFIDENCE, seed=seed, resamples=resamples)
    if found.method != "paired_constant" or found.value is None:
        return found
    # every cluster differs by the same: of all its flips only the one as seen and its mirror image reach the sum
    return replace(found, p_value=1.0 if abs(found.value) < 1e-12 else 2.0 ** (1 - found.n_clusters))


def _number(first: Contender, second: Contender, number: Number, those: Together, resamples: int) -> Estimate:
    """Mean of second minus first, t over clusters, with the p of flipping the signs of the clusters' summed differences."""
    a, b = those.numbers[first.name][number], those.numbers[second.name][number]
    if not a or not b:
        return undefined("paired_t", "unknown", CONFIDENCE, len(those.cases))
    if number == "latency" and first.is_recorded != second.is_recorded:
        return undefined("paired_t", "recorded_and_live", CONFIDENCE, 0)
    cases, seed = those.of_number(number), seed_of(first.run_id, second.run_id, number)
    deltas, clusters = [b[case] - a[case] for case in cases], [first.clusters[case] for case in cases]
    found = replace(mean_of_numbers(deltas, clusters, CONFIDENCE), method="paired_t")
    data, codes, _ = tidy(deltas, clusters)
    sums, _ = cluster_sums(data, codes)
    return found if len(sums) < 2 else replace(found, p_value=sign_flip(sums, seed, resamples), seed=seed)
