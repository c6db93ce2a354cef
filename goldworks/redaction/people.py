"""Layer 5 as it is built in: spaCy finds names of people in prose; what it finds is judged word by word.

Of the model's pipeline nothing runs but its named-entity recogniser; it is loaded at the first text. It reads sentences that
may hold a name, each distinct one once. `sentences` says which those are, `likeness` how much a word looks like a name, and
`name_spans` what of all this is a name.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from goldworks.redaction.likeness import Likeness
from goldworks.redaction.name_spans import Labelled, NameSpans
from goldworks.redaction.names import Place
from goldworks.redaction.normalise import normalise
from goldworks.redaction.sentences import sentences

_CACHE_CHARACTERS = 3_000_000
_BATCH = 64
_NOT_RUN = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
"""The recogniser has word vectors and layers of its own: `tok2vec` feeds the others only."""


class SpacyNames:
    """spaCy's recogniser over distinct sentences, with an answer cache."""

    def __init__(self, model: str, not_names: Sequence[str]) -> None:
        self._model, self._not_names = model, not_names
        self._nlp: Any = None
        self._threads: Any = None
        self._likeness: Likeness
        self._spans: NameSpans
        self._cache: dict[str, list[Place]] = {}
        self._cached = 0

    def find_names(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        self._load()
        views = [normalise(text) for text in texts]
        pieces = [[*sentences(view.text, self._likeness)] for view in views]
        found = self._known({piece: shown for some in pieces for _, piece, shown in some})
        return [
            [view.origin(at + start, at + end) for at, piece, _ in some for start, end in found[piece]]
            for view, some in zip(views, pieces, strict=True)
        ]

    def _known(self, pieces: dict[str, str]) -> dict[str, list[Place]]:
        """Names in each sentence, asked of the model once."""
        todo = sorted((piece for piece in pieces if piece not in self._cache), key=lambda piece: (len(piece), piece))
        fresh: dict[str, list[Place]] = {}
        if todo:
            # one thread: processes are as many as there are cores, and threads that wait for each other double the work
            with self._threads.limit(limits=1), self._nlp.memory_zone():  # the zone: what is learnt from these texts goes again
                shown = (pieces[piece] for piece in todo)
                for piece, document in zip(todo, self._nlp.pipe(shown, batch_size=_BATCH), strict=True):
                    labelled = [Labelled(one.start_char, one.end_char, one.label_) for one in document.ents]
                    fresh[piece] = self._spans.find(piece, pieces[piece], labelled)
        found = {piece: fresh[piece] if piece in fresh else self._cache[piece] for piece in pieces}
        if self._cached > _CACHE_CHARACTERS:
            self._cache.clear()
            self._cached = 0
        self._cache |= fresh
        self._cached += sum(len(piece) + 100 for piece in fresh)
        return found

    def _load(self) -> None:
        if self._nlp is not None:
            return
        import importlib

        from threadpoolctl import ThreadpoolController

        with warnings.catch_warnings():
            # the medium model was trained with spaCy 3.7; under 3.8 it was measured to find more names than 3.8's small one
            warnings.filterwarnings("ignore", message=r"\[W095\]", category=UserWarning)
            nlp = importlib.import_module(self._model).load(exclude=_NOT_RUN)
        for node in nlp.get_pipe("ner").model.walk():
            node.ops.use_blis = False  # numpy's linear algebra is 1.6 times as fast as the one that comes with thinc
        self._likeness = Likeness(nlp.vocab)
        self._spans = NameSpans(self._likeness, self._not_names)
        self._threads = ThreadpoolController()
        self._nlp = nlp
