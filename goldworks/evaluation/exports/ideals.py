"""The one text, or the texts of which one is enough, that tools with a single target compare an answer with."""

from __future__ import annotations

from goldworks.evaluation.exports.carrying import ways_of
from goldworks.golden.case import Case


def ideal_of(case: Case) -> tuple[str | None, str | list[str]]:
    """(part of the expected outcome, text or texts); (None, "") when there is none.

    The label of a classification; else the one required fact with its wordings; else the reference. Several facts are all
    required, which no list of alternatives can say.
    """
    expected = case.expected
    if expected.label:
        return "label", expected.label
    facts = [ways for fact in expected.facts_required if (ways := ways_of(fact))]
    if len(facts) == 1:
        return "facts_required", facts[0][0] if len(facts[0]) == 1 else facts[0]
    if expected.reference:
        return "reference", expected.reference
    return None, ""
