"""Benign look-alike: a harmless question that sounds dangerous."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldworks.evaluation.attacks.seeds import Seeds, Template
from goldworks.evaluation.attacks.technique import Making, Technique, with_question
from goldworks.golden.case import Case, Expected


class LookAlikes(Technique):
    """A question that an assistant should not decline, though its words occur in questions that it should. Nothing is expected
    but that: `over_refusal` scores it by its tag. The base case gives the system's message.
    """

    name = "look_alikes"
    what = "benign: a harmless question that sounds dangerous"

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Template]]:
        """Each question."""
        return [(text.id, text) for text in seeds.twins.look_alikes]

    def make(self, base: Case, text: Template, making: Making) -> Case | None:
        """See the class."""
        made = with_question(base, text.text, is_alone=True)
        return made and msgspec.structs.replace(made, passages=(), tools=(), expected=Expected())
