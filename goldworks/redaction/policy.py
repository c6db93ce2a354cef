"""`expectations/policies/redaction.yml` as frozen models, with the users' own patterns tried on their examples."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import cast

import re2
from pydantic import Field

from goldworks.digests import digest
from goldworks.errors import PolicyError
from goldworks.policies import Policy, load_policy

TYPE = r"^[A-Z][A-Z0-9_]*$"


class OwnPattern(Policy):
    """A pattern of the users' own, for RE2: no text can make it slow. A group `value`, if any, is the value."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: str = Field(pattern=TYPE)
    pattern: str = Field(min_length=1)
    score: float = Field(default=0.9, ge=0, le=1)
    must_match: tuple[str, ...] = Field(min_length=1)
    must_not_match: tuple[str, ...] = Field(min_length=1)

    def compiled(self) -> re.Pattern[str]:
        """The expression; RE2's behave as Python's do."""
        options = re2.Options()
        options.log_errors = False
        return cast("re.Pattern[str]", re2.compile(self.pattern, options))


class KeyRules(Policy):
    """Keys of JSON objects and what stands below them; `first_name` also matches `userFirstName` and `first-names`."""

    score: float = Field(ge=0, le=1)
    types: dict[str, tuple[str, ...]]
    name_keys: tuple[str, ...]
    person_words: tuple[str, ...]
    person_siblings: tuple[str, ...]
    thing_siblings: tuple[str, ...]
    empty_values: tuple[str, ...]


class NameRules(Policy):
    """The names layer: the packaged spaCy model and how its findings are scored."""

    model: str
    score: float = Field(ge=0, le=1)
    not_names: tuple[str, ...]


class Limits(Policy):
    """What is withheld rather than worked on."""

    field_characters: int = Field(ge=1000)
    depth: int = Field(ge=8, le=200)


class RedactionPolicy(Policy):
    """The redaction policy: see the comments of the file."""

    version: int = Field(ge=1)
    threshold: float = Field(gt=0, lt=1)
    context_boost: float = Field(ge=0, le=1)
    rules: dict[str, float]
    context: dict[str, tuple[str, ...]]
    keys: KeyRules
    names: NameRules
    own_patterns: tuple[OwnPattern, ...] = ()
    allow: tuple[str, ...] = ()
    limits: Limits

    @cached_property
    def id(self) -> str:
        """`<version>-<8 hex of the digest of the content>`."""
        return f"{self.version}-{digest(self.model_dump(mode='json'))[:8]}"


def load_redaction_policy(path: Path, known_rules: frozenset[str]) -> RedactionPolicy:
    """The policy in `path`. Raises `PolicyError` for an unknown rule name and for an own pattern that fails its examples."""
    policy = load_policy(path, RedactionPolicy)
    unknown = sorted(set(policy.rules) - known_rules)
    if unknown:
        raise PolicyError(f"{path}: rules: unknown {', '.join(unknown)}", remedy=f"allowed: {', '.join(sorted(known_rules))}")
    for name, score in policy.rules.items():
        if not 0 <= score <= 1:
            raise PolicyError(f"{path}: rules.{name}: {score} is not between 0 and 1", remedy="0 switches the rule off")
    for own in policy.own_patterns:
        _try(path, own, known_rules)
    return policy


def _try(path: Path, own: OwnPattern, known_rules: frozenset[str]) -> None:
    where = f"{path}: own_patterns: {own.name}"
    if own.name in known_rules:
        raise PolicyError(f"{where}: a built-in rule has this name", remedy="choose another")
    try:
        regex = own.compiled()
    except re2.error as error:
        raise PolicyError(
            f"{where}: not a regular expression of RE2: {error}", remedy="RE2 has no lookaround and no back references"
        ) from None
    if regex.search(""):
        raise PolicyError(f"{where}: matches the empty text", remedy="make at least one character necessary")
    for example in own.must_match:
        if not regex.search(example):
            raise PolicyError(f"{where}: does not match its own example {example!r}")
    for example in own.must_not_match:
        if regex.search(example):
            raise PolicyError(f"{where}: matches {example!r}, which it must not")
