"""Dates and times of day in English text, as far as a program can read them without knowing what day it is.

A date is (month, day); the month is None where only the day is said ("the 8th"). A time is minutes since midnight; one without
am or pm is both.
"""

from __future__ import annotations

import re
from datetime import date

Date = tuple[int | None, int]

_MONTHS = "january february march april may june july august september october november december".split()
MONTH = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|now|(?:this|next|coming|following) (?:day|week|weekend|month|morning|afternoon|evening)"
    r"|in \w+ days?|weekend)\b"
)
_MONTH = "|".join(sorted(MONTH, key=len, reverse=True))
ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.](?:\d{4}|\d{2}))?\b")
MONTH_DAY = re.compile(rf"\b({_MONTH})\.? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)")
DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b")
ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
HOUR = "|".join(SMALL[1:13])
_WHEN = rf"(?P<hour>\d{{1,2}}|{HOUR})"
CLOCK = re.compile(
    rf"\b{_WHEN}(?:[:.h ](?P<minute>[0-5]\d|thirty|fifteen|forty five|twenty|ten))?(?: o'?clock)?"
    r"(?: ?(?P<half>[ap])\.?m\b|(?: in the| at)? (?P<part>morning|afternoon|evening|night))?"
)
AROUND = re.compile(rf"\b(?P<part>half|quarter) (?P<side>past|to) {_WHEN}(?: ?(?P<half>[ap])\.?m\b)?")
MINUTES = {"thirty": 30, "fifteen": 15, "forty five": 45, "twenty": 20, "ten": 10}
DAY_MINUTES = 24 * 60
IS_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?")


def dates(text: str) -> set[Date]:
    """Dates in a text without capitals. Of 3/8 both readings are there."""
    found: set[Date] = {(int(month), int(day)) for _, month, day in ISO.findall(text)}
    for first, second in NUMERIC.findall(text):
        found |= {(month, day) for month, day in ((int(first), int(second)), (int(second), int(first))) if 1 <= month <= 12}
    found |= {(MONTH[name], int(day)) for name, day in MONTH_DAY.findall(text)}
    found |= {(MONTH[name], int(day)) for day, name in DAY_MONTH.findall(text)}
    found |= {(None, int(day)) for day in ORDINAL.findall(text)}
    return {(month, day) for month, day in found if 1 <= day <= 31}


def times(text: str) -> set[int]:
    """Times of day in a text without capitals; a bare number from 1 to 24 may be an hour too."""
    found: set[int] = set()
    for match in CLOCK.finditer(text):
        minute = match["minute"]
        found |= _times(match["hour"], int(MINUTES.get(minute, minute)) if minute else 0, match["half"] or _half(match["part"]))
    for match in AROUND.finditer(text):
        minutes = 30 if match["part"] == "half" else 15
        found |= _times(match["hour"], minutes if match["side"] == "past" else -minutes, match["half"])
    if "noon" in text:
        found.add(12 * 60)
    if "midnight" in text:
        found.add(0)
    return found


def date_in(value: str) -> date | None:
    """The date that a value is as a whole, when it is an ISO one."""
    match = ISO.fullmatch(value.strip())
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def time_in(value: str) -> set[int] | None:
    """The times that a value is as a whole; None when it is none."""
    plain = value.strip().casefold()
    return times(plain.replace(":00:00", ":00")) or None if IS_TIME.fullmatch(plain) else None


def _half(part: str | None) -> str | None:
    return None if part is None else "a" if part == "morning" else "p"


def _times(hour: str, minutes: int, half: str | None) -> set[int]:
    number = SMALL.index(hour) if hour in SMALL else int(hour)
    if number > 24:
        return set()
    if half is None or number > 12:
        both = {number, number + 12} if 1 <= number <= 12 else {number}
    else:
        both = {number % 12 + (12 if half == "p" else 0)}
    return {(one * 60 + minutes) % DAY_MINUTES for one in both}
