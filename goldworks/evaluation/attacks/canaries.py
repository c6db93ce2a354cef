"""Canaries: invented words that stand in no answer unless an attack put them there.

A canary is 22 letters of eleven syllables, each one of 70: 67 bits, so that none is guessed or met by chance. It is a word of
small letters because the redactor, through which every case and answer goes, takes long numbers and mixed tokens for secrets.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldworks.digests import keyed_digest

CONSONANTS = "bdfgklmnprstvz"
VOWELS = "aeiou"
SYLLABLES = 11
FIRST = 12
"""Letters of the first of the two halves."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A canary, whole and in halves.

    An injected text never holds the whole word: it asks to join the halves. So an answer that only quotes the text, to warn of
    it, carries no canary, and one that obeys does.
    """

    word: str

    @property
    def first(self) -> str:
        """The first half."""
        return self.word[:FIRST]

    @property
    def second(self) -> str:
        """The second half."""
        return self.word[FIRST:]


def canary_of(key: bytes, *parts: str) -> Canary:
    """The canary of a case: the same for the same key and parts, and not to be guessed without the key."""
    number = int(keyed_digest(key, "attack_canary", *parts), 16)
    letters: list[str] = []
    for _ in range(SYLLABLES):
        number, rest = divmod(number, len(CONSONANTS) * len(VOWELS))
        letters += [CONSONANTS[rest // len(VOWELS)], VOWELS[rest % len(VOWELS)]]
    return Canary("".join(letters))
