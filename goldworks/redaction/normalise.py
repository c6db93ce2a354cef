"""Layer 1: the text as a scanner should see it, with a map back to the original offsets.

NFKC, zero-width characters removed, look-alike letters folded, percent-encoding, character references and JSON's escapes of
characters decoded, rare white space as spaces, tokens as placeholders; and the same text with its line breaks removed, for
values that were broken over two lines. Base64 is in `encoded`.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes

from goldworks.redaction.tokens import PLACEHOLDER, TOKEN


class View:
    """`text` to search, made from an original string; `origin` maps offsets of a part of it back.

    The map is a list of pieces: where each begins in `text`, where in the original, and, for a piece of which every character
    stands for the same stretch of the original, where that stretch ends (-1 for a piece that is as it was).
    """

    __slots__ = ("_begins", "_ends", "_starts", "text")

    def __init__(
        self, text: str, begins: Sequence[int] = (), starts: Sequence[int] = (), ends: Sequence[int] | None = None
    ) -> None:
        self.text = text
        self._begins, self._starts, self._ends = begins, starts, ends

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of the non-empty part [start, end)."""
        if not self._begins:
            return start, end
        first = bisect_right(self._begins, start) - 1
        last = bisect_right(self._begins, end - 1) - 1
        if self._ends is None:
            return self._starts[first] + start - self._begins[first], self._starts[last] + end - self._begins[last]
        is_plain = self._ends[first] < 0
        began = self._starts[first] + (start - self._begins[first] if is_plain else 0)
        is_plain = self._ends[last] < 0
        return began, self._starts[last] + end - self._begins[last] if is_plain else self._ends[last]


