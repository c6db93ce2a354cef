"""`expectations/policies/redaction.yml` as frozen models, with the users' own patterns tried on their examples."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

import re2
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

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


Engine = Literal["spacy", "presidio", "token_classifier", "gliner", "off"]
_KEYS: dict[Engine, frozenset[str]] = {
    "spacy": frozenset({"model"}),
    "presidio": frozenset({"model"}),
    "token_classifier": frozenset({"path", "file", "labels", "threshold", "aggregation"}),
    "gliner": frozenset({"path", "file", "labels", "threshold"}),
    "off": frozenset(),
}
"""What each engine of the names layer can be told; the first of `model` and `path` that it knows must be given."""
_ALWAYS = frozenset({"engine", "score", "not_names"})


class NameRules(Policy):
    """The names layer: who finds names, and how the findings are scored.

    `model` is an installed spaCy package; `path` a folder with a model in ONNX form and its tokenizer, seen from the folder
    of the policy file unless it is absolute.
    """

    engine: Engine = "spacy"
    model: str | None = Field(default=None, min_length=1)
    path: str | None = Field(default=None, min_length=1)
    file: str = Field(default="model.onnx", pattern=r"^[\w.\-]+(/[\w.\-]+)*$")
    labels: tuple[str, ...] = ()
    threshold: float = Field(default=0.5, gt=0, lt=1)
    aggregation: Literal["first", "average"] = "first"
    score: float = Field(ge=0, le=1)
    not_names: tuple[str, ...]

    @field_validator("engine", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        return "off" if value is False else value  # what YAML makes of a bare off

    @model_validator(mode="after")
    def _fits(self) -> NameRules:
        known = _KEYS[self.engine]
        if wrong := sorted(self.model_fields_set - known - _ALWAYS):
            takes = ", ".join(sorted(known | _ALWAYS - {"engine"}))
            raise PydanticCustomError(
                "names_engine", "engine {engine} takes no {wrong}; it takes {takes}",
                {"engine": self.engine, "wrong": ", ".join(wrong), "takes": takes},
            )  # fmt: skip
        needed = next((key for key in ("model", "path") if key in known), None)
        if needed and getattr(self, needed) is None:
            raise PydanticCustomError("names_engine", "engine {engine} needs {key}", {"engine": self.engine, "key": needed})
        return self


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
        content = self.model_dump(mode="json", exclude={"names": {"path"}})  # which model it is, its own digest says
        return f"{self.version}-{digest(content)[:8]}"


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
    if policy.names.path is not None:
        folder = str(path.parent / Path(policy.names.path).expanduser())
        return policy.model_copy(update={"names": policy.names.model_copy(update={"path": folder})})
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
