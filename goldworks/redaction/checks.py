"""Checks of structured values: Luhn, IBAN, SSN, IP addresses. They move a score; the rule's expression found the match."""

from __future__ import annotations

import ipaddress
import re

from goldworks.redaction.rules import Judged, value_of

_NOT_DIGIT = re.compile(r"\D+")
_CARD_LABEL = re.compile(
    r"(?i)\b(?:card|visa|master ?card|amex|american express|discover|maestro|cc|pan)"
    r"(?:[ _-]?(?:number|num|no|nr|details?))?\s?(?:is|was|ending)?\s?[:#=.,\"'-]{0,3}\s{0,2}[\"']?$"
)


_GOODS = re.compile(
    r"(?i)\b(?:ean|gtin|isbn|upc|barcode|tracking|parcel|order|invoice|imei)\b[^\w]{0,3}(?:number|no|id)?[^\w]{0,4}$"
)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit."""
    total = sum(map(int, digits[-1::-2])) + sum(2 * d - 9 * (d > 4) for d in map(int, digits[-2::-2]))
    return total % 10 == 0


def card(match: re.Match[str]) -> float | Judged:
    """Luhn decides; without it only a card label that stands directly before."""
    start, end = value_of(match)
    digits = _NOT_DIGIT.sub("", match.string[start:end])
    if len(set(digits)) < 2 or _GOODS.search(match.string, max(0, start - 30), start):
        return 0.0
    if not luhn(digits):
        return 0.6 if len(digits) > 12 and _CARD_LABEL.search(match.string[max(0, start - 40) : start]) else 0.0
    if len(digits) == 12:
        return 0.7 if digits[0] in "56" else 0.4
    return 1.0 if digits[0] in "23456" else 0.5


_VERSION = re.compile(
    r"(?i)\b(?:version|ver|build|release|firmware|driver|v)\b[\s.:=#]{0,3}(?:is|was|number|"
    r"no)?[\s:]{0,2}$"
)
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


_DIGITS_ONLY = frozenset("AT BA BE CZ DE DK EE ES FI HR HU IS LT ME NO PL PT RS SE SI SK".split())
"""Countries whose account numbers hold no letters (SWIFT IBAN registry)."""


def iban(match: re.Match[str]) -> float | Judged:
    """Cut to the country's length; a wrong check digit lowers the score, a wrong length lowers it more."""
    start, end = match.span()
    text = match.string[start:end]
    length = IBAN_LENGTHS.get(text[:2].upper())
    if length is None:
        return 0.0
    offsets = [index for index, ch in enumerate(text) if ch.isalnum()]
    if len(offsets) >= length:
        cut = offsets[length - 1] + 1
        compact = "".join(text[index] for index in offsets[:length]).upper()
        if cut == len(text) or not text[cut].isalnum():
            number = int("".join(str(int(ch, 36)) for ch in compact[4:] + compact[:4]))
            digits = sum(ch.isdigit() for ch in compact)
            if compact[:2] in _DIGITS_ONLY and not compact[4:].isdigit():
                return 0.0  # an id in hexadecimal begins like one now and then
            factor = 1.0 if number % 97 == 1 else 0.6 if digits >= 12 and text[:2].isupper() else 0.0
            return Judged(factor, start, start + cut)
    compact = text.split()[0] if " " in text else text
    if text[:2].isupper() and sum(ch.isdigit() for ch in compact) >= 12:  # an IBAN of another length than its country's
        return Judged(0.55, start, start + len(compact))
    return 0.0


def ssn(match: re.Match[str]) -> float | Judged:
    """Dashes are enough; areas that were never given out lower the score; other separators need a word near."""
    text = match.group()
    digits = _NOT_DIGIT.sub("", text)
    if digits[:3] == "000" or digits[3:5] == "00" or digits[5:] == "0000":
        return 0.4
    return 1.0 if "-" in text else 0.4


def ipv4(match: re.Match[str]) -> float | Judged:
    """Four numbers below 256; four small numbers are rather a version."""
    parts = match.group().split(".")
    if any(int(part) > 255 or (len(part) > 1 and part[0] == "0") for part in parts):
        return 0.0
    if _VERSION.search(match.string, max(0, match.start() - 30), match.start()):
        return 0.0
    return 0.4 if all(int(part) < 20 for part in parts) else 1.0


def ipv6(match: re.Match[str]) -> float | Judged:
    """What the standard library reads as an IPv6 address, and no time of day."""
    text = match.group()
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return 0.0
    return 0.0 if address.is_loopback or address.is_unspecified else 1.0
