"""What people accepted, put on a verdict: failed or open gates with a valid waiver become conditional, and it is said who has to
sign yet. A waiver covers what was seen when it was signed, or milder, on the same golden version, policy and baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from goldworks.approvals.policy import ReleasePolicy, TierRules
from goldworks.release.verdict import WORST_FIRST, GateVerdict, Settle, Verdict, whole
from goldworks.release.waivers import Acceptance, Seen

BY_WHOM = "goldworks gate approve, by whom policies/release.yml names"

NOT_AS_SEEN = "not_as_seen"
"""State of a waiver or sign-off that was given for another verdict, or for one that was not as bad."""


def with_preconditions(verdict: Verdict, lacking: Iterable[tuple[str, str] | str]) -> Verdict:
    """The verdict with a gate for each thing that is not approved: until it is, nothing is decided.

    `lacking`: words and the command that approves it; packs of an earlier version hold the words alone.
    """
    pairs = [(one, BY_WHOM) if isinstance(one, str) else one for one in lacking]
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
            settle=Settle(command),
        )
        for number, (words, command) in enumerate(pairs, 1)
    ]
    every = (*gates, *verdict.gates)
    return replace(verdict, gates=every, status=whole(every))


def accept(verdict: Verdict, rules: ReleasePolicy, acceptances: Sequence[Acceptance]) -> Verdict:
    """Apply what counts. A sign-off opens inconclusive gates where the tier allows that; a waiver also failed ones, but never
    those of a family that the tier keeps from being waived, nor a precondition. While a precondition is open no tier lets out.
    """
    tier = rules.tiers[verdict.tier]
    acceptances = [_held_against(verdict, one) for one in acceptances]
    valid = [one for one in acceptances if one.state == "valid"]
    gates = tuple(_accept(gate, tier, valid) for gate in verdict.gates)
    status = whole(gates)
    acceptances = [_of_the_whole(status, one) for one in acceptances]
    signed = {one.waiver.role for one in acceptances if _is_signature(one) and one.state == "valid"}
    is_open = any(gate.kind == "precondition" and gate.status == "inconclusive" for gate in gates)
    return replace(
        verdict,
        gates=gates,
        status=status,
        is_blocked=status == "fail" or is_open or (status == "inconclusive" and tier.inconclusive != "warns"),
        unsigned=tuple(role for role in tier.signers if role not in signed),
        acceptances=tuple(acceptances),
    )


def _accept(gate: GateVerdict, tier: TierRules, valid: Sequence[Acceptance]) -> GateVerdict:
    if gate.status not in ("fail", "inconclusive") or gate.kind == "precondition":
        return gate
    by = [one.waiver.waiver for one in valid if gate.gate in one.waiver.gates and _opens(gate, tier, one)]
    return replace(gate, status="conditional", accepted_by=tuple(by)) if by else gate


def _opens(gate: GateVerdict, tier: TierRules, one: Acceptance) -> bool:
    if _is_worse(gate, one.waiver.seen):
        return False
    if gate.status == "fail":
        return one.waiver.kind == "waiver" and gate.family not in tier.never_waived
    return one.waiver.kind == "waiver" or tier.inconclusive != "blocks"


def _is_worse(gate: GateVerdict, seen: Seen | None) -> bool:
    return seen is not None and gate.status == "fail" and seen.gates.get(gate.gate) == "inconclusive"


def _held_against(verdict: Verdict, one: Acceptance) -> Acceptance:
    """Whether the verdict is the one that it was given for. One that covers a part of its gates says which it does not."""
    seen = one.waiver.seen
    if one.state != "valid" or seen is None:
        return one
    now = (("golden version", verdict.version_id, seen.version_id), ("baseline", verdict.baseline, seen.baseline))
    for what, is_, was in now:
        if is_ != was:
            return replace(one, state=NOT_AS_SEEN, detail=f"it was given for {what} {was or 'none'}, and this is {is_ or 'none'}")
    if verdict.policy_digest != seen.policy_digest:
        return replace(one, state=NOT_AS_SEEN, detail="it was given for the gates as they stood before the policy was changed")
    worse = [gate.gate for gate in verdict.gates if gate.gate in one.waiver.gates and _is_worse(gate, seen)]
    if not worse:
        return one
    detail = f"it was given when {', '.join(worse)} could not be decided, and now that has failed"
    return replace(one, state=NOT_AS_SEEN if set(worse) == set(one.waiver.gates) else "valid", detail=detail)


def _is_signature(one: Acceptance) -> bool:
    """Whether it is a person's signature for the release as a whole."""
    return one.waiver.kind == "sign_off" and not one.waiver.gates


def _of_the_whole(status: str, one: Acceptance) -> Acceptance:
    """A signature for the release as a whole holds for the verdict that was seen, or a milder one."""
    seen = one.waiver.seen
    if not _is_signature(one) or one.state != "valid" or seen is None:
        return one
    order: tuple[str, ...] = WORST_FIRST
    if order.index(status) >= order.index(seen.verdict):
        return one
    return replace(one, state=NOT_AS_SEEN, detail=f"it was given for the verdict {seen.verdict}, and this is {status}")
