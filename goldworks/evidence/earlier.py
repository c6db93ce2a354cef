"""What earlier judgments and further runs have to do with a verdict: which runs speak, looks, also at labels, bans, flakiness.

Of the lake when a pack is written, which notes what was read; of those rows when it is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from goldworks.evaluation.quarantine import FlakinessPolicy
from goldworks.evaluation.result import clusters_of
from goldworks.lake import Readable
from goldworks.release.forbidden import forbidden
from goldworks.release.gate_policy import GatePolicy
from goldworks.release.label_looks import LabelLooks, label_looks
from goldworks.release.looks import history
from goldworks.release.recorded_hits import recorded_hits
from goldworks.release.repeated import Repeated, over_repeats
from goldworks.release.rows import Evidence, Hits, RecordedHit
from goldworks.release.speaking import Spoken, speaking


@dataclass(frozen=True, slots=True)
class Earlier:
    """`spoken` and `repeated` by suite, `forbidden` and `recorded` by ban, `labels` by gate."""

    spoken: Mapping[str, Spoken]
    forbidden: Mapping[str, tuple[Hits, ...]]
    repeated: Mapping[str, Repeated]
    labels: LabelLooks
    recorded: Mapping[str, RecordedHit]


def earlier(tables: Readable, policy: GatePolicy, evidence: Evidence, flakiness: FlakinessPolicy) -> Earlier:
    """As `goldworks gate` finds it, for the runs of the evidence."""
    past = history(tables, evidence.use_case, evidence.release, evidence.version_id, policy)
    spoken = speaking(
        *(tables, evidence.use_case, evidence.release, evidence.baseline, policy.suites, evidence.version_id, past, policy.looks)
    )
    repeated: dict[str, Repeated] = {}
    for suite, run in evidence.candidate.items():
        flaky = [gate for gate in policy.gates if gate.suite == suite and gate.kind == "flakiness"]
        row = spoken[suite].release if suite in spoken else None
        if flaky and row is not None:
            repeated[suite] = over_repeats(tables, row, flaky, flakiness, clusters_of(run.answers), policy.confidence)
    labels = label_looks(policy, evidence.tier, past, spoken, evidence.candidate, evidence.calibrations)
    recorded = recorded_hits(
        *(tables, policy, evidence.tier, evidence.use_case, evidence.release, evidence.version_id, evidence.candidate)
    )
    return Earlier(spoken, forbidden(tables, policy, evidence.candidate, spoken), repeated, labels, recorded)
