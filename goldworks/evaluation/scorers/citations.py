"""Scorer `citations`: do the citations of an answer resolve, and do the cited passages support its sentences (ALCE)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, field_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.citing import Sentence, cited_sentences
from goldworks.evaluation.scorers.entailment import LEXICAL, Entails, check, entails
from goldworks.evaluation.scorers.passages import Passage, may_have_passages, passages_of
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.golden.read import Case
from goldworks.policies import Policy


@dataclass(frozen=True, slots=True)
class Counts:
    """What one answer's citations come to. `cited`: citations that enter precision."""

    sentences: int
    supported: int
    cited: int
    precise: int
    resolving: int
    dangling: int
    with_citation: int

    @property
    def recall(self) -> float:
        """Share of sentences that their citations support."""
        return self.supported / self.sentences

    @property
    def precision(self) -> float:
        """Share of citations that are needed, 0 when there is none."""
        return self.precise / self.cited if self.cited else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, 0 when both are."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


class Citations(Scorer):
    """By `measure`, with the rules of ALCE (Gao et al. 2023), over the sentences that state a fact:

    `recall`: share of sentences with at least one citation, all of which resolve, and whose first `at_most` cited passages
    together entail the sentence. `precision`: share of citations that are needed: none of a sentence that is not supported; the
    only one of a supported sentence; of several, all but those that do not entail it alone while the others do without them.
    `f1`: of both. `validity`: share of all citations that resolve to a passage. `coverage`: share of sentences with a citation
    that resolves.

    What entails is `entail`: `lexical` (words, see `entailment`; the metric is then one of wording) or a function
    `package.module:function` of (premise, claim), a model say, from `threshold` on. How citations are written, `citing` says.

    - Greetings, offers of help, questions and refusals among the sentences are not counted; the detail says how many there were.
    - A sentence with a citation that resolves to nothing is not supported; its citations are not in the denominator of precision
      (as in ALCE), so look at `validity` beside it. A passage cited twice in a sentence is one citation.
    - No citation at all: recall, precision, f1 and coverage 0; validity not applicable.
    - An empty answer, a refusal, an answer of a tool call alone, one that states nothing: not applicable.
    - No passages, in the case or fetched: not applicable. A passage without text entails nothing.
    """

    name = "citations"

    class Settings(Policy):
        """What is measured, and who decides what is entailed."""

        measure: Literal["recall", "precision", "f1", "validity", "coverage"] = "recall"
        entail: str = LEXICAL
        threshold: float = Field(default=0.5, gt=0, le=1)
        at_most: int = Field(default=3, ge=1)

        @field_validator("entail")
        @classmethod
        def _can_judge(cls, value: str) -> str:
            return check(value)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._entails = entails(settings.entail, settings.threshold)

    @classmethod
    def plugins(cls, settings: Settings) -> tuple[str, ...]:
        """The judge of entailment, unless it is ours."""
        return () if settings.entail == LEXICAL else (settings.entail,)

    def applies(self, case: Case) -> bool:
        """See the class."""
        return may_have_passages(case)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        passages = passages_of(case, answer)
        text = answer.text or ""
        if not passages:
            return not_applicable("there are no passages")
        if not text.strip() or is_refusal(text):
            return not_applicable("the answer claims nothing")
        every = cited_sentences(text, passages)
        stating = [sentence for sentence in every if sentence.claims]
        if not stating:
            return not_applicable("no sentence states a fact")
        measure = self._settings.measure
        entails = self._entails if measure in ("recall", "precision", "f1") else None
        counts = count(stating, passages, entails, self._settings.at_most)
        left = f"; {len(every) - len(stating)} sentences state nothing" if len(every) > len(stating) else ""
        if measure == "validity":
            cited = counts.resolving + counts.dangling
            if not cited:
                return not_applicable("no citation")
            return Score(counts.resolving / cited, detail=f"{counts.resolving} of {cited} citations resolve")
        if measure == "coverage":
            found = f"{counts.with_citation} of {counts.sentences} sentences have a citation{left}"
            return Score(counts.with_citation / counts.sentences, detail=found)
        found = f"{counts.supported} of {counts.sentences} sentences supported"
        return Score(getattr(counts, measure), detail=f"{found}, {counts.precise} of {counts.cited} citations needed{left}")


def count(stating: Sequence[Sentence], passages: Sequence[Passage], entails: Entails | None, at_most: int) -> Counts:
    """Count over sentences that state a fact. Without `entails` nothing is supported, and only what resolves is counted."""
    supported = cited = precise = 0
    for sentence in stating if entails is not None else ():
        used = sentence.cited[:at_most]
        if sentence.dangling or not used or entails is None:
            continue
        cited += len(used)
        if not _entailed(sentence.text, used, passages, entails):
            continue
        supported += 1
        precise += sum(_is_needed(sentence.text, one, used, passages, entails) for one in used)
    return Counts(
        sentences=len(stating),
        supported=supported,
        cited=cited,
        precise=precise,
        resolving=sum(len(sentence.cited) for sentence in stating),
        dangling=sum(sentence.dangling for sentence in stating),
        with_citation=sum(bool(sentence.cited) for sentence in stating),
    )


def _is_needed(claim: str, one: int, used: Sequence[int], passages: Sequence[Passage], entails: Entails) -> bool:
    if len(used) == 1 or _entailed(claim, [one], passages, entails):
        return True
    return not _entailed(claim, [other for other in used if other != one], passages, entails)


def _entailed(claim: str, used: Sequence[int], passages: Sequence[Passage], entails: Entails) -> bool:
    premise = "\n".join(passages[index].text for index in used if passages[index].text)
    return bool(premise) and entails(premise, claim)