_HOMOGLYPHS = str.maketrans(
    "АВЕКМНОРСТУХІЈЅԁԛԝаеорсухіјѕһӏьгкмтԌꓔΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιρυκτχɡıɩℓ",
    "ABEKMHOPCTYXIJSdqwaeopcyxijshlbrkmtGTABEZHIKMNOPTYXoavipuktxgiil",
)
_LIKE = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d\u2018\u2019\u02bc\u201c\u201d\u2024\u3002\u2044\u2215",
    "---------'''\"\"..//",
)
_SPACES = frozenset("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""White space for Python, but not for hyperscan, not for RE2, or not in rules that allow a space: it is read as one."""
_CONTROL = re.compile(r"[\x0b\x0c\x1a\x1c-\x1f]")
_ODD = re.compile(
    r"[^\x00-\x7f]+|[\x0b\x0c\x1a\x1c-\x1f]|(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});|"
    + TOKEN.pattern
)
_MIXED = re.compile(r"[^\s\x1a]*[^\x00-\x7f\s][^\s\x1a]*")
_BEFORE_BREAK = frozenset(f"{string.digits}{string.ascii_letters}@._%+-/:=")
_AFTER_BREAK = frozenset(f"{string.digits}{string.ascii_letters}@._-/:")
_ASCII_WORD = re.compile(r"[0-9A-Za-z@]")


def is_plain(text: str) -> bool:
    """Whether rules see the text as it is; said quickly, and of nearly all texts."""
    return (
        text.isascii()
        and "<" not in text
        and "%" not in text
        and "&" not in text
        and "\\u" not in text
        and (text.isprintable() or _CONTROL.search(text) is None)
    )


def normalise(text: str) -> View:
    """The view of `text` that rules search. Linear in its length."""
    if is_plain(text):
        return View(text)
    first = _ODD.search(text)
    if first is None:
        return View(text)
    builder = _Builder(text)
    for match in _ODD.finditer(text, first.start()):
        builder.plain(match.start())
        found = match[0]
        if found[0] == "<":
            builder.put(PLACEHOLDER, match.start(), match.end())
        elif found[0] == "%":
            decoded = unquote_to_bytes(found).decode("utf-8", "replace")
            builder.put(_characters(decoded), match.start(), match.end())
        elif found[0] == "\\":
            builder.put(_characters(chr(int(found[2:], 16))), match.start(), match.end())
        elif found[0] == "&":
            decoded = html.unescape(found)
            builder.put(_characters(decoded) if len(decoded) <= 2 else found, match.start(), match.end())
        elif found == PLACEHOLDER or found in _SPACES:
            builder.put(" ", match.start(), match.end())
        else:
            builder.foreign(found, match.start())
        builder.at = match.end()
    builder.plain(len(text))
    return builder.view()


def joined(view: View) -> tuple[View, list[int]] | None:
    """The view without line breaks inside words, and where (offsets in it) they were; None when there are none."""
    text = view.text
    newline = text.find("\n")
    pieces: list[str] = []
    begins, starts, breaks = [0], [0], list[int]()
    at = shift = 0
    while newline >= 0:
        left = newline - 1 if newline > at and text[newline - 1] == "\r" else newline
        while left > at and text[left - 1] in " \t":
            left -= 1
        right = newline + 1
        while right < len(text) and text[right] in " \t":
            right += 1
        if left > at and text[left - 1] in _BEFORE_BREAK and right < len(text) and text[right] in _AFTER_BREAK:
            pieces.append(text[at:left])
            shift += right - left
            breaks.append(right - shift)
            begins.append(right - shift)
            starts.append(right)
            at = right
        newline = text.find("\n", right)
    if not breaks:
        return None
    pieces.append(text[at:])
    return View("".join(pieces), begins, starts), breaks


class _Builder:
    """Collects normalised characters with the stretch of the original that each stands for."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.size = text, 0, 0
        self.pieces: list[str] = []
        self.begins: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def _add(self, shown: str, start: int, end: int) -> None:
        self.pieces.append(shown)
        self.begins.append(self.size)
        self.starts.append(start)
        self.ends.append(end)
        self.size += len(shown)

    def plain(self, until: int) -> None:
        if until > self.at:
            self._add(self.text[self.at : until], self.at, -1)
            self.at = until

    def put(self, shown: str, start: int, end: int) -> None:
        if shown:
            self._add(shown, start, end)

    def foreign(self, run: str, offset: int) -> None:
        """A run of characters outside ASCII: clusters of a base and its marks, each normalised by itself."""
        index = 0
        if unicodedata.combining(run[0]) and self.pieces and self._reach() == offset:  # marks on an ASCII letter before
            while index < len(run) and unicodedata.combining(run[index]):
                index += 1
            last, start = self._taken_back()
            self.put(_characters(last + run[:index]), start, offset + index)
        while index < len(run):
            end = index + 1
            while end < len(run) and unicodedata.combining(run[end]):
                end += 1
            self.put(_characters(run[index:end]), offset + index, offset + end)
            index = end

    def _reach(self) -> int:
        """Where in the original that ends for which the last character stands."""
        return self.ends[-1] if self.ends[-1] >= 0 else self.starts[-1] + len(self.pieces[-1])

    def _taken_back(self) -> tuple[str, int]:
        """The last character, removed again, and where it began in the original."""
        piece = self.pieces[-1]
        start = self.starts[-1] if self.ends[-1] >= 0 else self.starts[-1] + len(piece) - 1
        self.size -= 1
        self.pieces[-1] = piece[:-1]
        if len(piece) == 1:
            for kept in (self.pieces, self.begins, self.starts, self.ends):
                kept.pop()
        return piece[-1], start

    def view(self) -> View:
        text = "".join(self.pieces)
        if not text.isascii():
            text = _MIXED.sub(_fold_mixed, text)
        return View(text, self.begins, self.starts, self.ends)


_cache: dict[str, str] = {}


def _characters(cluster: str) -> str:
    """One cluster normalised: NFKC, marks that show nothing removed, any script's digits as ASCII."""
    found = _cache.get(cluster)
    if found is None:
        shown = "".join(_visible(unicodedata.normalize("NFKC", cluster)))
        found = shown.translate(_LIKE)
        if len(_cache) < 20_000 and len(cluster) < 8:
            _cache[cluster] = found
    return found


def _visible(text: str) -> Iterable[str]:
    for ch in text:
        if ch.isascii():
            yield " " if ch == PLACEHOLDER or ch in _SPACES else ch
            continue
        category = unicodedata.category(ch)
        if category == "Cs":
            yield "\ufffd"  # half a surrogate pair: no encoder takes it
        elif category == "Nd":
            yield str(unicodedata.digit(ch))
        elif category == "Zs" or ch in _SPACES:
            yield " "
        elif category != "Cf" and not "\ufe00" <= ch <= "\ufe0f" and ch != "\u034f":
            yield ch


def _fold_mixed(match: re.Match[str]) -> str:
    """Look-alike letters become Latin in words that hold ASCII letters or digits as well: a Russian word stays Russian."""
    word = match[0]
    return word.translate(_HOMOGLYPHS) if _ASCII_WORD.search(word) else word
