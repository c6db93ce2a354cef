"""Precision, recall and F2 of found spans against annotated ones, by value. No engine and no file is known here.

A gold span counts as caught when at least 90 % of its letters and digits are covered by findings of any type: what matters is
that it is gone. A finding of a type is right where it stands on gold of the same type; in the row of all types together,
where it stands on gold of any type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int, str]
CAUGHT_FROM = 0.9
ALL = "everything"


@dataclass(slots=True)
class Counts:
    """What was counted of one type: spans and characters, of the gold and of the findings. White space is not counted."""

    gold_spans: int = 0
    caught_spans: int = 0
    found_spans: int = 0
    right_spans: int = 0
    gold_chars: int = 0
    caught_chars: int = 0
    found_chars: int = 0
    right_chars: int = 0

    @property
    def span_recall(self) -> float | None:
        return share(self.caught_spans, self.gold_spans)

    @property
    def span_precision(self) -> float | None:
        return share(self.right_spans, self.found_spans)

    @property
    def span_f2(self) -> float | None:
        return f2(self.span_precision, self.span_recall)

    @property
    def recall(self) -> float | None:
        return share(self.caught_chars, self.gold_chars)

    @property
    def precision(self) -> float | None:
        return share(self.right_chars, self.found_chars)

    @property
    def f2(self) -> float | None:
        return f2(self.precision, self.recall)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def f2(precision: float | None, recall: float | None) -> float | None:
    """The harmonic mean that counts recall as four times precision; None where one of the two is not defined."""
    if precision is None or recall is None:
        return None
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def mask(size: int, spans: Iterable[Span]) -> bytearray:
    """1 for each character of a text that stands in a span."""
    covered = bytearray(size)
    for start, end, _ in spans:
        covered[start:end] = b"\1" * (min(end, size) - start)
    return covered


def is_caught(text: str, covered: Sequence[int], start: int, end: int) -> bool:
    """Whether 90 % of the letters and digits of [start, end) are covered."""
    solid = [covered[at] for at in range(start, end) if text[at].isalnum()]
    return sum(solid) >= CAUGHT_FROM * len(solid)


def count(
    texts: Sequence[str],
    gold: Sequence[Sequence[Span]],
    found: Sequence[Sequence[Span]],
    group: Callable[[str], str] = str,
) -> dict[str, Counts]:
    """Counts by type and for `ALL`; `group` gives types of gold and findings one name."""
    table: dict[str, Counts] = {ALL: Counts()}
    for text, wanted, got in zip(texts, gold, found, strict=True):
        visible = bytes(not char.isspace() for char in text)
        covered = mask(len(text), got)
        _count_gold(table, text, visible, wanted, covered, group)
        _count_found(table, visible, wanted, got, group)
        by_gold = mask(len(text), wanted)
        everything = table[ALL]
        everything.gold_chars += _common(visible, by_gold)
        everything.found_chars += _common(visible, covered)
        both = sum(map(_three, visible, by_gold, covered))
        everything.caught_chars += both
        everything.right_chars += both
    return table


def _count_gold(
    table: dict[str, Counts], text: str, visible: bytes, gold: Sequence[Span], covered: bytearray, group: Callable[[str], str]
) -> None:
    for start, end, type_ in gold:
        caught = is_caught(text, covered, start, end)
        row = table.setdefault(group(type_), Counts())
        for counts in (row, table[ALL]):
            counts.gold_spans += 1
            counts.caught_spans += caught
        row.gold_chars += sum(visible[start:end])
        row.caught_chars += _common(visible[start:end], covered[start:end])


def _count_found(
    table: dict[str, Counts], visible: bytes, gold: Sequence[Span], found: Sequence[Span], group: Callable[[str], str]
) -> None:
    of_type: dict[str, list[Span]] = {}
    for span in gold:
        of_type.setdefault(group(span[2]), []).append(span)
    everywhere = mask(len(visible), gold)
    for start, end, type_ in found:
        name = group(type_)
        row, everything = table.setdefault(name, Counts()), table[ALL]
        row.found_spans += 1
        everything.found_spans += 1
        row.right_spans += any(start < last and first < end for first, last, _ in of_type.get(name, ()))
        everything.right_spans += any(everywhere[start:end])
    types = {group(type_) for _, _, type_ in found}
    for name in types:
        row = table[name]
        here = mask(len(visible), (span for span in found if group(span[2]) == name))
        row.found_chars += _common(visible, here)
        row.right_chars += sum(map(_three, visible, here, mask(len(visible), of_type.get(name, ()))))


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(a & b for a, b in zip(one, other, strict=True))


def _three(one: int, two: int, three: int) -> int:
    return one & two & three
