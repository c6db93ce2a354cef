"""The knowledge base of harbor-docs: its pages cut into passages, a search over them, and the questions people ask.

Pages are `pages/*.md`: a title and paragraphs; each paragraph is one passage. What is asked stands in `questions.yml`, tied to
the page and to the words that answer it. No model here: answers are made in `docs` (logged) and by `model` (live).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import yaml

FOLDER = Path(__file__).resolve().parent
_WORD = re.compile(r"[a-z0-9]+")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_STOP = frozenset(
    "a an and are as at be but by can do does for from get have how i if in is it long many me much my of on or so that the "
    "their there to up us we what when which with you your".split()
)


class KnownPassage(msgspec.Struct, frozen=True):
    """One paragraph of a page. `text` starts with the page's title, so that it can stand alone."""

    id: str
    page: str
    text: str

    @property
    def sentences(self) -> list[str]:
        """Its sentences without the title."""
        return _SENTENCE_END.split(self.text.partition(": ")[2])


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing people ask, in several phrasings, with the words of the page that a right answer holds."""

    id: str
    page: str
    facts: tuple[str, ...]
    ask: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    again: str | None = None

    @property
    def source(self) -> KnownPassage:
        """The passage that answers it."""
        return next(p for p in passages() if p.page == self.page and all(fact in p.text for fact in self.facts))

    @property
    def reference(self) -> str:
        """The sentences of the page that answer it."""
        return " ".join(s for s in self.source.sentences if any(fact in s for fact in self.facts))


class Hit(msgspec.Struct, frozen=True):
    """A passage found, with its BM25 score."""

    passage: KnownPassage
    score: float


@cache
def passages() -> tuple[KnownPassage, ...]:
    """Every passage, in order of page and paragraph."""
    found: list[KnownPassage] = []
    for path in sorted((FOLDER / "pages").glob("*.md")):
        title, _, body = path.read_text(encoding="utf-8").strip().partition("\n")
        for number, paragraph in enumerate(body.strip().split("\n\n"), start=1):
            text = f"{title.removeprefix('# ')}: {' '.join(paragraph.split())}"
            found.append(KnownPassage(f"{path.stem}-{number}", path.stem, text))
    return tuple(found)


@cache
def questions() -> tuple[Question, ...]:
    """Every question that a page answers."""
    data = yaml.safe_load((FOLDER / "questions.yml").read_text(encoding="utf-8"))
    return msgspec.convert(data, type=tuple[Question, ...])


@cache
def unanswerable() -> tuple[str, ...]:
    """Questions that no page answers."""
    return msgspec.convert(yaml.safe_load((FOLDER / "unanswerable.yml").read_text(encoding="utf-8")), type=tuple[str, ...])


@cache
def question_of(text: str) -> Question | None:
    """The question that `text` is a phrasing of, or None."""
    return next((question for question in questions() if text in question.ask), None)


def search(query: str, count: int = 3) -> list[Hit]:
    """The `count` best passages by Okapi BM25 (k1 = 1.5, b = 0.75; Robertson and Zaragoza 2009), best first."""
    index = _index()
    scores: Counter[int] = Counter()
    for word in set(words(query)):
        postings = index.postings.get(word, {})
        weight = math.log(1 + (len(index.lengths) - len(postings) + 0.5) / (len(postings) + 0.5))
        for number, times in postings.items():
            norm = 1.5 * (0.25 + 0.75 * index.lengths[number] / index.mean_length)
            scores[number] += weight * times * 2.5 / (times + norm)  # type: ignore[assignment]
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:count]
    return [Hit(passages()[number], round(score, 4)) for number, score in best]


def words(text: str) -> list[str]:
    """Content words in lower case, plural and verb endings cut off crudely."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP]


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


class _Index(msgspec.Struct, frozen=True):
    postings: dict[str, dict[int, int]]
    lengths: list[int]
    mean_length: float


@cache
def _index() -> _Index:
    postings: dict[str, dict[int, int]] = {}
    lengths: list[int] = []
    for number, passage in enumerate(passages()):
        counts = Counter(words(passage.text))
        lengths.append(sum(counts.values()))
        for word, times in counts.items():
            postings.setdefault(word, {})[number] = times
    return _Index(postings, lengths, sum(lengths) / len(lengths))
