"""`expectations/policies/release.yml`: how a verdict becomes a decision, who signs, and who approves changes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, model_validator

from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Tier, Words

Subject = Literal["gates", "sampling", "rubrics", "review"]
"""What is changed only with an approval."""

Family = Literal["quality", "safety", "tool", "cost_latency"]
"""Families of gates. A tier says of which no failed gate is ever waived."""


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

    def may_approve(self, subject: Subject, person: str, role: str) -> bool:
        """Whether the person, in that role, approves changes of the subject."""
        return role in self.approvers[subject] and self.has_role(person, role)


def load_release_policy(expectations: Path) -> ReleasePolicy:
    """The policy below `expectations`. Raises `PolicyError`."""
    return load_policy(expectations / "policies" / "release.yml", ReleasePolicy)
