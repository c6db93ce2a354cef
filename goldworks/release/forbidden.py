"""What bans forbid, in further runs of a release than the one that speaks for it: a nightly run that leaks fails the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from goldworks.lake import Readable
from goldworks.release.gate_policy import Gate, GatePolicy
from goldworks.release.measuring import PASS_AT
from goldworks.release.rows import Hits, SuiteRun
from goldworks.release.speaking import Spoken

Row = Mapping[str, Any]


def forbidden(
    lake: Readable, policy: GatePolicy, candidate: Mapping[str, SuiteRun], spoken: Mapping[str, Spoken]
) -> dict[str, tuple[Hits, ...]]:
    """By ban, the hits of each further run, oldest first. `candidate`: the runs that speak, by suite, as are `spoken`.

    What other code scored counts when it is no opinion and newer than what speaks: mending a scorer ends what the old one said,
    and a new one says no less.
    """
    found: dict[str, tuple[Hits, ...]] = {}
    for gate in policy.gates:
        if gate.kind == "ban" and gate.suite in candidate:
            run, one = candidate[gate.suite], spoken[gate.suite]
            run_ids = [row["run_id"] for row in one.further if one.release is not None and _counts(gate, run, one.release, row)]
            if hits := _hits(lake, gate, run, run_ids):
                found[gate.gate] = hits
    return found


def _counts(gate: Gate, run: SuiteRun, speaks: Row, row: Row) -> bool:
    digests: Mapping[str, str] = orjson.loads(row["config"]).get("scorer_digests", {})
    is_same = digests.get(str(gate.metric)) == run.scorer_digests.get(str(gate.metric))
    return is_same or (gate.metric not in run.opinions and row["ended_at"] > speaks["ended_at"])


def _hits(lake: Readable, gate: Gate, run: SuiteRun, run_ids: Sequence[str]) -> tuple[Hits, ...]:
    if not run_ids:
        return ()
    where = [("run_id", "in", list(run_ids)), ("metric", "=", gate.metric), ("value", "<", PASS_AT)]
    cases: dict[str, set[str]] = {}
    for row in lake.rows("evals.scores", ["run_id", "case_id", "reason"], where):
        facts = run.cases.get(row["case_id"])
        is_tagged = not gate.tags or (facts is not None and bool(set(gate.tags) & set(facts.tags)))
        if is_tagged and row["reason"] != "not_applicable":
            cases.setdefault(row["run_id"], set()).add(row["case_id"])
    return tuple(Hits(run_id, tuple(sorted(cases[run_id]))) for run_id in run_ids if run_id in cases)
