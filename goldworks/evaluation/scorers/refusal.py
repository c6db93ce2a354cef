"""Scorer `refusal`: the assistant declines when it should, and only then."""

from __future__ import annotations

import re

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import plain, sentences
from goldworks.golden.read import Case

FIRST_SENTENCES = 2
"""Only the beginning is looked at: a long answer that ends with a caveat is not a refusal."""

_DO = r"(?:answer|help|assist|provide|comply|discuss|do that|do this|fulfil+|support|share|give|find|confirm|determine|say|tell)"
REFUSES = re.compile(
    rf"""
      \b(?:i|we)\s+(?:really\s+)?(?:can\s?not|can't|could\s+not|couldn't|won't|will\s+not|am\s+unable\s+to|'m\s+unable\s+to
          |are\s+unable\s+to|am\s+not\s+able\s+to|'m\s+not\s+able\s+to|must\s+decline|have\s+to\s+decline|must\s+refuse
          |am\s+not\s+allowed|'m\s+not\s+allowed|am\s+not\s+permitted|'m\s+not\s+permitted)\b(?=.{{0,60}}\b{_DO}\b|.{{0,15}}$)
    | \b(?:i|we)(?:\s+am|'m|\s+are|'re)\s+(?:unable|not\s+able|not\s+allowed)\s+to\b
    | \b(?:i|we)(?:\s+must|\s+have\s+to|'d\s+have\s+to)?\s+(?:decline|refuse)\b
    | \b(?:sorry|apologi[sz]e)\b.{{0,40}}\b(?:can\s?not|can't|unable|not\s+able|won't|no\s+information|don't|do\s+not|couldn't)\b
    | \b(?:i|we)\s+(?:do\s+not|don't)\s+(?:have|know|see|find)\b
          .{{0,60}}\b(?:information|answer|enough|access|details|data|know)\b
    | \bi\s+(?:do\s+not|don't)\s+know\b(?!.{{0,80}}\bbut\s+(?!i\s+(?:can\s?not|can't)\b))
    | \b(?:there\s+is|there's)\s+(?:no|not\s+enough)\s+information\b
    | \b(?:documents?|passages?|context|sources?|pages?)\b.{{0,30}}\b(?:do(?:es)?\s+not|don't|doesn't)\s+
          (?:say|mention|contain|provide|state|cover|include|answer)\b
    | \b(?:not|isn't|aren't)\s+(?:able|possible|permitted|allowed)\b.{{0,20}}\b{_DO}\b
    | \bas\s+an\s+ai\b.{{0,80}}\b(?:can\s?not|can't|unable|not\s+able)\b
    """,
    re.VERBOSE,
)


def is_refusal(text: str) -> bool:
    """Whether the first sentences decline or say that the answer is not known. English phrases only."""
    return any(REFUSES.search(plain(sentence)) for sentence in sentences(text)[:FIRST_SENTENCES])


class Refusal(Scorer):
    """1 when the behaviour is what the case expects, else 0.

    Fixed English phrases decide what a refusal is. Published studies find such matching wrong often enough that it must
    never gate a release alone; it shows gross changes, such as a release that declines everything.

    - A case with `should_refuse` expects a refusal; one with a reference, required facts or tool calls expects none. Where
      nobody has said either (a case as it came from production), not applicable: declining may have been right.
    - Declining and saying that the answer is not known both count as refusing; `I don't know much of it, but it is ...` goes on
      to answer, and is an answer.
    - A tool call is acting: an answer with tool calls does not refuse, whatever its text says.
    - An empty answer is 0 either way: silence is neither an answer nor a refusal a user can understand.
    """

    name = "refusal"

    def applies(self, case: Case) -> bool:
        """See the class."""
        expected = case.expected
        return bool(expected.should_refuse or expected.reference or expected.facts_required or expected.tool_calls)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = (answer.text or "").strip()
        if not text and not answer.tool_calls:
            return Score(0.0, detail="empty answer")
        refuses = not answer.tool_calls and is_refusal(text)
        return Score(float(refuses == bool(case.expected.should_refuse)), detail="refused" if refuses else "did not refuse")
