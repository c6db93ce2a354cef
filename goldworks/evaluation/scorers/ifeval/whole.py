"""Instructions about the answer as a whole: two responses, the prompt repeated, its end, quotation marks, letter case, commas."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from goldworks.evaluation.scorers.ifeval.check import Check, NoSettings, Relation, compares
from goldworks.evaluation.scorers.ifeval.language import language_of
from goldworks.policies import Policy


class Repeat(Policy):
    """The text that the answer begins with."""

    prompt_to_repeat: str = Field(min_length=1)


class End(Policy):
    """The text that the answer ends with."""

    end_phrase: str = Field(min_length=1)


class Capitals(Policy):
    """So many words in capitals."""

    capital_frequency: int = Field(ge=0)
    capital_relation: Relation


def two_responses(text: str, settings: NoSettings) -> bool:
    """Two different responses divided by `******`; an empty one at either end does not count, one in between fails."""
    parts = [part.strip() for part in text.split("******")]
    if any(not part for part in parts[1:-1]):
        return False
    responses = [part for part in parts if part]
    return len(responses) == 2 and responses[0] != responses[1]


def repeat_prompt(text: str, settings: Repeat) -> bool:
    """The answer begins with the prompt, word for word; letter case and white space around do not count."""
    return text.strip().lower().startswith(settings.prompt_to_repeat.strip().lower())


def end_checker(text: str, settings: End) -> bool:
    """The answer ends with the phrase; letter case and quotation marks around the answer do not count."""
    return text.strip().strip('"').lower().endswith(settings.end_phrase.strip().lower())


def quotation(text: str, settings: NoSettings) -> bool:
    """Straight double quotation marks around the whole answer."""
    flat = text.strip()
    return len(flat) > 1 and flat.startswith('"') and flat.endswith('"')


def capital_word_frequency(text: str, settings: Capitals) -> bool:
    """Words without a lower-case letter and with at least one capital: `A`, `NASA`, `COVID-19`."""
    found = re.findall(r"\w+(?:[-'’]\w+)*", text)
    return compares(sum(word.isupper() for word in found), settings.capital_relation, settings.capital_frequency)


def _cased(text: str, case: Literal["upper", "lower"]) -> bool | None:
    if not (text.isupper() if case == "upper" else text.islower()):
        return False
    found = language_of(text)
    return None if found is None else found == "en"


def english_capital(text: str, settings: NoSettings) -> bool | None:
    """No lower-case letter, and English; not decided when it is too short to know the language."""
    return _cased(text, "upper")


def english_lowercase(text: str, settings: NoSettings) -> bool | None:
    """No capital letter, and English; not decided when it is too short to know the language."""
    return _cased(text, "lower")


def no_comma(text: str, settings: NoSettings) -> bool:
    """No `,` at all, in numbers neither."""
    return "," not in text


CHECKS = {
    "combination:two_responses": Check(NoSettings, two_responses),
    "combination:repeat_prompt": Check(Repeat, repeat_prompt),
    "startend:end_checker": Check(End, end_checker),
    "startend:quotation": Check(NoSettings, quotation),
    "change_case:capital_word_frequency": Check(Capitals, capital_word_frequency),
    "change_case:english_capital": Check(NoSettings, english_capital),
    "change_case:english_lowercase": Check(NoSettings, english_lowercase),
    "punctuation:no_comma": Check(NoSettings, no_comma),
}
