"""Instructions about things an answer must contain: placeholders, a postscript."""

from __future__ import annotations

import re

from pydantic import Field

from goldworks.evaluation.scorers.ifeval.check import Check
from goldworks.policies import Policy

POSTSCRIPTS = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}


class Placeholders(Policy):
    """At least so many placeholders in square brackets."""

    num_placeholders: int = Field(ge=1)


class Postscript(Policy):
    """`postscript_marker`: `P.S.`, `P.P.S` or another beginning."""

    postscript_marker: str = Field(min_length=1)


def number_placeholders(text: str, settings: Placeholders) -> bool:
    """`[name]` within a line; an empty `[]` counts, as in IFEval."""
    return len(re.findall(r"\[.*?\]", text)) >= settings.num_placeholders


def postscript(text: str, settings: Postscript) -> bool:
    """The marker stands anywhere; letter case and a blank between its letters do not count."""
    pattern = POSTSCRIPTS.get(settings.postscript_marker) or re.escape(settings.postscript_marker.lower())
    return re.search(pattern, text.lower()) is not None


CHECKS = {
    "detectable_content:number_placeholders": Check(Placeholders, number_placeholders),
    "detectable_content:postscript": Check(Postscript, postscript),
}
