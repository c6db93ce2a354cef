"""Writing a judgment to the lake: candidate, verdict by gate, waivers. The same judgment again writes nothing new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from goldworks.digests import digest
from goldworks.lake import Lake, declared
from goldworks.release.gathering import Asked
from goldworks.release.verdict import GateVerdict, Verdict
from goldworks.release.waivers import Acceptance, Seen

ID_DIGITS = 24


def judgment_id(verdict: Verdict) -> str:
    """Digest of what the judgment rests on and of what it says of each gate."""
    said = [(gate.gate, gate.status, gate.words, list(gate.accepted_by)) for gate in verdict.gates]
    head = [verdict.use_case, verdict.release, verdict.baseline, verdict.tier, verdict.policy_digest, verdict.version_id]
    return digest([head, list(verdict.run_ids), said, verdict.is_blocked])[:ID_DIGITS]


def record(lake: Lake, asked: Asked, verdict: Verdict, now: dt.datetime) -> str:
    """Write it and return its id."""
    name = judgment_id(verdict)
    if _newest(lake, verdict.use_case, verdict.release) != name:
        first = _first(lake, name) or now
        lake.upsert("release.verdicts", [table_row(name, verdict, gate, now, first) for gate in verdict.gates])
    _write_changed(lake, "release.candidates", [_candidate(asked, verdict, now)], "judged_at")
    _write_changed(lake, "release.waivers", _waivers(verdict.acceptances, now), "seen_at")
    return name


def _newest(lake: Lake, use_case: str, release: str) -> str | None:
    """The judgment that stands. An earlier one that comes true again, say as a waiver ends, gets the time of now."""
    about = [("use_case", "=", use_case), ("release", "=", release)]
    rows = lake.rows("release.verdicts", ["judgment_id", "judged_at"], about)
    return max(rows, key=lambda row: row["judged_at"])["judgment_id"] if rows else None


def _first(lake: Lake, name: str) -> dt.datetime | None:
    """When the judgment was made first; None: it was not."""
    rows = lake.rows("release.verdicts", ["judged_at", "first_judged_at"], [("judgment_id", "=", name)])
    return min((row["first_judged_at"] or row["judged_at"] for row in rows), default=None)


def _write_changed(lake: Lake, table: str, rows: Sequence[dict[str, Any]], moment: str) -> None:
    """Write the rows that say something new; the column `moment` alone is nothing new, and marts need not be built for it."""

    def said(row: Mapping[str, Any]) -> dict[str, Any]:
        return {column.name: row.get(column.name) for column in declared(table).columns if column.name != moment}

    known = [said(row) for row in lake.rows(table)] if rows else []
    if changed := [row for row in rows if said(row) not in known]:
        lake.upsert(table, changed)


def table_row(name: str, verdict: Verdict, gate: GateVerdict, now: dt.datetime, first: dt.datetime) -> dict[str, Any]:
    """The row of `release.verdicts` of a gate. `first`: when the judgment `name` was made first."""
    estimate, settle = gate.estimate, gate.settle
    return {
        "judgment_id": name,
        "use_case": verdict.use_case,
        "release": verdict.release,
        "baseline": verdict.baseline,
        "tier": verdict.tier,
        "policy": verdict.policy,
        "policy_digest": verdict.policy_digest,
        "version_id": verdict.version_id,
        "run_ids": list(verdict.run_ids),
        "verdict": verdict.status,
        "is_blocked": verdict.is_blocked,
        "judged_at": now,
        "first_judged_at": first,
        "gate": gate.gate,
        "family": gate.family,
        "kind": gate.kind,
        "suite": gate.suite,
        "metric": gate.metric,
        "status": gate.status,
        "threshold": float(gate.threshold),
        "value": estimate and estimate.value,
        "own_value": gate.own,
        "low": estimate and estimate.low,
        "high": estimate and estimate.high,
        "confidence": estimate and estimate.confidence,
        "method": estimate and estimate.method,
        "n": estimate and estimate.n,
        "n_clusters": estimate and estimate.n_clusters,
        "n_missing": estimate and estimate.n_missing,
        "reachable_margin": gate.reachable,
        "reason": gate.reason,
        "words": gate.words,
        "settled_by": settle and settle.words,
        "more_cases": settle.cases or None if settle else None,
        "more_repeats": settle.repeats or None if settle else None,
        "more_labels": settle.labels or None if settle else None,
        "hours": settle and settle.hours,
        "cost_usd": settle and settle.usd,
        "label_hours": settle and settle.label_hours,
        "label_cost_usd": settle and settle.label_usd,
        "tags": list(gate.tags),
        "accepted_by": list(gate.accepted_by),
        "look": gate.look,
        "labels": gate.labels,
        "labels_digest": gate.labels_digest,
        "scorer_digest": gate.scorer_digest,
    }


def _candidate(asked: Asked, verdict: Verdict, now: dt.datetime) -> dict[str, Any]:
    file = asked.declared
    components = file.components.model_dump() if file is not None else {}
    return {
        "use_case": asked.use_case,
        "release": asked.release,
        "tier": verdict.tier,
        "released_on": file.released_on.isoformat() if file is not None else None,
        "target": file.target if file is not None else None,
        "suites": sorted(asked.suites),
        "baseline": asked.baseline,
        "author": file.author if file is not None else None,
        "judged_at": now,
        **components,
    }


def _waivers(acceptances: Sequence[Acceptance], now: dt.datetime) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in acceptances:
        waiver = one.waiver
        names = ("kind", "use_case", "release", "owner", "reason", "mitigation", "issue", "approved_by", "role")
        rows.append(
            {
                "waiver_id": waiver.waiver,
                **{name: getattr(waiver, name) for name in names},
                "gates": list(waiver.gates),
                "since": waiver.since.isoformat(),
                "expires": waiver.expires.isoformat(),
                "state": one.state,
                "detail": one.detail,
                "key_id": waiver.signature.keyid if waiver.signature is not None else None,
                "file_digest": waiver.digest,
                **_seen(waiver.seen),
                "seen_at": now,
            }
        )
    return rows


def _seen(seen: Seen | None) -> dict[str, Any]:
    if seen is None:
        return {}
    found = [f"{gate}: {status}" for gate, status in seen.gates.items()] or [f"verdict: {seen.verdict}"]
    return {
        "seen": found,
        "version_id": seen.version_id,
        "policy_digest": seen.policy_digest,
        "baseline": seen.baseline,
    }
