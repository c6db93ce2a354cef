"""What a tier wants approved, and nobody who may has approved as it stands: of a release, and of the labels it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from goldworks.approvals.policy import ReleasePolicy, Subject
from goldworks.approvals.register import Approvals
from goldworks.review.policy import ReviewPolicy
from goldworks.review.rubric import Rubric
from goldworks.use_cases import Tier, UseCase

REVIEW = "review"
"""Name under which the review policy is approved: that of its file."""


class Gates(Protocol):
    """A gate policy, as far as approving looks."""

    @property
    def name(self) -> str:
        """Its name, that of its file."""
        ...

    @property
    def digest(self) -> str:
        """Digest of what it demands, 64 hex digits."""
        ...


def unapproved(rules: ReleasePolicy, approvals: Approvals, gates: Gates, use_case: UseCase) -> Iterator[str]:
    """What the tier wants approved and nobody who may has approved as it stands, in words."""
    if not rules.tiers[use_case.tier].is_approval_needed:
        return
    if not approvals.hold(rules, "gates", gates.name, gates.digest):
        yield f"the gates of {gates.name} are not approved as they stand"
    if not approvals.hold(rules, "sampling", use_case.name, use_case.plan.digest):
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
        if not approvals.hold(rules, subject, name, digest)
    )
