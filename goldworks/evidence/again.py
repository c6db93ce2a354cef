"""Figures that the judge takes as they are, computed again from what they rest on: aggregates, flakiness, drift, looks, bans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from goldworks.evidence.earlier import Earlier, earlier
from goldworks.evidence.grounds import Grounds
from goldworks.evidence.rows import LOOKS, SIDES, as_json
from goldworks.evidence.tables import Shipped
from goldworks.evidence.wholes import aggregates_again
from goldworks.release.gate_policy import GatePolicy
from goldworks.release.integrity import missing_alone
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.release.score_drift import drift_in
from goldworks.release.wholes import aggregate_differences

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Again:
    """`evidence`: with its figures computed again. `signed`: aggregates (`suite/metric`) that could not be. `spoken`: by side and
    suite the run that speaks.
    """

    evidence: Evidence
    signed: tuple[str, ...] = ()
    spoken: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


def compute_again(stated: Evidence, policy: GatePolicy, grounds: Grounds) -> Again:
    """From the rows of a pack."""
    signed: set[str] = set()
    sides = {
        side: {suite: _with_wholes(run, side, grounds, stated, policy, signed) for suite, run in by_suite.items()}
        for side, by_suite in zip(SIDES, (stated.candidate, stated.base), strict=True)
    }
    base = sides["base"]
    evidence = replace(stated, candidate=sides["candidate"], base=base, comparisons=grounds.comparisons)
    evidence = replace(evidence, **_drifted(evidence))
    tables = Shipped(
        *(stated, policy.digest),
        runs=grounds.runs,
        judgments=grounds.judgments,
        scores=grounds.scores,
        versions=grounds.versions,
    )
    found = earlier(tables, policy, evidence, grounds.flakiness)
    candidate = {suite: _with_repeats(run, found) for suite, run in sides["candidate"].items()}
    differences = {of: one for of, one in stated.differences.items() if of in signed}
    evidence = replace(
        evidence,
        candidate=candidate,
        differences=aggregate_differences(policy, base=base, candidate=candidate) | differences,
        missing_alone=dict(_missing_alone(evidence, signed)),
        looks={suite: one.looks for suite, one in found.spoken.items()},
        passed_over={suite: one.made for suite, one in found.spoken.items() if one.made},
        gate_looks=found.labels.made,
        standing=found.labels.standing,
        forbidden=found.forbidden,
        recorded_hits=found.recorded,
    )
    return Again(evidence, tuple(sorted(signed)), _speaking(found))


def _with_wholes(run: SuiteRun, side: str, grounds: Grounds, stated: Evidence, policy: GatePolicy, signed: set[str]) -> SuiteRun:
    parts = grounds.parts.get((side, run.suite))
    if parts is None:
        return replace(run, aggregates={})
    found, left = aggregates_again(run, parts, stated.quarantined, policy.confidence)
    signed |= {f"{run.suite}/{name}" for name in left}
    return replace(
        run,
        aggregates={name: found[name].estimate if name in found else one for name, one in run.aggregates.items()}
        | {name: one.estimate for name, one in found.items()},
        tallies={name: one.tally for name, one in found.items() if one.tally is not None},
    )


def _with_repeats(run: SuiteRun, found: Earlier) -> SuiteRun:
    one = found.repeated.get(run.suite)
    return replace(run, flake_rates=one.rates if one else {}, repeats_missing=one.missing if one else {})


def _missing_alone(evidence: Evidence, signed: set[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    yield from ((of, one) for of, one in evidence.missing_alone.items() if of in signed)
    for suite in evidence.candidate.keys() & evidence.base.keys():
        base, candidate = evidence.base[suite], evidence.candidate[suite]
        for metric in base.tallies.keys() & candidate.tallies.keys():
            yield f"{suite}/{metric}", missing_alone(base, candidate, metric)


def _drifted(evidence: Evidence) -> Row:
    """What moved, and the states of the certificates with it: one that is lost to drift is valid but for it."""
    if evidence.comparisons is None:
        found = {}
    else:
        found = drift_in(evidence.comparisons, [*evidence.candidate.values(), *evidence.base.values()])
    states = {of: "valid" if state == "drift" else state for of, state in evidence.certificates.items()}
    lost = [of for of, moved in found.items() if not moved.is_of_baseline]
    kept = {of: one for of, one in evidence.calibrations.items() if of not in lost}
    return {"drifted": found, "certificates": {**states, **dict.fromkeys(lost, "drift")}, "calibrations": kept}


def _speaking(found: Earlier) -> dict[str, dict[str, str]]:
    of = {
        "candidate": {suite: one.release for suite, one in found.spoken.items()},
        "base": {suite: one.baseline for suite, one in found.spoken.items()},
    }
    return {side: {suite: row["run_id"] for suite, row in rows.items() if row is not None} for side, rows in of.items()}


def figures(evidence: Evidence, spoken: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, Row]:
    """By file of a pack the figures that `compute_again` computes, as JSON has them. `spoken`: instead of the evidence's runs."""
    sides = dict(zip(SIDES, (evidence.candidate, evidence.base), strict=True))
    runs: Row = {
        side: {
            suite: {
                "aggregates": {name: asdict(one) for name, one in run.aggregates.items()},
                "flake_rates": {name: asdict(one) for name, one in run.flake_rates.items()},
                "repeats_missing": run.repeats_missing,
            }
            for suite, run in by_suite.items()
        }
        for side, by_suite in sides.items()
    }
    runs["run_id"] = spoken or {side: {suite: run.run_id for suite, run in of.items()} for side, of in sides.items()}
    judged: Row = {
        "certificates": evidence.certificates,
        "calibrations": sorted(evidence.calibrations),
        "missing_alone": evidence.missing_alone,
        "differences": {of: asdict(one) for of, one in evidence.differences.items()},
        "drifted": {of: asdict(one) for of, one in evidence.drifted.items()},
        "forbidden": {ban: [asdict(one) for one in of] for ban, of in evidence.forbidden.items()},
    }
    judged["recorded_hits"] = {ban: asdict(one) for ban, one in evidence.recorded_hits.items()}
    judged["standing"] = {gate: asdict(one) for gate, one in evidence.standing.items()}
    for name in LOOKS:
        judged[name] = {suite: [asdict(look) for look in looks] for suite, looks in getattr(evidence, name).items()}
    return orjson.loads(as_json({"runs.json": runs, "judged.json": judged}))
