"""Rules for numbers that countries give their people, by their check digits or by what is said before them; dates of birth."""

from __future__ import annotations

import re

from goldworks.redaction.checks import luhn
from goldworks.redaction.rules import Rule, value_of

_LABEL_GAP = (
    r"(?:[ \t._\-]{0,2}(?:number|num|no|nr|id|code|card)\b)?\.?(?:['’]s)?(?:[ \t]{1,20}(?:is|was|of|says|reads))?"
    r"[ \t.]{0,12}[:#=|\"'>,(\-]{0,4}[ \t]{0,3}[\"'(]?"
)
_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9](?![0-9])")
_EVERY_TEN = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_FISCALE = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (*_EVERY_TEN, *_EVERY_TEN, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_THING = re.compile(
    r"(?i)\b(?:order|product|ticket|item|case|build|request|session|message|issue|booking|flight|article|model|serial|"
    r"job|run|"
    r"trace|device|batch|transaction|payment|invoice|shipment|parcel)[ _\-]{0,2}$"
)


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _cpf(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return (
        all(_weighted(digits, tuple(range(size, 1, -1))) * 10 % 11 % 10 == int(digits[size - 1]) for size in (10, 11))
        and len(set(digits)) > 1
    )


def _fiscale(text: str) -> bool:
    total = sum(
        _ODD_FISCALE[ch] if at % 2 == 0 else (int(ch) if ch.isdigit() else ord(ch) - 65) for at, ch in enumerate(text[:15])
    )
    return chr(65 + total % 26) == text[15]


def _nir(text: str) -> bool:
    compact = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return (97 - int(compact[:13]) % 97) == int(compact[13:])


def _checked(match: re.Match[str]) -> float:
    """By the country's own check; a number that fails it, or has none, needs a word near it."""
    kind, text = match.lastgroup, match.group()
    if kind == "cpf":
        return 1.0 if _cpf(text) else 0.5
    if kind == "fiscale":
        return 1.0 if _fiscale(text) else 0.7
    if kind == "dni":
        number = text[:-1].translate(str.maketrans("XYZ", "012"))
        return 0.8 if _DNI[int(number) % 23] == text[-1] else 0.0
    if kind == "nir":
        return 1.0 if _nir(text) else 0.3
    if kind == "dated":  # Sweden: year, month, day; Denmark: day, month, year
        swedish, danish = _is_day(text[4:6], text[2:4]), _is_day(text[:2], text[2:4])
        return 0.5 if (swedish and luhn(re.sub(r"\D", "", text))) or danish else 0.0
    if kind == "pesel":
        month = int(text[2:4]) % 20
        is_right = -_weighted(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10 == int(text[10])
        return 0.5 if is_right and _is_day(text[4:6], f"{month:02d}") else 0.0
    return 0.7 if kind in ("nino", "pan") else 0.3


def _labelled(match: re.Match[str]) -> float:
    start, end = value_of(match)
    if _THING.search(match.string, max(0, match.start() - 20), match.start()):
        return 0.0
    return 1.0 if sum(ch.isdigit() for ch in match.string[start:end]) >= 5 else 0.0


def _numbered(match: re.Match[str]) -> float:
    """Behind "account" alone there may stand much: it is a number with as many digits as banks give."""
    value = match["value"]
    least = 7 if match["account"] else 5
    if match["account"] and (any(map(str.isalpha, value)) or _DAY.match(value)):
        return 0.0
    return 1.0 if sum(map(str.isdigit, value)) >= least else 0.0


_SAID = (
    r"(?:[ \t]{1,20}(?:number|num|no\.?|nr\.?|id|#|code))?(?:[ \t]{1,20}(?:is|was|of))?[ \t]{0,3}[:#=|\"'>]{0,4}[ \t]{0,3}[\"']?"
)
_MONTH = r"[^\W\d_]{3,10}"

RULES = (
    Rule(
        "labelled_id",
        "IDENTITY_NUMBER",
        "pattern",
        r"(?i)licen[cs]e|\bnational|\btax|\bein|\bnino|\bmrn|medical|insurance|\bnid|policy|member|account|acct|"
        r"routing|sort[ _-]?code|employee|patient|konto",
        re.compile(
            r"(?i)\b(?:driv(?:er|ing)(?:[’']?s)?[ _-]?licen[cs]e|national[ _-]?(?:id(?:entity)?|insurance)(?:[ _-]?card)?|"
            r"tax[ _-]?(?:id|payer[ _-]?id)|ein|nino|"
            r"mrn|medical[ _-]?record|(?:health[ _-]?)?insurance(?:[ _-]?(?:id|policy))|nid|policy|member(?:ship)?"
            r"[ _-]?id|bank[ _-]?account|"
            r"account[ _-]?(?:number|num|no)|(?P<account>(?:account|"
            r"konto(?:nummer|-?nr\.?)?)(?=[ \t]{0,3}[:#=]))|acct|routing|sort[ _-]?code|employee[ _-]?id|patient[ _-]?id)"
            + _SAID
            + r"(?P<value>(?=[A-Za-z0-9\-]{0,12}[0-9])[A-Za-z]{0,4}[\-]?[0-9]"
            r"(?:[ \-]?[0-9]|-?[A-Za-z]|[ ](?-i:[A-Z])(?=[ ]?[0-9]|[^\w]|$)){4,18})(?![\w])"
        ),
        _numbered,
        across_lines=True,
    ),
    Rule(
        "identity_checked",
        "IDENTITY_NUMBER",
        "pattern",
        r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}|[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]|[0-9]{7}-?[A-Z]|"
        r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}|[0-9]{6}[-+][0-9]{4}|"
        r"[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]|[A-Z]{5}[0-9]{4}[A-Z]|[0-9]{4} [0-9]{4} [0-9]{4}|[0-9]{11}",
        re.compile(
            r"(?<![\w\-.+])(?:(?P<cpf>[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2})|"
            r"(?P<fiscale>[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z])|"
            r"(?P<dni>[0-9XYZ][0-9]{7}[A-Z])|"
            r"(?P<nir>[12] ?[0-9]{2} ?[0-9]{2} ?[0-9](?:[0-9]|[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2})|"
            r"(?P<dated>[0-9]{6}[-+][0-9]{4})|"
            r"(?P<nino>(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])|"
            r"(?P<pan>[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z])|"
            r"(?P<aadhaar>[2-9][0-9]{3} [0-9]{4} [0-9]{4})|(?P<pesel>[0-9]{11}))(?![\w])(?![\-.][0-9])"
        ),
        _checked,
        across_lines=True,
    ),
    Rule(
        "identity_labelled",
        "IDENTITY_NUMBER",
        "pattern",
        r"(?i)national|citizen|identi|steuer|ausweis|fiscale|burgerservice|pesel|nummer|aadha|medicare|licen[cs]|f.hrerschein|"
        r"s.curit|c.dula|personal|(?:^|[^A-Za-z0-9])(?:id|tax|dn|ni[efp]|cpf|cpr|cnpj|curp|bsn|nhs|sin|tfn|dl|rut)",
        re.compile(
            r"(?i)(?<![A-Za-z0-9])(?:(?:national|citizen|personal|identity)[ _\-]?(?:id|identity|identification)|"
            r"identification|"
            r"id[ _\-]?(?:card|number|no\b)|tax(?:payer)?(?:[ _\-]?(?:id|payer))?(?=[ _\-]?(?:id|number|no|code|file|"
            r"\b[ :=#]))|"
            r"steuer-?(?:id|nummer|identifikationsnummer)|(?:personal)?ausweis(?:nummer)?|dni|nie|nif|cpf|cnpj|curp|"
            r"codice[ _]fiscale|bsn|burgerservicenummer|pesel|nip|personnummer|cpr(?:-?nummer)?|fødselsnummer|"
            r"sozialversicherungsnummer|aadhaa?r|nhs|medicare|sin|tfn|"
            r"driv(?:er|ing)(?:['’]?s)?[ _\-]?licen[cs]e|licen[cs]e(?=[ _\-]?(?:number|no|nr|#))|dl(?=[ ]?#)|"
            r"führerschein(?:nummer)?|"
            r"sécurité sociale|rut|cédula)"
            + _LABEL_GAP
            + r"(?P<value>(?-i:[A-Z0-9])(?:[ .\-/]?(?-i:[A-Z0-9])){5,19})(?![A-Za-z0-9])"
        ),
        _labelled,
        across_lines=True,
    ),
    Rule(
        "date_of_birth",
        "DATE_OF_BIRTH",
        "pattern",
        r"(?i)\bdob\b|\bd\.o\.b|birth|\bborn\b|\bb\. ?[0-9]|geb(?:oren|urts|oorte|\.)|\bn.e? le\b|naissance|naci|"
        r"nac.\b|nascit|"
        r"nascim|\bnat[oa] il|urod|f.d[ds]|f.dels|f.dt",
        re.compile(
            r"(?i)(?<![^\W_])(?:dob|d\.o\.b\.?|date[ _]?of[ _]?birth|birth[ _]?da(?:y|te)|born|b\.(?=[ ]?[0-9])|"
            r"geboren|geb\.|"
            r"geburts(?:datum|tag)|geboortedatum|née?(?= le)|date de naissance|fecha de nacimiento|nac(?:í|i|ido|"
            r"ida)(?= el)|"
            r"data di nascita|nat[oa](?= il)|data de nascimento|nascid[oa](?= em)|data urodzenia|urodzon[ya]|född|"
            r"födelsedatum|"
            r"fødselsdato|født)(?![^\W_])[\s:=|\"'>?,()\-]{0,6}(?:(?:it['’]s|is|was|on|the|am|le|el|il|em|op|den|"
            r"dnia)[\s:]{1,2}){0,3}"
            r"(?P<value>(?:19|20)[0-9]{6}|[0-9]{1,4}[\-/. ][0-9]{1,2}[\-/. ][0-9]{1,4}|"
            rf"[0-9]{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)? {_MONTH}\.?,?(?: de)? [0-9]{{4}}|"
            rf"{_MONTH}\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}})(?![\w])"
        ),
    ),
    Rule(
        "passport",
        "PASSPORT",
        "pattern",
        r"(?i)pass(?:port|eport|aport|nummer)|reisepass|pasaporte|paspoort|paszport",
        re.compile(
            r"(?i)(?:passports?|reisepass(?:nummer)?|passeport|pasaporte|passaport[oe]|paspoort|paszport[a-z]{0,3}|"
            r"passnummer|"
            r"passportnumber)(?![a-z])(?:[ \t]{1,20}(?:number|num|no\.?|nr\.?|id|#))?[^\n0-9]{0,30}?(?<![A-Za-z0-9])"
            r"(?P<value>(?-i:[A-Z]{0,3})[0-9](?:[ \-]?[0-9]){5,9}(?-i:[A-Z]?)|"
            r"(?=(?-i:[A-Z]{0,6})[0-9])(?-i:[A-Z0-9]{8,9}))(?![\w])"
        ),
        lambda match: 1.0 if sum(ch.isdigit() for ch in match["value"]) >= (2 if len(match["value"]) == 9 else 3) else 0.0,
        across_lines=True,
    ),
)
