"""A value and its variants: how it is compared, how it is hashed, and how else it may be written."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache

import msgspec

from goldworks.access.key_ring import IdentityKeys, wrapped_all
from goldworks.redaction import phones

WORD = re.compile(r"[^\W_]+")
_LATIN = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
_BASES = {code: base for code in _LATIN if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii() and base.isalpha()}
_PLAIN = _BASES | str.maketrans("øłđħıŧ", "oldhit")
"""Latin letters without their accents, one letter for one."""
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
DIGITS = frozenset({"PHONE_NUMBER", "CREDIT_CARD", "US_SSN"})
_PARTS = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_WORDS = re.compile("[A-Za-z]{3}")
_AT = re.compile(r"\s*[\[({<]\s?(?:at|@)\s?[\])}>]\s*|\s+at\s+|\s*@\s*")
_DOTS = re.compile(r"\s*[\[({<]\s?(?:dot|\.)\s?[\])}>]\s*|\s+dot\s+")
_PARTICLES = frozenset(
    "van von de der den da di del la bin ibn al el le du dos das the of and y mr mrs ms miss dr prof sir jr sr ii iii iv "
    "phd md psyd "
    "lcsw mft professor madam st".split()
)


class Variant(msgspec.Struct, frozen=True, gc=False):
    """One way of writing a value: its squeezed form, and whether it is a whole value or a part that needs care."""

    squeezed: str
    is_part: bool = False


def folded(text: str) -> str:
    """The text in lower case and without accents: how letters are compared."""
    return text.lower() if text.isascii() else text.casefold().translate(_PLAIN)


@lru_cache(maxsize=50_000)
def squeeze(text: str) -> str:
    """Letters and digits in lower case, without accents; the text itself where there are none."""
    shown = folded(unicodedata.normalize("NFKC", text))
    return "".join(WORD.findall(shown)) or shown.strip()


@lru_cache(maxsize=50_000)
def normal(type_: str, value: str) -> str:
    """What decides whether two values are the same: one phone number, however grouped and with or without country code."""
    if type_ == "PHONE_NUMBER":
        text = unicodedata.normalize("NFKC", value)
        text = phones.without_extension(text)
        digits = "".join(ch for ch in text if ch.isdigit())
        if _WORDS.search(text):
            digits = phones.spoken_digits(text) or digits
        if text.lstrip().startswith("+") or digits.startswith("00"):
            known = phones.national("+" + digits.removeprefix("00"))
            return known[1] if known else digits
        if len(digits) == 11 and digits[0] == "1":
            return digits[1:]
        return digits.lstrip("0") or squeeze(value)
    if type_ in DIGITS:
        return "".join(ch for ch in unicodedata.normalize("NFKC", value) if ch.isdigit()) or squeeze(value)
    if type_ == "EMAIL_ADDRESS":
        return email(value)
    return squeeze(value)


@lru_cache(maxsize=10_000)
def email(value: str) -> str:
    """An e-mail address without what hides it: "john [at] example dot com"."""
    text = unicodedata.normalize("NFKC", value).casefold()
    return squeeze(_DOTS.sub(".", _AT.sub("@", text, count=1)))


def variants(type_: str, value: str) -> tuple[Variant, ...]:
    """The value's own squeezed form first, then others, longest first."""
    found: dict[str, bool] = {normal(type_, value): False}
    found.setdefault(squeeze(value), False)
    if type_ == "PHONE_NUMBER":
        digits = next(iter(found))
        text = value.lstrip()
        known = phones.national("+" + "".join(ch for ch in text if ch.isdigit())) if text.startswith("+") else None
        if known:
            found.setdefault(known[0] + known[1], False)
            found.setdefault("0" + known[1], False)
        elif len(digits) == 10:
            found.setdefault("1" + digits, False)
        elif text.startswith("0"):
            found.setdefault("0" + digits, False)
    elif type_ == "EMAIL_ADDRESS" and value.count("@") == 1:
        local, domain = unicodedata.normalize("NFKC", value).casefold().split("@")
        for dots in (local.replace(".", "dot") + "at" + domain.replace(".", "dot"), local + "at" + domain.replace(".", "dot")):
            found.setdefault(squeeze(dots), False)
    elif type_ in ("PERSON", "STREET_ADDRESS"):
        spelled = unicodedata.normalize("NFKC", value).lower().translate(_SPELLED_OUT)
        for name in dict.fromkeys((value, spelled)):
            found.setdefault(squeeze(name), False)
            for form, is_part in _names(name) if type_ == "PERSON" else ():
                found.setdefault(form, is_part)
    return tuple(Variant(form, is_part) for form, is_part in found.items() if form)


def _names(value: str) -> list[tuple[str, bool]]:
    parts = [part for part in _PARTS.findall(unicodedata.normalize("NFKC", value)) if part.casefold() not in _PARTICLES]
    if len(parts) < 2:
        return []
    first, last = squeeze(parts[0]), squeeze(parts[-1])
    found = [(last + first, False)]
    if len(parts) > 2:
        found.append((first + last, False))
    found += [(squeeze(part), True) for part in (parts[0], parts[-1], *parts[1:-1]) if len(squeeze(part)) >= 3]
    return found


def words(text: str) -> int:
    """How many words a window needs to hold the text."""
    return max(1, len(WORD.findall(text)))


class Hasher:
    """Keyed digests of values, `IdentityKeys.digest(type, normal form)`; fast for many windows of one type.

    A plain key is one that was never rotated.
    """

    def __init__(self, key: bytes | IdentityKeys) -> None:
        self._keys = key if isinstance(key, IdentityKeys) else IdentityKeys(key)
        self._prepared: dict[str, hmac.HMAC] = {}

    def digest(self, type_: str, form: str) -> str:
        """The digest of one form."""
        return self._keys.digest(type_, form)

    def many(self, type_: str, forms: list[str]) -> list[str]:
        """The digests of many forms."""
        base = self._prepared.get(type_)
        if base is None:
            base = hmac.new(self._keys.base, digestmod=hashlib.sha256)
            name = type_.encode()
            base.update(len(name).to_bytes(8, "big") + name)
            self._prepared[type_] = base
        found: list[str] = []
        for form in forms:
            mac = base.copy()
            data = form.encode("utf-8", "surrogatepass")
            mac.update(len(data).to_bytes(8, "big") + data)
            found.append(mac.digest()[:16].hex())
        for layer in self._keys.layers:
            found = wrapped_all(layer, found)
        return found
