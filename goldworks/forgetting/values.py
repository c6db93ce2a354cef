"""A value that a person typed: by which hashes it is known, and where it stands in stored texts. It lives in memory only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from goldworks.access.key_ring import IdentityKeys
from goldworks.errors import InputError
from goldworks.redaction.erased import ERASED
from goldworks.redaction.normalise import normalise
from goldworks.redaction.propagation import Haystack, Needle, Needles
from goldworks.redaction.records import Known
from goldworks.redaction.values import WORD, Hasher, normal, squeeze, variants, words

MOST_WORDS = 12
SHORTEST = 3


@dataclass(slots=True)
class Sought:
    """A value with its forms. `enclosing` are hashes of the words that were found to hold it, for places where it is no word of
    its own: by these it is found again when the value itself is not there any more.
    """

    needles: Needles
    digests: frozenset[str]
    value_hash: str
    variant_hashes: tuple[str, ...]
    longest: int
    hasher: Hasher
    enclosing: dict[str, int] = field(default_factory=dict[str, int])
    lengths: set[int] = field(default_factory=set[int])

    def stands_in(self, text: str) -> bool:
        """Whether the value stands in a text, however it is written; what encloses it there is noted."""
        if len(text) < SHORTEST:
            return False
        found = Haystack(text).find(self.needles)
        if not found:
            return False
        shown = normalise(text)
        spans = [match.span() for match in WORD.finditer(shown.text)]
        for one in found:
            inside = [span for span in spans if _meets(shown.origin(*span), one.start, one.end)]
            form = "".join(squeeze(shown.text[start:end]) for start, end in inside)
            if form:
                self.enclosing[self.hasher.digest(ERASED, form)] = len(inside)
                self.lengths.add(len(form))
        return True

    def stands_in_any(self, value: Any) -> bool:
        """The same of any JSON value, its keys and numbers too. Everything is looked at, so that all that encloses is noted."""
        return sum(self.stands_in(text) for text in strings(value)) > 0

    def known(self, number: int) -> Known:
        """The value as the redactor knows it, once everything was looked at."""
        hashes = dict.fromkeys((*self.variant_hashes, *self.enclosing))
        hashes.pop(self.value_hash, None)
        longest = min(MOST_WORDS, max(self.longest, *self.enclosing.values(), 1))
        lengths = tuple(sorted(self.lengths))
        return Known(f"<{ERASED}_{number}>", ERASED, self.value_hash, tuple(hashes), longest, lengths)


def sought(value: str, types: Iterable[str], key: bytes | IdentityKeys) -> Sought:
    """The forms of a value under every type. Raises `InputError` for one that is too short or too long to be looked for."""
    value = value.strip()
    form = squeeze(value)
    if len(form) < SHORTEST or words(value) > MOST_WORDS:
        raise InputError(
            f"a value to erase has at least {SHORTEST} letters or digits and at most {MOST_WORDS} words",
            remedy="erase a distinctive part of it, or the conversation: goldworks erase --conversation ID",
        )
    hasher = Hasher(key)
    digests: set[str] = set()
    forms: dict[str, None] = {form: None}
    for type_ in sorted({ERASED, *types}):
        whole = [one.squeezed for one in variants(type_, value) if not one.is_part]
        digests.update(hasher.many(type_, [normal(type_, value)]))
        forms.update(dict.fromkeys(one for one in whole if len(one) >= SHORTEST))
    hashes = hasher.many(ERASED, [*forms])
    needles = Needles()
    for one in forms:
        needles.append(Needle(one, None))
    return Sought(
        needles,
        frozenset(digests),
        hashes[0],
        tuple(hashes[1:]),
        words(value) + 1,
        hasher,
        lengths={len(one) for one in forms},
    )


def strings(value: Any) -> Iterator[str]:
    """Every string, key and number of a JSON value, as text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, Any]", value).items():
            yield name
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in cast("list[Any]", value):
            yield from strings(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _meets(span: tuple[int, int], start: int, end: int) -> bool:
    return span[0] < end and start < span[1]
