"""Which metric is held against which question of a rubric, and what a certificate asks: `policies/calibration.yml`."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from goldworks.digests import digest
from goldworks.policies import Policy, load_policy
from goldworks.statistics.certificates import CertificateLimits
from goldworks.use_cases import Tier

Share = Annotated[float, Field(ge=0, le=1)]


class Limits(Policy):
    """What a certificate asks at a tier; null asks for nothing. `*_low`: one-sided 95 % bounds."""

    least_labels: int = Field(ge=1)
    least_positives: int = Field(ge=1, description="items that people call a failure")
    least_negatives: int = Field(ge=1)
    human_alpha_low: Share
    balanced_accuracy_low: Share
    kappa_low: Share
    sensitivity_low: Share | None
    self_consistency: Share | None
    most_bias: Share | None
    most_unsure: Share | None

    def at(self, most_age_days: int) -> CertificateLimits:
        """The limits as statistics takes them."""
        return CertificateLimits(most_age_days=most_age_days, **self.model_dump())


class DriftLimits(Policy):
    """When the scores of what a metric is used on have moved from those that it was certified on."""

    alpha: float = Field(gt=0, lt=1, description="share of the comparisons that may find a move where there is none")
    least_effect: Share = Field(description="distance of the distributions, 0..1, that is let pass however certain")
    least_scores: int = Field(ge=2, description="independent scores on each side; with fewer nothing is shown to have moved")


class Pairing(Policy):
    """A metric of a suite, and the question of a rubric that it stands for."""

    suite: str
    metric: str
    rubric: str
    dimension: str
    use_cases: tuple[str, ...] = Field(default=("*",), min_length=1, description="globs")

    @property
    def of(self) -> str:
        """`suite/metric`."""
        return f"{self.suite}/{self.metric}"

    def takes(self, use_case: str) -> bool:
        """Whether it is for this use case."""
        return any(fnmatch.fnmatchcase(use_case, glob) for glob in self.use_cases)


class CalibrationPolicy(Policy):
    """`expectations/policies/calibration.yml`."""

    version: int = Field(ge=1)
    label_days: int = Field(ge=1, description="labels older than this count no more, and a certificate lasts as long")
    cost_of_miss: float = Field(gt=0, description="a failure that the metric lets pass, in false alarms")
    least_in_segment: int = Field(ge=1, description="labels of a segment from which on its figures are shown")
    rejudged_anchors: int = Field(
        ge=1, description="labelled answers that a model judges once more, to see whether it agrees with itself"
    )
    rejudge_days: int = Field(ge=1, description="the certificate of a model holds so long after it judged its anchors again")
    drift: DriftLimits
    limits: dict[Tier, Limits]
    pairings: tuple[Pairing, ...]

    @model_validator(mode="after")
    def _check(self) -> CalibrationPolicy:
        if absent := [tier for tier in ("T1", "T2", "T3") if tier not in self.limits]:
            raise ValueError(f"limits: {', '.join(absent)} is missing")
        seen: set[tuple[str, tuple[str, ...]]] = set()
        for index, one in enumerate(self.pairings):
            if (one.of, one.use_cases) in seen:
                raise ValueError(f"pairings.{index}: {one.of} stands twice for the same use cases")
            seen.add((one.of, one.use_cases))
        return self

    @property
    def digest(self) -> str:
        """Digest of all that it asks, 64 hex digits: what is approved."""
        return digest(self.model_dump(mode="json", exclude_defaults=True, exclude={"version"}))

    def pairings_of(self, use_case: str) -> Sequence[Pairing]:
        """What is certified for a use case; of several for one metric the first."""
        found: dict[str, Pairing] = {}
        for one in self.pairings:
            if one.takes(use_case):
                found.setdefault(one.of, one)
        return list(found.values())

    def paired_of(self, use_case: str) -> frozenset[str]:
        """The `suite/metric` that stand for people's word in a use case."""
        return frozenset(one.of for one in self.pairings_of(use_case))


def load_calibration_policy(expectations: Path) -> CalibrationPolicy:
    """The policy. Raises `PolicyError` naming file, line and key."""
    return load_policy(expectations / "policies" / "calibration.yml", CalibrationPolicy)
