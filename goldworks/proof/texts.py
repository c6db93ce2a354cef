"""What is published of conversations: the texts of golden versions and of pages. The marts' own are in their adapter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from goldworks.golden.case import texts_of
from goldworks.golden.read import latest_versions, read_version
from goldworks.lake import Lake
from goldworks.proof.leaves import leaves

_TAG = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<[^>]{0,2000}>", re.DOTALL | re.IGNORECASE)
_SPACE = re.compile(r"\s{2,}")
PAGES = frozenset({".html", ".json", ".md", ".csv", ".txt"})


def golden_texts(lake: Lake) -> Iterator[tuple[str, list[str]]]:
    """(`golden.<use case>.<field>`, distinct texts) of the current golden versions."""
    for version in latest_versions(lake):
        use_case = version.rpartition("-")[0]
        by_field: dict[str, dict[str, None]] = {}
        for case in read_version(lake, version):
            for field, text in texts_of(case):
                for place, leaf in leaves(text, re.sub(r"\d+", "*", field)):
                    by_field.setdefault(place, {})[leaf] = None
        yield from ((f"golden.{use_case}.{field}", list(texts)) for field, texts in by_field.items())


def page_texts(folder: Path, place: str) -> Iterator[tuple[str, list[str]]]:
    """(`<place>.<file name>`, what a reader of the page sees) of the pages below a folder.

    Scripts are left out: ours and Great Expectations' hold no data, and dbt's draws what stands in the project, nothing of a run.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in PAGES:
            text = path.read_text(encoding="utf-8", errors="replace")
            if path.suffix == ".html":
                text = html.unescape(_TAG.sub("\n", text))
            pieces = (leaf for _, leaf in leaves(text)) if path.suffix == ".json" else (text,)
            lines = (line for piece in pieces for line in _SPACE.sub("\n", piece).split("\n") if line.strip())
            yield f"{place}.{path.name}", list(dict.fromkeys(lines))
