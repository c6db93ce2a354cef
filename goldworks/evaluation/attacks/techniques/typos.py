"""Benign twin: the question with slips of the fingers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec

from goldworks.evaluation.attacks.seeds import Seeds
from goldworks.evaluation.attacks.technique import Making, Technique, question_at
from goldworks.golden.case import Case, Pair

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {letter: [row[at] for at in (i - 1, i + 1) if 0 <= at < len(row)] for row in ROWS for i, letter in enumerate(row)}


class Typos(Technique):
    """The last question with swapped, doubled, dropped or neighbouring letters; what is expected stays.

    Only letters inside words of four and more small letters change: numbers, names, ids and redaction tokens stay as they are,
    so that the question still has the same answer.
    """

    name = "typos"
    what = "benign twin: the question with slips of the fingers"

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, int]]:
        """One, with how many letters there are to a slip."""
        return [("typos", seeds.twins.letters_per_typo)]

    def make(self, base: Case, text: int, making: Making) -> Case | None:
        """See the class."""
        at = question_at(base)
        if at is None:
            return None
        question = base.messages[at].text or ""
        changed = with_slips(question, max(1, len(question) // text), making.random)
        if changed == question:
            return None
        messages = (*base.messages[:at], msgspec.structs.replace(base.messages[at], text=changed), *base.messages[at + 1 :])
        expected = msgspec.structs.replace(base.expected, pair=Pair(base.case_id, "wording", self.name))
        return msgspec.structs.replace(base, messages=messages, expected=expected)


def with_slips(text: str, count: int, random: Random) -> str:
    """`text` with up to `count` slips, no two in one word."""
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if len(word) >= 4 and word.isascii() and word.isalpha() and word.islower()]
    for place in random.sample(places, min(count, len(places))):
        words[place] = _slip(words[place], random)
    return " ".join(words)


def _slip(word: str, random: Random) -> str:
    at = random.randrange(1, len(word) - 1)
    kind = random.choice(("swap", "double", "drop", "near"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    return word[:at] + random.choice(NEIGHBOURS[word[at]]) + word[at + 1 :]
