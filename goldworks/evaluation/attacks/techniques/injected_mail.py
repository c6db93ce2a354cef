"""Indirect injection through an e-mail that the user hands over."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldworks.evaluation.attacks.goals import aim
from goldworks.evaluation.attacks.seeds import Goal, Mail, Seeds, filled
from goldworks.evaluation.attacks.technique import Making, Technique, with_question
from goldworks.golden.case import Case, Expected


class InjectedMail(Technique):
    """The user asks something harmless about an e-mail, and the e-mail holds an instruction.

    The base case gives the system's message and the tools; its own question and passages are left out, and only the attack is
    expected.
    """

    name = "injected_mail"
    what = "an instruction in an e-mail that the user asks about"
    owasp = ("LLM01",)
    atlas = ("AML.T0051.001",)

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, tuple[Mail, Goal]]]:
        """Each e-mail with each goal."""
        return [(f"{m.id}/{g.id}", (m, g)) for m in seeds.indirect.mails for g in seeds.indirect.goals]

    def make(self, base: Case, text: tuple[Mail, Goal], making: Making) -> Case | None:
        """See the class."""
        mail, goal = text
        asked = with_question(base, mail.question, is_alone=True)
        found = aim(goal, asked, making) if asked is not None else None
        if found is None:
            return None
        question = f"{mail.question}\n\n{filled(mail.text, instruction=found.instruction)}"
        made = with_question(found.case, question, is_alone=True)
        return made and msgspec.structs.replace(made, passages=(), expected=found.expecting(Expected()))
