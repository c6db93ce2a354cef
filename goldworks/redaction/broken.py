"""Values that a line break cut: whether what stands around the break is one value, though a part of it looks like a whole one.

`scanning` asks this only where a rule found, in the text without line breaks, something that holds what it had found before:
the second half of an e-mail address is an address too, and often two lines are just two lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from goldworks.redaction.name_lists import GIVEN, SURNAMES
from goldworks.redaction.secret_checks import is_rest
from goldworks.redaction.structured import TLDS

_CHECKED = frozenset({"iban", "credit_card"})
_KEYS = frozenset({"vendor_key", "jwt"})
_ASSIGNED = frozenset({"assigned_secret", "authorization"})
_CUT_NAME = re.compile(r"([A-Za-z]{2,20})[._][A-Za-z]{1,20}")
_NEXT_LETTERS = re.compile(r"[a-z0-9]")
_RANDOM = re.compile(r"[A-Za-z0-9+/_\-]{8,200}={0,2}")
_CHANGES = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])")


def is_one_value(rule: str, is_sure: bool, pieces: Sequence[str]) -> bool:
    """Whether the pieces, one a line, are one value of the rule. `is_sure`: its check digits say so."""
    if rule in _CHECKED:
        return is_sure
    if rule in _KEYS:
        return all(map(is_rest, pieces[1:]))
    if rule in _ASSIGNED:
        return all(_is_random(piece) for piece in pieces[1:])
    return rule == "email" and len(pieces) == 2 and _is_address(*pieces)


def _is_random(piece: str) -> bool:
    """Stricter than for a key that is known by how it begins: what follows may be any line."""
    return _RANDOM.fullmatch(piece) is not None and is_rest(piece) and len(_CHANGES.findall(piece)) >= 4


def _is_address(head: str, tail: str) -> bool:
    """An address cut in a name ("rosa.lindq", "vist@..."), or in its last domain ("...@posteo.exam", "ple")."""
    if "@" in head:
        whole, cut = f"{head}{tail}".rpartition(".")[2], head.rpartition(".")[2]
        return whole.lower() in TLDS and cut.lower() not in TLDS and len(cut) >= 2
    name = _CUT_NAME.fullmatch(head)
    return name is not None and name[1].lower() in _NAMES and _NEXT_LETTERS.match(tail) is not None


_NAMES = GIVEN | SURNAMES
