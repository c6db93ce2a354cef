"""What a judgment says: one verdict per gate and one in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from goldworks.approvals.policy import Family
from goldworks.release.gate_policy import Kind
from goldworks.release.waivers import Acceptance
from goldworks.statistics import Estimate
from goldworks.use_cases import Tier

Status = Literal["pass", "conditional", "inconclusive", "fail", "not_applicable"]
WORST_FIRST: tuple[Status, ...] = ("fail", "inconclusive", "conditional", "pass", "not_applicable")


@dataclass(frozen=True, slots=True)
class Settle:
    """What would settle an open gate: so many more independent cases, answers per case or human labels, and what asking costs.

    `hours` and `usd`: of the run's own time and cost per answer, for both releases where both are asked, of the way that is named
    first; None: not known. `label_hours` and `label_usd`: of the people who label.
    """

    words: str
    cases: int = 0
    repeats: int = 0
    labels: int = 0
    hours: float | None = None
    usd: float | None = None
    label_hours: float | None = None
    label_usd: float | None = None


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """One gate. `estimate` is at the gates' confidence; for `not_worse` it is the difference, candidate minus base. Of a judge or
    proxy it is what people would have found, and `own` what the metric itself says.

    `threshold`: the number of the policy. `reachable`: of `not_worse`, the margin that this many cases can prove 4 times in 5
    when nothing changed. `reason`: why it is inconclusive, a word for machines. `tags`: regression_within_margin, improvement,
    only_base_missing. `accepted_by`: ids of waivers and sign-offs that make it conditional. `look`: which look this is, of a gate
    that an interval decides. `labels` and `labels_digest`: what a judge or proxy rests on. `scorer_digest`: of a ban, what scored
    it.
    """

    gate: str
    family: Family | Literal["governance"]
    kind: Kind | Literal["precondition"]
    suite: str
    metric: str
    status: Status
    threshold: float
    words: str
    estimate: Estimate | None = None
    own: float | None = None
    reachable: float | None = None
    reason: str | None = None
    settle: Settle | None = None
    tags: tuple[str, ...] = ()
    accepted_by: tuple[str, ...] = ()
    look: int | None = None
    labels: int | None = None
    labels_digest: str | None = None
    scorer_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A release against its baseline. `notes`: what to know beside the gates.

    `is_blocked`: the tier does not let it out with this verdict. `unsigned`: roles of which nobody has signed for it yet.
    `acceptances`: waivers and sign-offs of the release, those that do not count too. `smoke_margin`: not a verdict about a
    release, but the check of a pull request, on a part that can rule out a loss of so much.
    """

    use_case: str
    tier: Tier
    release: str
    baseline: str | None
    policy: str
    policy_digest: str
    version_id: str | None
    run_ids: tuple[str, ...]
    status: Status
    gates: tuple[GateVerdict, ...]
    notes: tuple[str, ...] = ()
    is_blocked: bool = True
    unsigned: tuple[str, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    smoke_margin: float | None = None

    @property
    def is_check(self) -> bool:
        """Whether a pull request was checked on a part of a golden version, which says nothing about a release going out."""
        return self.smoke_margin is not None


def whole(gates: Sequence[GateVerdict]) -> Status:
    """The verdict in all: the worst of the gates. No gate at all decides nothing."""
    found = {gate.status for gate in gates} - {"not_applicable"}
    for status in WORST_FIRST:
        if status in found:
            return status
    return "inconclusive"
