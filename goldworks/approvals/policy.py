"""`expectations/policies/release.yml`: how a verdict becomes a decision, who signs, and who approves changes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, model_validator

from goldworks.digests import digest
from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Tier, Words

Subject = Literal["release", "tiers", "gates", "suites", "sampling", "quarantine", "calibration", "rubrics", "review"]
"""What is changed only with an approval."""

NAMED_SINCE_EVER: tuple[Subject, ...] = ("gates", "sampling", "rubrics", "review")
"""Subjects whose approvers the policy has to name. Those of the others are, when it does not, the approvers of gates."""

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


class Grants(Policy):
    """Who has which role, and which roles approve what."""

    people: dict[str, tuple[Words, ...]]
    approvers: dict[Subject, tuple[str, ...]]

    def has_role(self, person: str, role: str) -> bool:
        """Whether the person has the role."""
        return person in self.people.get(role, ())

    def roles(self, subject: Subject) -> tuple[str, ...]:
        """Roles whose people approve changes of the subject."""
        return self.approvers.get(subject) or self.approvers["gates"]

    def may_approve(self, subject: Subject, person: str, role: str) -> bool:
        """Whether the person, in that role, approves changes of the subject."""
        return role in self.roles(subject) and self.has_role(person, role)


class ReleasePolicy(Grants):
    """The policy of decisions."""

    version: int = Field(ge=1)
    tiers: dict[Tier, TierRules]

    @model_validator(mode="after")
    def _check(self) -> ReleasePolicy:
        for tier in get_args(Tier):
            if tier not in self.tiers:
                raise ValueError(f"tiers: {tier} is absent")
        for subject in NAMED_SINCE_EVER:
            if not self.approvers.get(subject):
                raise ValueError(f"approvers: nobody approves {subject}")
        named = {role for rules in self.tiers.values() for role in rules.signers}
        named |= {role for roles in self.approvers.values() for role in roles}
        nobody = sorted(role for role in named if not self.people.get(role))
        if nobody:
            raise ValueError(f"people: nobody is {nobody[0]}")
        return self

    @property
    def grants(self) -> Grants:
        """Who has which role, and which roles approve what."""
        return Grants(people=self.people, approvers=self.approvers)

    @property
    def digest(self) -> str:
        """Digest of all that it says, 64 hex digits."""
        return digest(self.model_dump(mode="json", exclude_defaults=True, exclude={"version"}))


def load_release_policy(expectations: Path) -> ReleasePolicy:
    """The policy below `expectations`. Raises `PolicyError`."""
    return load_policy(expectations / "policies" / "release.yml", ReleasePolicy)
