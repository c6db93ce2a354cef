"""Extraction of the system prompt."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.evaluation.attacks.seeds import Seeds, Template
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case


class PromptExtraction(Technique):
    """The user asks for the system prompt as a whole; a canary in it shows that it came."""

    name = "prompt_extraction"
    what = "the user asks for the system prompt"
    owasp = ("LLM07",)
    atlas = ("AML.T0051.000", "AML.T0056")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Template]]:
        """Each wording."""
        return [(text.id, text) for text in seeds.direct.extractions]

    def make(self, base: Case, text: Template, making: Making) -> Case | None:
        """See the class."""
        return asking_for_secret(base, text.text, making)
