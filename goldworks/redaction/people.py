"""Layer 5: names of people in prose, behind `find_names(texts)`, so that another model is another class and a setting.

spaCy's packaged small model with nothing but its named-entity recogniser on; it is loaded at the first text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from goldworks.redaction.names import Place
from goldworks.redaction.normalise import normalise
from goldworks.redaction.tokens import PLACEHOLDER
from goldworks.redaction.words import NO_NAMES, STARTERS

_CACHE_CHARACTERS = 3_000_000
_BATCH = 64
_LONGEST = 2_000
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de\u0391-\u042f][a-z\u00df-\u024f\u03b1-\u045f'’\-]+")
_NO_NAMES = NO_NAMES | STARTERS
_EDGE = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_ENDING = re.compile(r"(?:['’]s|['’])$")
_ACRONYM = re.compile(r"\b[B-DF-HJ-NP-TV-XZ]{3,}\b")
_SENTENCE_START = re.compile(r"(?:[.!?:\n\x1a][\s\"'(*\-]{0,3}|^[\"'(*\-\s]{0,3})$")
_NEXT_WORD = re.compile(r"[ \t]([a-z]+)")
_AFTER_NAME = frozenset(
    "is was has had will would can could should may might must does did said says asked asks told tells called calls "
    "wants wanted and or "
    "here from at went goes got gets made makes took takes gave gives came comes lives lived likes liked loves loved "
    "needs needed works "
    "worked thinks thought knows knew just also never always then who that wrote sent bought paid left who".split()
)
_NOT_NAME = re.compile(r"[@/\\#=<>{}\[\]|_*\n\x1a]|\d|https?:|\.\w{2,3}$")


class SpacyNames:
    """spaCy's recogniser over distinct texts, with an answer cache."""

    def __init__(self, model: str, not_names: Sequence[str]) -> None:
        self._model = model
        self._not_names = frozenset(name.casefold() for name in not_names)
        self._nlp: Any = None
        self._cache: dict[str, list[Place]] = {}
        self._cached = 0

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        views = [normalise(text) for text in texts]
        pieces = [[*_pieces(view.text)] for view in views]
        found = self._known({piece for some in pieces for _, piece in some})
        return [
            [view.origin(at + start, at + end) for at, piece in some for start, end in found[piece]]
            for view, some in zip(views, pieces, strict=True)
        ]

    def _known(self, pieces: set[str]) -> dict[str, list[Place]]:
        """Names in each piece, asked of the model once."""
        todo = sorted(piece for piece in pieces if piece not in self._cache)
        fresh: dict[str, list[Place]] = {}
        if todo:
            nlp = self._load()
            with nlp.memory_zone():  # what the vocabulary learns from these texts goes again
                for piece, document in zip(todo, nlp.pipe(todo, batch_size=_BATCH), strict=True):
                    people = [entity for entity in document.ents if entity.label_ == "PERSON"]
                    fresh[piece] = [place for one in people for place in self._trimmed(piece, one.start_char, one.end_char)]
        found = {piece: fresh[piece] if piece in fresh else self._cache[piece] for piece in pieces}
        if self._cached > _CACHE_CHARACTERS:
            self._cache.clear()
            self._cached = 0
        self._cache |= fresh
        self._cached += sum(len(piece) + 100 for piece in fresh)
        return found

    def _load(self) -> Any:
        if self._nlp is None:
            import importlib

            module = importlib.import_module(self._model)
            self._nlp = module.load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"])
        return self._nlp

    def _trimmed(self, whole: str, start: int, end: int) -> Iterator[Place]:
        """The name in what the model called a person: without edges, possessives and what no name holds."""
        text = whole[start:end]
        for piece in re.finditer(r"[^,;:()\n\x1a]+", text):
            name = piece.group()
            first, last = start + piece.start(), start + piece.end()
            lead = _EDGE.match(name)
            if lead:
                first += lead.end()
                name = name[lead.end() :]
            name = _EDGE.sub("", name)
            name = _ENDING.sub("", name)
            last = first + len(name)
            if len(name) >= 2 and self._is_name(name, whole, first, last):
                yield first, last

    def _is_name(self, name: str, text: str, start: int, end: int) -> bool:
        if _NOT_NAME.search(name) or _ACRONYM.search(name) or name.casefold() in self._not_names:
            return False
        if not any(map(str.isupper, name)):
            return False
        if " " in name or (not _SENTENCE_START.search(text, max(0, start - 4), start) and start > 0):
            return True
        after = _NEXT_WORD.match(text, end)  # "Passport number ...": a word at the start that goes on in lower case
        return after is None or after[1] in _AFTER_NAME


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The lines in which a name may stand, cut where they are long; placeholders shown as a neutral sign."""
    shown = text.replace(PLACEHOLDER, "_")
    at = 0
    while at < len(shown):
        end = shown.find("\n", at)
        end = len(shown) if end < 0 else end
        if end - at > _LONGEST:
            cut = shown.rfind(". ", at, at + _LONGEST) + 1
            end = cut if cut > at else at + _LONGEST
        if _may_hold_name(shown, at, end):
            yield at, shown[at:end]
        at = end + (shown[end : end + 1] == "\n")


def _may_hold_name(text: str, start: int, end: int) -> bool:
    """Whether a word with a capital stands there that is not one of those that begin sentences."""
    return any(match.group().lower() not in _NO_NAMES for match in _CAPITAL.finditer(text, start, end))
