"""Scorer `lexical_support`: do the words of the answer come from the passages it may rest on?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.citing import without_citations
from goldworks.evaluation.scorers.passages import may_have_passages, passages_of
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.evaluation.scorers.words import content_words, numbers, sentences, words
from goldworks.golden.read import Case

BEST_SENTENCES = 3
"""A sentence may draw on this many sentences of the passages."""

NAMED = re.compile(r"(?<=[\w,;:)] )[A-Z][\w'’-]+")
NEGATION = frozenset(["no", "not", "never", "none", "neither", "nor", "nobody", "nothing", "without", "cannot"])

WEIGHTS = {"coverage": 5.6, "bigrams": 3.1, "numbers": 1.0, "names": 0.6, "negation": 1.5}
BIAS = -9.2


@dataclass(frozen=True, slots=True)
class Features:
    """What one sentence shares with the passages, each 0..1, 1 is best."""

    coverage: float
    bigrams: float
    numbers: float
    names: float
    negation: float


class LexicalSupport(Scorer):
    """Support of the answer by the passages' words, 0..1; the mean over its sentences, each a logistic score of

    content words found in the best three sentences of the passages; word pairs found anywhere in them; numbers, and
    capitalised names, that the passages hold; and whether sentence and best sentence agree in having a negation.

    It sees gross fabrication, not subtle distortion: it is no test of truth or entailment, and its name says so. The
    weights were fitted on half of the published BEGIN labels (Wizard of Wikipedia) and are a start, to be fitted again on
    your own labels.

    - The passages are those that the target fetched itself, when it says so, else those of the case. None with text: not
      applicable.
    - Citations such as [1] are no words of the answer.
    - An empty answer, a refusal, or an answer that is only a tool call claims nothing: not applicable. Look at `answered`
      beside it, and at the number of cases: a release that declines what it does not know is not better for that here.
    """

    name = "lexical_support"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return may_have_passages(case)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        found = passages_of(case, answer)
        passages = tuple(passage.text for passage in found if passage.text)
        text = answer.text or ""
        if not passages:
            return not_applicable("there are no passages")
        claims = sentences(without_citations(text, found))
        if not claims or is_refusal(text):
            return not_applicable("the answer claims nothing")
        source = source_of(passages)
        scores = [support(sentence_features(claim, source)) for claim in claims]
        low = sum(score < 0.5 for score in scores)
        return Score(sum(scores) / len(scores), detail=f"{low} of {len(scores)} sentences below 0.5")


@dataclass(frozen=True, slots=True)
class Source:
    """Passages taken apart once: content words and presence of a negation per sentence, and what all of them hold."""

    sentences: tuple[tuple[frozenset[str], bool], ...]
    pairs: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    words: frozenset[str]


@lru_cache(maxsize=512)
def source_of(passages: tuple[str, ...]) -> Source:
    """The passages taken apart."""
    parts = [part for passage in passages for part in sentences(passage)]
    return Source(
        tuple((frozenset(content_words(part)), has_negation(part)) for part in parts),
        frozenset(pair for part in parts for pair in _pairs(part)),
        frozenset(number for part in parts for number in numbers(part)),
        frozenset(word for part in parts for word in words(part)),
    )


def sentence_features(sentence: str, source: Source) -> Features:
    """Features of one sentence of an answer. A sentence with nothing of a kind (no number, say) scores 1 there."""
    wanted = frozenset(content_words(sentence))
    best, left, agrees = 0, wanted, True
    for turn in range(min(BEST_SENTENCES, len(source.sentences))):
        found, negates = max(source.sentences, key=lambda part: len(left & part[0]))
        gain = len(left & found)
        if turn == 0:
            agrees = negates == has_negation(sentence)
        if not gain:
            break
        best, left = best + gain, left - found
    pairs = _pairs(sentence)
    names = {name.casefold() for name in NAMED.findall(sentence)}
    return Features(
        coverage=_share(best, len(wanted)),
        bigrams=_share(sum(pair in source.pairs for pair in pairs), len(pairs)),
        numbers=_share(len(numbers(sentence) & source.numbers), len(numbers(sentence))),
        names=_share(len(names & source.words), len(names)),
        negation=float(agrees),
    )


def support(features: Features) -> float:
    """The logistic score of one sentence."""
    total = BIAS + sum(weight * getattr(features, name) for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-total))


def has_negation(sentence: str) -> bool:
    """Whether an English negation stands in the sentence."""
    return any(word in NEGATION or word.endswith("n't") for word in words(sentence))


def _pairs(sentence: str) -> list[tuple[str, str]]:
    """Neighbouring words, stop words too."""
    here = words(sentence)
    return list(pairwise(here))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def features_of(text: str, passages: Sequence[str]) -> list[Features]:
    """Features of each sentence of `text`: what one fits weights of one's own on."""
    source = source_of(tuple(passages))
    return [sentence_features(sentence, source) for sentence in sentences(text)]
