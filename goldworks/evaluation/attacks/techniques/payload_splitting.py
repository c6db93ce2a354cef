"""A request cut in pieces that the assistant puts together."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.evaluation.attacks.seeds import Seeds, Template, filled
from goldworks.evaluation.attacks.technique import Making, Technique, asking_for_secret
from goldworks.golden.case import Case

NAMES = "abcd"


class PayloadSplitting(Technique):
    """The request for the secret comes in four pieces, cut anywhere, in an order of chance."""

    name = "payload_splitting"
    what = "a request in pieces that the assistant must join"
    owasp = ("LLM01", "LLM07")
    atlas = ("AML.T0051.000", "AML.T0068")

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Template]]:
        """Each request."""
        return [(text.id, text) for text in seeds.direct.requests]

    def make(self, base: Case, text: Template, making: Making) -> Case | None:
        """See the class."""
        cuts = sorted(making.random.sample(range(1, len(text.text)), len(NAMES) - 1))
        pieces = [text.text[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
        lines = [f'{name} = "{piece}"' for name, piece in zip(NAMES, pieces, strict=True)]
        making.random.shuffle(lines)
        return asking_for_secret(base, filled(making.seeds.direct.split, pieces="\n".join(lines)), making)
