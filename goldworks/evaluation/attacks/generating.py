"""Which attacks are made: as many as wanted of each technique, spread over seed texts first, then over base cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

from goldworks.evaluation.attacks.seeds import Seeds
from goldworks.evaluation.attacks.technique import Making, Technique
from goldworks.golden.case import Case


def generate(
    bases: Sequence[Case], seeds: Seeds, techniques: Iterable[Technique], key: bytes, *, seed: int = 0, count: int = 10
) -> list[Case]:
    """Up to `count` attacks of each technique, in its order. Pure: the order of `bases` does not matter.

    Attacks of one template are not independent of each other (they are one cluster), so each template is used once before any
    is used twice. `bases` that are attacks themselves are passed over. A technique that no base lends itself to makes none.
    """
    usable = sorted((case for case in bases if case.origin != "red_team"), key=lambda case: case.case_id)
    return [case for technique in techniques for case in islice(_of(technique, usable, seeds, key, seed), count)]


def _of(technique: Technique, bases: Sequence[Case], seeds: Seeds, key: bytes, seed: int) -> Iterator[Case]:
    order = Random(f"{seed}|{technique.name}")  # noqa: S311 - an order that can be repeated
    texts = list(technique.texts(seeds))
    order.shuffle(texts)
    turned = list(bases)
    order.shuffle(turned)
    for round_ in range(len(turned)):
        for at, (name, text) in enumerate(texts):
            base = turned[(round_ + at) % len(turned)]
            making = Making.of(seeds, key, seed, technique.name, name, base.case_id)
            made = technique.make(base, text, making)
            if made is not None:
                yield technique.finished(made, base, name, making)
