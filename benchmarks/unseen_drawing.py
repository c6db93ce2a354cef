"""What every maker of values for `unseen` draws with: a seed, letters, people of the countries of one half, check digits."""

from __future__ import annotations

import random
import string

from faker import Faker

LOCALES = (
    ("en_US", "de_DE", "fr_FR", "es_ES", "pl_PL", "pt_BR", "en_CA"),
    ("en_GB", "it_IT", "nl_NL", "en_IN", "sv_SE", "da_DK", "en_AU"),
)
"""Of the tuned half and of the held-out half."""
HEX, DIGITS, UPPER, ALNUM = "0123456789abcdef", string.digits, string.ascii_uppercase, string.ascii_letters + string.digits
URLSAFE = ALNUM + "-_"


class Drawing:
    """Draws for one half; seeded, so that a run can be repeated."""

    def __init__(self, seed: int, half: int) -> None:
        self.random = random.Random(seed)
        self.half = half
        self.fakers = {name: Faker(name) for name in LOCALES[half]}
        for offset, fake in enumerate(self.fakers.values()):
            fake.seed_instance(seed + offset)

    def fake(self) -> Faker:
        return self.fakers[self.random.choice(LOCALES[self.half])]

    def pick(self, letters: str, count: int) -> str:
        return "".join(self.random.choice(letters) for _ in range(count))


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as of payment cards."""
    return sum(int(d) if at % 2 == 0 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(reversed(digits))) % 10 == 0


def weighted(digits: str, weights: list[int]) -> int:
    """The sum of the digits, each by its weight."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))
