"""Use cases: which conversations belong together, who answers for them, how much depends on them, and how candidates for
their golden set are drawn. Drawing itself is in `goldworks.golden`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from goldworks.digests import digest
from goldworks.policies import Policy, load_policy

Tier = Literal["T1", "T2", "T3"]
Approval = Literal["people", "policy"]
Stratum = Literal["intent", "release", "length", "tools", "feedback", "known_failure"]

PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"
Name = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Plan(Policy):
    """How candidates are drawn: `size` cases, at most one per conversation, proportionally over the crossing of `strata`,
    after every single value of each stratum has `floor` cases (or all it has).

    `length_edges` cuts conversations by the messages before the reply: (1, 6) gives 1, 2..6 and more.
    `near_duplicate_at` is the Jaccard similarity from which one of two cases is left out. `seed` decides the order of drawing.
    `unit`: a case asks for the assistant's next step in one turn, or holds a whole conversation, to be replayed.
    """

    unit: Literal["turn", "conversation"] = "turn"
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
        whole = self.model_dump(mode="json")
        if self.unit == "turn":  # as it was before there was another unit
            del whole["unit"]
        return digest(whole)


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


class Terms(Policy):
    """Who answers for a use case, how much depends on it, how its candidates are drawn, and who approves them.

    `approval: policy` approves, when it is proposed, every candidate that is complete and shows no known failure; `people`, the
    default, leaves each to a person.
    """

    owner: Words
    tier: Tier
    plan: Plan = Plan()
    approval: Approval = "people"

    @model_validator(mode="after")
    def _approved_by_people_at_the_top(self) -> Self:
        if self.tier == "T1" and self.approval == "policy":
            raise ValueError("tier T1 needs `approval: people`: someone must have read what decides about money or safety")
        return self


class UseCase(Terms):
    """One use case as everything else sees it."""

    name: Name
    description: str = ""


class Rule(UseCase):
    """A use case of the file with the conversations it takes."""

    match: Match


class Default(Terms):
    """Terms of every service that no rule takes."""


class UseCases(Policy):
    """`expectations/use_cases.yml`. The first rule that matches decides; a service that no rule takes is its own use case."""

    version: int = Field(ge=1)
    default: Default
    use_cases: tuple[Rule, ...] = ()
    _folder: Path | None = PrivateAttr(default=None)

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
        """The use case of that name; one that no rule names has the default's terms."""
        for rule in self.use_cases:
            if rule.name == name:
                return UseCase(name=rule.name, description=rule.description, **_terms(rule))
        return UseCase(name=plain_name(name), **_terms(self.default))

    def tools_file(self, name: str) -> Path | None:
        """Where the tool schemas of a use case would stand, beside the file that these were loaded from."""
        return None if self._folder is None else self._folder / "tools" / f"{plain_name(name)}.jsonl"

    def beside(self, path: Path) -> UseCases:
        """The same, loaded from the file `path`."""
        found = self.model_copy()
        found._folder = path.parent  # pyright: ignore[reportPrivateUsage]
        return found


def _terms(found: Terms) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Terms.model_fields}


def plain_name(service: str) -> str:
    """`service` if it is a plain name, else its plain characters and a short digest, so that two never become one."""
    if re.fullmatch(PLAIN_NAME.rstrip("$"), service):  # `$` would let a line feed pass
        return service
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", service).strip("-._")[:60] or "service"
    return f"{plain}-{digest(service)[:6]}"


def load_use_cases(path: Path) -> UseCases:
    """The use cases in the file `path`. Raises `PolicyError` naming file, line and key."""
    return load_policy(path, UseCases).beside(path)
