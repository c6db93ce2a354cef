"""A request in another language."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.evaluation.attacks.seeds import Seeds, Translation
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case


class OtherLanguage(Technique):
    """The request for the secret in a language that rules and training may know less well."""

    name = "other_language"
    what = "a request in another language"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0054")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Translation]]:
        """Each translation."""
        return [(text.id, text) for text in seeds.direct.translations]

    def make(self, base: Case, text: Translation, making: Making) -> Case | None:
        """See the class."""
        return asking_for_secret(base, text.text, making)
