"""Why a line cannot be used, and decoding JSON so that every failure says so.

A detail tells where in the line (a key path, a byte position) and never a value of it: the messages of the JSON libraries
were read for that, and only the shapes of `_SAFE` pass. Nothing here knows a dialect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import msgspec
import orjson

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "truncated_json": "the JSON ends before it is complete: the line, or a JSON text inside it, was cut short",
        "not_json": "the line is not JSON",
        "invalid_utf8": "the line holds bytes that are not UTF-8",
        "nested_too_deep": "the JSON is nested deeper than any reader takes",
        "wrong_types": "a key holds another type than its format says, or a required key is absent",
        "missing_conversation_id": "nothing says which conversation the turn belongs to",
        "not_a_turn": "well-formed, but no turn of a conversation (another kind of span, event or record)",
        "unknown_dialect": "JSON of no log dialect known here: name a dialect or a mapping",
        "truncated_gzip": "the compressed file is cut or damaged inside this line; what follows it is lost",
    }
)
"""Reason of an unusable line -> one line of explanation."""

T_co = TypeVar("T_co", covariant=True)

_ANY = msgspec.json.Decoder()
_SAFE = re.compile(r"(?:Expected `[^`]*`, got `[^`]*`|Number out of range|Object missing required field `\w+`)(?: - at `[^`]*`)?")
_LONE_SURROGATE = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


class UnusableLine(Exception):
    """Raised by a dialect for a line it cannot use; `LogFile` turns it into the line's `Unusable`. Never leaves reading."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        assert reason in REASONS, reason
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


class Decodes(Protocol[T_co]):
    """A `msgspec.json.Decoder`, as far as it is needed here."""

    def decode(self, buf: bytes | str, /) -> T_co:
        """The decoded value."""
        ...


def decode(decoder: Decodes[T_co], data: bytes | str, where: str | None = None) -> T_co:
    """`data` decoded; `where` is the key path of a JSON text inside a line, None for the line itself.

    Half a surrogate pair (an emoji cut by a length limit) is legal in JSON and refused by the decoders; it becomes U+FFFD.
    Raises `UnusableLine`.
    """
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError) as error:
        problem = error
    mended = without_lone_surrogates(data)
    if mended is not None:
        try:
            return decoder.decode(mended)
        except (ValueError, RecursionError) as error:
            problem, data = error, mended
    raise _explain(problem, data, where)


def decode_any(line: bytes) -> Any:
    """A line as plain JSON. Raises `UnusableLine`."""
    check_utf8(line)
    return decode(_ANY, line)


def wrong_type(where: str, what: str) -> UnusableLine:
    """The `UnusableLine` for key path `where`; `what` is a fixed text such as `not a number`."""
    return UnusableLine("wrong_types", f"{where}: {what}")


def convert_error(error: msgspec.ValidationError, where: str) -> UnusableLine:
    """The `UnusableLine` for a value at `where` that `msgspec.convert` refused."""
    return UnusableLine("wrong_types", f"{where}: {_safe(error)}")


def check_utf8(line: bytes) -> None:
    """Raise `UnusableLine` when `line` is not UTF-8: `truncated_json` when it merely ends inside a character."""
    if line.isascii():
        return
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.end == len(line):
            raise UnusableLine("truncated_json", f"byte {error.start}") from None
        raise UnusableLine("invalid_utf8", f"byte {error.start}") from None


def without_lone_surrogates(data: bytes | str) -> str | None:
    """JSON text with `\\ufffd` for each escaped half of a surrogate pair, or None when there is none. `data` is UTF-8."""
    text = data.decode("utf-8") if isinstance(data, bytes) else data
    mended = _LONE_SURROGATE.sub(lambda m: m[0] if m[2] else m[1] + "\\ufffd", text)
    return mended if mended != text else None


def _explain(error: Exception, data: bytes | str, where: str | None) -> UnusableLine:
    at = f"{where}: " if where else ""
    if isinstance(error, RecursionError):
        return UnusableLine("nested_too_deep", where)
    try:
        orjson.loads(data)  # a typed decoder stops at the first wrong type: see whether the text is whole at all
    except orjson.JSONDecodeError as syntax:
        if syntax.msg.startswith("unexpected end"):
            return UnusableLine("truncated_json", f"{at}position {syntax.pos}")
        if "depth limit" in syntax.msg:
            return UnusableLine("nested_too_deep", where)
        if "infinity" in syntax.msg:
            return UnusableLine("wrong_types", f"{at}position {syntax.pos}: number out of range")
        if where is None:
            return UnusableLine("not_json", f"position {syntax.pos}")
        return UnusableLine("wrong_types", f"{at}not JSON at position {syntax.pos}")
    if isinstance(error, msgspec.ValidationError):
        return UnusableLine("wrong_types", at + _safe(error))
    return UnusableLine("not_json", where)


def _safe(error: Any) -> str:
    message = str(error)
    return message if _SAFE.fullmatch(message) else "another type than expected"
