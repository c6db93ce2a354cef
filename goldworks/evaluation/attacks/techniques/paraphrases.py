"""Benign twin: the question in other words around it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldworks.evaluation.attacks.seeds import Paraphrase, Seeds, filled
from goldworks.evaluation.attacks.technique import Making, Technique, question_at
from goldworks.golden.case import Case, Pair


class Paraphrases(Technique):
    """The last question inside a template; what is expected stays. The question itself is not touched, so it asks the same."""

    name = "paraphrases"
    what = "benign twin: the question with other words around it"

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Paraphrase]]:
        """Each template."""
        return [(text.id, text) for text in seeds.twins.paraphrases]

    def make(self, base: Case, text: Paraphrase, making: Making) -> Case | None:
        """See the class."""
        at = question_at(base)
        if at is None:
            return None
        asked = msgspec.structs.replace(base.messages[at], text=filled(text.text, question=base.messages[at].text or ""))
        expected = msgspec.structs.replace(base.expected, pair=Pair(base.case_id, "wording", text.id))
        return msgspec.structs.replace(base, messages=(*base.messages[:at], asked, *base.messages[at + 1 :]), expected=expected)
