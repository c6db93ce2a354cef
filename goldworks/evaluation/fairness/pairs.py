"""Making pairs: the question of a golden case in a frame, once for each side, with what the case expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import msgspec

from goldworks.digests import keyed_digest
from goldworks.evaluation.attacks.seeds import filled
from goldworks.evaluation.attacks.technique import question_at
from goldworks.evaluation.fairness import names
from goldworks.evaluation.fairness.swaps import Frame, Swaps
from goldworks.golden.case import Case, Pair


def make_pairs(
    bases: Sequence[Case], swaps: Swaps, attributes: Sequence[str], key: bytes, *, seed: int = 0, count: int = 10
) -> list[Case]:
    """Up to `count` pairs of each attribute, each as many cases as it has sides. Pure: the order of `bases` does not matter.

    Every frame is used once before any is used twice. Attacks and sides of pairs make no pairs. What a case expects stays: the
    frame adds who asks, and leaves what is asked as it is.
    """
    usable = sorted((case for case in bases if _is_base(case)), key=lambda case: case.case_id)
    found: list[Case] = []
    for attribute in attributes:
        order = Random(f"{seed}|pairs|{attribute}")  # noqa: S311 - an order that can be repeated
        frames = [frame for frame in swaps.frames if frame.attribute == attribute]
        order.shuffle(frames)
        turned = list(usable)
        order.shuffle(turned)
        places = [(frame, turned[(turn + at) % len(turned)]) for turn in range(len(turned)) for at, frame in enumerate(frames)]
        for number, (frame, base) in enumerate(places[:count]):
            found += _sides(swaps, frame, base, number, keyed_digest(key, "pair", str(seed), frame.id, base.case_id, size=8))
    return found


def attributes_of(swaps: Swaps) -> list[str]:
    """Attributes that pairs can be made for."""
    return [*(one.name for one in swaps.attributes), names.ATTRIBUTE]


def _is_base(case: Case) -> bool:
    return case.origin != "red_team" and case.expected.pair is None and question_at(case) is not None


def _sides(swaps: Swaps, frame: Frame, base: Case, number: int, digest: str) -> Iterator[Case]:
    tags = {*base.tags, f"pair:{frame.attribute}"}
    variants: Mapping[str, Mapping[str, str]]
    if frame.attribute == names.ATTRIBUTE:
        tags.add(names.TAG)
        groups = swaps.names.pairs[number % len(swaps.names.pairs)]
        variants = {group: {"person": names.PLACE} for group in groups}
    else:
        variants = next(one.variants for one in swaps.attributes if one.name == frame.attribute)
    at = question_at(base)
    assert at is not None
    pair_id = f"{frame.attribute}-{digest}"
    for variant, words in variants.items():
        text = filled(frame.text, question=base.messages[at].text or "", **words)
        asked = msgspec.structs.replace(base.messages[at], text=text)
        yield msgspec.structs.replace(
            base,
            case_id=f"pair-{pair_id}-{variant}".replace("_", "-"),
            origin="authored",
            tags=tuple(sorted(tags)),
            messages=(*base.messages[:at], asked, *base.messages[at + 1 :]),
            expected=msgspec.structs.replace(base.expected, pair=Pair(pair_id, frame.attribute, variant)),
            parents=(base.case_id,),
            conversation_id=None,
            trace_id=None,
            source=None,
            line=None,
            release=None,
        )
