"""A request in an encoding: base64, rot13, hex, leetspeak."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Sequence

from goldworks.evaluation.attacks.seeds import Seeds, Template, filled
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case

LEET = str.maketrans("aeiost", "431057")
ENCODINGS = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "rot13": lambda text: codecs.encode(text.lower(), "rot13"),  # capitals would pass for names
    "hexadecimal": lambda text: text.encode().hex(),
    "leetspeak": lambda text: text.lower().translate(LEET),
}
"""Name of an encoding -> what it makes of a text."""


class Encoding(Technique):
    """The request for the secret is encoded, so that a filter that reads plain words does not see it."""

    name = "encoding"
    what = "a request in base64, rot13, hex or leetspeak"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0068")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, tuple[str, Template]]]:
        """Each encoding of each request."""
        return [(f"{name}/{text.id}", (name, text)) for text in seeds.direct.requests for name in ENCODINGS]

    def make(self, base: Case, text: tuple[str, Template], making: Making) -> Case | None:
        """See the class."""
        name, request = text
        encoded = ENCODINGS[name](request.text)
        return asking_for_secret(base, filled(making.seeds.direct.encoded, encoding=name, request=encoded), making)
