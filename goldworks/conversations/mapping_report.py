"""Trying a mapping on the first lines of a log: what was found, what never was. Types only, never a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from goldworks.conversations.damage import REASONS, UnusableLine
from goldworks.conversations.mapped import decode_line, is_turn, items_of, parser
from goldworks.conversations.mapping import LogMapping, evaluate
from goldworks.conversations.streams import Decompressed, open_location, pieces

REQUIRED = ("trace_id", "conversation_id")


class FieldReport(msgspec.Struct, frozen=True):
    """How often `expression` found something, of how many turns (or messages, passages), and the JSON types it found."""

    field: str
    expression: str
    found: int
    of: int
    types: tuple[str, ...]


class MappingReport(msgspec.Struct, frozen=True):
    """What a mapping does to the first lines of a log. `unusable` counts lines by reason; `details` where, value-free."""

    location: str
    lines: int
    turns: int
    unusable: Mapping[str, int]
    details: tuple[str, ...]
    fields: tuple[FieldReport, ...]

    @property
    def never_found(self) -> tuple[str, ...]:
        """Fields whose expression was tried and found nothing; those of messages only where messages are no bare texts."""
        return tuple(report.field for report in self.fields if report.of and not report.found)

    @property
    def is_good(self) -> bool:
        """Whether there are turns, and every required field was found in each of them."""
        return self.turns > 0 and not self._lacking

    @property
    def _lacking(self) -> list[FieldReport]:
        return [report for report in self.fields if report.field in REQUIRED and report.found < report.of]

    @property
    def verdict(self) -> str:
        """Whether the mapping may be used, in words."""
        if self.is_good:
            return f"Good: every turn has {' and '.join(REQUIRED)}."
        absent = [f"{report.field} is absent in {report.of - report.found} of {report.of} turns" for report in self._lacking]
        if absent and self.turns:
            return f"Not good yet: {' and '.join(absent)}, which go to quarantine."
        return f"Not good yet: {'; '.join(['no line is a turn', *absent])}."

    @property
    def text(self) -> str:
        """The report for people, plain text that `rich` prints as it is."""
        lines = [f"{self.location}: {self.turns} of {self.lines} lines are turns"]
        lines += [f"  {count} {reason}: {REASONS[reason]}" for reason, count in sorted(self.unusable.items())]
        lines += [f"    at {detail}" for detail in self.details]
        width = max((len(report.field) for report in self.fields), default=0)
        for report in self.fields:
            outcome = f"found in {report.found} of {report.of}" if report.found else "never found" if report.of else "not tried"
            kinds = f"  {', '.join(report.types)}" if report.types else f"  {report.expression}"
            lines.append(f"  {report.field:<{width}}  {outcome:<22}{kinds}")
        return "\n".join([*lines, self.verdict])


def check_mapping(
    location: str, mapping: LogMapping, lines: int = 200, storage_options: Mapping[str, Any] | None = None
) -> MappingReport:
    """Apply `mapping` to the first `lines` lines that are not blank. Raises `OSError` when the location cannot be read."""
    parse = parser(mapping)
    tally = _Tally(mapping)
    unusable: Counter[str] = Counter()
    details: Counter[str] = Counter()
    read = turns = 0
    with open_location(location, storage_options) as stream:
        for _, raw, _ in pieces(iter(Decompressed(stream))):
            line = raw.removeprefix(b"\xef\xbb\xbf") if read == 0 else raw
            if not line.strip():
                continue
            if read == lines:
                break
            read += 1
            try:
                value = decode_line(line, mapping)
                if is_turn(value, mapping):
                    tally.add(value)
                parse(line)
                turns += 1
            except UnusableLine as problem:
                unusable[problem.reason] += 1
                if problem.detail and problem.reason != "not_a_turn":
                    details[problem.detail] += 1
    most = tuple(f"{detail} ({count} lines)" for detail, count in details.most_common(5))
    return MappingReport(location, read, turns, dict(unusable), most, tally.reports())


class _Tally:
    """Counts of what each expression found."""

    def __init__(self, mapping: LogMapping) -> None:
        self._mapping = mapping
        self._expressions = dict(mapping.line_expressions())
        for group in ("history", "reply", "passages"):
            fields = getattr(mapping, group)
            if fields is not None:
                self._expressions |= {f"{group}.{key}": getattr(fields, key) for key in self._each(group)}
        self._found: Counter[str] = Counter()
        self._of: Counter[str] = Counter()
        self._types: dict[str, set[str]] = {field: set() for field in self._expressions}

    def add(self, value: Any) -> None:
        for field, expression in self._mapping.line_expressions():
            self._count(field, expression, value)
        for group in ("history", "reply", "passages"):
            fields = getattr(self._mapping, group)
            if fields is None:
                continue
            try:
                items = items_of(fields.items, value, group)
            except UnusableLine:
                continue  # parsing the line reports it
            for item in items:
                if isinstance(item, dict):
                    for key in self._each(group):
                        self._count(f"{group}.{key}", getattr(fields, key), item)

    def reports(self) -> tuple[FieldReport, ...]:
        return tuple(
            FieldReport(field, expression, self._found[field], self._of[field], tuple(sorted(self._types[field])))
            for field, expression in self._expressions.items()
        )

    def _count(self, field: str, expression: str, value: Any) -> None:
        self._of[field] += 1
        try:
            found = evaluate(expression, value, field)
        except UnusableLine:
            return  # parsing the line reports it
        if found is not None:
            self._found[field] += 1
            self._types[field].add(_type(found))

    @staticmethod
    def _each(group: str) -> tuple[str, ...]:
        if group == "passages":
            return ("id", "score", "text")
        return ("role", "text", "tool_calls", "tool_call_id")


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "object"
