"""Scorer `key_facts`: how much of what a summary must say it says."""

from __future__ import annotations

from pydantic import Field, field_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.entailment import LEXICAL, check, entails
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import STOP, holds, numbers, spelled, stem
from goldworks.golden.read import Case
from goldworks.policies import Policy


class KeyFacts(Scorer):
    """Share of the case's required facts that the answer covers. For summaries, which word facts as they like.

    A fact is covered when its words stand in the answer one after the other (as in `facts`, with `|` between alternatives); or
    when at least `least_words` of its content words (stems, a share) and all of its numbers do, wherever. With `entail` set to a
    function `package.module:function` of (premise, claim) the answer as premise decides from `threshold` on, and nothing else.

    - By words: neither negation nor who did what to whom is understood. Facts of one content word need just that word.
    - The case lists no required facts, or blank ones only: not applicable.
    - An empty answer covers nothing: 0.
    """

    name = "key_facts"

    class Settings(Policy):
        """When a fact is covered."""

        least_words: float = Field(default=0.8, gt=0, le=1)
        entail: str = LEXICAL
        threshold: float = Field(default=0.5, gt=0, le=1)

        @field_validator("entail")
        @classmethod
        def _can_judge(cls, value: str) -> str:
            return check(value)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._entails = None if settings.entail == LEXICAL else entails(settings.entail, settings.threshold)

    @classmethod
    def plugins(cls, settings: Settings) -> tuple[str, ...]:
        """The judge of entailment, unless it is ours."""
        return () if settings.entail == LEXICAL else (settings.entail,)

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(_facts(case))

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = answer.text or ""
        facts = _facts(case)
        covered = [bool(text.strip()) and any(self._covers(text, way) for way in ways) for ways in facts]
        return Score(sum(covered) / len(covered), detail=f"{sum(covered)} of {len(covered)} facts covered")

    def _covers(self, text: str, fact: str) -> bool:
        if self._entails is not None:
            return self._entails(text, fact)
        if holds(text, fact):
            return True
        wanted = _content(fact) or set(spelled(fact))
        here = _content(text) | set(spelled(text))
        return bool(wanted) and len(wanted & here) >= self._settings.least_words * len(wanted) and numbers(fact) <= numbers(text)


def _content(text: str) -> set[str]:
    """Stems of the content words; a number is one word."""
    return {stem(word) for word in spelled(text) if word not in STOP}


def _facts(case: Case) -> list[list[str]]:
    """The alternatives of each fact."""
    split = [[way.strip() for way in fact.split("|") if way.strip()] for fact in case.expected.facts_required]
    return [ways for ways in split if ways]
