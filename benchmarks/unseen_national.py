"""National ids with the check digits that their countries give them, in the way they are usually written."""

from __future__ import annotations

from collections.abc import Callable

from unseen_drawing import DIGITS, UPPER, Drawing, luhn, weighted


def _cpf(m: Drawing) -> str:
    digits = m.pick(DIGITS, 9)
    for size in (10, 11):
        rest = weighted(digits, list(range(size, 1, -1))) * 10 % 11 % 10
        digits += str(rest)
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def _dni(m: Drawing) -> str:
    digits = m.pick(DIGITS, 8)
    return digits + "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


def _nie(m: Drawing) -> str:
    digits = m.pick(DIGITS, 7)
    return f"Y{digits}{'TRWAGMYFPDXBNJZSQVHLCKE'[int('1' + digits) % 23]}"


def _nir(m: Drawing) -> str:
    born = f"{m.pick('12', 1)}{m.random.randint(40, 99)}{m.random.randint(1, 12):02d}"
    body = f"{born}{m.random.randint(1, 95):02d}{m.pick(DIGITS, 6)}"
    key = 97 - int(body) % 97
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key:02d}"


def _pesel(m: Drawing) -> str:
    body = f"{m.random.randint(50, 99)}{m.random.randint(1, 12):02d}{m.random.randint(1, 28):02d}{m.pick(DIGITS, 4)}"
    return body + str(-weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def _fiscale(m: Drawing) -> str:
    odd = dict(
        zip(
            DIGITS + UPPER,
            [
                1,
                0,
                5,
                7,
                9,
                13,
                15,
                17,
                19,
                21,
                1,
                0,
                5,
                7,
                9,
                13,
                15,
                17,
                19,
                21,
                2,
                4,
                18,
                20,
                11,
                3,
                6,
                8,
                12,
                14,
                16,
                10,
                22,
                25,
                24,
                23,
            ],
            strict=True,
        )
    )
    body = (
        m.pick("BCDFGLMNPRSTVZ", 6)
        + f"{m.random.randint(40, 99)}{m.pick('ABCDEHLMPRST', 1)}{m.random.randint(1, 28):02d}"
        + f"{m.pick('ABCDEFGHL', 1)}{m.pick(DIGITS, 3)}"
    )
    total = sum(odd[ch] if at % 2 == 0 else (int(ch) if ch.isdigit() else ord(ch) - 65) for at, ch in enumerate(body))
    return body + chr(65 + total % 26)


def _personnummer(m: Drawing) -> str:
    body = f"{m.random.randint(50, 99)}{m.random.randint(1, 12):02d}{m.random.randint(1, 28):02d}{m.pick(DIGITS, 3)}"
    check = next(digit for digit in DIGITS if luhn(body + digit))
    return f"{body[:6]}-{body[6:]}{check}"


def _bsn(m: Drawing) -> str:
    while True:
        digits = m.pick("123456789", 1) + m.pick(DIGITS, 8)
        if weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0:
            return digits


NATIONAL: tuple[list[Callable[[Drawing], str]], list[Callable[[Drawing], str]]] = (
    [
        _cpf,
        _dni,
        _nie,
        _nir,
        _pesel,
        lambda m: m.pick("123456789", 2) + m.pick(DIGITS, 9),
        lambda m: f"{m.pick('123456789', 3)} {m.pick(DIGITS, 3)} {m.pick(DIGITS, 3)}",
        lambda m: f"9{m.pick(DIGITS, 2)}-7{m.pick(DIGITS, 1)}-{m.pick(DIGITS, 4)}",
    ],
    [
        _fiscale,
        _personnummer,
        _bsn,
        lambda m: (
            f"{m.pick('ABCEGHJK', 1)}{m.pick('ABCEGHJK', 1)} "
            f"{m.pick(DIGITS, 2)} {m.pick(DIGITS, 2)} {m.pick(DIGITS, 2)} {m.pick('ABCD', 1)}"
        ),
        lambda m: m.pick(UPPER, 3) + "P" + m.pick(UPPER, 1) + m.pick(DIGITS, 4) + m.pick(UPPER, 1),
        lambda m: f"{m.pick('23456789', 4)} {m.pick(DIGITS, 4)} {m.pick(DIGITS, 4)}",
        lambda m: f"{m.random.randint(1, 28):02d}{m.random.randint(1, 12):02d}{m.random.randint(50, 99)}-{m.pick(DIGITS, 4)}",
        lambda m: f"{m.pick('123456789', 3)} {m.pick(DIGITS, 3)} {m.pick(DIGITS, 3)}",
    ],
)
"""Of the tuned half and of the held-out half."""
