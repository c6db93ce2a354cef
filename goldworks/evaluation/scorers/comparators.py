"""How an argument of a call is compared with the expected one, by the comparator that the case names for it.

- `exact` (default): JSON values; 2 and 2.0 alike, true is not 1
- `casefold`: text without letter case, white space and `,./-_*^"'`
- `number`: 2 and "2.0" alike
- `contains`: the expected text stands in the given one; an empty one stands in any
- `set`: the same elements, whatever their order and number, compared as `exact`; a value that is no list is a set of one
- `regex`: the whole of the given text matches the expected pattern (RE2: linear time, no look-around, no back-references); a
  value that is no text is matched as its canonical JSON
- `allowed`: one of a list of values, as the Berkeley Function Calling Leaderboard checks it: text as `casefold`, the type must be
  the same (an integer passes where a float is allowed, 3.0 does not pass for 3), lists in order, of objects each key has its own
  list of allowed values; "" in the list says that the argument may be left out
- `any`: whatever is given, or nothing

An argument that is expected and not given, or the other way round, is wrong but for `any` and for `allowed` with "".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from goldworks.digests import canonical
from goldworks.evaluation.answers import Call
from goldworks.evaluation.scorers.words import plain
from goldworks.golden.read import ExpectedCall

ABSENT = object()
LONGEST_PATTERN_BYTES = 1 << 20


def arguments_fit(expected: ExpectedCall, made: Call, *, allow_extra: bool = False) -> bool:
    """Whether the arguments of a call are those expected. Arguments that are no JSON object fit nothing but an equal value."""
    if not isinstance(made.arguments, Mapping):
        if made.arguments is not None:
            return False
        return all(argument_fits(how, wanted, ABSENT) for how, wanted in _expected(expected).values())
    given = cast("Mapping[str, Any]", made.arguments)
    wanted_of = _expected(expected)
    if not allow_extra and any(name not in wanted_of for name in given):
        return False
    return all(argument_fits(how, wanted, given.get(name, ABSENT)) for name, (how, wanted) in wanted_of.items())


def _expected(expected: ExpectedCall) -> dict[str, tuple[str, Any]]:
    names = {*expected.arguments, *expected.comparators}
    return {name: (expected.comparators.get(name, "exact"), expected.arguments.get(name, ABSENT)) for name in names}


def argument_fits(comparator: str, wanted: Any, given: Any) -> bool:
    """Whether one argument is what was expected; see the module for the comparators."""
    if comparator == "any":
        return True
    if comparator == "allowed" and wanted is not ABSENT:
        return is_allowed(wanted, given)
    if wanted is ABSENT or given is ABSENT:
        return wanted is given
    if comparator == "number":
        a, b = _number(wanted), _number(given)
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if comparator == "contains":
        return bare(wanted) in bare(given)
    if comparator == "casefold":
        return bare(wanted) == bare(given)
    if comparator == "set":
        return _elements(wanted) == _elements(given)
    if comparator == "regex":
        return _pattern(str(wanted)).fullmatch(_text(given)) is not None
    return canonical(whole(wanted)) == canonical(whole(given))


def is_allowed(options: Any, given: Any) -> bool:
    """Whether a value is one of those allowed. `ABSENT` is, when "" is."""
    listed: Sequence[Any] = cast("list[Any]", options) if isinstance(options, list) else [options]
    if given is ABSENT:
        return "" in listed
    return any(_is_option(option, given) for option in listed)


def _is_option(option: Any, given: Any) -> bool:
    if isinstance(option, Mapping):
        if not isinstance(given, Mapping):
            return False
        wanted, found = cast("Mapping[str, Any]", option), cast("Mapping[str, Any]", given)
        return found.keys() <= wanted.keys() and all(is_allowed(wanted[key], found.get(key, ABSENT)) for key in wanted)
    if isinstance(option, list):
        items = cast("list[Any]", option)
        return isinstance(given, list) and len(items) == len(cast("list[Any]", given)) and all(map(_is_option, items, given))
    if isinstance(option, str):
        return isinstance(given, str) and bare(option) == bare(given)
    if isinstance(option, float) and isinstance(given, int | float) and not isinstance(given, bool):
        return option == given
    return type(option) is type(given) and option == given


def whole(value: Any) -> Any:
    """Integral floats as integers, at any depth."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: whole(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [whole(item) for item in cast("Sequence[Any]", value)]
    return value


def bare(value: Any) -> str:
    """Text without letter case, white space and punctuation; of another value its canonical JSON."""
    return "".join(ch for ch in plain(_text(value)) if not ch.isspace() and ch not in ",./-_*^\"'")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(whole(value)).decode()


def _elements(value: Any) -> frozenset[bytes]:
    items: Sequence[Any] = cast("Sequence[Any]", value) if isinstance(value, list | tuple) else [value]
    return frozenset(canonical(whole(item)) for item in items)


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Any:
    """A pattern compiled by RE2. Raises `re2.error` for what it refuses: the scorer's error, told by its class."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = LONGEST_PATTERN_BYTES
    return re2.compile(pattern, options)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        number = float(str(value).replace(",", "").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None
