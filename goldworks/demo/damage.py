"""The damage that logs suffer on their way, done to finished lines, each noted so that it can be checked.

Lines are grouped by dialect and day of arrival. Kinds that make a line unusable: truncated_json, invalid_utf8, wrong_types,
missing_conversation_id. Others cost nothing: empty_line, duplicate, late_arrival, absent_file, legacy_attributes,
tool_response_result_key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import msgspec

from goldworks.demo.play import Exchange
from goldworks.demo.truth import Damaged, KnownFile
from goldworks.demo.writing import line_of

UNUSABLE = ("truncated_json", "invalid_utf8", "wrong_types", "missing_conversation_id")
SPOILT_OF_EACH = 3
EMPTY_LINES = 4
DUPLICATES = 6
LATE_RECORDS = 4
LEGACY_SHARE = 0.04
RESULT_KEY_SHARE = 0.05
ABSENT = ("otlp", "2026-11-10")
"""Dialect and day of the file that is not delivered on its day."""
BACKFILL = "otlp/late/2026-11-12_backfill_2026-11-10.jsonl.gz"


@dataclass(slots=True)
class Row:
    """A line to be, and what was done to it."""

    data: bytes
    exchange: Exchange | None = None
    kinds: tuple[str, ...] = ()
    first: Row | None = None  # the delivery that a duplicate repeats


@dataclass(slots=True)
class Delivery:
    """Files by name, each a list of rows, and files that are missing."""

    files: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])

    def rows(self, dialect: str | None = None) -> list[tuple[str, int]]:
        """Places of undamaged rows, as file and index."""
        return [
            (name, index)
            for name, rows in sorted(self.files.items())
            for index, row in enumerate(rows)
            if not row.kinds and (dialect is None or name.startswith(dialect))
        ]


def deliver(rng: Random, exchanges: list[Exchange]) -> Delivery:
    """The lines of `exchanges` in files by dialect and day, damaged."""
    delivery = Delivery()
    for exchange in exchanges:
        is_legacy = exchange.dialect == "otlp" and rng.random() < LEGACY_SHARE
        has_result_key = exchange.dialect == "otlp" and bool(exchange.steps) and rng.random() < RESULT_KEY_SHARE
        kinds = (*(["legacy_attributes"] if is_legacy else []), *(["tool_response_result_key"] if has_result_key else []))
        row = Row(line_of(exchange, is_legacy=is_legacy, has_result_key=has_result_key), exchange, kinds)
        delivery.files.setdefault(f"{exchange.dialect}/{exchange.day}.jsonl.gz", []).append(row)
    _deliver_late(rng, delivery)
    for kind in UNUSABLE:
        for name, index in rng.sample(delivery.rows(), SPOILT_OF_EACH):
            row = delivery.files[name][index]
            delivery.files[name][index] = Row(_spoil(kind, row.data, row.exchange), row.exchange, (kind,))
    for name, index in rng.sample(delivery.rows(), DUPLICATES):
        row = delivery.files[name][index]
        again = name if rng.random() < 0.6 else _day_after(name)
        if again not in delivery.files:
            again = name
        copy = Row(row.data, row.exchange, ("duplicate",), first=row)
        delivery.files[again].insert(index + 1 if again == name else rng.randrange(len(delivery.files[again])), copy)
    for name in rng.choices(sorted(delivery.files), k=EMPTY_LINES):
        delivery.files[name].insert(rng.randrange(len(delivery.files[name])), Row(b"", None, ("empty_line",)))
    absent = f"{ABSENT[0]}/{ABSENT[1]}.jsonl.gz"
    delivery.files[BACKFILL] = delivery.files.pop(absent)
    return delivery


def dirt_of(delivery: Delivery) -> Iterator[Damaged]:
    """What was done, by file and line."""
    places = {id(row): [name, line] for name, rows in delivery.files.items() for line, row in enumerate(rows, start=1)}
    yield Damaged(f"{ABSENT[0]}/{ABSENT[1]}.jsonl.gz", None, "absent_file", detail={"arrives_in": BACKFILL})
    for name, rows in sorted(delivery.files.items()):
        for line, row in enumerate(rows, start=1):
            conversation_id = row.exchange.conversation_id if row.exchange else None
            trace_id = row.exchange.trace_id if row.exchange else None
            for kind in row.kinds:
                detail = {"first_delivery": places[id(row.first)]} if row.first is not None else {}
                yield Damaged(name, line, kind, conversation_id, trace_id, detail)


def files_of(delivery: Delivery) -> Iterator[KnownFile]:
    """What each file holds."""
    for name, rows in sorted(delivery.files.items()):
        duplicates = sum("duplicate" in row.kinds for row in rows)
        quarantined = sum(any(kind in UNUSABLE for kind in row.kinds) for row in rows)
        empty = sum("empty_line" in row.kinds for row in rows)
        yield KnownFile(name, len(rows), len(rows) - duplicates - quarantined - empty, duplicates, quarantined, empty)


def _deliver_late(rng: Random, delivery: Delivery) -> None:
    """Move some lines into the file of the day after."""
    for name, index in sorted(rng.sample(delivery.rows(), LATE_RECORDS), reverse=True):
        later = _day_after(name)
        if later in delivery.files:
            row = delivery.files[name].pop(index)
            delivery.files[later].insert(0, Row(row.data, row.exchange, ("late_arrival",)))


def _day_after(name: str) -> str:
    dialect, _, file = name.partition("/")
    return f"{dialect}/{date.fromisoformat(file[:10]) + timedelta(days=1)}.jsonl.gz"


def _spoil(kind: str, data: bytes, exchange: Exchange | None) -> bytes:
    assert exchange is not None
    if kind == "truncated_json":
        return data[: len(data) * 3 // 5]
    if kind == "invalid_utf8":
        start = data.index(exchange.conversation_id.encode()) + 4
        return data[:start] + b"\xff\xfe" + data[start:]
    is_otlp = exchange.dialect == "otlp"
    value = msgspec.json.decode(data)
    if kind == "wrong_types":
        if is_otlp:
            value["resourceSpans"][0]["scopeSpans"] = "none"
        else:
            value["messages"] = "none"
        return msgspec.json.encode(value)
    if is_otlp:
        for span in value["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            _drop(span["attributes"], "gen_ai.conversation.id")
    else:
        del value["metadata"]["conversation_id"]
    return msgspec.json.encode(value)


def _drop(attributes: list[Mapping[str, object]], key: str) -> None:
    attributes[:] = [attribute for attribute in attributes if attribute["key"] != key]
