"""`expectations/policies/review.yml` as frozen models: see the comments of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from goldworks.digests import digest
from goldworks.policies import Policy, load_policy

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Bar = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
RaterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,79}$")]


class Rules(Policy):
    """Inclusion probability by rule; the greatest of those that apply to an item counts."""

    random: Share = Field(gt=0)
    judge_flagged: Share = 0.0
    low_confidence: Share = 0.0
    new_release: Share = 0.0
    thumbs_down: Share = 0.0
    tier_1: Share = 0.0
    stands_for_people: Share = 0.0


class Signals(Policy):
    """What makes an item flagged, unsure, or of a new release."""

    metrics: tuple[str, ...] = ()
    flagged_below: Share = 0.5
    unsure_between: tuple[Share, Share] = (0.4, 0.6)
    new_release_days: int = Field(default=14, ge=1)

    @model_validator(mode="after")
    def _check(self) -> Signals:
        if self.unsure_between[0] > self.unsure_between[1]:
            raise ValueError("unsure_between: the first number must not be above the second")
        return self


class Floor(Policy):
    """Expected items of each segment and week."""

    segment_by: Literal["release", "channel", "use_case"] = "release"
    items: int = Field(default=30, ge=0)


class Overlap(Policy):
    """Share of drawn items that two reviewers label blindly."""

    share: Share = Field(default=0.2, gt=0)
    flagged_share: Share = 0.5


class Rater(Policy):
    """A reviewer."""

    name: RaterName
    role: Literal["reviewer", "senior"] = "reviewer"


class AgreementBars(Policy):
    """Lower bounds of alpha."""

    usable: Bar = 0.67
    strong: Bar = 0.80
    confidence: Bar = 0.95

    @model_validator(mode="after")
    def _check(self) -> AgreementBars:
        if self.strong < self.usable:
            raise ValueError("strong must not be below usable")
        return self


class Qualification(Policy):
    """When a reviewer is qualified."""

    items: int = Field(default=20, ge=1)
    accuracy_low: Bar = 0.8


class Labelling(Policy):
    """What a label takes: for plans, and for what would settle a verdict."""

    minutes: float = Field(default=3.0, gt=0, allow_inf_nan=False, description="of a reviewer, for one label")
    usd_per_hour: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="of a reviewer; null: unknown")


class ReviewPolicy(Policy):
    """The policy."""

    version: int = Field(ge=1)
    salt: str = Field(min_length=1)
    rules: Rules
    signals: Signals = Signals()
    look_back_days: int = Field(default=28, ge=1)
    budget_per_day: float = Field(default=100, gt=0, allow_inf_nan=False)
    floor: Floor = Floor()
    overlap: Overlap = Overlap()
    raters: tuple[Rater, ...] = ()
    late_after_days: int = Field(default=60, ge=1)
    agreement: AgreementBars = AgreementBars()
    qualification: Qualification = Qualification()
    labelling: Labelling = Labelling()

    @model_validator(mode="after")
    def _check(self) -> ReviewPolicy:
        names = [rater.name for rater in self.raters]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"raters: {', '.join(twice)} stands twice")
        if self.raters and len(names) < 2:
            raise ValueError("raters: name at least two, for agreement needs a second reviewer; or none")
        return self

    @property
    def digest(self) -> str:
        """Digest of all it says but for what a label costs: changes of sampling enter by it."""
        return digest(self.model_dump(mode="json", exclude={"labelling"}))

    @property
    def sampling_digest(self) -> str:
        """Digest of how items are drawn and from when on labels count, whoever labels them: what is approved."""
        return digest(self.model_dump(mode="json", exclude={"raters", "labelling"}))

    @property
    def seniors(self) -> tuple[str, ...]:
        """Those who adjudicate."""
        return tuple(rater.name for rater in self.raters if rater.role == "senior")

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Those who label first: reviewers, and seniors where there are not two of them."""
        first = tuple(rater.name for rater in self.raters if rater.role == "reviewer")
        return first if len(first) > 1 else tuple(rater.name for rater in self.raters)


def load_review_policy(expectations: Path) -> ReviewPolicy:
    """The policy below the folder `expectations`. Raises `PolicyError` naming file, line and key."""
    return load_policy(expectations / "policies" / "review.yml", ReviewPolicy)
