"""What bans found in earlier judgments of a release: it stays found when its answers or its run are deleted.

The rows of a forbidden case go with the case, for its age or on request; that the release did what is forbidden does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from goldworks.golden.read import what_remains
from goldworks.lake import Readable
from goldworks.release.gate_policy import Gate, GatePolicy
from goldworks.release.rows import RecordedHit, SuiteRun
from goldworks.use_cases import Tier

Row = Mapping[str, Any]
COLUMNS = [
    *("judgment_id", "judged_at", "first_judged_at", "version_id", "run_ids"),
    *("gate", "kind", "status", "reason", "threshold", "scorer_digest"),
]


def recorded_hits(
    lake: Readable,
    policy: GatePolicy,
    tier: Tier,
    use_case: str,
    release: str,
    version_id: str | None,
    candidate: Mapping[str, SuiteRun],
) -> dict[str, RecordedHit]:
    """By ban, the first judgment that failed it: under the same policy, on the golden version or what was left of it, by what
    scores the metric now. Waived or not: a waiver is put on anew.
    """
    where = [("use_case", "=", use_case), ("release", "=", release), ("policy_digest", "=", policy.digest), ("kind", "=", "ban")]
    rows = [
        row
        for row in lake.rows("release.verdicts", COLUMNS, where)
        if row["status"] == "fail" or (row["status"] == "conditional" and row["reason"] is None)
    ]
    rows.sort(key=lambda row: (row["first_judged_at"] or row["judged_at"], row["judgment_id"]))
    remains = {name: what_remains(lake, name) for name in {row["version_id"] for row in rows} if name is not None}
    gates = {gate.gate: gate for gate in policy.at_tier(tier) if gate.kind == "ban" and gate.suite in candidate}
    found: dict[str, RecordedHit] = {}
    for row in rows:
        gate = gates.get(row["gate"])
        if gate is None or gate.gate in found or remains.get(row["version_id"]) != version_id:
            continue
        threshold, scorer = gate.threshold(tier), candidate[gate.suite].scorer_digests.get(str(gate.metric))
        is_as_strict = threshold is not None and threshold <= row["threshold"]
        if is_as_strict and _scorer(lake, gate, row) in (scorer, None):
            on = (row["first_judged_at"] or row["judged_at"]).date().isoformat()
            found[gate.gate] = RecordedHit(row["judgment_id"], on)
    return found


def _scorer(lake: Readable, gate: Gate, row: Row) -> str | None:
    """What scored the metric then. By a version that did not keep it: as the run that spoke says; None where that is gone."""
    if row["scorer_digest"] is not None:
        return row["scorer_digest"]
    where = [("run_id", "in", row["run_ids"]), ("suite", "=", gate.suite)]
    digests = [orjson.loads(run["config"]).get("scorer_digests", {}) for run in lake.rows("evals.runs", ["config"], where)]
    return next((of[gate.metric] for of in digests if gate.metric in of), None)
