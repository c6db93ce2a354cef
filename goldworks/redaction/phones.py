"""Phone numbers: which digits in a row are one. Ids, dates, prices and versions look much the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from goldworks.redaction.rules import Judged

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_GROUP = re.compile(r"\d+")
_NANP = re.compile(r"(?:\+?1[\s.\-]{0,3})?\(?(\d{3})\)?[\s.\-/]{0,3}(\d{3})[\s.\-]{0,3}\d{4}")
_DATE = re.compile(r"(?:19|20)\d\d[-/. ][01]?\d[-/. ][0-3]?\d(?!\d)|[0-3]?\d([-/.])[0-3]?\d\1(?:19|20)?\d\d(?!\d|[.\-/]\d)")
_EXTENSION = re.compile(r"[ \t]?(?:x|ext\.?|extension)[ \t]?[0-9]{1,6}$")
_YEARS = re.compile(r"(?:1[5-9]|20)\d\d\s?[-/]\s?(?:1[5-9]|20)\d\d")
_OTHER_NUMBER = re.compile(
    r"(?i)(?:\b(?:order|id|ids|ref|reference|invoice|ticket|case|serial|isbn|version|sku|tracking|booking|confirmation|"
    r"code|ean|"
    r"upc|account|acct|vin|timestamp|epoch|issue|pr|bug|lot|batch|part|item|policy|claim|flight|product|card)"
    r"\b[\s#:=.\"'-]{0,4}(?:number|num|no|nr|id|is|code)?[\s#:=.\"'-]{0,4}|[#$€£¥])$"
)
_DIALLED = re.compile(
    r"(?i)\b(?:text|sms|call(?: back| me)?|dial|ring|phone|t[eé]l|tel|tel[eé]fono?|telefoonnummer|telefon(?:nummer|e)?|"
    r"mobile?|cell|handy|"
    r"fax|whatsapp|m[oó]vil|celular|cellulare|portable|rufnummer|gsm)\b[.:#= ]{0,3}(?:no\.?|nr\.?|number|num)?(?: is|"
    r" est| es| è| é| ist| le| al)?[:#= ]{0,3}\(?$"
)
"""Words after which a number is dialled: what follows directly is one, however it is grouped."""


def phone(match: re.Match[str]) -> float | Judged:
    """The most probable phone number among the digit groups of the match."""
    text, offset = match.group(), match.start()
    extension = _EXTENSION.search(text)
    if extension:
        found = _best(text[: extension.start()], offset, match.string)
        return Judged(found.factor, found.start, match.end()) if found.end == offset + extension.start() else found
    return _best(text, offset, match.string)


def _best(text: str, offset: int, whole: str) -> Judged:
    before = whole[max(0, offset - 40) : offset]
    if _DATE.match(text):
        return Judged(0.0, offset, offset)
    best = _judge(text, before)
    if best >= 0.6:
        return Judged(best, offset, offset + len(text))
    found = Judged(best, offset, offset + len(text))
    groups = [group.span() for group in _GROUP.finditer(text)]
    count = len(groups)
    for first in range(min(3, count)):  # numbers that stand directly beside are no part of it
        for last in range(count, max(count - 3, first), -1):
            if last - first < count and count > 1:
                start = groups[first][0]
                if start and text[start - 1] in "+(":
                    start -= 1
                end = groups[last - 1][1]
                factor = _judge(text[start:end], before if first == 0 else "")
                if factor > found.factor and factor >= 0.6:
                    found = Judged(factor, offset + start, offset + end)
    return found


def _judge(text: str, before: str) -> float:
    groups = _GROUP.findall(text)
    digits = "".join(groups)
    count = len(digits)
    if not 7 <= count <= 15 or len(set(digits)) < 2 or _DATE.match(text) or _YEARS.fullmatch(text):
        return 0.0
    breaks = text.count("\n")
    if breaks and (breaks > 1 or count < 9):
        return 0.0
    if text[0] == "+" or (digits[:2] == "00" and count >= 10 and text[:2] == "00"):
        return 1.0 if is_valid("+" + digits.removeprefix("00") if text[0] != "+" else "+" + digits) else 0.7
    if len(groups) > 1 and _NANP.fullmatch(text):
        is_plausible = digits[-10] not in "01" and digits[-7] not in "01"
        return (1.0 if is_plausible else 0.65) if groups[-1] and len(groups[-1]) in (4, 7) else 0.3
    if before:
        told = _told(before)
        if told is not None:
            return told
    if len(groups) == 1:
        if count in (10, 11) and digits[-10] not in "01" and (count == 10 or digits[0] == "1") and is_valid("+1" + digits[-10:]):
            return 0.62
        return 0.3 if count >= 7 else 0.0
    return _grouped(text, groups, digits)


@lru_cache(maxsize=256)
def _told(before: str) -> float | None:
    """What the words before a number make of it, whatever it looks like."""
    if _OTHER_NUMBER.search(before):
        return 0.0
    return 0.65 if _DIALLED.search(before) else None


def _grouped(text: str, groups: list[str], digits: str) -> float:
    count = len(digits)
    gaps = [gap.strip("()") for gap in _GROUP.split(text)[1:-1]]
    if any(len(gap.strip()) > 1 or len(gap) > 3 or (gap != gap.strip() and gap.strip()) for gap in gaps):
        return 0.0  # "1200 - 500 - 300"
    if "." in text and len(groups) < 4:
        return 0.0
    if digits[0] == "0" and 9 <= count <= 12 and len(groups[-1]) >= 2:
        return 0.8
    if text[0] == "(" and 8 <= count <= 12:
        return 0.7
    if len(groups) == 2:
        return 0.3 if len(groups[-1]) >= 3 else 0.0
    if all(2 <= len(group) <= 4 for group in groups) and 8 <= count <= 12:
        return 0.45
    return 0.3


NUMBER_WORDS = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_ORDER = {"zero": "0", "oh": "0"} | {word: str(index) for index, word in enumerate(NUMBER_WORDS.split("|")[2:], start=1)}


def spoken_digits(text: str) -> str:
    """Digits of a number told in words: "4 one double five" is 4155."""
    digits, times = "", 1
    for word in re.findall(r"[a-z]+|\d", text.lower()):
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
        elif word in _ORDER or word.isdigit():
            digits += (_ORDER[word] if word in _ORDER else word) * times  # noqa: SIM401 - typed as str
            times = 1
    return digits


def without_extension(text: str) -> str:
    """The number without "ext. 12"."""
    return _EXTENSION.sub("", text)


@lru_cache(maxsize=4096)
def is_valid(number: str) -> bool:
    """Whether the numbering plans know the number, given with `+` and country code."""
    import phonenumbers

    parsed = _parsed(number)
    return parsed is not None and phonenumbers.is_valid_number(parsed)


@lru_cache(maxsize=4096)
def national(number: str) -> tuple[str, str] | None:
    """(country code, national number) of a number given with `+`, or None."""
    import phonenumbers

    parsed = _parsed(number)
    return None if parsed is None else (str(parsed.country_code), phonenumbers.national_significant_number(parsed))


@lru_cache(maxsize=4096)
def _parsed(number: str) -> PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
