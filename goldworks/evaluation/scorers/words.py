"""How scorers cut text into words, numbers and sentences. Every text scorer uses these, so that their numbers agree."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"<[A-Z][A-Z_]*_\d+>|[^\W_]+(?:['’][^\W_]+)*")  # a redaction token is one word
NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,.  ’']*\d(?![\w])|(?<![\w.])[-−]?\d(?![\w])")
SENTENCE_END = re.compile(r"(?<=[.!?。！？])[\"'”’)\]]*\s+|\n+")
GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:[,’' ]\d{3})+(?![\d,])")
DECIMAL = re.compile(r"(?<![\w.,])(?:minus)?\d+(?:\.\d+)+(?![\w])|(?<![\w.,])(?:minus)?\d+,\d{1,2}(?![\w,]|\.\d)")
MINUS = re.compile(r"(?<![\w.)\]])[-−](?=\d)")
GROUPS = re.compile(r"\d{1,3}(?:[,  ’']\d{3})+")
_STOP = """a an and are as at be been being but by can could did do does for from had has have he her him his how i if in
into is it its may me might my no nor not of on or our she should so some such than that the their them then there these they
this those to too very was we were what when where which who whom why will with would you your yes ok okay also just about
because while during before after both all any each more most other only own same s t don now"""
STOP = frozenset(_STOP.split())
"""English words that carry no content. Text in other languages is measured with all its words."""


def plain(text: str) -> str:
    """NFKC, curly apostrophes straight, without case."""
    return unicodedata.normalize("NFKC", text).replace("’", "'").casefold()


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Casefolded words without punctuation; redaction tokens such as <PERSON_1> are words."""
    return tuple(match.replace("’", "'").casefold() for match in WORD.findall(unicodedata.normalize("NFKC", text)))


def content_words(text: str) -> tuple[str, ...]:
    """Words without the English stop words, cut to their stems (see `stem`)."""
    return tuple(stem(word) for word in words(text) if word not in STOP)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its English inflection, roughly: plural, -ed, -ing. Enough to match `orders` with `ordered`."""
    for ending, least in (("'s", 2), ("ies", 3), ("ing", 4), ("ed", 4), ("es", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[str, ...]:
    """Sentences that hold at least one word."""
    return tuple(part.strip() for part in SENTENCE_END.split(text) if WORD.search(part))


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[str]:
    """Numbers in one spelling: `1,200`, `1 200` and `1200.0` are `1200`. Digits inside words and tokens do not count."""
    return frozenset(numbers_in_order(text))


@lru_cache(maxsize=4096)
def numbers_in_order(text: str) -> tuple[str, ...]:
    """The same as they stand in the text, repeated ones too."""
    found: list[str] = []
    for match in NUMBER.finditer(unicodedata.normalize("NFKC", re.sub(r"<[A-Z_]+_\d+>", " ", text))):
        found += [_number(part) for part in _parts(match.group())]
    return tuple(found)


def _parts(raw: str) -> list[str]:
    """A thousands-grouped number is one; other runs (a list `3, 4`) are cut at blanks and commas."""
    if GROUPS.fullmatch(raw.lstrip("-−").split(".")[0]):
        return [raw]
    return [part for part in re.split(r"[,  ’']+", raw) if any(ch.isdigit() for ch in part)]


def _number(raw: str) -> str:
    sign = "-" if raw[0] in "-−" else ""
    whole, _, rest = re.sub(r"[^\d.]", "", raw).rstrip(".").partition(".")
    if "." in rest:  # a version or an address, not a number
        return sign + whole + "." + rest
    rest = rest.rstrip("0")
    return sign + (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def holds(text: str, phrase: str) -> bool:
    """Whether the words of `phrase` stand in `text` one after the other; a number is one word (see `spelled`).

    A phrase without a word (only punctuation) is looked for as it is.
    """
    wanted = spelled(phrase)
    if not wanted:
        return plain(phrase).strip() in plain(text)
    here = spelled(text)
    return any(here[i : i + len(wanted)] == wanted for i in range(len(here) - len(wanted) + 1))


@lru_cache(maxsize=4096)
def spelled(text: str) -> tuple[str, ...]:
    """`words`, with each number as one word in one spelling, so that 5 is not found in 3.5 nor in -5.

    1,250 and 1 250 are 1250; 12.50 and 12,5 are 12.5, and 30.00 is 30; more than one point (a date, a version) stays as it is.
    """
    flat = unicodedata.normalize("NFKC", text)
    flat = GROUPED.sub(lambda match: re.sub(r"\D", "", match.group()), flat)
    flat = MINUS.sub(" minus", flat)
    return words(DECIMAL.sub(lambda match: _one_word(match.group()), flat))


def _one_word(number: str) -> str:
    number = number.replace(",", ".")
    if number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    return number.replace(".", "point")
