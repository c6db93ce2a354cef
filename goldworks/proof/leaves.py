"""JSON taken apart before it is scanned: a scanner that reads brackets, commas and neighbouring numbers as one text sees in them
numbers that nobody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from goldworks.golden.case import FIELD_NAMES

EXACT = 2.0**53
"""Up to here a floating-point number has all the digits that were written."""


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of every text in a value: strings, keys of objects and whole numbers, each for itself.

    A string that is a JSON object or array is taken apart as well, and so are those in it. Whole numbers are given as their
    digits, for a telephone or card number may be stored as one; fractions are measurements, and left out with true, false, null.
    `place` grows by the names of our own fields (`.id`); other keys may be personal themselves, and add nothing.
    """
    if isinstance(value, str):
        parsed = _parsed(value)
        if parsed is None:
            yield place, value
        else:
            yield from leaves(parsed, place)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield place, str(value)
    elif isinstance(value, float):
        if value.is_integer() and abs(value) <= EXACT:
            yield place, str(int(value))
    elif isinstance(value, Mapping):
        yield from _pairs(cast("Mapping[Any, Any]", value).items(), place)
    elif isinstance(value, _Pairs):
        yield from _pairs(value, place)
    elif isinstance(value, list | tuple):
        for item in cast("list[Any]", value):
            yield from leaves(item, place)


def _pairs(pairs: Iterable[tuple[Any, Any]], place: str) -> Iterator[tuple[str, str]]:
    for key, item in pairs:
        yield from leaves(key, place)
        yield from leaves(item, f"{place}.{key}" if key in FIELD_NAMES else place)


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON; a key that stands twice keeps both values."""


def _parsed(text: str) -> list[Any] | None:
    """The object or array that a text is; None for any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):  # also a number with thousands of digits: then it is scanned as it stands
        return None
