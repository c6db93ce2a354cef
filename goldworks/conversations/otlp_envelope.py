"""The OTLP/JSON envelope as typed structs, and its attribute values as plain ones. What the attributes mean is in `otlp`."""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.conversations.damage import UnusableLine, wrong_type


class ArrayValue(msgspec.Struct, gc=False):
    """A list of values."""

    values: list[AnyValue] | None = None


class KvlistValue(msgspec.Struct, gc=False):
    """A map of values."""

    values: list[KeyValue] | None = None


class AnyValue(msgspec.Struct, gc=False, rename="camel"):
    """One of the value kinds; the protobuf mapping allows 64-bit numbers as text."""

    string_value: str | None = None
    int_value: int | float | str | None = None
    double_value: int | float | str | None = None
    bool_value: bool | None = None
    array_value: ArrayValue | None = None
    kvlist_value: KvlistValue | None = None
    bytes_value: str | None = None


class KeyValue(msgspec.Struct, gc=False):
    """An attribute."""

    key: str
    value: AnyValue | None = None


class Event(msgspec.Struct, gc=False):
    """A span event. `body` is what emitters that copy log records add."""

    name: str | None = None
    attributes: list[KeyValue] | None = None
    body: Any = None


class Status(msgspec.Struct, gc=False):
    """A span's status; its message is not read, for it may hold anything."""

    code: int | str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the span failed."""
        return self.code in (2, "2", "STATUS_CODE_ERROR")


class Span(msgspec.Struct, gc=False, rename="camel"):
    """A span."""

    trace_id: str | None = None
    span_id: str | None = None
    name: str | None = None
    start_time_unix_nano: int | str | None = None
    end_time_unix_nano: int | str | None = None
    attributes: list[KeyValue] | None = None
    events: list[Event] | None = None
    status: Status | None = None


class ScopeSpans(msgspec.Struct, gc=False):
    """Spans of one instrumentation scope."""

    spans: list[Span] | None = None


class Resource(msgspec.Struct, gc=False):
    """What emitted the spans."""

    attributes: list[KeyValue] | None = None


class ResourceSpans(msgspec.Struct, gc=False, rename="camel"):
    """Spans of one resource."""

    resource: Resource | None = None
    scope_spans: list[ScopeSpans] | None = None


class TracesData(msgspec.Struct, gc=False, rename="camel"):
    """One line."""

    resource_spans: list[ResourceSpans] | None = None


TRACES: msgspec.json.Decoder[TracesData] = msgspec.json.Decoder(TracesData)

Attributes = dict[str, AnyValue | None]


def by_key(attributes: list[KeyValue] | None) -> Attributes:
    """Attributes by key; of a key given twice the last counts."""
    return {pair.key: pair.value for pair in attributes} if attributes else {}


def plain(value: AnyValue | None) -> Any:
    """The value as plain Python: bytes stay base64 text, a 64-bit number given as text becomes a number."""
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return _number(value.int_value)
    if value.double_value is not None:
        return value.double_value
    if value.bool_value is not None:
        return value.bool_value
    if value.array_value is not None:
        return [plain(item) for item in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return {pair.key: plain(pair.value) for pair in value.kvlist_value.values or ()}
    return value.bytes_value


def plain_body(body: Any, where: str) -> Any:
    """An event's body: an attribute value in its OTLP form, or JSON as it is. Raises `UnusableLine`."""
    if isinstance(body, dict) and len(body) == 1 and next(iter(body)) in AnyValue.__struct_encode_fields__:
        try:
            return plain(msgspec.convert(body, AnyValue))
        except msgspec.ValidationError:
            raise wrong_type(where, "not an attribute value") from None
        except RecursionError:
            raise UnusableLine("nested_too_deep", where) from None
    return body


def _number(value: float | str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        return value
