"""The document as one HTML file without script that fetches nothing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from goldworks.evidence.sections import Document

TEMPLATE = Path(__file__).with_name("page.html.j2")


def render_page(document: Document) -> bytes:
    """The page, UTF-8."""
    return _template().render(document=document).encode("utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
