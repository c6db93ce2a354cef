"""Names by a token classifier of the Hugging Face kind in ONNX form: its tokens, its labels, made words and names here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from goldworks.adapters.names_folder import ModelFolder, Network
from goldworks.errors import PolicyError
from goldworks.redaction.names import Place
from goldworks.redaction.policy import NameRules

_USUAL = ("PER", "PERSON")
_LONGEST = 384
"""Tokens in one run: longer inputs cost the square of their length and gain a name nothing."""
_TAG = re.compile(r"^([BIESLU])[-_](.+)$")
_BETWEEN = re.compile(r"[ \t]{0,2}|[ \t]?[-'’‐‑·・][ \t]?")
_AFTER_INITIAL = re.compile(r"\.[ \t]?")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Labels:
    """Which outputs of the network mean a person, and which of those begin or end a name."""

    count: int
    person: tuple[int, ...]
    begins: frozenset[int]
    ends: frozenset[int]


def labels_of(config: dict[str, Any], wanted: Sequence[str], where: str) -> Labels:
    """The labels of a model's configuration that the policy wants. Raises `PolicyError` naming those it has."""
    stated = config.get("id2label")
    try:
        names = {int(number): str(label) for number, label in dict(stated or {}).items()}
    except (TypeError, ValueError):
        names = {}
    if sorted(names) != list(range(len(names))) or not names:
        raise PolicyError(f"{where}: id2label does not name the labels 0, 1, 2 ...", remedy="copy it again from the model")
    has_tags = any(label[:2] in {"B-", "I-", "B_", "I_"} for label in names.values())
    parts = {number: _parts(label, has_tags) for number, label in names.items()}
    kinds = {kind.upper(): kind for _, kind in parts.values()}
    unknown = [label for label in wanted if label.upper() not in kinds]
    chosen = {label.upper() for label in wanted or _USUAL}
    person = tuple(number for number, (_, kind) in parts.items() if kind.upper() in chosen)
    if unknown or not person:
        has = ", ".join(sorted(kind for name, kind in kinds.items() if name != "O"))
        raise PolicyError(
            f"names.labels: the model has no label {', '.join(unknown) or ' or '.join(_USUAL)} ({where})",
            remedy=f"name those that mean a person; it has {has}",
        )
    begins = frozenset(number for number in person if parts[number][0] in "BSU")
    ends = frozenset(number for number in person if parts[number][0] in "ESLU")
    return Labels(len(names), person, begins, ends)


def _parts(label: str, has_tags: bool) -> tuple[str, str]:
    """Tag (B, I, E, S, L, U, or I when there are no tags) and kind of a label."""
    match = _TAG.match(label) if has_tags else None
    return (match[1], match[2]) if match else ("I", label)


