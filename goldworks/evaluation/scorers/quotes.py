"""Scorer `quotes`: what the answer quotes stands so in the passages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.citing import Sentence, cited_sentences
from goldworks.evaluation.scorers.passages import Passage, may_have_passages, passages_of
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.words import plain, words
from goldworks.golden.read import Case
from goldworks.policies import Policy

QUOTED = re.compile(r'"([^"\n]+)"|“([^“”\n]+)”|„([^„“”\n]+)[“”]|«([^«»\n]+)»|「([^「」\n]+)」')
GAP = re.compile(r"\s*(?:\[?\.\.\.\]?|\[?…\]?)\s*")


class Quotes(Scorer):
    """Share of the quotations in the answer that stand word for word in a passage.

    A quotation is text in double quotation marks (straight, curly, German, French or Japanese) of at least `least_words` words.
    It is looked for in the passages that its sentence cites, in any passage when it cites none.

    - Letter case, the kind of quotation mark, apostrophe and white space do not count, nor punctuation at the quotation's ends.
      `...` within it leaves something out: its parts must stand in one passage, in that order.
    - No quotation so long: not applicable. Fewer words than `least_words` are names and terms, not quotations.
    - A sentence whose citations all resolve to nothing: its quotations stand nowhere.
    - No passages, in the case or fetched: not applicable.
    """

    name = "quotes"

    class Settings(Policy):
        """What is a quotation."""

        least_words: int = Field(default=4, ge=1)

    def __init__(self, settings: Settings) -> None:
        self._least_words = settings.least_words

    def applies(self, case: Case) -> bool:
        """See the class."""
        return may_have_passages(case)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        passages = passages_of(case, answer)
        if not passages:
            return not_applicable("there are no passages")
        found = [
            any(stands_in(quote, text) for text in texts_for(sentence, passages))
            for sentence in quoting_sentences(answer.text or "", passages)
            for quote in quotations(sentence.text)
            if len(words(quote)) >= self._least_words
        ]
        if not found:
            return not_applicable("no quotation")
        return Score(sum(found) / len(found), detail=f"{sum(found)} of {len(found)} quotations stand in the passages")


def quoting_sentences(text: str, passages: Sequence[Passage]) -> list[Sentence]:
    """Sentences, with those joined over which a quotation runs."""
    joined: list[Sentence] = []
    for sentence in cited_sentences(text, passages):
        if joined and _is_open(joined[-1].text):
            last = joined[-1]
            cited = tuple(dict.fromkeys([*last.cited, *sentence.cited]))
            joined[-1] = Sentence(f"{last.text} {sentence.text}", cited, last.dangling + sentence.dangling)
        else:
            joined.append(sentence)
    return joined


def texts_for(sentence: Sentence, passages: Sequence[Passage]) -> list[str]:
    """Texts of the passages that a sentence cites; of all, when it cites none."""
    if sentence.cited or sentence.dangling:
        return [passages[index].text for index in sentence.cited]
    return [passage.text for passage in passages]


def quotations(text: str) -> list[str]:
    """What stands between quotation marks."""
    return [next(part for part in groups if part) for groups in QUOTED.findall(text)]


def stands_in(quote: str, text: str) -> bool:
    """Whether the quotation stands in the text; see `Quotes`."""
    here, start = _flat(text), 0
    for part in GAP.split(quote):
        wanted = _flat(part).strip(" .,;:!?-")
        start = here.find(wanted, start)
        if start < 0:
            return False
        start += len(wanted)
    return True


def _flat(text: str) -> str:
    flat = re.sub(r"[“”„«»]", '"', plain(text)).replace("‘", "'")
    return " ".join(re.sub(r"[‐‑–—]", "-", flat).split())


def _is_open(text: str) -> bool:
    return text.count('"') % 2 == 1 or text.count("“") > text.count("”")
