"""Names by a GLiNER model in ONNX form, of the kind that scores spans of words against labels given in words.

Formats as GLiNER's own export writes and reads them: `gliner_config.json`, a prompt of labels before the words, and logits by
first word, width and label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from goldworks.adapters.names_folder import ModelFolder, Network
from goldworks.errors import PolicyError
from goldworks.redaction.names import Place
from goldworks.redaction.policy import NameRules

_LABELS = ("person",)
_LONGEST = 1024
_WORDS = 384
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")
_INPUTS = frozenset({"input_ids", "attention_mask", "words_mask", "text_lengths", "span_idx", "span_mask"})


class Gliner:
    """Where a GLiNER model sees persons. Raises `PolicyError` for a folder that cannot be one."""

    def __init__(self, rules: NameRules) -> None:
        self._folder = ModelFolder(rules)
        config = self._folder.config("gliner_config.json")
        self._refuse(config)
        self._width, self._max_words = int(config.get("max_width", 12)), min(int(config.get("max_len", _WORDS)), _WORDS)
        self._pooling = str(config.get("subtoken_pooling", "first"))
        entity, separator = str(config.get("ent_token", "<<ENT>>")), str(config.get("sep_token", "<<SEP>>"))
        labels = rules.labels or _LABELS
        self._prompt = [part for label in labels for part in (entity, label)] + [separator]
        self._label_count = len(labels)
        self._longest = self._folder.longest(_LONGEST)
        self._threshold = rules.threshold

    def _refuse(self, config: dict[str, Any]) -> None:
        """Other kinds of GLiNER have other inputs and answers."""
        where = self._folder.path / "gliner_config.json"
        kinds = {
            "a model that scores tokens": config.get("span_mode") == "token_level",
            "a bi-encoder": config.get("labels_encoder") is not None,
            "a model with a decoder": config.get("labels_decoder") is not None,
            "a model with labels built in": bool(config.get("precomputed_prompts_mode")),
            "a model that splits words otherwise": config.get("words_splitter_type", "whitespace") != "whitespace",
        }
        wrong = [kind for kind, is_so in kinds.items() if is_so]
        if wrong:
            remedy = "take a GLiNER model that scores spans with one encoder (span_mode markerV0): see docs/names.md"
            raise PolicyError(f"{where}: {' and '.join(wrong)} is not supported", remedy=remedy)

    def __call__(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        return [self._places(text) for text in texts]

    @cached_property
    def _network(self) -> Network:
        return self._folder.network(_INPUTS)

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = self._folder.tokenizer()
        if tokenizer.token_to_id(self._prompt[0]) is None:
            raise PolicyError(
                f"{self._folder.path / 'tokenizer.json'} does not know {self._prompt[0]}",
                remedy="take the tokenizer that GLiNER saved beside the model, not that of its encoder",
            )
        return tokenizer

    def _places(self, text: str) -> list[Place]:
        words = [match.span() for match in _WORD.finditer(text)]
        spans: dict[Place, float] = {}
        for first, last in _windows(0, len(words), self._max_words, 2 * self._width):
            for span, score in self._scored(text, words, first, last):
                spans[span] = max(score, spans.get(span, 0.0))
        return [(words[first][0], words[last][1]) for first, last in _best(spans)]

    def _scored(self, text: str, words: Sequence[Place], first: int, last: int) -> Iterator[tuple[Place, float]]:
        """Spans of words within [first, last) that are persons, with their scores."""
        import numpy as np

        shown = [text[start:end] for start, end in words[first:last]]
        encoded = self._tokenizer.encode([*self._prompt, *shown], is_pretokenized=True)
        if len(encoded.ids) > self._longest and len(shown) > 4 * self._width:
            for some in _windows(first, last, len(shown) // 2 + 2 * self._width, 2 * self._width):
                yield from self._scored(text, words, *some)
            return
        ids, marks = encoded.ids[: self._longest], self._marks(encoded.word_ids)[: self._longest]
        starts = np.repeat(np.arange(len(shown)), self._width)
        ends = starts + np.tile(np.arange(self._width), len(shown))
        logits = self._network.run(
            input_ids=[ids],
            attention_mask=[[1] * len(ids)],
            words_mask=[marks],
            text_lengths=[[len(shown)]],
            span_idx=[np.stack([starts, ends], axis=1)],
            span_mask=[ends < len(shown)],
        )
        if logits.shape != (1, len(shown), self._width, self._label_count):
            raise PolicyError(
                f"{self._folder.network_path} answers {list(logits.shape)} for {len(shown)} words",
                remedy=f"by its gliner_config.json it answers [1, words, {self._width}, labels]: export the model again",
            )
        scores = 1 / (1 + np.exp(-logits[0].astype("float64").max(axis=-1)))
        for start, width in np.argwhere(scores > self._threshold).tolist():
            if start + width < len(shown):
                yield (first + start, first + start + width), float(scores[start, width])

    def _marks(self, word_ids: Sequence[int | None]) -> list[int]:
        """The number of the word that a token stands for, from 1; 0 for the prompt and for tokens that do not count."""
        marks: list[int] = []
        for index, word in enumerate(word_ids):
            is_first = index == 0 or word_ids[index - 1] != word
            is_last = index + 1 == len(word_ids) or word_ids[index + 1] != word
            counts = {"first": is_first, "last": is_last}.get(self._pooling, True)
            is_text = word is not None and word >= len(self._prompt)
            marks.append(word - len(self._prompt) + 1 if word is not None and is_text and counts else 0)
        return marks


def _windows(first: int, last: int, size: int, overlap: int) -> Iterator[Place]:
    """Stretches of at most `size` that cover [first, last); neighbours share `overlap`, so that each name is whole in one."""
    overlap = min(overlap, size // 2)
    while first < last:
        end = min(first + size, last)
        yield first, end
        if end == last:
            return
        first = end - overlap


def _best(spans: dict[Place, float]) -> list[Place]:
    """Spans in the order of their scores, without those that meet a better one."""
    kept: list[Place] = []
    taken: set[int] = set()
    for first, last in sorted(spans, key=lambda span: (-spans[span], span)):
        words = range(first, last + 1)
        if taken.isdisjoint(words):
            kept.append((first, last))
            taken.update(words)
    return sorted(kept)
