"""Values for `unseen`: personal data and secrets of many countries and vendors, made up by their documented formats."""

from __future__ import annotations

import base64
import random
import string
import unicodedata
import uuid
from collections.abc import Callable
from urllib.parse import quote

import phonenumbers
from faker import Faker

LOCALES = (
    ("en_US", "de_DE", "fr_FR", "es_ES", "pl_PL", "pt_BR", "en_CA"),
    ("en_GB", "it_IT", "nl_NL", "en_IN", "sv_SE", "da_DK", "en_AU"),
)
"""Of the tuned half and of the held-out half."""
HEX, DIGITS, UPPER, ALNUM = "0123456789abcdef", string.digits, string.ascii_uppercase, string.ascii_letters + string.digits
URLSAFE = ALNUM + "-_"
_WORDS = "otter maple velvet harbor copper falcon meadow thunder pickle saturn cobalt willow lantern glacier".split()
_DOMAINS = (
    "gmail.com",
    "posteo.de",
    "yahoo.co.uk",
    "mail.kraft-bau.at",
    "web.de",
    "orange.fr",
    "libero.it",
    "uni-graz.ac.at",
    "proton.me",
    "acme.industries",
    "wp.pl",
    "sub.dept.ministry.gov.in",
    "uol.com.br",
    "telia.se",
    "studio.photography",
    "hey.com",
    "kpn.nl",
)


