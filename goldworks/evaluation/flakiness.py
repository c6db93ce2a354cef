"""Cases whose verdict changes though nothing else does: disagreement, status, the suite's flake rate. See also `quarantine`.

Identical configuration means the same configuration digest: golden version, suite, scorers, target with its settings, seed. Its
runs on other occasions, and the repeats of each, are pooled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from scipy.special import betaincinv  # type: ignore[import-untyped]

from goldworks.errors import InputError
from goldworks.evaluation.quarantine import FlakinessPolicy
from goldworks.evaluation.result import clusters_of, find_run
from goldworks.lake import Lake, Readable
from goldworks.statistics import Estimate, mean, seed_of
from goldworks.statistics.estimates import undefined

Status = Literal["undetermined", "stable_pass", "stable_fail", "flaky_watch", "quarantine"]


@dataclass(frozen=True, slots=True)
class CaseFlakiness:
    """One case under one metric. `passes` of `runs` verdicts; `minority` is the rarer verdict's share, `low` its lower bound."""

    case_id: str
    metric: str
    passes: int
    runs: int
    disagreement: float | None
    minority: float
    low: float
    status: Status


@dataclass(frozen=True, slots=True)
class Flakiness:
    """What the pooled runs of a configuration say. `rates`: mean disagreement per metric, the share of verdicts that flip
    between two runs.
    """

    run_ids: tuple[str, ...]
    cases: tuple[CaseFlakiness, ...]
    rates: Mapping[str, Estimate]


def disagreement(passes: int, runs: int) -> float | None:
    """Unbiased probability that two of the runs differ: 2 c (n - c) / (n (n - 1)); None for fewer than two runs."""
    return 2 * passes * (runs - passes) / (runs * (runs - 1)) if runs > 1 else None


def status_of(passes: int, runs: int, policy: FlakinessPolicy) -> tuple[Status, float, float]:
    """Status, share of the rarer verdict, and its one-sided Jeffreys lower bound (0 when the verdict never changed).

    Fewer than `least_runs` verdicts: undetermined. No change: stable. Else quarantine when the lower bound of the rarer
    verdict's share lies above `quarantine_above`, and watched when not.
    """
    rarer = min(passes, runs - passes)
    share = rarer / runs if runs else 0.0
    low = float(betaincinv(rarer + 0.5, runs - rarer + 0.5, policy.bound_level)) if rarer else 0.0
    if runs < policy.least_runs:
        return "undetermined", share, low
    if not rarer:
        return ("stable_pass" if passes else "stable_fail"), share, low
    return ("quarantine" if low > policy.quarantine_above else "flaky_watch"), share, low


def chance_to_notice(fail_rate: float, runs: int) -> float:
    """Probability that `runs` runs of a case that fails at `fail_rate` show both verdicts: 1 - q**K - (1 - q)**K."""
    return 1 - fail_rate**runs - (1 - fail_rate) ** runs


def flakiness_of(lake: Lake, run_id: str, policy: FlakinessPolicy) -> Flakiness:
    """Flakiness under the configuration of a run, over its complete runs of the last `window_days` before that run's end.

    Raises `InputError` when there is no such run.
    """
    row = find_run(lake, run_id)
    if row is None:
        raise InputError(f"no run {run_id}", remedy="goldworks eval list")
    pooled = pooled_runs(lake.rows("evals.runs", where=[("config_digest", "=", row["config_digest"])]), row["ended_at"], policy)
    return flakiness_over(lake, [run["run_id"] for run in pooled], row["config_digest"], policy)


def flakiness_over(lake: Readable, ids: Sequence[str], config_digest: str, policy: FlakinessPolicy) -> Flakiness:
    """Flakiness over these runs of one configuration."""
    if not ids:
        return Flakiness((), (), {})
    where = [("run_id", "in", list(ids))]
    scores = lake.rows("evals.scores", ["case_id", "metric", "value"], where)
    clusters = clusters_of(lake.rows("evals.answers", ["case_id", "cluster_id"], where))
    return judge(scores, clusters, ids, config_digest, policy)


def pooled_runs(runs: Iterable[Mapping[str, Any]], until: datetime, policy: FlakinessPolicy) -> list[Mapping[str, Any]]:
    """Complete runs that ended in the window before `until`, oldest first. A recorded target gives each answer once: none."""
    since = until - timedelta(days=policy.window_days)
    return [run for run in complete_runs(runs) if since <= run["ended_at"] <= until]


def complete_runs(runs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that are complete and whose answers may differ, oldest first."""
    found = (run for run in runs if run["status"] == "complete" and run["target_kind"] != "recorded")
    return sorted(found, key=lambda run: (run["ended_at"], run["run_id"]))


def judge(
    scores: Iterable[Mapping[str, Any]],
    clusters: Mapping[str, str],
    run_ids: Sequence[str],
    config_digest: str,
    policy: FlakinessPolicy,
) -> Flakiness:
    """From rows of `evals.scores` (case_id, metric, value). A value is a pass from `pass_at` on; no value is no verdict."""
    verdicts: dict[tuple[str, str], list[bool]] = {}
    for row in scores:
        if row["value"] is not None:
            verdicts.setdefault((row["metric"], row["case_id"]), []).append(row["value"] >= policy.pass_at)
    cases = [_case(case_id, metric, passed, policy) for (metric, case_id), passed in sorted(verdicts.items())]
    rates: dict[str, Estimate] = {}
    for metric in sorted({case.metric for case in cases}):
        of = [case for case in cases if case.metric == metric and case.disagreement is not None]
        if not of:
            rates[metric] = undefined("t", "n_too_small", 0.95, 0)
            continue
        seed = seed_of(config_digest, metric, "flakiness")
        rates[metric] = mean([case.disagreement for case in of], [clusters.get(c.case_id, c.case_id) for c in of], seed=seed)
    return Flakiness(tuple(run_ids), tuple(cases), rates)


def _case(case_id: str, metric: str, passed: Sequence[bool], policy: FlakinessPolicy) -> CaseFlakiness:
    status, share, low = status_of(sum(passed), len(passed), policy)
    return CaseFlakiness(case_id, metric, sum(passed), len(passed), disagreement(sum(passed), len(passed)), share, low, status)
