"""What an approval is wanted for and not there: of a release, and of the labels it rests on.

The release policy and a use case's tier want one at every tier, for they say what else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from goldworks.approvals.policy import ReleasePolicy, Subject
from goldworks.approvals.standing import RELEASE, Standing, not_standing
from goldworks.approvals.states import tier_digest
from goldworks.review.policy import ReviewPolicy
from goldworks.review.rubric import Rubric
from goldworks.use_cases import Tier, UseCase

REVIEW, CALIBRATION, QUARANTINE = "review", "calibration", "quarantine"
"""Names under which the policies of which there is one are approved: those of their files."""

Wanted = tuple[Subject, str, str, str]
Lack = tuple[str, str]
"""What is not approved, in words, and the command that approves it."""


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


@dataclass(frozen=True, slots=True)
class Decides:
    """What decides about a release of a use case. `suites`: by name the digest of each as its file is; `of_runs`: as the runs of
    the release used it. `quarantine` and `calibration`: digests.
    """

    gates: Gates
    use_case: UseCase
    suites: Mapping[str, str]
    of_runs: Mapping[str, str]
    quarantine: str
    calibration: str


def unapproved(known: Standing, rules: ReleasePolicy, decides: Decides) -> tuple[Lack, ...]:
    """What nobody who may has approved as it stands."""
    found = list(not_standing(known, known.grants or rules, [_release(rules), _tier(decides.use_case)]))
    if rules.tiers[decides.use_case.tier].is_approval_needed:
        found += not_standing(known, rules, _wanted(decides))
        found += _of_runs(known, decides)
    return tuple(found)


def unapproved_labels(
    known: Standing, rules: ReleasePolicy, tier: Tier, rubric: Rubric, review: ReviewPolicy, calibration: str
) -> tuple[Lack, ...]:
    """What keeps labels from counting as reference at the tier: a rubric, a way to draw and to judge agreement, or limits of
    certificates (`calibration`: their digest) that nobody who may has approved as they stand.
    """
    if not rules.tiers[tier].is_approval_needed:
        return ()
    wanted: tuple[Wanted, ...] = (
        ("rubrics", rubric.name, rubric.digest, f"the rubric {rubric.name} is not approved as it stands"),
        (
            "review",
            REVIEW,
            review.sampling_digest,
            "the review policy, which draws what is labelled, is not approved as it stands",
        ),
        _calibration(calibration),
    )
    return not_standing(known, rules, wanted)


def _release(rules: ReleasePolicy) -> Wanted:
    return ("release", RELEASE, rules.digest, "the release policy, policies/release.yml, is not approved as it stands")


def _tier(use_case: UseCase) -> Wanted:
    words = f"the tier of {use_case.name}, {use_case.tier}, is not approved as it stands"
    return ("tiers", use_case.name, tier_digest(use_case.tier), words)


def _calibration(digest: str) -> Wanted:
    words = "the calibration policy, policies/calibration.yml, is not approved as it stands"
    return ("calibration", CALIBRATION, digest, words)


def _wanted(decides: Decides) -> Iterator[Wanted]:
    gates, use_case = decides.gates, decides.use_case
    yield ("gates", gates.name, gates.digest, f"the gates of {gates.name} are not approved as they stand")
    yield (
        "sampling",
        use_case.name,
        use_case.plan.digest,
        f"the sampling plan of {use_case.name} is not approved as it stands",
    )
    yield (
        "quarantine",
        QUARANTINE,
        decides.quarantine,
        "the quarantine, policies/quarantine.yml, is not approved as it stands",
    )
    yield _calibration(decides.calibration)
    for name, digest in sorted(decides.suites.items()):
        yield ("suites", name, digest, f"the suite {name} is not approved as it stands")


def _of_runs(known: Standing, decides: Decides) -> Iterator[Lack]:
    """Suites that runs used, of which not even the file, which is said already, is like that."""
    for name, digest in sorted(decides.of_runs.items()):
        if digest not in (known.state("suites", name), decides.suites.get(name)):
            yield (
                f"the suite {name} is not approved as the run of the release used it",
                "goldworks eval run, again, by the suite that is approved",
            )