class Maker:
    """Draws values of each type; seeded, so that a run can be repeated."""

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

    def make(self, type_: str) -> str:
        return getattr(self, type_.lower())()

    def email(self) -> str:
        fake, draw = self.fake(), self.random
        first, last = (_ascii(name) for name in (fake.first_name(), fake.last_name()))
        local = draw.choice(
            [
                f"{first}.{last}",
                f"{first[0]}{last}",
                f"{first}{draw.randint(1, 99)}",
                f"{last}_{first}",
                f"{first}-{last}",
                f"{first}+shop",
                f"{first}.{last}.{draw.randint(1970, 2005)}",
                f"{first[0]}.{last[0]}",
                last,
            ]
        )
        return f"{local}@{draw.choice(_DOMAINS)}"

    def phone(self) -> str:
        draw = self.random
        region = draw.choice(LOCALES[self.half])[-2:]
        kind = draw.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
        model = phonenumbers.example_number_for_type(region, kind)
        text = phonenumbers.national_significant_number(model)
        number = model
        for _ in range(20):
            drawn = phonenumbers.parse(f"+{model.country_code}{text[:-4]}{self.pick(DIGITS, 4)}")
            if phonenumbers.is_valid_number(drawn):
                number = drawn
                break
        shape = draw.randrange(7)
        international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        if shape == 0:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if shape == 1:
            return international
        if shape == 2:
            return international.replace("+", "00").replace("-", " ")
        if shape == 3:
            return international.replace(" ", draw.choice(".-/"))
        if shape == 4:
            return national.replace(" ", draw.choice(".-"))
        if shape == 5:
            code, _, rest = international.partition(" ")
            return f"{code} (0){rest}" if region not in ("US", "CA", "IT", "ES", "PL", "BR", "DK") else international
        return national

    def phone_odd(self) -> str:
        """As people group them, valid or not."""
        return self.random.choice(
            [
                f"(0{self.pick(DIGITS, 2)}) {self.pick(DIGITS, 3)}-{self.pick(DIGITS, 4)}",
                f"{self.pick('123456789', 3)} {self.pick(DIGITS, 3)} {self.pick(DIGITS, 3)}",
                f"0{self.pick(DIGITS, 1)} {' '.join(self.pick(DIGITS, 2) for _ in range(4))}",
                f"0{self.pick(DIGITS, 3)}/{self.pick(DIGITS, 7)}",
                f"1-8{self.pick('0', 2)}-{self.pick(DIGITS, 3)}-{self.pick(DIGITS, 4)}",
                f"{self.pick('123456789', 3)}-{self.pick(DIGITS, 4)}",
                f"0{self.pick('67', 1)}{self.pick(DIGITS, 8)}",
                f"{self.pick('9876', 1)}{self.pick(DIGITS, 4)} {self.pick(DIGITS, 5)}",
            ]
        )

    def ssn(self) -> str:
        parts = (str(self.random.randint(100, 665)), f"{self.random.randint(10, 99)}", self.pick("123456789", 4))
        return self.random.choice(["-", "-", " ", ".", ""]).join(parts)

    def card(self) -> str:
        brand, length, groups = self.random.choice(
            [
                ("4", 16, 4),
                ("51", 16, 4),
                ("2221", 16, 4),
                ("34", 15, 0),
                ("36", 14, 0),
                ("6011", 16, 4),
                ("3528", 16, 4),
                ("50", 12, 4),
                ("6304", 19, 4),
                ("4", 13, 0),
                ("6759", 18, 4),
                ("2200", 16, 4),
                ("62", 17, 4),
            ]
        )
        body = brand + self.pick(DIGITS, length - 1 - len(brand))
        number = body + next(digit for digit in DIGITS if _luhn(body + digit))
        separator = self.random.choice(["", " ", "-", ".", " "])
        if brand == "34":
            return separator.join((number[:4], number[4:10], number[10:]))
        return separator.join(number[at : at + 4] for at in range(0, length, 4)) if groups else number

    def card_wrong(self) -> str:
        number = self.card()
        last = str((int(number[-1]) + 3) % 10)
        return number[:-1] + last

    def iban(self) -> str:
        country, spec = self.random.choice(
            (
                [
                    ("DE", "18n"),
                    ("FR", "10n11c2n"),
                    ("ES", "20n"),
                    ("PL", "24n"),
                    ("CH", "5n12c"),
                    ("AT", "16n"),
                    ("TR", "6n16c"),
                ],
                [
                    ("GB", "4a14n"),
                    ("IT", "1a10n12c"),
                    ("NL", "4a10n"),
                    ("SE", "20n"),
                    ("DK", "14n"),
                    ("SA", "2n18c"),
                    ("NO", "11n"),
                ],
            )[self.half]
        )
        body = ""
        at = 0
        while at < len(spec):
            end = at
            while spec[end].isdigit():
                end += 1
            body += self.pick({"n": DIGITS, "a": UPPER, "c": DIGITS}[spec[end]], int(spec[at:end]))
            at = end + 1
        check = 98 - int("".join(str(int(ch, 36)) for ch in f"{body}{country}00")) % 97
        compact = f"{country}{check:02d}{body}"
        return self.random.choice(
            [
                compact,
                " ".join(compact[i : i + 4] for i in range(0, len(compact), 4)),
                compact.lower(),
                "-".join(compact[i : i + 4] for i in range(0, len(compact), 4)),
            ]
        )

    def iban_wrong(self) -> str:
        compact = "".join(self.iban().upper().split()).replace("-", "")
        return f"{compact[:2]}{(int(compact[2:4]) + 11) % 97:02d}{compact[4:]}"

    def ipv4(self) -> str:
        limits = ((23, 223), (0, 255), (0, 255), (1, 254))
        return ".".join(str(self.random.randint(low, high)) for low, high in limits)

    def ipv6(self) -> str:
        full = [self.pick(HEX, 4) for _ in range(8)]
        full[0] = "2a02"
        return self.random.choice(
            [":".join(full), f"fe80::{full[4]}:{full[5][:2]}ff:fe{full[6][:2]}:{full[7]}", f"2001:db8::{full[7]}"]
        )

    def mac(self) -> str:
        parts = [self.pick(HEX, 2) for _ in range(6)]
        joined = "".join(parts)
        return self.random.choice([":".join(parts), "-".join(parts).upper(), ".".join((joined[:4], joined[4:8], joined[8:]))])

    def address(self) -> str:
        return self.fake().street_address().replace("\n", ", ")

    def address_full(self) -> str:
        return self.fake().address().replace("\n", ", ")

    def postal(self) -> str:
        return self.fake().postcode()

    def dob(self) -> str:
        day = self.fake().date_of_birth(minimum_age=18, maximum_age=80)
        months = "January February March April May June July August September October November December".split()
        return self.random.choice(
            [
                day.isoformat(),
                day.strftime("%d.%m.%Y"),
                day.strftime("%d/%m/%Y"),
                day.strftime("%m/%d/%y"),
                day.strftime("%Y/%m/%d"),
                f"{day.day} {months[day.month - 1]} {day.year}",
                f"{months[day.month - 1][:3]} {day.day}, {day.year}",
                f"{months[day.month - 1]} {day.day}th {day.year}",
                day.strftime("%d-%m-%Y"),
                day.strftime("%Y%m%d"),
            ]
        )

    def dob_local(self) -> str:
        day = self.fake().date_of_birth(minimum_age=18, maximum_age=80)
        return self.random.choice([day.strftime("%d.%m.%Y"), day.strftime("%d/%m/%Y"), day.strftime("%d-%m-%Y"), day.isoformat()])

    def passport(self) -> str:
        return self.random.choice(
            [
                self.pick(DIGITS, 9),
                self.pick(UPPER, 1) + self.pick(DIGITS, 8),
                self.pick(UPPER, 2) + self.pick(DIGITS, 7),
                f"{self.pick(DIGITS, 2)}{self.pick(UPPER, 2)}{self.pick(DIGITS, 5)}",
                "C" + self.pick("0123456789CFGHJKLMNPRTVWXYZ", 7) + "4",
            ]
        )

    def national_id(self) -> str:
        """With the check digits that the countries give them, in the way they are usually written."""
        return self.random.choice(_NATIONAL[self.half])(self)

    def licence(self) -> str:
        return self.random.choice(
            [
                self.pick(UPPER, 1) + self.pick(DIGITS, 7),
                f"{self.pick(UPPER, 1)}{self.pick(DIGITS, 3)}-{self.pick(DIGITS, 4)}-{self.pick(DIGITS, 4)}",
                self.pick(UPPER, 5) + self.pick(DIGITS, 6) + self.pick(UPPER, 2) + self.pick(DIGITS, 1) + self.pick(UPPER, 2),
                self.pick(DIGITS, 9),
            ]
        )

    def account(self) -> str:
        return self.random.choice(
            [self.pick(DIGITS, 8), self.pick(DIGITS, 10), f"{self.pick(DIGITS, 4)}-{self.pick(DIGITS, 6)}", self.pick(DIGITS, 12)]
        )

    def username(self) -> str:
        fake, draw = self.fake(), self.random
        first, last = (_ascii(name) for name in (fake.first_name(), fake.last_name()))
        return draw.choice(
            [
                f"{first}_{last}{draw.randint(1, 99)}",
                f"{first}.{last}",
                f"{first}{draw.randint(10, 9999)}",
                f"x{last}_{draw.randint(1, 9)}",
            ]
        )

    def password(self) -> str:
        draw = self.random
        one, two = draw.sample(_WORDS, 2)
        return draw.choice(
            [
                f"{one.title()}{draw.randint(10, 9999)}!",
                f"{one}-{two}-{draw.randint(10, 99)}",
                self.pick(ALNUM + "!#%*+_?", 12),
                f"{one[:4]}@{draw.randint(100, 999)}{two[:3].upper()}",
                f"{one.title()}{two.title()}{draw.randint(1, 99)}",
                f"{one}$1{two[:2]}9",
                self.pick(ALNUM, 10) + "7",
            ]
        )

    def pin(self) -> str:
        return self.pick("13579", 1) + self.pick(DIGITS, self.random.choice([3, 5]))

    def hex_secret(self) -> str:
        return self.pick(HEX, self.random.choice([32, 40, 64]))

    def random_secret(self) -> str:
        return self.random.choice(
            [
                self.pick(ALNUM, 24),
                self.pick(URLSAFE, 32),
                base64.b64encode(self.random.randbytes(30)).decode(),
                self.pick(ALNUM, 40),
            ]
        )

    def vendor(self) -> str:
        names = sorted(VENDORS)
        return VENDORS[self.random.choice([name for at, name in enumerate(names) if at % 2 == self.half])](self)

    def jwt(self) -> str:
        def part(text: str) -> str:
            return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

        claims = part('{"sub":"' + self.pick(DIGITS, 9) + '","aud":"shop"}')
        return part('{"typ":"JWT","alg":"HS256"}') + f".{claims}.{self.pick(URLSAFE, 43)}"

    def bcrypt(self) -> str:
        return self.random.choice(["$2b$12$", "$2y$10$"]) + self.pick(ALNUM + "./", 53)

    def shadow(self) -> str:
        return f"$6${self.pick(ALNUM, 16)}${self.pick(ALNUM + './', 86)}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return "".join(ch for ch in plain if ch in string.ascii_lowercase) or "kim"


