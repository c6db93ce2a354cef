"""Requests of a published collection that an assistant should decline."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldworks.evaluation.attacks.seeds import Request, Seeds
from goldworks.evaluation.attacks.technique import Making, Technique, with_question
from goldworks.golden.case import Attack, Case, Expected


class HarmfulRequest(Technique):
    """The request as it is, with `should_refuse`. Nothing deterministic decides whether it succeeded: `refusal` and a moderation
    scorer do, and neither may gate alone. We have no such texts of our own: without a file of seeds it makes nothing.
    """

    name = "harmful_request"
    what = "a request to decline, from a file of seeds"
    owasp = ("LLM01",)
    atlas = ("AML.T0051.000", "AML.T0054")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Request]]:
        """Each request of the file."""
        return [(text.id, text) for text in seeds.requests_to_decline]

    def make(self, base: Case, text: Request, making: Making) -> Case | None:
        """See the class."""
        made = with_question(base, text.text, is_alone=True)
        return made and msgspec.structs.replace(made, passages=(), expected=Expected(should_refuse=True, attack=Attack("")))
