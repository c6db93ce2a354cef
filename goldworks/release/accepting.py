"""What people accepted, put on a verdict: failed or open gates with a valid waiver become conditional, and it is said who has to
sign yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from goldworks.approvals.policy import ReleasePolicy, TierRules
from goldworks.release.verdict import GateVerdict, Settle, Verdict, whole
from goldworks.release.waivers import Acceptance


def with_preconditions(verdict: Verdict, open_words: Collection[str]) -> Verdict:
    """The verdict with a gate for each thing that is not approved: until it is, nothing is decided."""
    gates = [
        GateVerdict(
            f"approved_{number}",
            "governance",
            "precondition",
            "",
            "approvals",
            "inconclusive",
            0.0,
            f"cannot be judged: {words}",
            reason="not_approved",
            settle=Settle("goldworks gate approve, by whom policies/release.yml names"),
        )
        for number, words in enumerate(open_words, 1)
    ]
    every = (*gates, *verdict.gates)
    return replace(verdict, gates=every, status=whole(every))


def accept(verdict: Verdict, rules: ReleasePolicy, acceptances: Sequence[Acceptance]) -> Verdict:
    """Apply what counts. A sign-off opens inconclusive gates where the tier allows that; a waiver also failed ones, but never
    those of a family that the tier keeps from being waived, nor a precondition.
    """
    tier = rules.tiers[verdict.tier]
    valid = [one for one in acceptances if one.state == "valid"]
    gates = tuple(_accept(gate, tier, valid) for gate in verdict.gates)
    status = whole(gates)
    signed = {one.waiver.role for one in valid if one.waiver.kind == "sign_off" and not one.waiver.gates}
    return replace(
        verdict,
        gates=gates,
        status=status,
        is_blocked=status == "fail" or (status == "inconclusive" and tier.inconclusive != "warns"),
        unsigned=tuple(role for role in tier.signers if role not in signed),
        acceptances=tuple(acceptances),
    )


def _accept(gate: GateVerdict, tier: TierRules, valid: Sequence[Acceptance]) -> GateVerdict:
    if gate.status not in ("fail", "inconclusive") or gate.kind == "precondition":
        return gate
    by = [one.waiver.waiver for one in valid if gate.gate in one.waiver.gates and _opens(gate, tier, one)]
    return replace(gate, status="conditional", accepted_by=tuple(by)) if by else gate


def _opens(gate: GateVerdict, tier: TierRules, one: Acceptance) -> bool:
    if gate.status == "fail":
        return one.waiver.kind == "waiver" and gate.family not in tier.never_waived
    return one.waiver.kind == "waiver" or tier.inconclusive != "blocks"
