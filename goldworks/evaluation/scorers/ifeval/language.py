"""Instructions about the language of an answer, and which language a text is in."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from pydantic import Field

from goldworks.evaluation.scorers.ifeval.check import Check
from goldworks.policies import Policy

LEAST_LETTERS = 20
"""A text with fewer letters is in no determined language: identification is a guess there. Letters of scripts that tell more
count as many as they have bytes in UTF-8: Cyrillic two, Hindi or Japanese three."""


class Language(Policy):
    """`language`: its code of two letters (ISO 639-1), such as `de`."""

    language: str = Field(pattern=r"^[a-z]{2}$")


@lru_cache(maxsize=1024)
def language_of(text: str) -> str | None:
    """Code of the language, by py3langid (97 languages, n-grams of bytes); None for fewer than `LEAST_LETTERS`.

    It works offline, and says always the same of the same text.
    """
    if sum(len(ch.encode("utf-8", "replace")) for ch in text if unicodedata.category(ch)[0] in "LM") < LEAST_LETTERS:
        return None
    return str(_identifier().classify(text.lower())[0])


@lru_cache(maxsize=1)
def _identifier() -> Any:
    import py3langid  # two seconds, once

    return py3langid


def response_language(text: str, settings: Language) -> bool | None:
    """The whole answer is in the language; not decided for fewer than 20 letters."""
    found = language_of(text)
    return None if found is None else found == settings.language


CHECKS = {"language:response_language": Check(Language, response_language)}
