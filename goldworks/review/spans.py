"""Spans of an answer that a reviewer marked: where they begin and end, never their words.

A span is (start, end) in code points of the answer as it was shown, half open. Several are written `12-40 55-60`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
SPANS = re.compile(r"\d{1,9}-\d{1,9}(?: \d{1,9}-\d{1,9})*")
UNREADABLE = "?"
"""Stands for what is no span: it may be anything, text of a conversation too, so it goes no further."""

BLANK = re.compile(r"\s|\\n")
"""White space, and the two characters that Label Studio writes for the end of a line."""


def plain(text: str) -> str:
    """Spans as a file has them with single blanks between, `UNREADABLE` for anything else, empty for nothing."""
    found = " ".join(text.split())
    return found if not found or SPANS.fullmatch(found) else UNREADABLE


def read_spans(text: str) -> tuple[Span, ...]:
    """The spans of `12-40 55-60`, sorted and merged. Raises `ValueError` for anything else, and for a span that holds nothing."""
    if not SPANS.fullmatch(text):
        raise ValueError("no spans")
    spans = [(int(start), int(end)) for start, end in (one.split("-") for one in text.split())]
    if any(start >= end for start, end in spans):
        raise ValueError("an empty span")
    return merged(spans)


def written(spans: Iterable[Span]) -> tuple[str, ...]:
    """Each span as `start-end`."""
    return tuple(f"{start}-{end}" for start, end in spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order; those that overlap or touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def find_quotes(quotes: str, answer: str) -> tuple[Span, ...] | None:
    """Where the quoted words stand in the answer, one quote a line, each of them wherever it stands; None if one does not."""
    spans: list[Span] = []
    for line in filter(None, map(str.strip, quotes.splitlines())):
        # our CSV has an apostrophe before a text that a spreadsheet would take for a formula
        quote = line if line in answer else line.removeprefix("'")
        if not quote or quote not in answer:
            return None
        spans += [found.span() for found in re.finditer(re.escape(quote), answer)]
    return merged(spans) or None


def in_code_points(answer: str, start: int, end: int, words: str | None = None) -> Span | None:
    """The span of a tool that counts code points, or else UTF-16 units, as older ones did: by the `words` it says are marked.

    None when neither holds these words, white space aside. Without `words` code points are taken.
    """
    if words is None or _same(answer[start:end], words):
        return start, end
    units = [0, *_units(answer)]
    if start in units and end in units:
        span = units.index(start), units.index(end)
        if _same(answer[slice(*span)], words):
            return span
    return None


def overlap(one: Sequence[Span], other: Sequence[Span]) -> float:
    """Character-level F1 of two reviewers' spans: twice the characters that both marked, over all that each marked; 0..1.

    Symmetric, so it does not matter whom it is measured against. Raises `ValueError` when neither marked anything.
    """
    first, second = ({place for span in spans for place in range(*span)} for spans in (one, other))
    if not first and not second:
        raise ValueError("neither marked anything")
    return 2 * len(first & second) / (len(first) + len(second))


def _units(text: str) -> Iterable[int]:
    """UTF-16 units up to the end of each character."""
    at = 0
    for character in text:
        at += 2 if ord(character) > 0xFFFF else 1
        yield at


def _same(text: str, words: str) -> bool:
    return BLANK.sub("", text) == BLANK.sub("", words) != ""
