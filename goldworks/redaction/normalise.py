"""Layer 1: the text as a scanner should see it, with a map back to the original offsets.

NFKC, zero-width characters removed, look-alike letters folded, percent-encoding and character references decoded, tokens
as placeholders; and the same text with its line breaks removed, for values that were broken over two lines. Base64 is in
`encoded`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes

from goldworks.redaction.tokens import PLACEHOLDER, TOKEN


class View:
    """`text` to search, made from an original string; `origin` maps offsets of a part of it back."""

    __slots__ = ("_ends", "_starts", "text")

    def __init__(self, text: str, starts: Sequence[int] | None = None, ends: Sequence[int] | None = None) -> None:
        self.text = text
        self._starts, self._ends = starts, ends

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of the non-empty part [start, end)."""
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]


_HOMOGLYPHS = str.maketrans(
    "АВЕКМНОРСТУХІЈЅԁԛԝаеорсухіјѕһӏьгкмтԌꓔΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιρυκτχɡıɩℓ",
    "ABEKMHOPCTYXIJSdqwaeopcyxijshlbrkmtGTABEZHIKMNOPTYXoavipuktxgiil",
)
_LIKE = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d\u2018\u2019\u02bc\u201c\u201d\u2024\u3002\u2044\u2215",
    "---------'''\"\"..//",
)
_ODD = re.compile(
    r"[^\x00-\x7f]+|\x1a|(?:%[0-9A-Fa-f]{2})+|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});|" + TOKEN.pattern
)
_MIXED = re.compile(r"[^\s\x1a]*[^\x00-\x7f\s][^\s\x1a]*")
_BREAK = re.compile(r"(?<=[0-9A-Za-z@._%+\-/:=])[ \t]*\r?\n[ \t]*(?=[0-9A-Za-z@._\-/:])")
_ASCII_WORD = re.compile(r"[0-9A-Za-z@]")


def normalise(text: str) -> View:
    """The view of `text` that rules search. Linear in its length."""
    if text.isascii() and "<" not in text and "%" not in text and "&" not in text and PLACEHOLDER not in text:
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
        elif found[0] == "&":
            decoded = html.unescape(found)
            builder.put(_characters(decoded) if len(decoded) <= 2 else found, match.start(), match.end())
        elif found == PLACEHOLDER:
            builder.put(" ", match.start(), match.end())
        else:
            builder.foreign(found, match.start())
        builder.at = match.end()
    builder.plain(len(text))
    return builder.view()


def joined(view: View) -> tuple[View, list[int]] | None:
    """The view without line breaks inside words, and where (offsets in it) they were; None when there are none."""
    if "\n" not in view.text:
        return None
    pieces: list[str] = []
    starts: list[int] = []
    breaks: list[int] = []
    at = 0
    for match in _BREAK.finditer(view.text):
        pieces.append(view.text[at : match.start()])
        starts.extend(range(at, match.start()))
        breaks.append(len(starts))
        at = match.end()
    if not breaks:
        return None
    pieces.append(view.text[at:])
    starts.extend(range(at, len(view.text)))
    return View("".join(pieces), starts, [offset + 1 for offset in starts]), breaks


class _Builder:
    """Collects normalised characters with the stretch of the original that each stands for."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def plain(self, until: int) -> None:
        if until > self.at:
            self.pieces.append(self.text[self.at : until])
            self.starts.extend(range(self.at, until))
            self.ends.extend(range(self.at + 1, until + 1))
            self.at = until

    def put(self, shown: str, start: int, end: int) -> None:
        if shown:
            self.pieces.append(shown)
            self.starts.extend([start] * len(shown))
            self.ends.extend([end] * len(shown))

    def foreign(self, run: str, offset: int) -> None:
        """A run of characters outside ASCII: clusters of a base and its marks, each normalised by itself."""
        index = 0
        if unicodedata.combining(run[0]) and self.pieces and self.ends[-1] == offset:  # marks on an ASCII letter before
            while index < len(run) and unicodedata.combining(run[index]):
                index += 1
            last = self.pieces[-1]
            self.pieces[-1] = last[:-1]
            start = self.starts.pop()
            self.ends.pop()
            self.put(_characters(last[-1] + run[:index]), start, offset + index)
        while index < len(run):
            end = index + 1
            while end < len(run) and unicodedata.combining(run[end]):
                end += 1
            self.put(_characters(run[index:end]), offset + index, offset + end)
            index = end

    def view(self) -> View:
        text = "".join(self.pieces)
        if not text.isascii():
            text = _MIXED.sub(_fold_mixed, text)
        return View(text, self.starts, self.ends)


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
            yield " " if ch == PLACEHOLDER else ch
            continue
        category = unicodedata.category(ch)
        if category == "Cs":
            yield "\ufffd"  # half a surrogate pair: no encoder takes it
        elif category == "Nd":
            yield str(unicodedata.digit(ch))
        elif category == "Zs":
            yield " "
        elif category != "Cf" and not "\ufe00" <= ch <= "\ufe0f" and ch != "\u034f":
            yield ch


def _fold_mixed(match: re.Match[str]) -> str:
    """Look-alike letters become Latin in words that hold ASCII letters or digits as well: a Russian word stays Russian."""
    word = match[0]
    return word.translate(_HOMOGLYPHS) if _ASCII_WORD.search(word) else word
