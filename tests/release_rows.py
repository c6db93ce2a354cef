"""Plain rows of runs for tests of verdicts: metric -> values by case, and nothing else that one has to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldworks.release.gate_policy import GatePolicy
from goldworks.release.rows import CaseFacts, Evidence, SuiteRun
from goldworks.use_cases import Tier

VERSION = "shop-0123456789ab"
Value = float | None


def suite_run(
    values: Mapping[str, Sequence[Value | Sequence[Value]]],
    *,
    release: str = "2",
    suite: str = "s",
    clusters: Sequence[str] | None = None,
    latency_ms: float = 1000.0,
    facts: Mapping[str, CaseFacts] | None = None,
    **more: Any,
) -> SuiteRun:
    """A complete run. A value is a score, None for a missing one, or a list of them, one per repeat."""
    size = len(next(iter(values.values())))
    ids = [f"c{number:05}" for number in range(size)]
    repeats = max(len(one) if isinstance(one, Sequence) else 1 for one in next(iter(values.values())))
    answers = [
        {
            "case_id": case,
            "repeat": repeat,
            "cluster_id": clusters[number] if clusters else None,
            "status": "ok",
            "latency_ms": latency_ms + number % 100,
            "cost_usd": 0.002,
        }
        for number, case in enumerate(ids)
        for repeat in range(repeats)
    ]
    scores = [
        {"case_id": case, "repeat": repeat, "metric": metric, "value": value, "reason": None if value is not None else "missing"}
        for metric, of in values.items()
        for case, one in zip(ids, of, strict=True)
        for repeat, value in enumerate(one if isinstance(one, Sequence) else [one])
    ]
    known = {"version_id": VERSION, "status": "complete", "seconds": 3.0 * len(answers), "repeats": repeats, **more}
    cases = facts or {case: CaseFacts("d", "greet") for case in ids}
    return SuiteRun(run_id=f"run-{release}", suite=suite, release=release, answers=answers, scores=scores, cases=cases, **known)


def evidence(candidate: SuiteRun, base: SuiteRun | None = None, *, tier: Tier = "T2", **more: Any) -> Evidence:
    """The evidence of one suite."""
    known: dict[str, Any] = {"version_id": VERSION, "intents": {"greet": 10}, **more}
    return Evidence(
        use_case="shop",
        tier=tier,
        release=candidate.release,
        baseline=base.release if base else None,
        candidate={candidate.suite: candidate},
        base={base.suite: base} if base else {},
        **known,
    )


def gate(kind: str, **more: Any) -> dict[str, Any]:
    """One gate on the metric `m` of suite `s`."""
    plain: dict[str, Any] = {"gate": kind, "family": "quality", "kind": kind, "suite": "s", "means": "words", **more}
    if kind != "coverage" and "measure" not in plain:
        plain.setdefault("metric", "m")
    return plain


LATENCY = {
    "gate": "slow",
    "family": "cost_latency",
    "kind": "at_most",
    "suite": "s",
    "measure": "latency_ms",
    "quantile": 0.95,
    "at": 30_000,
    "means": "in time",
}


def policy_of(*gates: dict[str, Any], **more: Any) -> GatePolicy:
    """A policy with these gates and one of latency; families that they lack do not apply."""
    every = [*gates, LATENCY]
    present = {one["family"] for one in every}
    without = {family: "not here" for family in ("quality", "safety", "tool") if family not in present}
    plain = {
        "version": 1,
        "name": "p",
        "description": "d",
        "use_cases": ["*"],
        "tiers": ["T2"],
        "without": without,
        "gates": every,
        **more,
    }
    return GatePolicy.model_validate(plain)
