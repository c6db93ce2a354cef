"""The documents assistant harbor-docs as it is logged: a cheap extractive program, in two releases.

`d1` finds passages and mostly does not use them; `d2` answers with the best sentence of the best passage and says so when the
pages do not answer. The live releases of the same names are a language model; see `model` and expectations/targets/.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec

from goldworks.demo.knowledge import Hit, KnownPassage, search, words

SYSTEM = {
    "d1": "You are the assistant of Harbor Outfitters. Be friendly and brief.",
    "d2": "You are the assistant of Harbor Outfitters. Answer from the passages only, and say so when they do not answer.",
}
WEAK_SCORE = 4.2
"""A best passage below this BM25 score answers nothing. Found by looking at the scores of unanswerable questions."""

NOT_KNOWN = (
    "I'm sorry, I don't have information about that in our pages.",
    "I do not know that: our pages do not mention it. The service team can help you further.",
)
VAGUE = (
    "Thank you for your question! That depends on the product, please have a look at our website.",
    "Great question. We always try to find the best solution for our customers.",
    "It is usually 30 days, but it can differ.",
    "That is about $50 at the moment.",
    "Our team will be happy to help you with that in any store.",
)


class DocsAnswer(msgspec.Struct, frozen=True):
    """What the assistant looked for, found and said."""

    query: str
    hits: tuple[Hit, ...]
    text: str


def answer(release: str, asked: Sequence[str], rng: Random) -> DocsAnswer:
    """The answer of `release` to the last of the user's messages `asked`.

    d1 searches for the last message alone; d2 for the one before too when the last is short, so that a follow-up is understood.
    """
    last = asked[-1]
    if release == "d1":
        hits = search(last)
        return DocsAnswer(last, tuple(hits), _careless(hits, last, rng))
    query = f"{asked[-2]} {last}" if len(asked) > 1 and len(words(last)) <= 5 else last
    hits = search(query)
    if not hits or hits[0].score < WEAK_SCORE:
        return DocsAnswer(query, tuple(hits), rng.choice(NOT_KNOWN))
    return DocsAnswer(query, tuple(hits), best_sentence(hits, last))


def best_sentence(hits: Sequence[Hit], question: str) -> str:
    """The sentence of the passages that shares most with the question, those of better passages and with a number first."""
    wanted = set(words(question))
    wants_price = any(word in question.lower() for word in ("cost", "price", "how much", "fee", "charge"))

    def fit(item: tuple[KnownPassage, str, float]) -> float:
        passage, sentence, weight = item
        shared = len(wanted & set(words(sentence))) + 0.5 * len(wanted & set(words(passage.text)))
        bonus = 2.5 * ("$" in sentence) if wants_price else 1.5 * any(character.isdigit() for character in sentence)
        return (shared + bonus) * weight

    best = hits[0].score
    sentences = [(hit.passage, sentence, hit.score / best) for hit in hits for sentence in hit.passage.sentences]
    return max(sentences, key=fit)[1]


def _careless(hits: Sequence[Hit], question: str, rng: Random) -> str:
    luck = rng.random()
    if hits and luck < 0.30:
        return best_sentence(hits, question)
    if hits and luck < 0.55:
        return rng.choice(hits[-1].passage.sentences)
    return rng.choice(VAGUE)
