"""What certificates are made by and held against, as it stands in the policies today."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from goldworks.approvals.lacking import unapproved_labels
from goldworks.approvals.policy import ReleasePolicy, load_release_policy
from goldworks.approvals.standing import Standing, standing
from goldworks.calibration.policy import CalibrationPolicy, Pairing, load_calibration_policy
from goldworks.digests import digest
from goldworks.evaluation.suites import Suite, load_suite
from goldworks.review.policy import ReviewPolicy, load_review_policy
from goldworks.review.rubric import Rubric, load_rubrics
from goldworks.use_cases import Tier, UseCases, load_use_cases


class Standards:
    """The policies below `expectations`, each read once, when it is first asked for. Raises `PolicyError` then.

    `home`: of the key by which approvals are checked.
    """

    def __init__(self, expectations: Path, home: Path) -> None:
        self._expectations, self._home = expectations, home
        self._suites: dict[str, Suite] = {}

    @cached_property
    def policy(self) -> CalibrationPolicy:
        """Which metric stands for which question, and what it must show."""
        return load_calibration_policy(self._expectations)

    def tier(self, use_case: str) -> Tier:
        """The tier of a use case."""
        return self._use_cases.get(use_case).tier

    def rubric(self, pairing: Pairing) -> Rubric:
        """The rubric by which people answered."""
        return self._rubrics[pairing.rubric]

    def suite(self, pairing: Pairing) -> Suite:
        """The suite whose metric stands for people."""
        if pairing.suite not in self._suites:
            self._suites[pairing.suite] = load_suite(self._expectations / "suites" / f"{pairing.suite}.yml")
        return self._suites[pairing.suite]

    def certificate_id(self, use_case: str, pairing: Pairing) -> str:
        """Digest of all that a certificate is about, 24 hex digits."""
        limits = self.policy.limits[self.tier(use_case)].model_dump(mode="json")
        scorer = self.suite(pairing).scorer_digests[pairing.metric]
        return digest([use_case, pairing.of, scorer, self.rubric(pairing).digest, pairing.dimension, limits])[:24]

    def certificate_ids(self, use_case: str) -> dict[str, str]:
        """By `suite/metric`, the id of the certificate that would count: scorer, rubric and limits of today."""
        return {one.of: self.certificate_id(use_case, one) for one in self.policy.pairings_of(use_case)}

    def not_approved(self, use_case: str) -> dict[str, tuple[tuple[str, str], ...]]:
        """By `suite/metric`, what nobody approved of that on which its labels rest: (words, command).

        Nothing where the tier asks for no approval.
        """
        tier = self.tier(use_case)
        return {
            one.of: unapproved_labels(self._standing, self._rules, tier, self.rubric(one), self._review, self.policy.digest)
            for one in self.policy.pairings_of(use_case)
        }

    @cached_property
    def _use_cases(self) -> UseCases:
        return load_use_cases(self._expectations / "use_cases.yml")

    @cached_property
    def _rubrics(self) -> dict[str, Rubric]:
        return load_rubrics(self._expectations)

    @cached_property
    def _rules(self) -> ReleasePolicy:
        return load_release_policy(self._expectations)

    @cached_property
    def _standing(self) -> Standing:
        return standing(self._expectations, self._home, self._rules)

    @cached_property
    def _review(self) -> ReviewPolicy:
        return load_review_policy(self._expectations)
