"""Invented people and their data for the sample logs, plain and disguised, and look-alikes that are nobody's.

Reserved domains, telephone ranges for fiction, published test card numbers, documentation addresses: nothing here reaches or
names anyone.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from random import Random

FIRST = (
    "Dana Marcus Priya Elena Tomasz Aisha Jonas Mei Oluwaseun Clara Rafael Ingrid Samuel Yuki Fatima Declan Noor Henrik Lucia "
    "Kwame Hannah Vikram Siobhan Andre Zofia Malik Beatriz Owen Leila Gustav"
).split()
LAST = (
    "Whitcombe Okafor Lindqvist Castellano Brennan Nakamura Petrov Adeyemi Hargreaves Moreau Kowalczyk Rahman Sorensen "
    "Delacroix Ferraro Iyer Thornbury Vasquez Eriksson Mbeki Calloway Steiner Osei Pemberton Novak"
).split()
STREETS = "Pine Harbor Lighthouse Mill Chestnut Quarry Orchard Station Willow Kingfisher Bridge Meadow Ferry Cedar".split()
KINDS_OF_STREET = ("Street", "Road", "Lane", "Avenue")
TOWNS = ("Gull Bay", "Port Alder", "Orrin Falls", "Westhaven", "Saltmarsh", "Northwick", "Elmbridge")
CARDS = (
    "4111 1111 1111 1111",
    "5555 5555 5555 4444",
    "4012888888881881",
    "3782 822463 10005",
    "6011-1111-1111-1117",
    "5105 1051 0510 5100",
)
ZERO_WIDTH = "\u200b"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who writes to Harbor Outfitters."""

    name: str
    email: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value to plant. `text` is how it stands in the log."""

    entity: str
    text: str
    is_pii: bool = True
    variant: str = "plain"


def make_person(rng: Random) -> Person:
    """A person of pooled parts."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    domain = rng.choice(("example.com", "example.org", "mail.example.net"))
    email = rng.choice((f"{first}.{last}@{domain}", f"{first[0]}{last}{rng.randint(1, 99)}@{domain}")).lower()
    line = f"01{rng.randint(0, 99):02d}"
    phone = rng.choice((f"(212) 555-{line}", f"+1 415 555 {line}", f"020 7946 0{rng.randint(0, 999):03d}", f"646-555-{line}"))
    address = (
        f"{rng.randint(2, 189)} {rng.choice(STREETS)} {rng.choice(KINDS_OF_STREET)}, "
        f"{rng.choice(TOWNS)} {rng.randint(10000, 99899)}"
    )
    return Person(f"{first} {last}", email, phone, address)


def introduce(rng: Random, person: Person) -> tuple[str, list[Value]]:
    """A sentence that holds personal data of `person`, and what is planted in it."""
    kind = rng.choices(("name", "email", "phone", "card", "iban", "key", "account"), (30, 24, 22, 8, 5, 5, 6))[0]
    name = Value("PERSON", person.name)
    if kind == "name":
        form = rng.choice(("Hi, I'm {}.", "My name is {}.", "{} here.", "This is {} from Elmbridge.", "hello, {} speaking"))
        return form.format(name.text), [name]
    if kind == "email":
        value = disguise(rng, Value("EMAIL_ADDRESS", person.email))
        form = rng.choice(("You can write to me at {}.", "my mail is {}", "Please reply to {} as well.", "Contact: {}"))
        return form.format(value.text), [value]
    if kind == "phone":
        value = disguise(rng, Value("PHONE_NUMBER", person.phone))
        form = rng.choice(("Call me on {} if that is easier.", "my number is {}", "Phone: {}", "I'm {} and my phone is {}."))
        if form.count("{}") == 2:
            return form.format(name.text, value.text), [name, value]
        return form.format(value.text), [value]
    if kind == "card":
        value = disguise(rng, Value("CREDIT_CARD", rng.choice(CARDS)))
        form = rng.choice(("I paid with card {}.", "The card was {}, if you need it.", "it was charged to {}"))
        return form.format(value.text), [value]
    if kind == "iban":
        value = Value("IBAN", iban(rng))
        return rng.choice(("Refund to IBAN {} please.", "My account is {}.")).format(value.text), [value]
    if kind == "key":
        value = Value("API_KEY", "sk-" + "".join(rng.choices(string.ascii_letters + string.digits, k=40)))
        return rng.choice(("our shop connector uses key {}", "API key: {}")).format(value.text), [value]
    value = Value("STREET_ADDRESS", person.address)
    return rng.choice(("I live at {}.", "We are at {}.")).format(value.text), [value]


def is_greeting(sentence: str) -> bool:
    """Whether `introduce` made a sentence that people say first."""
    return sentence.lower().startswith(("hi,", "hello,", "this is", "my name is", "i'm")) or sentence.endswith(" here.")


def look_alike(rng: Random) -> tuple[str, list[Value]]:
    """A sentence with something that looks like personal data and is none."""
    kind = rng.choice(("order", "uuid", "number", "version", "hull"))
    if kind == "order":
        value = Value("ORDER_ID", f"HO-{rng.randint(10000, 99999)}", is_pii=False)
        return f"It is about order {value.text}.", [value]
    if kind == "uuid":
        digits = f"{rng.getrandbits(128):032x}"
        parts = "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:]))
        return f"The page showed error reference {parts}.", [Value("UUID", parts, is_pii=False)]
    if kind == "number":
        number = "".join(rng.choices(string.digits[1:], k=15))
        number += str((luhn_digit(number) + rng.randint(1, 9)) % 10)
        return f"The parcel label says {number}.", [Value("NON_LUHN_NUMBER", number, is_pii=False)]
    if kind == "version":
        value = Value("VERSION", f"{rng.randint(1, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}", is_pii=False)
        return f"I use your app, version {value.text}.", [value]
    value = Value("HULL_NUMBER", f"TRN{rng.randint(1000, 9999)}B{rng.randint(20, 26)}", is_pii=False)
    return f"The hull says {value.text}.", [value]


def disguise(rng: Random, value: Value) -> Value:
    """The value as people and scrapers write it: mostly plain, now and then with zero-width characters, split or spelt out."""
    how = rng.choices(("plain", "zero_width", "newline_split", "obfuscated"), (82, 7, 6, 5))[0]
    text = value.text
    if how == "zero_width":
        at = len(text) // 2
        return Value(value.entity, text[:at] + ZERO_WIDTH + text[at:], variant=how)
    if how == "newline_split" and " " in text:
        return Value(value.entity, text.replace(" ", "\n", 1), variant=how)
    if how == "obfuscated" and value.entity == "EMAIL_ADDRESS":
        return Value(value.entity, text.replace("@", " at ").replace(".", " dot "), variant=how)
    return value


def iban(rng: Random) -> str:
    """An IBAN of no bank, with the right check digits (ISO 13616: 98 minus the number modulo 97)."""
    account = "".join(rng.choices(string.digits, k=18))
    check = 98 - int(account + "131400") % 97  # D = 13, E = 14, then 00
    plain = f"DE{check:02d}{account}"
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4)) if rng.random() < 0.5 else plain


def luhn_digit(number: str) -> int:
    """The digit that makes `number` pass the Luhn test."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10
