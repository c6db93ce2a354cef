"""Use cases: which conversations belong together, who answers for them, how much depends on them, and how candidates for
their golden set are drawn. Drawing itself is in `goldworks.golden`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from goldworks.digests import digest
from goldworks.policies import Policy, load_policy

Tier = Literal["T1", "T2", "T3"]
Stratum = Literal["intent", "release", "length", "tools", "feedback", "known_failure"]

PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"
Name = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Plan(Policy):
    """How candidates are drawn: `size` cases, at most one per conversation, proportionally over the crossing of `strata`,
    after every single value of each stratum has `floor` cases (or all it has).

    `length_edges` cuts conversations by the messages before the reply: (1, 6) gives 1, 2..6 and more.
    `near_duplicate_at` is the Jaccard similarity from which one of two cases is left out. `seed` decides the order of drawing.
    """

    size: int = Field(default=200, ge=1, le=20_000)
    floor: int = Field(default=3, ge=0)
    seed: int = 0
    strata: tuple[Stratum, ...] = ("intent", "release", "length", "tools", "feedback", "known_failure")
    length_edges: tuple[int, ...] = (1, 6)
    near_duplicate_at: float = Field(default=0.85, ge=0.5, le=1)

    @model_validator(mode="after")
    def _check(self) -> Plan:
        if len(set(self.strata)) != len(self.strata):
            raise ValueError("a stratum stands twice")
        if list(self.length_edges) != sorted(set(self.length_edges)):
            raise ValueError("length_edges must rise")
        return self

    @property
    def digest(self) -> str:
        """Digest of the plan, 64 hex digits."""
        return digest(self.model_dump(mode="json"))


class Match(Policy):
    """Which conversations a use case takes; what is not named matches anything."""

    service: str
    environment: str | None = None
    channel: str | None = None

    def fits(self, service: str, environment: str | None, channel: str | None) -> bool:
        """Whether a conversation of this service, environment and channel belongs here."""
        return service == self.service and self.environment in (None, environment) and self.channel in (None, channel)

    def covers(self, other: Match) -> bool:
        """Whether everything that `other` takes is taken here already."""
        return (
            self.service == other.service
            and self.environment in (None, other.environment)
            and self.channel in (None, other.channel)
        )


class UseCase(Policy):
    """One use case as everything else sees it."""

    name: Name
    description: str = ""
    owner: Words
    tier: Tier
    plan: Plan = Plan()


class Rule(UseCase):
    """A use case of the file with the conversations it takes."""

    match: Match


class Default(Policy):
    """Owner, tier and plan of every service that no rule takes."""

    owner: Words
    tier: Tier
    plan: Plan = Plan()


class UseCases(Policy):
    """`expectations/use_cases.yml`. The first rule that matches decides; a service that no rule takes is its own use case."""

    version: int = Field(ge=1)
    default: Default
    use_cases: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> UseCases:
        names = [rule.name for rule in self.use_cases]
        for index, rule in enumerate(self.use_cases):
            if rule.name in names[:index]:
                raise ValueError(f"the use case {rule.name!r} stands twice")
            for earlier in self.use_cases[:index]:
                if earlier.match.covers(rule.match):
                    raise ValueError(f"{rule.name!r} never gets a conversation: {earlier.name!r} before it takes them all")
        return self

    def assign(self, service: str, environment: str | None = None, channel: str | None = None) -> str:
        """Name of the use case of a conversation.

        Without a rule it is the service's own name, made plain where it is not (names are folders of partitions), with
        `-other` behind it when a rule has taken that name for another part of the service.
        """
        for rule in self.use_cases:
            if rule.match.fits(service, environment, channel):
                return rule.name
        name = plain_name(service)
        while any(rule.name == name for rule in self.use_cases):
            name += "-other"
        return name

    def get(self, name: str) -> UseCase:
        """The use case of that name; one that no rule names has the default's owner, tier and plan."""
        for rule in self.use_cases:
            if rule.name == name:
                return UseCase(name=rule.name, description=rule.description, owner=rule.owner, tier=rule.tier, plan=rule.plan)
        default = self.default
        return UseCase(name=plain_name(name), owner=default.owner, tier=default.tier, plan=default.plan)


def plain_name(service: str) -> str:
    """`service` if it is a plain name, else its plain characters and a short digest, so that two never become one."""
    if re.match(PLAIN_NAME, service):
        return service
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", service).strip("-._")[:60] or "service"
    return f"{plain}-{digest(service)[:6]}"


def load_use_cases(path: Path) -> UseCases:
    """The use cases in the file `path`. Raises `PolicyError` naming file, line and key."""
    return load_policy(path, UseCases)
