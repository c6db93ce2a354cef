"""Scorer `supported_sentences`: the share of an answer's sentences that its passages support."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.citing import cited_sentences
from goldworks.evaluation.scorers.entailment import LEXICAL, check, entails
from goldworks.evaluation.scorers.passages import may_have_passages, passages_of, question_text
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.golden.read import Case
from goldworks.policies import Policy


class SupportedSentences(Scorer):
    """Share of the sentences that state a fact and are supported by all passages together; 1 minus it are unsupported claims.

    What supports is `entail`: `lexical` (words, see `entailment`), or a function `package.module:function` of (premise, claim),
    from `threshold` on. Words show gross fabrication, not subtle distortion: hold it against human labels before it gates.

    - `source: passages` (default): those that the target fetched, else of the case. `source: question`: the last user message,
      for summaries of a text that the user gives.
    - Greetings, offers of help and questions are not counted; citations are no words.
    - No source with text: not applicable. An empty answer, a refusal, one that states nothing: not applicable.
    """

    name = "supported_sentences"

    class Settings(Policy):
        """What supports, and who decides."""

        source: Literal["passages", "question"] = "passages"
        entail: str = LEXICAL
        threshold: float = Field(default=0.5, gt=0, le=1)

        @field_validator("entail")
        @classmethod
        def _can_judge(cls, value: str) -> str:
            return check(value)

    def __init__(self, settings: Settings) -> None:
        self._is_question = settings.source == "question"
        self._entails = entails(settings.entail, settings.threshold)

    @classmethod
    def plugins(cls, settings: Settings) -> tuple[str, ...]:
        """The judge of entailment, unless it is ours."""
        return () if settings.entail == LEXICAL else (settings.entail,)

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(question_text(case)) if self._is_question else may_have_passages(case)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        passages = passages_of(case, answer)
        texts = [question_text(case)] if self._is_question else [passage.text for passage in passages if passage.text]
        premise = "\n".join(texts)
        text = answer.text or ""
        if not premise.strip():
            return not_applicable("there are no passages")
        if not text.strip() or is_refusal(text):
            return not_applicable("the answer claims nothing")
        claims = [sentence.text for sentence in cited_sentences(text, passages) if sentence.claims]
        if not claims:
            return not_applicable("no sentence states a fact")
        supported = sum(self._entails(premise, claim) for claim in claims)
        return Score(supported / len(claims), detail=f"{supported} of {len(claims)} sentences supported")
