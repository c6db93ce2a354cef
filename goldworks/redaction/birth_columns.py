"""Dates of birth in tables written as text: the first line names the column, the lines below hold the dates."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from goldworks.redaction.rules import Rule

_LONGEST_LINE = 2_000
_BIRTH = (
    r"(?:dob|date[ _\-]?of[ _\-]?birth|birth[ _\-]?(?:date|day)|geburts(?:datum|tag)|geboortedatum|fecha[ _]de[ _]nacimiento|"
    r"data[ _]di[ _]nascita|data[ _]de[ _]nascimento|date[ _]de[ _]naissance|data[ _]urodzenia|"
    r"f(?:ö|o)delsedatum|f(?:ø|o)dselsdato)"
)
_COLUMN = re.compile(rf"(?i)(?:[a-z]{{2,12}}[ _\-])?{_BIRTH}")
_HEADER = re.compile(rf"(?i)(?<![^\W_]){_BIRTH}[\"']?[ \t]{{0,8}}(?=[,;|\t\r\n])")
_QUOTED = re.compile(r"\"[^\"\n]{0,400}\"")
_DELIMITERS = ",;|\t"


class _Table(NamedTuple):
    """The lines below a header: where they are, what parts their cells, and which cells hold dates of birth."""

    start: int
    end: int
    delimiter: str
    columns: frozenset[int]


@lru_cache(maxsize=4)
def _tables(text: str) -> tuple[tuple[int, ...], tuple[_Table, ...]]:
    """The tables of a text, in order, and before them where each begins."""
    found: list[_Table] = []
    at = 0
    while (header := _HEADER.search(text, at)) is not None:
        first = max(text.rfind("\n", 0, header.start()) + 1, header.start() - _LONGEST_LINE)
        last = text.find("\n", header.end())
        if last < 0:
            break
        table = _table(text, first, last)
        if table is not None:
            found.append(table)
        at = last
    return tuple(table.start for table in found), tuple(found)


def _table(text: str, first: int, last: int) -> _Table | None:
    line = text[first:last]
    delimiter = max(_DELIMITERS, key=line.count)
    cells = [cell.strip(" \r\t\"'") for cell in line.split(delimiter)]
    columns = frozenset(at for at, cell in enumerate(cells) if _COLUMN.fullmatch(cell))
    if len(cells) < 2 or len(line) > _LONGEST_LINE or not columns:
        return None
    end = text.find("\n\n", last)
    return _Table(last + 1, len(text) if end < 0 else end, delimiter, columns)


def _below(match: re.Match[str]) -> float:
    """Whether the date stands below the name of such a column."""
    text, at = match.string, match.start("value")
    starts, tables = _tables(text)
    index = bisect_right(starts, at) - 1
    if index < 0 or at >= tables[index].end:
        return 0.0
    table = tables[index]
    first = text.rfind("\n", max(0, at - _LONGEST_LINE), at) + 1
    if first < table.start:
        return 0.0
    return 1.0 if _QUOTED.sub("", text[first:at]).count(table.delimiter) in table.columns else 0.0


RULES = (
    Rule(
        "birth_column",
        "DATE_OF_BIRTH",
        "pattern",
        rf"(?i){_BIRTH}[\"']?[ \t]{{0,8}}[,;|\t\r\n]",
        re.compile(
            r"(?<![^\s,;|\"'])(?P<value>(?:19|20)[0-9]{2}[\-/.][0-9]{1,2}[\-/.][0-9]{1,2}|"
            r"[0-9]{1,2}[\-/.][0-9]{1,2}[\-/.](?:(?:19|20)[0-9]{2}|[0-9]{2})|(?:19|20)[0-9]{6})(?![^\s,;|\"'T])"
        ),
        _below,
    ),
)
