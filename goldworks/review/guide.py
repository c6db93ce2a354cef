"""The labelling guide of a rubric: one HTML page to read and to print, nothing fetched."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from goldworks.review.rubric import Rubric

PAGE = "guide.html.j2"


def guide_page(rubric: Rubric) -> str:
    """The page as text; the same rubric gives the same page."""
    return _pages().get_template(PAGE).render(rubric=rubric)


@lru_cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
