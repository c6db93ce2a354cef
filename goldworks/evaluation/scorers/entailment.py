"""Whether a premise entails a claim: by words, unless a suite names something better as `package.module:function`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from goldworks.errors import InputError
from goldworks.evaluation.plugins import load
from goldworks.evaluation.scorers.lexical_support import sentence_features, source_of, support
from goldworks.evaluation.scorers.words import numbers

LEXICAL = "lexical"

Entails = Callable[[str, str], bool]


def lexical_entailment(premise: str, claim: str) -> float:
    """The lexical support of the claim by the premise, 0..1; 0 when it states a number that the premise does not hold.

    It knows words, not meaning: no model was asked, and a negation in other words passes. Do not call it entailment to others.
    """
    if numbers(claim) - numbers(premise):
        return 0.0
    return support(sentence_features(claim, source_of((premise,))))


def entails(name: str, threshold: float) -> Entails:
    """The judge that a suite names: `lexical`, or `package.module:function` of (premise, claim) -> probability or bool.

    A claim is entailed from `threshold` on. Each pair is asked once. A value outside 0..1 raises `ValueError`.
    """
    function: Callable[..., Any] = lexical_entailment if name == LEXICAL else load(name)

    @lru_cache(maxsize=4096)
    def judge(premise: str, claim: str) -> bool:
        value = float(function(premise, claim))
        if not 0 <= value <= 1:
            raise ValueError(f"{name} returned a value outside 0..1")
        return value >= threshold

    return judge


def check(name: str) -> str:
    """The name, when it can judge. For validators: raises `ValueError`."""
    if name == LEXICAL:
        return name
    try:
        found = load(name)
    except InputError as error:
        raise ValueError(f"{error}; or write {LEXICAL}") from None
    if not callable(found):
        raise ValueError(f"{name} cannot be called")
    return name
