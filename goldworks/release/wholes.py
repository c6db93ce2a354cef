"""Gates `not_worse` on aggregates: the difference of both runs over the cases they share, made while their counts are at hand."""

from __future__ import annotations

from collections.abc import Mapping

from goldworks.evaluation.aggregates.protocol import Aggregated
from goldworks.evaluation.wholes import paired
from goldworks.release.gate_policy import GatePolicy
from goldworks.release.integrity import common_cases
from goldworks.release.rows import SuiteRun
from goldworks.statistics import Estimate, seed_of


def aggregate_differences(
    policy: GatePolicy, base: Mapping[str, SuiteRun], candidate: Mapping[str, SuiteRun]
) -> dict[str, Estimate]:
    """Candidate minus base by `suite/metric`, of every aggregate of a gate `not_worse` that says what each case adds to it."""
    found: dict[str, Estimate] = {}
    for gate in policy.gates:
        old, new = base.get(gate.suite), candidate.get(gate.suite)
        if gate.kind != "not_worse" or gate.metric is None or old is None or new is None:
            continue
        if gate.metric in old.tallies and gate.metric in new.tallies:
            both = set(common_cases(old, new))
            seed = seed_of(old.run_id, new.run_id, gate.of)
            sides = [Aggregated(run.aggregates[gate.metric], tally=run.tallies[gate.metric]) for run in (old, new)]
            difference = paired(sides[0], sides[1], both, confidence=policy.confidence, seed=seed)
            if difference is not None:
                found[gate.of] = difference.difference
    return found
