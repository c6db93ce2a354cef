"""Layer 5: names of people in prose, behind `find_names(texts)`, so that another model is another class and a setting.

spaCy's packaged small model with nothing but its named-entity recogniser on; it is loaded at the first text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from goldworks.redaction.normalise import View, normalise
from goldworks.redaction.tokens import PLACEHOLDER

Place = tuple[int, int]
_CACHE_CHARACTERS = 3_000_000
_BATCH = 64
_CHUNK = 2_000
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de\u0391-\u042f][a-z\u00df-\u024f\u03b1-\u045f'’\-]")
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


class Names(Protocol):
    """Finds names of people."""

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text: code points, in order, not overlapping."""
        ...


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
        todo = [text for text in dict.fromkeys(texts) if text not in self._cache and _CAPITAL.search(text)]
        fresh: dict[str, list[Place]] = {text: [] for text in todo}
        if todo:
            pieces = [
                (piece, (text, view, offset))
                for text, view in ((t, normalise(t)) for t in todo)
                for offset, piece in _pieces(view.text)
            ]
            nlp = self._load()
            with nlp.memory_zone():  # what the vocabulary learns from these texts goes again
                for document, (text, view, offset) in nlp.pipe(pieces, as_tuples=True, batch_size=_BATCH):
                    for entity in document.ents:
                        if entity.label_ == "PERSON":
                            fresh[text] += self._trimmed(view, offset + entity.start_char, offset + entity.end_char)
        found = [fresh.get(text) if text in fresh else self._cache.get(text, []) for text in texts]
        self._remember(fresh)
        return [places or [] for places in found]

    def _remember(self, fresh: dict[str, list[Place]]) -> None:
        if self._cached > _CACHE_CHARACTERS:
            self._cache.clear()
            self._cached = 0
        for text, places in fresh.items():
            self._cache[text] = places
            self._cached += len(text) + 100

    def _load(self) -> Any:
        if self._nlp is None:
            import importlib

            module = importlib.import_module(self._model)
            self._nlp = module.load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"])
        return self._nlp

    def _trimmed(self, view: View, start: int, end: int) -> Iterator[Place]:
        """The name in what the model called a person: without edges, possessives and what no name holds."""
        text = view.text[start:end]
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
            if (
                len(name) >= 2
                and not _NOT_NAME.search(name)
                and name.casefold() not in self._not_names
                and any(map(str.isupper, name))
            ):
                yield view.origin(first, last)

    def _is_name(self, name: str, text: str, start: int, end: int) -> bool:
        if (
            _NOT_NAME.search(name)
            or _ACRONYM.search(name)
            or name.casefold() in self._not_names
            or not any(map(str.isupper, name))
        ):
            return False
        if " " in name or (not _SENTENCE_START.search(text, max(0, start - 4), start) and start > 0):
            return True
        after = _NEXT_WORD.match(text, end)  # "Passport number ...": a word at the start that goes on in lower case
        return after is None or after[1] in _AFTER_NAME


def _pieces(text: str) -> Iterator[Place | tuple[int, str]]:
    """The text in pieces that the model reads well, cut at line ends or spaces; placeholders shown as a neutral sign."""
    shown = text.replace(PLACEHOLDER, "_")
    at = 0
    while at < len(shown):
        end = min(len(shown), at + _CHUNK)
        if end < len(shown):
            cut = max(shown.rfind("\n", at + _CHUNK // 2, end), shown.rfind(". ", at + _CHUNK // 2, end))
            cut = cut if cut > 0 else shown.rfind(" ", at + _CHUNK // 2, end)
            end = cut + 1 if cut > 0 else end
        if _CAPITAL.search(shown, at, end):
            yield at, shown[at:end]
        at = end
