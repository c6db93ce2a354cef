"""Reading everything that a folder holds, raw and as each format hides it: for tests that something is nowhere."""

from __future__ import annotations

import gzip
import json
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def squeezed(text: str) -> str:
    """Text as law 1 compares it: NFKC, no zero-width characters, no white space, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH).split()).lower()


def values(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, bytes):
        yield item.decode("utf-8", "replace")
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from values(key)
            yield from values(value)
    elif isinstance(item, list | tuple):
        for value in item:
            yield from values(value)


def decoded(path: Path) -> Iterator[str]:
    """Everything a file holds: its bytes, and what its format hides in them."""
    data = path.read_bytes()
    yield data.decode("utf-8", "replace")
    yield data.decode("utf-16-le", "replace")
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data).decode("utf-8", "replace")
    elif data[:4] == b"PAR1":
        file = pq.ParquetFile(path)
        yield from values([*(file.metadata.metadata or {}).items()])
        for batch in file.iter_batches():
            yield from values(batch.to_pylist())
    elif data[:15] == b"SQLite format 3":
        with sqlite3.connect(path) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in tables:
                yield from values(connection.execute(f'select * from "{table}"').fetchall())
    elif data[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            for schema, table in connection.execute("select table_schema, table_name from information_schema.tables").fetchall():
                yield from values(connection.execute(f'select * from "{schema}"."{table}"').fetchall())
    elif path.suffix == ".json":
        for line in data.splitlines():
            try:
                yield from values(json.loads(line))
            except ValueError:
                continue


def where(folder: Path, texts: Iterable[str]) -> dict[str, list[str]]:
    """The files in which each of the texts stands; a text that stands nowhere is left out."""
    wanted = {text: squeezed(text) for text in texts}
    found: dict[str, list[str]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        haystacks = [squeezed(text) for text in decoded(path)]
        for text, needle in wanted.items():
            if any(needle in haystack for haystack in haystacks):
                found.setdefault(text, []).append(str(path.relative_to(folder)))
    return found
