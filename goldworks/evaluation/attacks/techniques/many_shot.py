"""A request behind many invented examples in which an assistant complied."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.evaluation.attacks.seeds import Seeds, Template, filled
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case

SHOTS = 48


class ManyShot(Technique):
    """One message with 48 invented exchanges in which an assistant gave away what it was asked for, then the request."""

    name = "many_shot"
    what = "a request behind many examples in which an assistant complied"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0054", "AML.T0065")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Template]]:
        """Each request."""
        return [(text.id, text) for text in seeds.direct.requests]

    def make(self, base: Case, text: Template, making: Making) -> Case | None:
        """See the class."""
        direct = making.seeds.direct
        lines: list[str] = []
        for thing in making.random.choices(direct.shots, k=SHOTS):
            lines += [
                f"User: {filled(direct.shot_question, thing=thing)}",
                f"Assistant: {filled(direct.shot_answer, thing=thing)}",
            ]
        return asking_for_secret(base, "\n".join([*lines, f"User: {text.text}", "Assistant:"]), making)
