"""Values for `unseen`: personal data of many countries, made up by their documented formats, beside the secrets."""

from __future__ import annotations

import string
import unicodedata

import phonenumbers
from unseen_drawing import DIGITS, HEX, LOCALES, UPPER, luhn
from unseen_national import NATIONAL
from unseen_secrets import Secrets

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


class Maker(Secrets):
    """Draws values of each type."""

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
        number = body + next(digit for digit in DIGITS if luhn(body + digit))
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
        return self.random.choice(NATIONAL[self.half])(self)

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


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return "".join(ch for ch in plain if ch in string.ascii_lowercase) or "kim"
