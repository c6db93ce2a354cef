"""Exact and near duplicates among inputs: MinHash finds what may be alike, the true Jaccard similarity decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from goldworks.redaction.tokens import TOKEN

UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
"""A word; in Chinese, Japanese and Korean writing a character."""

SHINGLE = 3
PERMUTATIONS = 128
BANDS, BANDS_LOW, LOW = 32, 64, 0.75
"""Bands of four permutations miss a pair of similarity 0.85 once in 10^10; below `LOW` bands of two, which miss one of 0.5 once
in 10^8."""


def features(
    question: str, before: str = "", history: Iterable[str] = (), passages: Iterable[str] = ()
) -> frozenset[tuple[str, str]]:
    """What is compared of an input: word shingles of the question and of the message before it, one feature for each earlier
    message (`history`: their hashes) and for each passage (`passages`: their ids).

    Letter case, punctuation and the numbers of redaction tokens do not count.
    """
    found = {("question", shingle) for shingle in _shingles(question)} | {("before", shingle) for shingle in _shingles(before)}
    return frozenset(found | {("history", one) for one in history} | {("passage", one) for one in passages})


def jaccard(a: Collection[object], b: Collection[object]) -> float:
    """Size of the intersection over the size of the union; 1 for two empty sets."""
    a, b = set(a), set(b)
    return len(a & b) / len(a | b) if a or b else 1.0


def first_of_each(inputs: Sequence[frozenset[tuple[str, str]]], threshold: float) -> list[int | None]:
    """For each input, in order of precedence: None when it is kept, else the index of the kept one that it duplicates.

    An input is a duplicate when its similarity to one kept before it reaches `threshold`.
    """
    import rensa

    minhash: Any = rensa  # its classes are declared where no type checker sees them
    distinct: dict[frozenset[tuple[str, str]], int] = {}
    for index, one in enumerate(inputs):
        distinct.setdefault(one, index)
    tokens = [["\x1f".join(feature) for feature in one] or [""] for one in distinct]
    sketches = minhash.RMinHash.from_token_sets(tokens, num_perm=PERMUTATIONS, seed=1) if tokens else []
    bands = BANDS if threshold >= LOW else BANDS_LOW
    near = minhash.RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=bands)
    duplicate_of: dict[int, int | None] = {}
    for (one, index), sketch in zip(distinct.items(), sketches, strict=True):
        alike = (other for other in sorted(near.query(sketch)) if jaccard(one, inputs[other]) >= threshold)
        duplicate_of[index] = next(alike, None)
        if duplicate_of[index] is None:
            near.insert(index, sketch)
    return [_found(index, distinct[one], duplicate_of) for index, one in enumerate(inputs)]


def _found(index: int, first: int, duplicate_of: dict[int, int | None]) -> int | None:
    if index == first:
        return duplicate_of[index]
    kept = duplicate_of[first]
    return first if kept is None else kept


def _shingles(text: str) -> Iterator[str]:
    plain = TOKEN.sub(lambda match: match[1] or "WITHHELD", text)
    plain = unicodedata.normalize("NFKC", plain).casefold()
    words = WORD.findall(plain) or plain.split()  # of a text without a word, such as an emoji, the signs count
    if 0 < len(words) < SHINGLE:
        yield " ".join(words)
    for start in range(len(words) - SHINGLE + 1):
        yield " ".join(words[start : start + SHINGLE])
