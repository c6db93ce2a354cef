"""Instructions about the format of an answer: bullets, fixed answers, highlights, sections, JSON, a title."""

from __future__ import annotations

import re

import orjson
from pydantic import Field

from goldworks.evaluation.scorers.ifeval.check import Check, NoSettings
from goldworks.policies import Policy

BULLET = re.compile(r"(?m)^\s*(?:\*[^*\n]|-).*$")
ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
FENCE = re.compile(r"(?i)\A```(?:json)?\s*|\s*```\Z")


class Bullets(Policy):
    """Exactly so many bullet points."""

    num_bullets: int = Field(ge=0)


class Highlights(Policy):
    """At least so many highlighted parts."""

    num_highlights: int = Field(ge=1)


class Sections(Policy):
    """At least so many sections, each begun by the word `section_spliter` (so spelled in IFEval) and a number."""

    section_spliter: str = Field(min_length=1)
    num_sections: int = Field(ge=1)


def number_bullet_lists(text: str, settings: Bullets) -> bool:
    """Lines that begin with `* ` or `-`, blanks before it allowed; `**bold**` at the beginning of a line is none."""
    return len(BULLET.findall(text)) == settings.num_bullets


def constrained_response(text: str, settings: NoSettings) -> bool:
    """One of the three fixed answers stands in it, in this spelling."""
    return any(answer in text for answer in ANSWERS)


def number_highlighted_sections(text: str, settings: Highlights) -> bool:
    """`*so*` or `**so**` within a line; one without text does not count."""
    without_bold, bold = re.subn(r"\*\*[^\n*]*[^\n*\s][^\n*]*\*\*", " ", text)
    single = sum(bool(part.strip()) for part in re.findall(r"\*([^\n*]*)\*", without_bold))
    return bold + single >= settings.num_highlights


def multiple_sections(text: str, settings: Sections) -> bool:
    """`Section 1`, `SECTION 2`: the word as it is spelled in the settings, then a number."""
    pattern = rf"{re.escape(settings.section_spliter.strip())}\s?\d+"
    return len(re.findall(pattern, text)) >= settings.num_sections


def json_format(text: str, settings: NoSettings) -> bool:
    """The whole answer is JSON, a Markdown fence around it allowed. NaN is not JSON."""
    try:
        orjson.loads(FENCE.sub("", text.strip()).strip())
    except orjson.JSONDecodeError:
        return False
    return True


def title(text: str, settings: NoSettings) -> bool:
    """A title in double angle brackets, `<<so>>`, on one line and not empty."""
    return any(part.strip("<> \t") for part in re.findall(r"<<[^\n]+>>", text))


CHECKS = {
    "detectable_format:number_bullet_lists": Check(Bullets, number_bullet_lists),
    "detectable_format:constrained_response": Check(NoSettings, constrained_response),
    "detectable_format:number_highlighted_sections": Check(Highlights, number_highlighted_sections),
    "detectable_format:multiple_sections": Check(Sections, multiple_sections),
    "detectable_format:json_format": Check(NoSettings, json_format),
    "detectable_format:title": Check(NoSettings, title),
}
