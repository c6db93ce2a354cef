"""JSON taken apart before it is scanned: a scanner that reads brackets, commas and neighbouring numbers as one text sees in them
numbers that nobody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

EXACT = 2.0**53
"""Up to here a floating-point number has all the digits that were written."""


def leaves(value: Any) -> Iterator[str]:
    """Every text in a value: strings, keys of objects and whole numbers, each for itself.

    A string that is a JSON object or array is taken apart as well, and so are those in it. Whole numbers are given as their
    digits, for a telephone or card number may be stored as one; fractions are measurements, and left out with true, false, null.
    """
    if isinstance(value, str):
        parsed = _parsed(value)
        if parsed is None:
            yield value
        else:
            yield from leaves(parsed)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield str(value)
    elif isinstance(value, float):
        if value.is_integer() and abs(value) <= EXACT:
            yield str(int(value))
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[Any, Any]", value).items():
            yield from leaves(key)
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in cast("list[Any]", value):
            yield from leaves(item)


def _parsed(text: str) -> list[Any] | None:
    """The object or array that a text is; None for any other text. An object is a list of its pairs: a key that stands twice
    keeps both values.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, object_pairs_hook=list[Any])
    except (ValueError, RecursionError):  # also a number with thousands of digits: then it is scanned as it stands
        return None
