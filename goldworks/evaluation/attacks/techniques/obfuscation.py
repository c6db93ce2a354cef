"""A request whose letters are disguised: zero-width characters, look-alikes of other scripts, spaces between letters."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.evaluation.attacks.look_alikes import TO_CYRILLIC
from goldworks.evaluation.attacks.seeds import Seeds, Template
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case

ZERO_WIDTH = "\u200b"

DISGUISES = {
    "zero-width": ZERO_WIDTH.join,
    "look-alikes": lambda text: text.translate(TO_CYRILLIC),
    "spaced": lambda text: "   ".join(" ".join(word) for word in text.split()),
}
"""Name of a disguise -> what it makes of a text."""


class Obfuscation(Technique):
    """The request for the secret reads as before, and is made of other characters."""

    name = "obfuscation"
    what = "a request with zero-width characters, look-alike letters or spaced letters"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0068")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, tuple[str, Template]]]:
        """Each disguise of each request."""
        return [(f"{name}/{text.id}", (name, text)) for text in seeds.direct.requests for name in DISGUISES]

    def make(self, base: Case, text: tuple[str, Template], making: Making) -> Case | None:
        """See the class."""
        name, request = text
        return asking_for_secret(base, DISGUISES[name](request.text), making)
