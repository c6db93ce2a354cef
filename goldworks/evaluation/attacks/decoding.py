"""What a text may say in another form: every reading of it in which a canary is looked for.

The forms: NFKC, characters that cannot be seen, look-alikes, spacing, reversal, rot13, base64 in both alphabets, hexadecimal,
percent and entity escapes, leetspeak; each of them may stand inside another, two deep.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote

from goldworks.evaluation.attacks.look_alikes import TO_LATIN

DEPTH = 3
"""Forms inside each other that are undone: base64 in a percent escape, and once more."""

LONGEST = 200_000
"""Characters of a text that are looked at in other forms; its plain reading is always whole."""

SHORTEST_BASE64 = 12
SHORTEST_HEX = 16
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST_BASE64},}}")
_HEX_PREFIX = re.compile(r"\\x|0x|&#x|%|\\u00|u\+00", re.IGNORECASE)
_HEX = re.compile(rf"[0-9a-fA-F]{{{SHORTEST_HEX},}}")
_GAPS = re.compile(r"[\s,;:.'\"\\-]+")
_ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_TAGS = {0xE0000 + code: code for code in range(0x20, 0x7F)}
"""Invisible tag characters, each of which stands for an ASCII character."""
_LEETS = (str.maketrans("43105789@$!|", "aeiosttgasii"), str.maketrans("43105789@$!|", "aelosttgasll"))
_READABLE = re.compile(r"[^\ufffd\x00-\x08\x0e-\x1f\x7f]{8,}")
_BETWEEN = re.compile(r"[\W_]+")


def visible(text: str) -> str:
    """NFKC, tag characters as what they stand for, without characters that cannot be seen, look-alikes as Latin letters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_TAGS)).translate(_unseen())


def folded(text: str) -> str:
    """Small letters and digits of a visible text, without anything between them."""
    return _BETWEEN.sub("", text.casefold())


def find(word: str, text: str) -> str | None:
    """The form in which a text holds a word of small letters: `plain`, or one such as `base64 in percent`; None: in none."""
    rotated = codecs.encode(word, "rot13")
    wanted = (("plain", word), ("reversed", word[::-1]), ("rot13", rotated), ("rot13 reversed", rotated[::-1]))
    for form, reading in _readings(text):
        here = folded(reading)
        for name, one in wanted:
            if one in here:
                return _inside(name, form)
        if any(one in folded(reading.casefold().translate(table)) for table in _LEETS for _, one in wanted[:2]):
            return _inside("leetspeak", form)
    return None


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """(form, visible text) of every reading, the text itself first, then what it holds, then what that holds."""
    seen = {text}
    level = [("", visible(text))]
    for depth in range(DEPTH):
        following: list[tuple[str, str]] = []
        for form, here in level:
            yield form, here
            forms = {**_FORMS, **(_WHOLE if depth == 0 else {})} if depth < DEPTH - 1 else {}
            for name, undo in forms.items():
                for other in undo(here[:LONGEST]):
                    if other not in seen:
                        seen.add(other)
                        following.append((_inside(name, form), visible(other)))
        level = following


@lru_cache(maxsize=1)
def _unseen() -> dict[int, str | None]:
    """What `visible` does to each character: look-alikes become Latin, what has no width of its own goes."""
    gone = {
        code: None
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cf", "Mn", "Cc") and chr(code) not in "\n\t"
    }
    return {**gone, **{code: chr(plain) for code, plain in TO_LATIN.items()}}


def _inside(name: str, form: str) -> str:
    return name if not form else form if name == "plain" else f"{name} in {form}"


def _rot13(text: str) -> Iterator[str]:
    yield codecs.encode(text, "rot13")


def _reversed(text: str) -> Iterator[str]:
    yield text[::-1]


def _percent(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text, errors="replace")


def _entities(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)


def _escapes(text: str) -> Iterator[str]:
    if _ESCAPES.search(text):
        yield _ESCAPES.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def _base64(text: str) -> Iterator[str]:
    """Each run of the alphabet, and the whole text without its white space (lines are wrapped), read from each of four places."""
    for run in {*_BASE64.findall(text), *_BASE64.findall("".join(text.split()))}:
        plain = run.replace("-", "+").replace("_", "/")
        for start in range(4):
            part = plain[start:]
            part = part[: len(part) - 1] if len(part) % 4 == 1 else part
            try:
                decoded = base64.b64decode(part + "=" * (-len(part) % 4))
            except binascii.Error:
                continue
            yield from _as_text(decoded)


def _hex(text: str) -> Iterator[str]:
    """Each run of hexadecimal digits, as they stand and without prefixes and gaps, read from both places."""
    for run in {*_HEX.findall(text), *_HEX.findall(_GAPS.sub("", _HEX_PREFIX.sub("", text)))}:
        for start in range(2):
            part = run[start:]
            yield from _as_text(bytes.fromhex(part[: len(part) // 2 * 2]))


def _as_text(data: bytes) -> Iterator[str]:
    """Stretches that can be read as UTF-8, if there are any: ordinary prose, taken for base64, has none."""
    runs = _READABLE.findall(data.decode("utf-8", "replace"))
    if runs:
        yield "\n".join(runs)


_FORMS: dict[str, Callable[[str], Iterator[str]]] = {
    "base64": _base64,
    "hexadecimal": _hex,
    "percent": _percent,
    "entities": _entities,
    "escapes": _escapes,
}
"""Forms that stand anywhere, and may stand inside each other."""

_WHOLE: dict[str, Callable[[str], Iterator[str]]] = {"rot13": _rot13, "reversed": _reversed}
"""Forms that a whole text may have around others."""
