"""Single values as logs write them: ids, counts, amounts, times, JSON held as a string. No dialect, no messages."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import msgspec
import orjson

from goldworks.conversations.damage import UnusableLine, wrong_type
from goldworks.conversations.records import Message, ToolCall, Turn

LATEST_US = 253_402_300_799_999_999
"""The last microsecond of the year 9999, since the epoch: later times fit no table."""

_ANY = msgspec.json.Decoder()
_MARGIN = 54
"""orjson writes 254 levels; with this margin a value of up to 200 levels still fits where it is stored inside others."""


def name(value: Any, where: str) -> str | None:
    """An id or a version: a text or a number, as text; empty is None. Raises `UnusableLine`."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise wrong_type(where, "neither text nor number")


def count(value: Any, where: str) -> int | None:
    """A count, also as text; negative (some emitters write -1) is None: unknown. Raises `UnusableLine`."""
    number = amount(value, where)
    if number is None or number < 0:
        return None
    whole = int(value) if isinstance(value, str) and value.strip().isdecimal() else int(number)
    if isinstance(value, int):
        whole = value
    if whole >= 1 << 63:
        raise wrong_type(where, "number out of range")
    return whole


def amount(value: Any, where: str) -> float | None:
    """A number, also as text; NaN and infinities are None. Raises `UnusableLine`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong_type(where, "not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise wrong_type(where, "not a number") from None
    return number if math.isfinite(number) else None


def epoch(value: Any, per_second: int, where: str) -> int | None:
    """A time in `per_second` units since the epoch, number or text, as microseconds; None and 0 are None (unset).

    Raises `UnusableLine` for anything that is no number, or lies before 1970 or after 9999.
    """
    if value is None or value in ("", 0, "0"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong_type(where, "not a time")
    try:
        exact = int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None
        micros = exact * 1_000_000 // per_second if exact is not None else int(float(value) * (1_000_000 / per_second))
    except (ValueError, OverflowError):
        raise wrong_type(where, "not a time") from None
    if not 0 <= micros <= LATEST_US:
        raise wrong_type(where, "time out of range")
    return micros


def iso_time(value: Any, where: str) -> int | None:
    """An ISO 8601 time as microseconds since the epoch; without an offset it is UTC. Raises `UnusableLine`."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise wrong_type(where, "not an ISO 8601 time")
    try:
        moment = dt.datetime.fromisoformat(value.strip())
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise wrong_type(where, "not an ISO 8601 time") from None
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def json_value(value: Any) -> Any:
    """A tool's arguments or result: text that is a JSON object, array or string is decoded, anything else kept as it is.

    A bare number or word stays text: an order number is not arithmetic, and what is not JSON is no damage.
    """
    if not isinstance(value, str) or not value.lstrip()[:1] or value.lstrip()[:1] not in '{["':
        return value
    try:
        return _ANY.decode(value)
    except (ValueError, RecursionError):
        return value


def storable(turn: Turn) -> Turn:
    """`turn` with tool values that every later step can write as JSON.

    Whole numbers beyond 64 bits become text with all their digits, and values nested deeper than 200 levels become their
    JSON text. Usually nothing is to be done, and that is found out at the speed of one encoding.
    """
    messages = (*turn.history, *turn.reply)
    values = [m.tool_result for m in messages if m.tool_result is not None]
    values += [call.arguments for m in messages for call in m.tool_calls]
    values += [value for run in turn.tool_runs for value in (run.arguments, run.result)]
    if not values or _is_storable(values):
        return turn
    runs = tuple(
        msgspec.structs.replace(run, arguments=_mended(run.arguments), result=_mended(run.result)) for run in turn.tool_runs
    )
    history, reply = tuple(map(_mended_message, turn.history)), tuple(map(_mended_message, turn.reply))
    return msgspec.structs.replace(turn, history=history, reply=reply, tool_runs=runs)


def _is_storable(value: Any) -> bool:
    for _ in range(_MARGIN):
        value = [value]
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


def _mended_message(message: Message) -> Message:
    calls = tuple(ToolCall(call.name, _mended(call.arguments), call.id) for call in message.tool_calls)
    return msgspec.structs.replace(message, tool_calls=calls, tool_result=_mended(message.tool_result))


def _mended(value: Any) -> Any:
    try:
        if not _is_storable(value):
            value = _small_numbers(value)
            if not _is_storable(value):
                value = msgspec.json.encode(value).decode()
    except RecursionError:
        raise UnusableLine("nested_too_deep") from None
    return value


def _small_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _small_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_small_numbers(item) for item in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return str(value)
    return value
