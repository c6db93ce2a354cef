"""`expectations/policies/retention.yml` as frozen models."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from goldworks.errors import InputError
from goldworks.policies import Policy, load_policy

Days = Annotated[int, Field(ge=1)]
FILE = "retention.yml"


class Limits(Policy):
    """Days for which each kind is kept; None: until it is erased on request."""

    conversations: Days | None = None
    quarantine: Days | None = None
    candidates: Days | None = None
    golden: Days | None = None
    answers: Days | None = None

    def first_kept(self, kind: str, today: dt.date) -> str:
        """The earliest day of `kind` that is kept today, ISO date; empty when every day is."""
        days = getattr(self, kind)
        return "" if days is None else (today - dt.timedelta(days=days)).isoformat()


class Arrived(Policy):
    """Arrival days, both included."""

    first: dt.date
    last: dt.date

    @model_validator(mode="after")
    def _check(self) -> Arrived:
        if self.last < self.first:
            raise ValueError(f"last ({self.last}) comes before first ({self.first})")
        return self

    def has(self, day: str) -> bool:
        """Whether an ISO date lies in it."""
        return self.first.isoformat() <= day <= self.last.isoformat()


class Hold(Policy):
    """What must not be deleted for its age, who says so and why."""

    name: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    until: dt.date | None = None
    conversations: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    use_cases: frozenset[str] = frozenset()
    arrived: Arrived | None = None

    @model_validator(mode="after")
    def _check(self) -> Hold:
        if not (self.conversations or self.users or self.use_cases or self.arrived):
            raise ValueError("a hold names conversations, users, use_cases or arrived")
        return self


class RetentionPolicy(Policy):
    """The policy: see the comments of the file."""

    version: int = Field(ge=1)
    days: Limits
    regions: dict[str, Limits] = Field(default_factory=dict[str, Limits])
    holds: tuple[Hold, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> RetentionPolicy:
        for region in (None, *self.regions):
            where, limits = f"regions.{region}" if region else "days", self.limits(region)
            for kind in ("candidates", "golden"):
                days, least = getattr(limits, kind), limits.conversations
                if days is not None and (least is None or days < least):
                    kept = "without limit" if least is None else f"for {least} days"
                    raise ValueError(f"{where}: {kind}: {days} is too short, conversations are kept {kept}")
        names = [hold.name for hold in self.holds]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the hold {name!r} stands twice")
        return self

    def limits(self, region: str | None) -> Limits:
        """The limits of a region, the common ones where it has none of its own. Raises `InputError` for an unknown region."""
        if region is None:
            return self.days
        if region not in self.regions:
            known = ", ".join(sorted(self.regions)) or "none yet"
            raise InputError(
                f"no region {region!r} in expectations/policies/{FILE}; there are: {known}",
                remedy=f"add it under `regions` ({region}: {{}} for the common limits)",
            )
        own = self.regions[region]
        return self.days.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})

    def holds_on(self, today: dt.date) -> tuple[Hold, ...]:
        """Holds that are in force."""
        return tuple(hold for hold in self.holds if hold.until is None or today <= hold.until)


def load_retention_policy(expectations: Path) -> RetentionPolicy:
    """The policy below the folder `expectations`."""
    return load_policy(expectations / "policies" / FILE, RetentionPolicy)
