"""Layer 4: what a JSON key says of the value below it. `name` is a person's or a thing's by what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldworks.redaction.policy import KeyRules

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_CACHE = 20_000
PERSON_IF = "PERSON?"
"""Type of a key that names a person or a thing."""


class KeyJudge:
    """Types of keys by the policy. Keys are compared in snake case, and by how they end: `billing_zip` is a `zip`."""

    def __init__(self, rules: KeyRules, is_allowed: Callable[[str, str], bool] | None = None) -> None:
        self._is_allowed = is_allowed
        self._types = {snake(name): type_ for type_, names in rules.types.items() for name in names}
        self._types |= {snake(name): PERSON_IF for name in rules.name_keys}
        self._persons = frozenset(map(snake, rules.person_words))
        self._person_siblings = frozenset(map(snake, rules.person_siblings))
        self._thing_siblings = frozenset(map(snake, rules.thing_siblings))
        self._empty = frozenset(value.casefold() for value in rules.empty_values)
        self._known: dict[str, tuple[str | None, str]] = {}

    def judge(self, key: str) -> tuple[str | None, str]:
        """(type or None, the key as words)."""
        found = self._known.get(key)
        if found is None:
            name = snake(key[:200])
            found = self._type(name), name.replace("_", " ")
            if len(self._known) < _CACHE:
                self._known[key] = found
        return found

    def _type(self, snake: str) -> str | None:
        parts = snake.split("_")
        for first in range(len(parts)):
            name = "_".join(parts[first:])
            found = self._types.get(name) or (self._types.get(name[:-1]) if name.endswith("s") else None)
            if found == PERSON_IF and first and parts[first - 1] in self._persons:
                return "PERSON"
            if found == PERSON_IF and first:
                return None  # restaurant_name, file_name: says itself that it is a thing
            if found is not None:
                return found
        return None

    def is_person(self, keys: Collection[str], parent: str) -> bool:
        """Whether the `name` in an object with these keys, below the key `parent`, is a person's."""
        snakes = {snake(key[:200]) for key in keys}
        if any(part in self._persons or part.removesuffix("s") in self._persons for part in snake(parent[:200]).split("_")):
            return True
        if snakes & self._thing_siblings or any(name.endswith("_id") and name[:-3] not in self._persons for name in snakes):
            return False
        return bool(snakes & self._person_siblings)

    def fits(self, type_: str, text: str) -> bool:
        """Whether a value can be of the type its key says: a phone number has digits, an empty word is no value."""
        stripped = text.strip()
        if not stripped or stripped.casefold() in self._empty or (self._is_allowed and self._is_allowed(type_, stripped)):
            return False
        if type_ in ("PHONE_NUMBER", "CREDIT_CARD", "US_SSN", "IBAN", "POSTAL_CODE", "DATE_OF_BIRTH", "IP_ADDRESS"):
            return sum(ch.isdigit() for ch in stripped) >= 3 or (type_ == "PHONE_NUMBER" and len(stripped.split()) > 6)
        if type_ == "PERSON":
            return any(ch.isalpha() for ch in stripped) and len(stripped) <= 80
        if type_ in ("API_KEY", "PASSWORD"):
            return len(stripped) >= 3
        return True


def snake(key: str) -> str:
    """The key in snake case: `billingZip-Code` is `billing_zip_code`."""
    return _NOT_WORD.sub("_", _HUMP.sub("_", key).lower()).strip("_")
