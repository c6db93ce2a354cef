"""What users add of their own: patterns, keys, and what is never redacted. Each is tried on its examples when it is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

import re2
from pydantic import Field

from goldworks.errors import PolicyError
from goldworks.policies import Place, Policy
from goldworks.redaction.erased import ERASED

TYPE = r"^[A-Z][A-Z0-9_]*$"
NAME = r"^[a-z][a-z0-9_]*$"
_TELLING = {
    "an e-mail address": ("rosa.lind@posteo.example", "k7@mail.kraft-bau.at"),
    "a phone number": ("+4915112345678", "312-555-0199"),
    "a card number": ("4111111111111111", "5500 0055 5555 5559"),
    "an account number": ("DE89370400440532013000",),
    "a social security number": ("219-09-9999",),
    "an address on the network": ("198.51.100.23", "2001:db8::8a2e:370:7334"),
    "a name": ("Rosa Lindqvist", "Tomas Keller"),
    "a street address": ("77 Old Mill Road", "Lindenstraße 14"),
    "a password": ("Blue*Otter9", "qu4ck-Ers!"),
    "a key": ("sk-proj-Hh83nXq0LmPz71RtVw9cYb2D", "ghp_h2Kd83LsQp0ZtY6bVn41MxRw7CjEa9TfUi5G"),
}
"""Values of nobody. Whatever allows one of them allows everybody's."""


class _Tried(Policy):
    """An expression of RE2, which no text can make slow, with examples."""

    name: str = Field(pattern=NAME)
    pattern: str = Field(min_length=1)
    must_match: tuple[str, ...] = Field(min_length=1)
    must_not_match: tuple[str, ...] = Field(min_length=1)

    def compiled(self) -> re.Pattern[str]:
        """The expression; RE2's behave as Python's do."""
        options = re2.Options()
        options.log_errors = False
        return cast("re.Pattern[str]", re2.compile(self.pattern, options))

    def tried(self, where: Place) -> re.Pattern[str]:
        """The expression, if it can be read and does not match everything. Raises `PolicyError`."""
        try:
            regex = self.compiled()
        except re2.error as error:
            raise PolicyError(
                f"{where}: not a regular expression of RE2: {_said(error)}", remedy="RE2 has no lookaround and no back references"
            ) from None
        if regex.search(""):
            raise PolicyError(f"{where}: matches the empty text", remedy="make at least one character necessary")
        return regex


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


class OwnPattern(_Tried):
    """A pattern of the users' own, searched for in every text. A group `value`, if any, is the value."""

    type: str = Field(pattern=TYPE)
    score: float = Field(default=0.9, ge=0, le=1)


class OwnKeys(Policy):
    """Keys of JSON objects whose values are of a type. They win over the built-in keys; the examples are keys too."""

    name: str = Field(pattern=NAME)
    type: str = Field(pattern=TYPE)
    keys: tuple[str, ...] = Field(min_length=1)
    must_match: tuple[str, ...] = Field(min_length=1)
    must_not_match: tuple[str, ...] = Field(min_length=1)


class AllowedPattern(_Tried):
    """Values that stay when the expression matches all of them; `types`, if any, says findings of which types."""

    types: tuple[str, ...] = ()


def try_names(where: Place, rules: Iterable[Policy], taken: frozenset[str]) -> None:
    """Every name is used once, and none is a built-in rule's; no type is one of ours. Raises `PolicyError`."""
    seen: set[str] = set()
    for rule in rules:
        name = str(getattr(rule, "name"))  # noqa: B009 - each kind has one
        if name in taken:
            raise PolicyError(f"{where}: {name}: a built-in rule has this name", remedy="choose another")
        if name in seen:
            raise PolicyError(f"{where}: {name}: given twice", remedy="give each a name of its own")
        if getattr(rule, "type", "") == ERASED:
            raise PolicyError(f"{where}: {name}: {ERASED} is the type of values that were erased", remedy="choose another")
        seen.add(name)


def try_pattern(where: Place, own: OwnPattern, threshold: float) -> None:
    """The examples of an own pattern, and that what it finds counts. Raises `PolicyError`."""
    if own.score < threshold:
        raise PolicyError(
            f"{where}: score {own.score} is below the threshold {threshold}: nothing would be redacted",
            remedy="raise the score, or remove the pattern",
        )
    regex = own.tried(where)
    for example in own.must_match:
        if not regex.search(example):
            raise PolicyError(f"{where}: does not match its own example {example!r}", remedy="correct the pattern or the example")
    for example in own.must_not_match:
        if regex.search(example):
            raise PolicyError(f"{where}: matches {example!r}, which it must not", remedy="make the pattern narrower")


def try_allowed_values(where: Place, values: Iterable[str]) -> None:
    """No value that is allowed is empty. Raises `PolicyError`."""
    for value in values:
        if not value.strip():
            raise PolicyError(f"{where}: an empty value", remedy="name the value that stays, or remove the entry")


def try_allowed(where: Place, allowed: AllowedPattern) -> None:
    """The examples of what is allowed, and that it allows nobody's data by its width. Raises `PolicyError`."""
    regex = allowed.tried(where)
    for example in allowed.must_match:
        if not regex.fullmatch(example):
            raise PolicyError(
                f"{where}: does not match all of its own example {example!r}", remedy="the pattern must match whole values"
            )
    for example in allowed.must_not_match:
        if regex.fullmatch(example):
            raise PolicyError(f"{where}: allows {example!r}, which it must not", remedy="make the pattern narrower")
    for what, examples in _TELLING.items():
        for example in examples:
            if regex.fullmatch(example):
                raise PolicyError(
                    f"{where}: too wide: it allows {what} such as {example!r}",
                    remedy="write out the part that is the same in all values that stay, as in '[a-z]+@support\\.acme\\.com'",
                )