class TokenClassifier:
    """Where a token classifier sees persons. Raises `PolicyError` for a folder that cannot be one."""

    def __init__(self, rules: NameRules) -> None:
        self._folder = ModelFolder(rules)
        config = self._folder.config("config.json")
        self._labels = labels_of(config, rules.labels, str(self._folder.path / "config.json"))
        positions = config.get("max_position_embeddings")
        allowed = positions - 2 if isinstance(positions, int) and positions > 8 else _LONGEST
        self._longest = self._folder.longest(min(allowed, _LONGEST))
        self._threshold, self._is_first = rules.threshold, rules.aggregation == "first"

    def __call__(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        return [self._places(text) for text in texts]

    @cached_property
    def _network(self) -> Network:
        return self._folder.network(frozenset({"input_ids"}), frozenset({"attention_mask", "token_type_ids"}))

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = self._folder.tokenizer()
        tokenizer.encode_special_tokens = True  # "[SEP]" typed by a user is text
        return tokenizer

    @cached_property
    def _around(self) -> tuple[list[int], list[int]]:
        """Ids of the special tokens before and after a text."""
        encoded = self._tokenizer.encode("a")
        ids, marks = encoded.ids, encoded.special_tokens_mask
        before = marks.index(0) if 0 in marks else (len(ids) + 1) // 2
        after = marks[::-1].index(0) if 0 in marks else len(ids) - before
        return ids[:before], ids[len(ids) - after :]

    def _places(self, text: str) -> list[Place]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        if not encoded.ids:
            return []
        words = list(words_of(text))
        scores = _by_word(self._probabilities(encoded.ids), encoded.offsets, words, self._is_first)
        return list(self._names(text, words, scores))

    def _probabilities(self, ids: Sequence[int]) -> Any:
        """Probability of each label for each token, from the window in which it stands farthest from an edge."""
        import numpy as np

        before, after = self._around
        size = max(self._longest - len(before) - len(after), 4)
        overlap = min(size // 2, 64) if len(ids) > size else 0
        found: list[Any] = []
        start = 0
        while True:
            end = min(start + size, len(ids))
            logits = self._run([*before, *ids[start:end], *after])[len(before) : len(before) + end - start]
            first = overlap // 2 if start else 0
            last = end - start if end == len(ids) else end - start - (overlap - overlap // 2)
            found.append(logits[first:last])
            if end == len(ids):
                break
            start = end - overlap
        logits = np.concatenate(found)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def _run(self, ids: Sequence[int]) -> Any:
        network = self._network
        logits = network.run(input_ids=[ids], attention_mask=[[1] * len(ids)], token_type_ids=[[0] * len(ids)])
        if logits.shape != (1, len(ids), self._labels.count):
            raise PolicyError(
                f"{self._folder.network_path} answers {list(logits.shape)} for {len(ids)} tokens",
                remedy=f"a token classifier answers [1, tokens, {self._labels.count}], by its config.json",
            )
        return logits[0].astype("float64")

    def _names(self, text: str, words: Sequence[Place], scores: Sequence[Any]) -> Iterator[Place]:
        """Words that are persons, joined to names as the tags say."""
        labels = self._labels
        name: Place | None = None
        has_ended = False
        for place, score in zip(words, scores, strict=True):
            if score is None or sum(score[number] for number in labels.person) < self._threshold:
                continue
            tag = max(labels.person, key=lambda number: score[number])
            if name is not None and _goes_on(text, name, place, tag in labels.begins or has_ended):
                name = (name[0], place[1])
            else:
                if name is not None:
                    yield name
                name = place
            has_ended = tag in labels.ends
        if name is not None:
            yield name


def _goes_on(text: str, name: Place, word: Place, is_cut: bool) -> bool:
    """Whether a word belongs to the name before it: nothing but a space, a hyphen or the like between them."""
    between = text[name[1] : word[0]]
    if between and not between.isspace() and "." not in between:
        is_cut = False  # within a hyphenated name no model's tag counts
    if is_cut and between:
        return False
    if _BETWEEN.fullmatch(between):
        return True
    initial = text[name[0] : name[1]].rpartition(" ")[2]
    return len(initial) <= 2 and _AFTER_INITIAL.fullmatch(between) is not None


def words_of(text: str) -> Iterator[Place]:
    """Runs of letters, digits and their marks; in scripts without spaces each character."""
    start: int | None = None
    for index, char in enumerate(text):
        category = unicodedata.category(char)[0]
        if category not in "LMN":
            if start is not None:
                yield start, index
                start = None
        elif category != "M" and _UNSPACED.match(char):
            if start is not None:
                yield start, index
            start = index
        elif start is None:
            start = index
        elif category != "M" and _UNSPACED.match(text[start]):
            yield start, index
            start = index
    if start is not None:
        yield start, len(text)


def _by_word(probabilities: Any, offsets: Iterable[Place], words: Sequence[Place], is_first: bool) -> list[Any]:
    """Probabilities of each word by its first token or the mean of its tokens; None for a word without tokens."""
    tokens: list[list[int]] = [[] for _ in words]
    at = 0
    for index, (start, end) in enumerate(offsets):
        while at < len(words) and words[at][1] <= start:
            at += 1
        reach = at
        while reach < len(words) and words[reach][0] < end:
            tokens[reach].append(index)
            reach += 1
    return [
        None if not some else probabilities[some[0]] if is_first else probabilities[some].mean(axis=0) for some in tokens
    ]  # fmt: skip
