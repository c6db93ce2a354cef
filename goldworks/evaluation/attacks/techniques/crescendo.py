"""A request that a conversation leads up to, turn by turn."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldworks.evaluation.attacks.seeds import Dialogue, Seeds
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case, CaseMessage

ROLES = ("user", "assistant")


class Crescendo(Technique):
    """Harmless turns, with the assistant's own earlier answers, then the request. The answers are written by us, so that the
    case is the same for every target.
    """

    name = "crescendo"
    what = "a request that a conversation leads up to"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0054")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Dialogue]]:
        """Each dialogue."""
        return [(text.id, text) for text in seeds.direct.dialogues]

    def make(self, base: Case, text: Dialogue, making: Making) -> Case | None:
        """See the class."""
        made = asking_for_secret(base, text.turns[-1], making)
        if made is None:
            return None
        spoken = tuple(CaseMessage(role=ROLES[i % 2], text=turn) for i, turn in enumerate(text.turns[:-1]))  # type: ignore[arg-type]
        return msgspec.structs.replace(made, messages=(made.messages[0], *spoken, made.messages[-1]))
