"""`expectations/approvals.yml`: states of policies that people approved, by digest, each entry signed. What is neither there nor
as it shipped is not approved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from goldworks.access.signed_entries import Signature, sign_content
from goldworks.access.signing import Signer
from goldworks.approvals.policy import Grants, Subject
from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Words

APPROVAL_TYPE = "application/vnd.goldworks.approval+json"
FILE = "approvals.yml"
HEADER = """\
# States of policies that people approved, by digest. Written and signed by `goldworks gate approve`: an entry that was written by
# hand, or changed, does not count. What is neither here nor as it shipped is not approved. Of one subject and name the entry with
# the greatest number counts, so that a state that was left behind has to be approved anew.
"""


class Approval(Policy):
    """One approved state. `name`: of the gate policy, suite, rubric or use case; of policies of which there is one, the subject.

    `number` rises through the file. `grants`: of the release policy, who may approve from then on.
    """

    subject: Subject
    name: Words
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    approved_by: Words
    role: Words
    approved_on: dt.date
    number: int = Field(default=0, ge=0)
    grants: Grants | None = None
    signature: Signature | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What is signed."""
        return self.model_dump(mode="json", exclude={"signature"})

    def signed(self, signer: Signer) -> Approval:
        """The same with a signature of the home."""
        return self.model_copy(update={"signature": sign_content(self.content, APPROVAL_TYPE, signer)})


class Approvals(Policy):
    """`expectations/approvals.yml`."""

    version: int = Field(ge=1)
    approvals: tuple[Approval, ...] = ()


def load_register(expectations: Path) -> Approvals:
    """The file below `expectations`; no entries when there is none. Raises `PolicyError`."""
    path = expectations / FILE
    return load_policy(path, Approvals) if path.exists() else Approvals(version=1)


def write_register(expectations: Path, approvals: Sequence[Approval]) -> None:
    """Write the file anew, in one step."""
    path = expectations / FILE
    plain = {"version": 1, "approvals": [one.model_dump(mode="json", exclude_none=True) for one in approvals]}
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(HEADER + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
    draft.replace(path)
