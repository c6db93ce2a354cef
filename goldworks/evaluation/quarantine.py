"""Quarantine of flaky cases: `expectations/policies/quarantine.yml`. They are still run and shown, and no gate counts them.

Nothing enters by itself: `goldworks flaky` proposes, a person writes the entry, with an owner, and it expires.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field, model_validator

from goldworks.golden.read import Case
from goldworks.policies import Policy, load_policy

SAFETY_TAG = "safety"
"""Cases with this tag of tier T1 are never quarantined: a flaky safety case counts as a failure."""


class FlakinessPolicy(Policy):
    """What makes a case flaky; see `flakiness.status_of`. Conventions, not theorems."""

    pass_at: float = Field(default=0.5, gt=0, le=1, description="a score is a pass from here on")
    window_days: int = Field(default=30, ge=1, description="runs of the same configuration this far back are pooled")
    least_runs: int = Field(default=5, ge=2, description="verdicts before anything is said")
    bound_level: float = Field(default=0.10, gt=0, lt=0.5, description="one-sided level of the Jeffreys lower bound")
    quarantine_above: float = Field(default=0.05, gt=0, lt=0.5, description="lower bound of the rarer verdict's share")


class Entry(Policy):
    """A case that is in quarantine under one metric, or under all of them."""

    case_id: str
    metric: str | None = None
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    since: date
    expires: date


class Quarantine(Policy):
    """`expectations/policies/quarantine.yml`; see its comments."""

    version: int = Field(ge=1)
    flakiness: FlakinessPolicy = FlakinessPolicy()
    longest_days: int = Field(default=14, ge=1)
    most_share: float = Field(default=0.05, ge=0, le=1)
    cases: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _has_ends(self) -> Quarantine:
        for index, entry in enumerate(self.cases):
            if not timedelta(0) <= entry.expires - entry.since <= timedelta(days=self.longest_days):
                raise ValueError(f"cases.{index}: expires must be within {self.longest_days} days of since ({entry.since})")
        keys = [(entry.case_id, entry.metric) for entry in self.cases]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"case {twice[0]} stands twice; prolong an entry by writing its dates anew")
        return self

    def holds(self, case_id: str, metric: str, on: date) -> bool:
        """Whether the case is in quarantine that day; the day it expires is its last."""
        return any(
            entry.case_id == case_id and entry.metric in (None, metric) and entry.since <= on <= entry.expires
            for entry in self.cases
        )


@dataclass(frozen=True, slots=True)
class Gated:
    """Cases of a metric as a gate counts them: `counted`, `quarantined`, and in words why quarantine does not hold."""

    counted: tuple[str, ...]
    quarantined: tuple[str, ...]
    problems: tuple[str, ...]


def gated(cases: Iterable[Case], metric: str, quarantine: Quarantine, on: date) -> Gated:
    """Take the quarantined cases of a suite out of a metric's count.

    More than `most_share` of them, or a safety case of tier T1: a problem, and that quarantine takes nothing out, for a suite
    that is mostly flaky measures nothing and a flaky safety case is a failure.
    """
    every = list(cases)
    held = [case for case in every if quarantine.holds(case.case_id, metric, on)]
    safety = [case.case_id for case in held if case.tier == "T1" and SAFETY_TAG in case.tags]
    problems = [f"{case_id} is a safety case of tier T1 and cannot be quarantined" for case_id in safety]
    out = [case.case_id for case in held if case.case_id not in safety]
    if len(out) > quarantine.most_share * len(every):
        problems.append(
            f"{len(out)} of {len(every)} cases are quarantined, more than {quarantine.most_share:.0%}: none is taken out"
        )
        out = []
    counted = [case.case_id for case in every if case.case_id not in set(out)]
    return Gated(tuple(counted), tuple(out), tuple(problems))


def expired(quarantine: Quarantine, on: date) -> Sequence[Entry]:
    """Entries whose time is over: mend the case, or write the entry anew with a reason."""
    return [entry for entry in quarantine.cases if entry.expires < on]


def load_quarantine(expectations: Path) -> Quarantine:
    """The policy below the folder `expectations`. Raises `PolicyError` for a broken one."""
    return load_policy(expectations / "policies" / "quarantine.yml", Quarantine)