def _luhn(digits: str) -> bool:
    return sum(int(d) if at % 2 == 0 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(reversed(digits))) % 10 == 0


def _weighted(digits: str, weights: list[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def _cpf(m: Maker) -> str:
    digits = m.pick(DIGITS, 9)
    for size in (10, 11):
        rest = _weighted(digits, list(range(size, 1, -1))) * 10 % 11 % 10
        digits += str(rest)
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def _dni(m: Maker) -> str:
    digits = m.pick(DIGITS, 8)
    return digits + "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


def _nie(m: Maker) -> str:
    digits = m.pick(DIGITS, 7)
    return f"Y{digits}{'TRWAGMYFPDXBNJZSQVHLCKE'[int('1' + digits) % 23]}"


def _nir(m: Maker) -> str:
    born = f"{m.pick('12', 1)}{m.random.randint(40, 99)}{m.random.randint(1, 12):02d}"
    body = f"{born}{m.random.randint(1, 95):02d}{m.pick(DIGITS, 6)}"
    key = 97 - int(body) % 97
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key:02d}"


def _pesel(m: Maker) -> str:
    body = f"{m.random.randint(50, 99)}{m.random.randint(1, 12):02d}{m.random.randint(1, 28):02d}{m.pick(DIGITS, 4)}"
    return body + str(-_weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def _fiscale(m: Maker) -> str:
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


def _personnummer(m: Maker) -> str:
    body = f"{m.random.randint(50, 99)}{m.random.randint(1, 12):02d}{m.random.randint(1, 28):02d}{m.pick(DIGITS, 3)}"
    check = next(digit for digit in DIGITS if _luhn(body + digit))
    return f"{body[:6]}-{body[6:]}{check}"


def _bsn(m: Maker) -> str:
    while True:
        digits = m.pick("123456789", 1) + m.pick(DIGITS, 8)
        if _weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0:
            return digits


_NATIONAL: tuple[list[Callable[[Maker], str]], list[Callable[[Maker], str]]] = (
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

VENDORS: dict[str, Callable[[Maker], str]] = {
    "airtable": lambda m: f"pat{m.pick(ALNUM, 14)}.{m.pick(HEX, 64)}",
    "anthropic": lambda m: f"sk-ant-api03-{m.pick(URLSAFE, 93)}AA",
    "apify": lambda m: f"apify_api_{m.pick(ALNUM, 36)}",
    "aws_id": lambda m: f"AKIA{m.pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}",
    "bitbucket": lambda m: f"ATBB{m.pick(ALNUM, 32)}",
    "brevo": lambda m: f"xkeysib-{m.pick(HEX, 64)}-{m.pick(ALNUM, 16)}",
    "buildkite": lambda m: f"bkua_{m.pick(HEX, 40)}",
    "cerebras": lambda m: f"csk-{m.pick(string.ascii_lowercase + DIGITS, 48)}",
    "circleci": lambda m: f"CCIPAT_{m.pick(ALNUM, 22)}_{m.pick(HEX, 40)}",
    "clickup": lambda m: f"pk_{m.pick(DIGITS, 8)}_{m.pick(UPPER + DIGITS, 32)}",
    "contentful": lambda m: f"CFPAT-{m.pick(URLSAFE, 43)}",
    "databricks": lambda m: f"dapi{m.pick(HEX, 32)}",
    "digitalocean": lambda m: f"dop_v1_{m.pick(HEX, 64)}",
    "docker": lambda m: f"dckr_pat_{m.pick(URLSAFE, 27)}",
    "doppler": lambda m: f"dp.pt.{m.pick(ALNUM, 43)}",
    "elevenlabs": lambda m: f"sk_{m.pick(HEX, 48)}",
    "fcm": lambda m: f"AAAA{m.pick(URLSAFE, 7)}:APA91b{m.pick(URLSAFE, 134)}",
    "figma": lambda m: f"figd_{m.pick(URLSAFE, 40)}",
    "flyio": lambda m: f"fo1_{m.pick(URLSAFE, 43)}",
    "github": lambda m: f"ghp_{m.pick(ALNUM, 36)}",
    "github_fine": lambda m: f"github_pat_{m.pick(ALNUM, 22)}_{m.pick(ALNUM, 59)}",
    "gitlab": lambda m: f"glpat-{m.pick(URLSAFE, 20)}",
    "google": lambda m: f"AIza{m.pick(URLSAFE, 35)}",
    "google_oauth": lambda m: f"GOCSPX-{m.pick(URLSAFE, 28)}",
    "grafana": lambda m: f"glsa_{m.pick(ALNUM, 32)}_{m.pick(HEX, 8)}",
    "groq": lambda m: f"gsk_{m.pick(ALNUM, 52)}",
    "hubspot": lambda m: f"pat-na1-{uuid.UUID(int=m.random.getrandbits(128))}",
    "huggingface": lambda m: f"hf_{m.pick(string.ascii_letters, 34)}",
    "influx": lambda m: f"{m.pick(URLSAFE, 86)}==",
    "jfrog": lambda m: f"cmVmdGtuO{m.pick(ALNUM, 55)}",
    "langsmith": lambda m: f"lsv2_pt_{m.pick(HEX, 32)}_{m.pick(HEX, 10)}",
    "linear": lambda m: f"lin_api_{m.pick(ALNUM, 40)}",
    "mailchimp": lambda m: f"{m.pick(HEX, 32)}-us{m.random.randint(1, 21)}",
    "mailgun": lambda m: f"key-{m.pick(HEX, 32)}",
    "mapbox": lambda m: f"sk.eyJ1I{m.pick(ALNUM, 60)}.{m.pick(URLSAFE, 22)}",
    "mollie": lambda m: f"live_{m.pick(ALNUM, 30)}",
    "neon": lambda m: f"napi_{m.pick(string.ascii_lowercase + DIGITS, 64)}",
    "netlify": lambda m: f"nfp_{m.pick(ALNUM, 36)}",
    "newrelic": lambda m: f"NRAK-{m.pick(UPPER + DIGITS, 27)}",
    "notion": lambda m: f"ntn_{m.pick(DIGITS, 11)}{m.pick(ALNUM, 35)}",
    "npm": lambda m: f"npm_{m.pick(ALNUM, 36)}",
    "nvidia": lambda m: f"nvapi-{m.pick(URLSAFE, 64)}",
    "openai": lambda m: f"sk-proj-{m.pick(URLSAFE, 74)}T3BlbkFJ{m.pick(URLSAFE, 74)}",
    "openrouter": lambda m: f"sk-or-v1-{m.pick(HEX, 64)}",
    "paypal": lambda m: f"access_token$production${m.pick(string.ascii_lowercase + DIGITS, 16)}${m.pick(HEX, 32)}",
    "perplexity": lambda m: f"pplx-{m.pick(ALNUM, 48)}",
    "pinecone": lambda m: f"pcsk_{m.pick(ALNUM, 6)}_{m.pick(ALNUM, 63)}",
    "plaid": lambda m: f"access-production-{uuid.UUID(int=m.random.getrandbits(128))}",
    "planetscale": lambda m: f"pscale_tkn_{m.pick(URLSAFE, 43)}",
    "posthog": lambda m: f"phc_{m.pick(ALNUM, 43)}",
    "postman": lambda m: f"PMAK-{m.pick(HEX, 24)}-{m.pick(HEX, 34)}",
    "pypi": lambda m: f"pypi-AgEIcHlwaS5vcmc{m.pick(URLSAFE, 80)}",
    "razorpay": lambda m: f"rzp_live_{m.pick(ALNUM, 14)}",
    "render": lambda m: f"rnd_{m.pick(ALNUM, 28)}",
    "replicate": lambda m: f"r8_{m.pick(ALNUM, 37)}",
    "resend": lambda m: f"re_{m.pick(ALNUM, 8)}_{m.pick(ALNUM, 24)}",
    "scaleway": lambda m: f"SCW{m.pick(UPPER + DIGITS, 17)}",
    "sendgrid": lambda m: f"SG.{m.pick(URLSAFE, 22)}.{m.pick(URLSAFE, 43)}",
    "sentry": lambda m: f"sntrys_{m.pick(ALNUM, 60)}",
    "shopify": lambda m: f"shpat_{m.pick(HEX, 32)}",
    "slack": lambda m: f"xoxb-{m.pick(DIGITS, 12)}-{m.pick(DIGITS, 12)}-{m.pick(ALNUM, 24)}",
    "sonar": lambda m: f"squ_{m.pick(HEX, 40)}",
    "square": lambda m: f"sq0csp-{m.pick(URLSAFE, 43)}",
    "stripe": lambda m: f"sk_live_{m.pick(ALNUM, 24)}",
    "stripe_restricted": lambda m: f"rk_live_{m.pick(ALNUM, 99)}",
    "supabase": lambda m: f"sbp_{m.pick(HEX, 40)}",
    "supabase_secret": lambda m: f"sb_secret_{m.pick(URLSAFE, 31)}",
    "tailscale": lambda m: f"tskey-auth-{m.pick(ALNUM, 12)}CNTRL-{m.pick(ALNUM, 32)}",
    "tavily": lambda m: f"tvly-{m.pick(ALNUM, 32)}",
    "telegram": lambda m: f"{m.pick('123456789', 1)}{m.pick(DIGITS, 9)}:AA{m.pick(URLSAFE, 33)}",
    "terraform": lambda m: f"{m.pick(ALNUM, 14)}.atlasv1.{m.pick(ALNUM, 67)}",
    "twilio": lambda m: f"SK{m.pick(HEX, 32)}",
    "typeform": lambda m: f"tfp_{m.pick(ALNUM, 44)}",
    "vault": lambda m: f"hvs.{m.pick(URLSAFE, 90)}",
    "vercel_blob": lambda m: f"vercel_blob_rw_{m.pick(ALNUM, 16)}_{m.pick(ALNUM, 30)}",
    "xai": lambda m: f"xai-{m.pick(ALNUM, 80)}",
    "yubico": lambda m: f"AGE-SECRET-KEY-1{m.pick('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}",
}
"""Keys that say by themselves what they are; each half uses every second vendor."""

_CYRILLIC = str.maketrans("aeopcxy", "аеорсху")
_SPOKEN = dict(zip(DIGITS, "zero one two three four five six seven eight nine".split(), strict=True))


def _zero_width(value: str, draw: random.Random) -> str:
    at = draw.randint(1, len(value) - 1)
    return value[:at] + draw.choice("\u200b\u200d\u2060\ufeff\u00ad") + value[at:]


def _broken(value: str, draw: random.Random) -> str:
    at = draw.randint(len(value) // 3, 2 * len(value) // 3)
    return f"{value[:at].rstrip()}\n{value[at:].lstrip()}"


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "zero_width": _zero_width,
    "homoglyphs": lambda value, draw: value.translate(_CYRILLIC),
    "percent": lambda value, draw: quote(value, safe=""),
    "percent_all": lambda value, draw: "".join(f"%{ord(ch):02X}" for ch in value),
    "entities": lambda value, draw: "".join(f"&#{ord(ch)};" if not ch.isalnum() or draw.random() < 0.2 else ch for ch in value),
    "base64": lambda value, draw: base64.b64encode(value.encode()).decode(),
    "line_break": _broken,
    "full_width": lambda value, draw: "".join(chr(ord(ch) + 0xFEE0) if ch.isdigit() else ch for ch in value),
    "spoken": lambda value, draw: value.replace("@", draw.choice([" at ", " (at) ", " [at] ", " AT "])).replace(
        ".", draw.choice([" dot ", " [dot] ", " (dot) "])
    ),
    "digit_words": lambda value, draw: " ".join(_SPOKEN[ch] for ch in value if ch.isdigit()),
    "spaced": lambda value, draw: " ".join(ch for ch in value if ch.isalnum()),
}
FITTING = {
    "EMAIL": ("zero_width", "homoglyphs", "percent", "percent_all", "entities", "base64", "line_break", "spoken", "spoken"),
    "PHONE": ("zero_width", "percent", "full_width", "entities", "digit_words"),
    "SSN": ("zero_width", "full_width", "entities", "line_break"),
    "CARD": ("zero_width", "full_width", "percent", "entities", "base64", "line_break", "spaced"),
    "IBAN": ("zero_width", "full_width", "homoglyphs", "entities", "base64", "line_break"),
    "IPV4": ("zero_width", "full_width", "entities", "base64"),
    "MAC": ("zero_width", "percent"),
    "NATIONAL_ID": ("zero_width", "full_width"),
    "VENDOR": ("zero_width", "homoglyphs", "base64", "line_break"),
    "PASSWORD": ("zero_width", "homoglyphs", "entities"),
    "RANDOM_SECRET": ("zero_width", "homoglyphs"),
}
"""Which disguises are tried on which type."""
