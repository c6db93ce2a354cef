"""How people and programs write a value so that a pattern misses it, and which of that is tried on which type."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from urllib.parse import quote

from unseen_drawing import DIGITS

_CYRILLIC = str.maketrans("aeopcxy", "аеорсху")
_SPOKEN = dict(zip(DIGITS, "zero one two three four five six seven eight nine".split(), strict=True))


def _zero_width(value: str, draw: random.Random) -> str:
    at = draw.randint(1, len(value) - 1)
    return value[:at] + draw.choice("\u200b\u200d\u2060\ufeff\u00ad") + value[at:]


def _broken(value: str, draw: random.Random) -> str:
    at = draw.randint(len(value) // 3, 2 * len(value) // 3)
    return f"{value[:at].rstrip()}\n{value[at:].lstrip()}"


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "zero_width": _zero_width,
    "homoglyphs": lambda value, draw: value.translate(_CYRILLIC),
    "percent": lambda value, draw: quote(value, safe=""),
    "percent_all": lambda value, draw: "".join(f"%{ord(ch):02X}" for ch in value),
    "entities": lambda value, draw: "".join(f"&#{ord(ch)};" if not ch.isalnum() or draw.random() < 0.2 else ch for ch in value),
    "base64": lambda value, draw: base64.b64encode(value.encode()).decode(),
    "line_break": _broken,
    "full_width": lambda value, draw: "".join(chr(ord(ch) + 0xFEE0) if ch.isdigit() else ch for ch in value),
    "spoken": lambda value, draw: value.replace("@", draw.choice([" at ", " (at) ", " [at] ", " AT "])).replace(
        ".", draw.choice([" dot ", " [dot] ", " (dot) "])
    ),
    "digit_words": lambda value, draw: " ".join(_SPOKEN[ch] for ch in value if ch.isdigit()),
    "spaced": lambda value, draw: " ".join(ch for ch in value if ch.isalnum()),
}
FITTING = {
    "EMAIL": ("zero_width", "homoglyphs", "percent", "percent_all", "entities", "base64", "line_break", "spoken", "spoken"),
    "PHONE": ("zero_width", "percent", "full_width", "entities", "digit_words"),
    "SSN": ("zero_width", "full_width", "entities", "line_break"),
    "CARD": ("zero_width", "full_width", "percent", "entities", "base64", "line_break", "spaced"),
    "IBAN": ("zero_width", "full_width", "homoglyphs", "entities", "base64", "line_break"),
    "IPV4": ("zero_width", "full_width", "entities", "base64"),
    "MAC": ("zero_width", "percent"),
    "NATIONAL_ID": ("zero_width", "full_width"),
    "VENDOR": ("zero_width", "homoglyphs", "base64", "line_break"),
    "PASSWORD": ("zero_width", "homoglyphs", "entities"),
    "RANDOM_SECRET": ("zero_width", "homoglyphs"),
}
"""Which disguises are tried on which type."""
