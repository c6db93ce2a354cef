"""How much of a difference's width is noise of single runs, and how many answers per case would take out enough of it."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt

from goldworks.release.gate_policy import Gate
from goldworks.release.integrity import common_cases
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.statistics.repeats import Variance, repeats_to_calm

MOST_REPEATS = 30
"""More answers per case than this nobody asks for."""


def noise_of(gate: Gate, evidence: Evidence) -> float | None:
    """Variance of the difference of means that comes from asking once more: the sum over cases of s2 / K of both runs, over n**2
    (Miller 2024: within a case over its K repeats, ddof 1). Cases answered once take the mean chance that two runs of a case
    differ, when the flakiness gate knows it: half of that chance is the variance of a verdict.

    None when it is not known, and for measures, aggregates, opinions and recorded answers.
    """
    base, candidate = evidence.base.get(gate.suite), evidence.candidate[gate.suite]
    if base is None or gate.metric is None or base.is_fixed or candidate.is_fixed:
        return None
    if gate.metric in candidate.aggregates or gate.metric in candidate.opinions:
        return None
    held = evidence.quarantined.get(gate.of, frozenset())
    values = [_by_case(run, gate.metric) for run in (base, candidate)]
    cases = [case for case in common_cases(base, candidate) if case not in held and all(case in of for of in values)]
    known = candidate.flake_rates.get(gate.metric)
    once = known.value / 2 if known is not None and known.value is not None and _are_verdicts(values) else None
    total = 0.0
    for case in cases:
        for of in values:
            within = _within(of[case], once)
            if within is None:
                return None
            total += within / len(of[case])
    return total / len(cases) ** 2 if cases else None


def repeats_for(error: float, noise: float, wanted: float, repeats: int, cases: int) -> int | None:
    """Answers per case, instead of `repeats`, that bring the standard error `error` of so many `cases` down to `wanted` by taking
    out noise.

    (between + within / K) / n solved for K; between is 0 while the variance exceeds the noise by no more than its own standard
    error, of a share sqrt(2 / n) of it. None when repeats are not the way: the cases themselves differ too much, or noise
    would then be less than a quarter of the variance, and more cases do more.
    """
    is_noise_alone = error**2 <= noise * (1 + sqrt(2 / max(1, cases)))
    between = 0.0 if is_noise_alone else error**2 - noise
    rest = wanted**2 - between
    if rest <= 0 or noise <= 0:
        return None
    needed = max(repeats + 1, ceil(repeats * noise / rest - 1e-9))
    calm = repeats_to_calm(Variance(between, noise * repeats, 1, repeats))
    return None if needed > MOST_REPEATS or (calm is not None and needed > calm) else needed


def _by_case(run: SuiteRun, metric: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in run.scores:
        if row["metric"] == metric and row["value"] is not None:
            found.setdefault(row["case_id"], []).append(row["value"])
    return found


def _within(values: list[float], once: float | None) -> float | None:
    if len(values) < 2:
        return once
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _are_verdicts(of_runs: Iterable[dict[str, list[float]]]) -> bool:
    return all(value in (0, 1) for of in of_runs for values in of.values() for value in values)
