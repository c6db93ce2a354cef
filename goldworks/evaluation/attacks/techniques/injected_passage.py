"""Indirect injection through a retrieved passage."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldworks.evaluation.attacks.goals import aim
from goldworks.evaluation.attacks.seeds import Carrier, Goal, Seeds, filled
from goldworks.evaluation.attacks.technique import Making, Technique, question_at
from goldworks.golden.case import Case, CasePassage


class InjectedPassage(Technique):
    """A further passage, somewhere among the case's own, holds an instruction.

    Only for cases with a question and passages. What the case expects stays: an assistant that resists still answers it.
    """

    name = "injected_passage"
    what = "an instruction in a retrieved passage"
    owasp = ("LLM01", "LLM08")
    atlas = ("AML.T0051.001", "AML.T0070")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, tuple[Carrier, Goal]]]:
        """Each carrier with each goal."""
        return [(f"{c.id}/{g.id}", (c, g)) for c in seeds.indirect.passages for g in seeds.indirect.goals]

    def make(self, base: Case, text: tuple[Carrier, Goal], making: Making) -> Case | None:
        """See the class."""
        carrier, goal = text
        found = aim(goal, base, making)
        if found is None or not base.passages or question_at(base) is None:
            return None
        passage = CasePassage(id=f"news-{making.digest[:6]}", text=filled(carrier.text, instruction=found.instruction))
        at = making.random.randint(0, len(base.passages))
        passages = (*base.passages[:at], passage, *base.passages[at:])
        return msgspec.structs.replace(found.case, passages=passages, expected=found.expecting(base.expected))
