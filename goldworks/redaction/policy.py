"""`expectations/policies/redaction.yml` as frozen models, with what users added of their own tried on its examples."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from goldworks.digests import digest
from goldworks.errors import PolicyError
from goldworks.policies import Place, Policy, load_policy
from goldworks.redaction import own
from goldworks.redaction.json_keys import KeyJudge, snake
from goldworks.redaction.own import AllowedPattern, OwnKeys, OwnPattern


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


Language = Literal["en", "de", "nl", "sv", "da", "no", "fi", "hu", "fr", "it", "es", "pt", "pl", "cs"]
OF_LANGUAGES: dict[str, frozenset[str]] = {
    "street_address_german": frozenset({"de", "nl", "sv", "da", "no", "fi", "hu"}),
    "street_address_romance": frozenset({"fr", "it", "es", "pt", "pl", "cs"}),
    "street_kind_behind": frozenset({"de", "nl", "sv", "da", "no", "fi", "hu", "pl", "cs"}),
    "street_kind_before": frozenset({"fr", "it", "es", "pt", "pl", "cs"}),
    "street_address": frozenset({"en"}),
    "street_address_rare": frozenset({"en"}),
    "street_address_lower": frozenset({"en"}),
    "state_zip": frozenset({"en"}),
    "password_foreign": frozenset(get_args(Language)) - {"en"},
}
"""Rules that look for the words of some languages; all others look for forms, or for words that stand in every log."""


class Limits(Policy):
    """What is withheld rather than worked on."""

    field_characters: int = Field(ge=1000)
    depth: int = Field(ge=8, le=200)
    withheld_rate: float = Field(ge=0, le=1)


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
    own_keys: tuple[OwnKeys, ...] = ()
    allow: tuple[str, ...] = ()
    allow_patterns: tuple[AllowedPattern, ...] = ()
    languages: tuple[Language, ...] = Field(default=get_args(Language), min_length=1)
    limits: Limits

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return frozenset(value.casefold() for value in self.allow)

    @cached_property
    def _allowed_patterns(self) -> tuple[tuple[frozenset[str], re.Pattern[str]], ...]:
        return tuple((frozenset(one.types), one.compiled()) for one in self.allow_patterns)

    def is_allowed(self, type_: str, value: str) -> bool:
        """Whether a finding of this type and value stays as it is."""
        if value.casefold() in self._allowed:
            return True
        return any((not types or type_ in types) and regex.fullmatch(value) for types, regex in self._allowed_patterns)

    @cached_property
    def id(self) -> str:
        """`<version>-<8 hex of the digest of the content>`."""
        content = self.model_dump(mode="json", exclude={"names": {"path"}})  # which model it is, its own digest says
        return f"{self.version}-{digest(content)[:8]}"


def load_redaction_policy(path: Path, known_rules: frozenset[str]) -> RedactionPolicy:
    """The policy in `path`, with the rules of other languages left out and the users' own keys among the keys.

    Raises `PolicyError` for an unknown rule name, and for what the users added and what fails its examples.
    """
    policy = load_policy(path, RedactionPolicy)
    unknown = sorted(set(policy.rules) - known_rules)
    if unknown:
        raise PolicyError(
            f"{Place(path, 'rules', unknown[0])}: unknown rule", remedy=f"allowed: {', '.join(sorted(known_rules))}"
        )
    for name, score in policy.rules.items():
        if not 0 <= score <= 1:
            raise PolicyError(f"{Place(path, 'rules', name)}: {score} is not between 0 and 1", remedy="0 switches the rule off")
    _try_own(path, policy, known_rules)
    spoken = frozenset(policy.languages)
    rules = {name: score for name, score in policy.rules.items() if spoken & OF_LANGUAGES.get(name, spoken)}
    changes: dict[str, object] = {"keys": _with_own_keys(path, policy), "rules": rules}
    if policy.names.path is not None:
        folder = str(path.parent / Path(policy.names.path).expanduser())
        changes["names"] = policy.names.model_copy(update={"path": folder})
    return policy.model_copy(update=changes)


def _try_own(path: Path, policy: RedactionPolicy, known_rules: frozenset[str]) -> None:
    own.try_names(Place(path, "own_patterns"), policy.own_patterns, known_rules)
    own.try_names(Place(path, "own_keys"), policy.own_keys, frozenset())
    own.try_names(Place(path, "allow_patterns"), policy.allow_patterns, frozenset())
    for index, pattern in enumerate(policy.own_patterns):
        own.try_pattern(Place(path, "own_patterns", index, name=pattern.name), pattern, policy.threshold)
    own.try_allowed_values(Place(path, "allow"), policy.allow)
    for index, allowed in enumerate(policy.allow_patterns):
        own.try_allowed(Place(path, "allow_patterns", index, name=allowed.name), allowed)


def _with_own_keys(path: Path, policy: RedactionPolicy) -> KeyRules:
    """The keys with the users' own before the built-in ones, tried on their examples."""
    owner: dict[str, str] = {}
    for index, mine in enumerate(policy.own_keys):
        where = Place(path, "own_keys", index, name=mine.name)
        for key in mine.keys:
            if not snake(key):
                raise PolicyError(f"{where}: {key!r} has no letter or digit", remedy="name a key of a JSON object")
            if owner.setdefault(snake(key), mine.type) != mine.type:
                raise PolicyError(f"{where}: {key!r} has another type already", remedy="give a key one type")
    kept = {type_: tuple(key for key in keys if snake(key) not in owner) for type_, keys in policy.keys.types.items()}
    for key, type_ in owner.items():
        kept[type_] = (*kept.get(type_, ()), key)
    name_keys = tuple(key for key in policy.keys.name_keys if snake(key) not in owner)
    rules = policy.keys.model_copy(update={"types": kept, "name_keys": name_keys})
    judge = KeyJudge(rules)
    for index, mine in enumerate(policy.own_keys):
        where = Place(path, "own_keys", index, name=mine.name)
        for example in mine.must_match:
            if judge.judge(example)[0] != mine.type:
                raise PolicyError(
                    f"{where}: does not match its own example {example!r}",
                    remedy="a key matches in any case and style, and by its end",
                )
        for example in mine.must_not_match:
            if judge.judge(example)[0] == mine.type:
                raise PolicyError(f"{where}: matches {example!r}, which it must not", remedy="name longer keys")
    return rules
