"""How results look in the Dagster UI: small tables, bars and previews of redacted text, as markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

WIDTH = 24


def markdown_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], most: int = 20) -> dg.MarkdownMetadataValue:
    """The first `most` rows of a table."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(cell(row.get(column)) for column in columns) + " |" for row in rows[:most]]
    if len(rows) > most:
        lines.append(f"\n{len(rows) - most} more")
    return dg.MetadataValue.md("\n".join(lines))


def bars(rows: Iterable[Mapping[str, Any]], column: str) -> dg.MarkdownMetadataValue:
    """How often each value of `column` occurs, as a bar chart in text."""
    counted = Counter(str(row[column]) for row in rows)
    top = max(counted.values(), default=1)
    lines = [f"| {column} | n | |", "| --- | ---: | --- |"]
    lines += [f"| {cell(value)} | {n:,} | {'█' * max(1, WIDTH * n // top)} |" for value, n in counted.most_common(15)]
    return dg.MetadataValue.md("\n".join(lines))


def preview(messages: Sequence[Mapping[str, Any]], most: int = 5) -> dg.MarkdownMetadataValue:
    """The first messages of people and assistants, redacted as they are stored."""
    spoken = [m for m in messages if m["role"] in ("user", "assistant") and m["text"]]
    return markdown_table(spoken, ("role", "text"), most)


def cell(value: Any, longest: int = 160) -> str:
    """A value as one markdown table cell."""
    text = "" if value is None else str(value)
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    for old, new in (("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("\r", " "), ("\n", " ")):
        text = text.replace(old, new)
    return text
