"""The numbers of a gate, from the plain rows of its runs: two-sided 90 % intervals, whose ends are the one-sided 95 % bounds,
unless the policy plans two looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from goldworks.evaluation.metrics import case_values, estimate
from goldworks.release.gate_policy import Gate
from goldworks.release.integrity import common_cases
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.statistics import Estimate, difference_of, paired_difference, seed_of
from goldworks.statistics.estimates import FEW_CLUSTERS, effective_size, few_note, rate, tidy, undefined
from goldworks.statistics.intervals import (
    clopper_pearson_high,
    clopper_pearson_low,
    cluster_sums,
    clustered_error,
    normal_quantile,
    t_quantile,
)
from goldworks.statistics.resampling import RESAMPLES, bootstrap_counts, percentile_interval

CONFIDENCE = 0.90

PASS_AT = 0.5
"""A case of a ban fails below this score."""


def values_of(run: SuiteRun, metric: str, quarantined: frozenset[str] = frozenset()) -> dict[str, float | None]:
    """Mean over repeats by case, in the order of case ids; cases in quarantine and those it is not for are absent."""
    found = case_values(row for row in run.scores if row["metric"] == metric and row["case_id"] not in quarantined)
    return dict(sorted(found.get(metric, {}).items()))


def absolute(gate: Gate, evidence: Evidence, confidence: float = CONFIDENCE) -> Estimate:
    """Of `at_least` and `at_most`: the candidate's mean (or quantile) of the metric or measure."""
    run = evidence.candidate[gate.suite]
    of_case = run.clusters
    if gate.measure is not None:
        numbers = measured(run, gate.measure)
        clusters = [of_case[case] for case in numbers]
        if gate.quantile is not None:
            return quantile(list(numbers.values()), gate.quantile, confidence)
        return mean_of_numbers(list(numbers.values()), clusters, confidence)
    assert gate.metric is not None
    if gate.metric in run.aggregates:
        return run.aggregates[gate.metric]
    values = values_of(run, gate.metric, evidence.quarantined.get(gate.of, frozenset()))
    clusters = [of_case.get(case, case) for case in values]
    if all(value in (0, 1, None) for value in values.values()):
        exact = exact_rate_of_groups if gate.family == "safety" else exact_rate
        return exact(list(values.values()), clusters, confidence)
    return estimate(list(values.values()), clusters, (run.run_id, gate.metric, "gate"), confidence)


def relative(gate: Gate, evidence: Evidence, confidence: float = CONFIDENCE) -> Estimate:
    """Of `not_worse`: candidate minus base over the same cases. For a measure the share by which its mean grew."""
    base, candidate = evidence.base[gate.suite], evidence.candidate[gate.suite]
    seed = seed_of(base.run_id, candidate.run_id, gate.of)
    both = common_cases(base, candidate)
    of_case = candidate.clusters
    clusters = [of_case[case] for case in both]
    if gate.measure is not None:
        old, new = measured(base, gate.measure), measured(candidate, gate.measure)
        return growth([old.get(case) for case in both], [new.get(case) for case in both], clusters, confidence, seed)
    assert gate.metric is not None
    if gate.of in evidence.differences:
        return evidence.differences[gate.of]
    if gate.metric in candidate.aggregates and gate.metric in base.aggregates:
        return difference_of(base.aggregates[gate.metric], candidate.aggregates[gate.metric])
    held = evidence.quarantined.get(gate.of, frozenset())
    here, there = values_of(base, gate.metric, held), values_of(candidate, gate.metric, held)
    cases = [case for case in both if case in here and case in there]
    return paired_difference(
        [here[case] for case in cases],
        [there[case] for case in cases],
        [of_case[case] for case in cases],
        confidence=confidence,
        seed=seed,
    )


def standard_error(estimate: Estimate) -> float | None:
    """Half the interval's width over its normal quantile."""
    if estimate.low is None or estimate.high is None:
        return None
    return (estimate.high - estimate.low) / 2 / normal_quantile(estimate.confidence)


def exact_rate(values: Sequence[float | None], clusters: Sequence[str], confidence: float) -> Estimate:
    """As `rate`, with the bounds of Clopper and Pearson (1934) in the place of Wilson's, which let a release exactly at a limit
    of 99.5 % pass up to 7 times in 100. Rows in clusters count as the effective number of rows (Korn and Graubard 1998).
    """
    found = rate(values, clusters, confidence=confidence)
    if found.value is None or not found.method.startswith("wilson") or found.low is None:
        return found
    data, codes, _ = tidy(values, clusters)
    is_clustered = found.n_clusters < found.n
    size = effective_size(data, *cluster_sums(data, codes)) if is_clustered else float(found.n)
    alpha, good = (1 - confidence) / 2, found.value * size
    low, high = clopper_pearson_low(good, size, alpha), clopper_pearson_high(good, size, alpha)
    note = None if found.value in (0, 1) else found.note  # its one-sided bound is of another confidence than a gate's
    method = "clopper_pearson_clustered" if is_clustered else "clopper_pearson"
    return replace(found, low=low, high=high, method=method, note=note)


