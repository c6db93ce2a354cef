"""`expectations/approvals.yml`: states of policies that people approved, by digest. What is not there is not approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import Field

from goldworks.approvals.policy import ReleasePolicy, Subject, load_release_policy
from goldworks.errors import InputError
from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Words

HEADER = """\
# States of policies that people approved, by digest. Written by `goldworks gate approve`; what is not here is not approved.
"""


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

    def hold(self, rules: ReleasePolicy, subject: Subject, name: str, wanted: str) -> bool:
        """Whether someone who may has approved the state with the digest `wanted`. A plan is approved by its digest whatever use
        case it was approved for: use cases without their own share the default.
        """
        return any(
            one.subject == subject
            and one.digest == wanted
            and (one.name == name or subject == "sampling")
            and rules.may_approve(subject, one.approved_by, one.role)
            for one in self.approvals
        )


def load_approvals(expectations: Path) -> Approvals:
    """The approvals below `expectations`; none when there is no file. Raises `PolicyError`."""
    path = expectations / "approvals.yml"
    return load_policy(path, Approvals) if path.exists() else Approvals(version=1)


def approve(expectations: Path, subject: Subject, name: str, wanted: str, person: str, role: str, on: dt.date) -> None:
    """Add an approval to the file. Raises `InputError` for a person who may not approve that."""
    rules, known = load_release_policy(expectations), load_approvals(expectations)
    if not rules.may_approve(subject, person, role):
        may = "; ".join(f"{one}: {', '.join(rules.people[one])}" for one in rules.approvers[subject])
        raise InputError(
            f"{person} as {role} may not approve {subject}", remedy=f"in expectations/policies/release.yml may: {may}"
        )
    fresh = Approval(subject=subject, name=name, digest=wanted, approved_by=person, role=role, approved_on=on)
    if any(one.subject == subject and one.digest == wanted and one.name == name for one in known.approvals):
        return
    _write(expectations / "approvals.yml", [*known.approvals, fresh])


def _write(path: Path, approvals: Sequence[Approval]) -> None:
    plain = {"version": 1, "approvals": [one.model_dump(mode="json") for one in approvals]}
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(HEADER + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
    draft.replace(path)
