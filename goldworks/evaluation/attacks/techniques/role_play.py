"""A request inside a scene."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.evaluation.attacks.seeds import Seeds, Template, Wrapper, filled
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case


class RolePlay(Technique):
    """The assistant is to play somebody who has no rules, and then is asked for the secret."""

    name = "role_play"
    what = "a request inside a scene that the assistant plays"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0054")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, tuple[Wrapper, Template]]]:
        """Each scene with each request."""
        return [(f"{w.id}/{r.id}", (w, r)) for w in seeds.direct.role_plays for r in seeds.direct.requests]

    def make(self, base: Case, text: tuple[Wrapper, Template], making: Making) -> Case | None:
        """See the class."""
        scene, request = text
        return asking_for_secret(base, filled(scene.text, request=request.text), making)
