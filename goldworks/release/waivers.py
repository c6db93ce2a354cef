"""Waivers and sign-offs: YAML in `expectations/waivers/`, one file each, signed. They end by themselves; then the gate is open.

A waiver excepts named gates, with a mitigation and an issue. A sign-off answers for gates that are inconclusive, or, naming no
gate, for the release as a whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, model_validator

from goldworks.access.signed_entries import Signature, sign_content, signature_problem
from goldworks.access.signing import Signer
from goldworks.approvals.policy import ReleasePolicy, TierRules
from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Words

WAIVER_TYPE = "application/vnd.goldworks.waiver+json"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"


class Seen(Policy):
    """The verdict that was there when it was signed, before anything was accepted: what is accepted, and nothing worse.

    `gates`: the status of each gate that it names.
    """

    version_id: str | None = None
    policy_digest: str
    baseline: str | None = None
    verdict: Literal["pass", "conditional", "inconclusive", "fail"]
    gates: dict[str, Literal["inconclusive", "fail"]] = Field(default_factory=dict[str, Literal["inconclusive", "fail"]])


class Waiver(Policy):
    """`expectations/waivers/<waiver>.yml`. `seen`: None in those that an earlier version of Goldworks signed; they count for
    their gates whatever these found, until they end.
    """

    version: int = Field(ge=1)
    waiver: str = Field(pattern=NAME)
    kind: Literal["waiver", "sign_off"]
    use_case: Words
    release: Words
    gates: tuple[str, ...] = ()
    owner: Words
    reason: Words
    mitigation: Words | None = None
    issue: Words | None = None
    approved_by: Words
    role: Words
    since: dt.date
    expires: dt.date
    seen: Seen | None = None
    signature: Signature | None = None

    @model_validator(mode="after")
    def _check(self) -> Waiver:
        if self.expires < self.since:
            raise ValueError("expires: lies before since")
        if self.kind == "waiver":
            if not self.gates:
                raise ValueError("gates: a waiver names the gates that it excepts")
            if self.mitigation is None or self.issue is None:
                raise ValueError("a waiver needs mitigation (what is done meanwhile) and issue (where it is mended)")
        if self.seen is not None and set(self.seen.gates) != set(self.gates):
            raise ValueError("seen.gates: not the gates that it names")
        return self

    @property
    def content(self) -> dict[str, Any]:
        """What is signed."""
        absent = {"seen"} if self.seen is None else set[str]()  # as it was before it was kept
        return self.model_dump(mode="json", exclude={"signature", *absent})

    @property
    def digest(self) -> str:
        """Digest of what is signed."""
        return digest(self.content)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A waiver with whether it counts: `state` is valid, or a word why not; `detail` the same in a sentence."""

    waiver: Waiver
    state: str
    detail: str = ""


def load_waivers(expectations: Path) -> tuple[Waiver, ...]:
    """All of them, by name. Raises `PolicyError` for a broken file or a file of another name."""
    found: list[Waiver] = []
    for path in sorted((expectations / "waivers").glob("*.yml")):
        waiver = load_policy(path, Waiver)
        if waiver.waiver != path.stem:
            raise InputError(f"{path}: waiver: {waiver.waiver!r}", remedy=f"name it as its file: {path.stem}")
        found.append(waiver)
    return tuple(found)


def sign(waiver: Waiver, signer: Signer) -> Waiver:
    """The same with a signature of this home."""
    return waiver.model_copy(update={"signature": sign_content(waiver.content, WAIVER_TYPE, signer)})


def write_waiver(expectations: Path, waiver: Waiver) -> Path:
    """Write a signed waiver to its file. Raises `InputError` when there is one of that name."""
    path = expectations / "waivers" / f"{waiver.waiver}.yml"
    path.parent.mkdir(exist_ok=True)
    plain = waiver.model_dump(mode="json", exclude_none=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            yaml.safe_dump(plain, file, sort_keys=False, allow_unicode=True, width=1000)
    except FileExistsError:
        raise InputError(f"{path} is there already", remedy="give it another name; what was signed is not changed") from None
    return path


def examine(
    waiver: Waiver, rules: ReleasePolicy, tier: TierRules, author: str | None, keys: Sequence[Ed25519PublicKey], today: dt.date
) -> Acceptance:
    """Whether a waiver counts today, whatever its gates say."""
    state, detail = _state(waiver, rules, tier, author, keys, today)
    return Acceptance(waiver, state, detail)


def _state(
    waiver: Waiver, rules: ReleasePolicy, tier: TierRules, author: str | None, keys: Sequence[Ed25519PublicKey], today: dt.date
) -> tuple[str, str]:
    if waiver.signature is None:
        return "unsigned", "nobody signed it: goldworks gate accept writes signed ones"
    if problem := signature_problem(waiver.content, WAIVER_TYPE, waiver.signature, keys):
        return problem
    if today < waiver.since:
        return "not_yet", f"it begins on {waiver.since}"
    if today > waiver.expires:
        return "expired", f"it ended on {waiver.expires}; the gate is open again"
    if (waiver.expires - waiver.since).days > tier.longest_days:
        return "too_long", f"the tier allows {tier.longest_days} days"
    if not rules.has_role(waiver.approved_by, waiver.role):
        return "not_an_approver", f"{waiver.approved_by} is not {waiver.role} in policies/release.yml"
    if tier.is_self_approval_refused:
        if author is not None and waiver.approved_by == author:
            return "self_approval", f"{waiver.approved_by} made the release"
        if waiver.kind == "waiver" and waiver.approved_by == waiver.owner:
            return "self_approval", f"{waiver.approved_by} owns it and approved it"
    return "valid", ""
