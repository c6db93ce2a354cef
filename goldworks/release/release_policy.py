"""`expectations/policies/release.yml`: how a verdict becomes a decision, who signs, and who approves changes; and the approvals
themselves, by digest, in `expectations/approvals.yml`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import Field, model_validator

from goldworks.errors import InputError
from goldworks.policies import Policy, load_policy
from goldworks.release.gate_policy import Family, GatePolicy
from goldworks.review.policy import ReviewPolicy
from goldworks.review.rubric import Rubric
from goldworks.use_cases import Tier, UseCase, Words

Subject = Literal["gates", "sampling", "rubrics", "review"]
REVIEW = "review"
"""Name under which the review policy is approved: that of its file."""


class TierRules(Policy):
    """Rules of one tier; see the comments of the file."""

    inconclusive: Literal["blocks", "sign_off", "warns"]
    signers: tuple[str, ...] = ()
    never_waived: tuple[Family, ...] = ()
    longest_days: int = Field(ge=1, le=365)
    is_self_approval_refused: bool
    is_approval_needed: bool


class ReleasePolicy(Policy):
    """The policy of decisions."""

    version: int = Field(ge=1)
    tiers: dict[Tier, TierRules]
    people: dict[str, tuple[Words, ...]]
    approvers: dict[Subject, tuple[str, ...]]

    @model_validator(mode="after")
    def _check(self) -> ReleasePolicy:
        for tier in get_args(Tier):
            if tier not in self.tiers:
                raise ValueError(f"tiers: {tier} is absent")
        for subject in get_args(Subject):
            if not self.approvers.get(subject):
                raise ValueError(f"approvers: nobody approves {subject}")
        named = {role for rules in self.tiers.values() for role in rules.signers}
        named |= {role for roles in self.approvers.values() for role in roles}
        nobody = sorted(role for role in named if not self.people.get(role))
        if nobody:
            raise ValueError(f"people: nobody is {nobody[0]}")
        return self

    def has_role(self, person: str, role: str) -> bool:
        """Whether the person has the role."""
        return person in self.people.get(role, ())


class Approval(Policy):
    """One approved state of a policy. `name`: the gate policy, the use case whose plan is sampled by, the rubric, or `review`."""

    subject: Subject
    name: Words
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    approved_by: Words
    role: Words
    approved_on: dt.date


class Approvals(Policy):
    """`expectations/approvals.yml`."""

    version: int = Field(ge=1)
    approvals: tuple[Approval, ...] = ()


def load_release_policy(expectations: Path) -> ReleasePolicy:
    """The policy below `expectations`. Raises `PolicyError`."""
    return load_policy(expectations / "policies" / "release.yml", ReleasePolicy)


def load_approvals(expectations: Path) -> Approvals:
    """The approvals below `expectations`; none when there is no file. Raises `PolicyError`."""
    path = expectations / "approvals.yml"
    return load_policy(path, Approvals) if path.exists() else Approvals(version=1)


def unapproved(rules: ReleasePolicy, approvals: Approvals, gates: GatePolicy, use_case: UseCase) -> Iterator[str]:
    """What the tier wants approved and nobody who may has approved as it stands, in words."""
    if not rules.tiers[use_case.tier].is_approval_needed:
        return
    if not _is_approved(rules, approvals, "gates", gates.name, gates.digest):
        yield f"the gates of {gates.name} are not approved as they stand"
    if not _is_approved(rules, approvals, "sampling", use_case.name, use_case.plan.digest):
        yield f"the sampling plan of {use_case.name} is not approved as it stands"


def unapproved_labels(
    rules: ReleasePolicy, approvals: Approvals, tier: Tier, rubric: Rubric, review: ReviewPolicy
) -> tuple[tuple[str, str], ...]:
    """What keeps labels from counting as reference at the tier: a rubric, or a way to draw and to judge agreement, that nobody
    who may has approved as it stands. Each in words, with the command that approves it.
    """
    if not rules.tiers[tier].is_approval_needed:
        return ()
    by = {subject: roles[0] for subject, roles in rules.approvers.items()}
    wanted: tuple[tuple[Subject, str, str, str], ...] = (
        ("rubrics", rubric.name, rubric.digest, f"the rubric {rubric.name}"),
        ("review", REVIEW, review.sampling_digest, "the review policy, which draws what is labelled,"),
    )
    return tuple(
        (f"{words} is not approved as it stands", f"goldworks gate approve {subject} {name} --by NAME --role {by[subject]}")
        for subject, name, digest, words in wanted
        if not _is_approved(rules, approvals, subject, name, digest)
    )


def _is_approved(rules: ReleasePolicy, approvals: Approvals, subject: Subject, name: str, wanted: str) -> bool:
    """A plan is approved by its digest whatever use case it was approved for: use cases without their own share the default."""
    return any(
        one.subject == subject
        and one.digest == wanted
        and (one.name == name or subject == "sampling")
        and one.role in rules.approvers[subject]
        and rules.has_role(one.approved_by, one.role)
        for one in approvals.approvals
    )


def approve(expectations: Path, subject: Subject, name: str, wanted: str, person: str, role: str, on: dt.date) -> None:
    """Add an approval to the file. Raises `InputError` for a person who may not approve that."""
    rules, known = load_release_policy(expectations), load_approvals(expectations)
    if role not in rules.approvers[subject] or not rules.has_role(person, role):
        may = "; ".join(f"{one}: {', '.join(rules.people[one])}" for one in rules.approvers[subject])
        raise InputError(
            f"{person} as {role} may not approve {subject}", remedy=f"in expectations/policies/release.yml may: {may}"
        )
    fresh = Approval(subject=subject, name=name, digest=wanted, approved_by=person, role=role, approved_on=on)
    if any(one.subject == subject and one.digest == wanted and one.name == name for one in known.approvals):
        return
    _write(expectations / "approvals.yml", [*known.approvals, fresh])


HEADER = """\
# States of policies that people approved, by digest. Written by `goldworks gate approve`; what is not here is not approved.
"""


def _write(path: Path, approvals: Sequence[Approval]) -> None:
    plain = {"version": 1, "approvals": [one.model_dump(mode="json") for one in approvals]}
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(HEADER + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
    draft.replace(path)