def exact_rate_of_groups(values: Sequence[float | None], clusters: Sequence[str], confidence: float) -> Estimate:
    """Share of groups without a failure, with Clopper-Pearson bounds, for claims of safety: forty attacks in 25 wordings each
    prove what forty do.
    """
    data, codes, missing = tidy(values, clusters)
    if not data.size:
        return undefined("clopper_pearson", "n_zero", confidence, missing)
    sums, sizes = cluster_sums(data, codes)
    groups, good = len(sizes), int((sums == sizes).sum())
    alpha = (1 - confidence) / 2
    low, high = clopper_pearson_low(good, groups, alpha), clopper_pearson_high(good, groups, alpha)
    method = "clopper_pearson" if groups == data.size else "clopper_pearson_on_clusters"
    return Estimate(good / groups, low, high, confidence, method, int(data.size), groups, missing)


def measured(run: SuiteRun, measure: str) -> dict[str, float]:
    """The measure by case, mean over the repeats that have it, in the order of case ids."""
    found: dict[str, list[float]] = {}
    for row in run.answers:
        value = row.get(measure)
        if value is not None and row.get("status", "ok") == "ok":
            found.setdefault(row["case_id"], []).append(float(value))
    return {case: sum(values) / len(values) for case, values in sorted(found.items())}


def mean_of_numbers(values: Sequence[float], clusters: Sequence[str], confidence: float) -> Estimate:
    """Mean of unbounded numbers: t with the clustered standard error."""
    data, codes, missing = tidy(values, clusters)
    if not data.size:
        return undefined("t", "n_zero", confidence, missing)
    sums, sizes = cluster_sums(data, codes)
    groups, value = len(sizes), float(data.mean())
    if groups < 2:
        return Estimate(value, None, None, confidence, "t", int(data.size), groups, missing, reason="n_too_small")
    half = t_quantile(confidence, groups - 1) * clustered_error(sums, sizes)
    return Estimate(value, value - half, value + half, confidence, "t", int(data.size), groups, missing, note=few_note(groups))


def quantile(values: Sequence[float], share: float, confidence: float) -> Estimate:
    """A quantile with the exact interval of order statistics (Conover 1999, 3.2): the ranks whose binomial tails are at most
    half of what is left. Too few values for such a rank: that side has no bound, reason `n_too_small`.
    """
    if not values:
        return undefined("order_statistics", "n_zero", confidence, 0)
    from scipy.stats import binom  # type: ignore[import-untyped]

    data = np.sort(np.array(values, dtype=np.float64))
    n, alpha = len(data), (1 - confidence) / 2
    ranks = np.arange(n + 1)
    below = binom.cdf(ranks - 1, n, share)  # P(X < rank): chance that the value of this rank lies above the quantile
    lows, highs = ranks[(below <= alpha) & (ranks >= 1)], ranks[(1 - below <= alpha) & (ranks >= 1)]
    low = float(data[lows.max() - 1]) if lows.size else None
    high = float(data[highs.min() - 1]) if highs.size else None
    value = float(np.quantile(data, share, method="inverted_cdf"))
    reason = "n_too_small" if low is None or high is None else None
    return Estimate(value, low, high, confidence, "order_statistics", n, n, reason=reason)


def growth(
    base: Sequence[float | None], candidate: Sequence[float | None], clusters: Sequence[str], confidence: float, seed: int
) -> Estimate:
    """Mean of the candidate over mean of the base, minus one: 0.1 is a tenth more. Bootstrap over clusters of the pairs."""
    pairs = [(a, b, c) for a, b, c in zip(base, candidate, clusters, strict=True) if a is not None and b is not None]
    missing = len(base) - len(pairs)
    if not pairs:
        return undefined("growth", "n_zero", confidence, missing)
    _, codes, _ = tidy([0.0] * len(pairs), [c for _, _, c in pairs])
    old, sizes = cluster_sums(np.array([a for a, _, _ in pairs], dtype=np.float64), codes)
    new, _ = cluster_sums(np.array([b for _, b, _ in pairs], dtype=np.float64), codes)
    n, groups = len(pairs), len(sizes)
    if old.sum() <= 0:
        return undefined("growth", "no_variation", confidence, missing)
    value = float(new.sum() / old.sum() - 1)
    if groups < FEW_CLUSTERS:
        return Estimate(value, None, None, confidence, "growth", n, groups, missing, reason="n_too_small")
    parts = [(times @ new) / (times @ old) - 1 for times in bootstrap_counts(groups, seed, RESAMPLES)]
    low, high = percentile_interval(np.concatenate(parts), confidence)
    return Estimate(value, low, high, confidence, "growth_bootstrap", n, groups, missing, seed=seed)


def worst_of_repeats(run: SuiteRun, metric: str, tags: Sequence[str]) -> Mapping[str, float | None]:
    """The least value of each case over its repeats, of cases with one of `tags`; None when a case has no value at all."""
    found: dict[str, list[float]] = {}
    for row in run.scores:
        facts = run.cases.get(row["case_id"])
        if row["metric"] != metric or row["reason"] == "not_applicable":
            continue
        if tags and not (facts and set(tags) & set(facts.tags)):
            continue
        values = found.setdefault(row["case_id"], [])
        if row["value"] is not None:
            values.append(row["value"])
    return {case: min(values) if values else None for case, values in sorted(found.items())}
