"""Rules for structured personal data: e-mail, phone, card, bank, identity and network numbers."""

from __future__ import annotations

import re
from itertools import pairwise

from goldworks.redaction import birth_columns, identities
from goldworks.redaction.checks import card, iban, ipv4, ipv6, ssn
from goldworks.redaction.phones import NUMBER_WORDS, phone, spoken_digits
from goldworks.redaction.rules import Judged, Rule

_L = r"0-9A-Za-z\u00c0-\u024f\u0370-\u052f"  # letters and digits of alphabets, not of scripts without spaces
TLDS = frozenset(
    "com net org edu gov mil int info biz name pro io ai app dev co me tv cc ly example test invalid local internal lan corp "
    "home email mail online site shop store xyz club tech cloud page blog news live world life today agency company digital "
    "solutions group media eu uk us ca au de fr es it nl be ch at se no fi dk pl cz sk hu ro bg gr pt ie ru ua by kz jp cn kr "
    "in br mx ar cl pe nz za ng ke eg il tr ae sa ir pk bd lk th vn my sg id ph hk tw si hr rs ee lv lt is lu mt cy".split()
)
_NOT_LOCAL = frozenset(
    "a all also am and anything are arrive arrived as available back be been book booked but buy by call check click come "
    "contact do down eat find found for from go good he her here hers him his hosted how i in is it its just just-in later "
    "located look looked looking me meet meeting more my not now of off on one online only or order our out out-of over page "
    "people see she shop shopping site so something start starting starts stay stop store support that the them then there "
    "they things this time to try up us use using visit was we website were what when where which who why will with work "
    "working you your".split()
)
_OF_CODE = frozenset(  # words that names in programs begin with
    "process fetch get set test file run load save read write make build create update delete parse send data batch table column "
    "page step task job node item block layer model train input output config temp tmp image img video order user case part "
    "version level phase stage section chapter group team unit module class func var col row idx key val is has to from".split()
)
_NO_USER = frozenset(  # home folders of nobody
    "user users username name you me root runner ubuntu admin app node public default shared guest all vagrant jovyan ec2-user "
    "your_user yourname your-name someone deploy circleci docker git linuxbrew airflow spark hadoop".split()
)


_IN_URL = re.compile(r"://[^\s/@]{0,80}:$")


def _email(match: re.Match[str]) -> float | Judged:
    start, end = match.span()
    text = match.group()
    if _IN_URL.search(match.string, max(0, start - 100), start):
        return 0.0  # scheme://user:password@host
    lead = len(text) - len(text.lstrip(".%+-'"))
    return Judged(1.0, start + lead, end) if text[lead] != "@" else 0.0


def _spoken_email(match: re.Match[str]) -> float:
    if not re.search(r"[\s\[({<]", match.group()):
        return 0.0  # not disguised: the rule `email` has it
    local, domain = match["local"].lower(), match["domain"].lower()
    tld = re.split(r"[^a-z]+", domain)[-1]
    is_bracketed = bool(re.search(r"[\[({<]\s*(?:at|@)", match.group().lower()))
    is_told = is_bracketed and bool(re.search(r"\bdot\b|[\[({<]\s*\.", match.group().lower()))
    if (tld not in TLDS and not is_told) or (local in _NOT_LOCAL and not is_bracketed):
        return 0.0
    if is_bracketed or re.search(r"\bdot\b|[\[({<]\s*\.", match.group().lower()):
        return 0.9
    return 0.45


def _spoken_phone(match: re.Match[str]) -> float:
    digits = spoken_digits(match.group())
    steps = sum(int(b) - int(a) == 1 for a, b in pairwise(digits))
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 2 or steps >= len(digits) - 2:
        return 0.0
    return 0.9 if len(digits) >= 9 else 0.5


def _handle(match: re.Match[str]) -> float:
    name = match["value"]
    return 0.7 if any(ch.isdigit() for ch in name) and any(ch.isalpha() for ch in name) and len(name) >= 5 else 0.4


_GAP = r"[\s().\-/]{0,4}"
_AT = r"(?:[ \t]{1,2}at[ \t]{1,2}|\s{0,2}[\[({<]\s?(?:at|@)\s?[\])}>]\s{0,2}|\s{0,2}@\s{0,2})"
_DOT = r"(?:\.|[ \t]{1,2}dot[ \t]{1,2}|\s{0,2}[\[({<]\s?(?:dot|\.)\s?[\])}>]\s{0,2})"

RULES = (
    Rule(
        "email",
        "EMAIL_ADDRESS",
        "pattern",
        r"@[^\s@]{1,64}\.",
        re.compile(
            rf"[{_L}_.%+\-']{{1,64}}@(?:[{_L}](?:[{_L}\-]{{0,61}}[{_L}])?\.){{1,8}}[A-Za-z\u00c0-\u052f]{{2,24}}(?![{_L}])"
        ),
        _email,
        across_lines=True,
    ),
    Rule(
        "email_spoken",
        "EMAIL_ADDRESS",
        "pattern",
        r"(?i)[\s\])}>]dot[\s\[({<]|[\[({<]\s?(?:at|@|dot|\.)\s?[\])}>]|[a-z0-9] at [a-z0-9-]{2,40}\.[a-z]{2}|\s@\s?\w|"
        r"\w@\s",
        re.compile(
            rf"(?i)(?<![\w.])(?P<local>[\w+\-]{{1,40}}(?:{_DOT}[\w+\-]{{1,40}}){{0,3}}){_AT}"
            rf"(?P<domain>[a-z0-9\-]{{1,40}}(?:{_DOT}[a-z0-9\-]{{1,40}}){{0,3}}{_DOT}[a-z]{{2,12}})(?![\w])"
        ),
        _spoken_email,
        again=True,
    ),
    Rule(
        "phone",
        "PHONE_NUMBER",
        "pattern",
        r"[0-9](?:[\s().\-/]{0,4}[0-9]){6}",
        re.compile(
            rf"(?<![\w+])(?<![A-Za-z0-9_][\-_/.#])(?:\+\s?)?\(?[0-9](?:{_GAP}[0-9]){{6,14}}(?:[ \t]?(?:x|ext\.?|"
            rf"extension)[ \t]?[0-9]{{1,6}})?(?![\w])(?![\-./,:][0-9])(?! ?[%€£]| ?(?:USD|EUR)\b)"
        ),
        phone,
    ),
    Rule(
        "phone_spoken",
        "PHONE_NUMBER",
        "pattern",
        rf"(?i)(?:{NUMBER_WORDS}|double|triple)[\s,.-]{{1,3}}(?:[0-9]|{NUMBER_WORDS}|double|triple)[\s,.-]{{1,3}}(?:[0-9]|"
        rf"{NUMBER_WORDS})",
        re.compile(
            rf"(?i)(?<![\w])(?:(?:plus|double|triple|[0-9]|{NUMBER_WORDS})[\s,.\-]{{1,3}}){{6,18}}(?:[0-9]|"
            rf"{NUMBER_WORDS})(?![\w])"
        ),
        _spoken_phone,
    ),
    Rule(
        "credit_card",
        "CREDIT_CARD",
        "pattern",
        r"[0-9](?:[\s.\-]{0,2}[0-9]){11}",
        re.compile(r"(?<![\w.\-])[0-9](?:[\s.\-]{0,2}[0-9]){11,18}(?![\w])(?![.\-][0-9])"),
        card,
        across_lines=True,
    ),
    Rule(
        "iban",
        "IBAN",
        "pattern",
        r"[A-Za-z]{2}[ ]?[0-9]{2}(?:[\s\-]?[A-Za-z0-9]){11}",
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ ]?[0-9]{2}(?:[\s\-]?[A-Za-z0-9]){11,40}"),
        iban,
        across_lines=True,
    ),
    Rule(
        "ssn",
        "US_SSN",
        "pattern",
        r"[0-9]{3}[\s.\-][0-9]{2}[\s.\-][0-9]{4}",
        re.compile(r"(?<![\w\-.])[0-9]{3}([\s.\-])[0-9]{2}\1[0-9]{4}(?![\w])(?![\-.][0-9])"),
        ssn,
        across_lines=True,
    ),
    Rule(
        "ssn_labelled",
        "US_SSN",
        "pattern",
        r"(?i)(?:ssn|soc)[^\x1a]{0,80}?[0-9](?:[ \-.]?[0-9]){8}",
        re.compile(
            r"(?i)(?<![a-z])(?:ssn|soc(?:ial)?\.?[ _-]?sec(?:urity)?\.?|social(?=[ \t]{1,20}(?:is|was|number)))"
            r"(?:[ \t]{1,20}(?:number|num|no\.?|nr\.?|id))?(?:['’]s)?(?:[ \t]{1,20}(?:is|was|of))?[ \t.]{0,12}[:#=|"
            r"\"'>,(\-]{0,4}[ \t]{0,3}"
            r"[\"'(]?(?P<value>[0-9](?:[ \-.]?[0-9]){8})(?![\w])"
        ),
        across_lines=True,
    ),
    Rule(
        "ipv4",
        "IP_ADDRESS",
        "pattern",
        r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}",
        re.compile(r"(?<![\w.])(?<![0-9]-)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w])(?!\.[0-9])"),
        ipv4,
        across_lines=True,
    ),
    Rule(
        "ipv6",
        "IP_ADDRESS",
        "pattern",
        r"[0-9A-Fa-f:]{2,5}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{1,4}",
        re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?:\.[0-9]{1,3}){0,3}(?![\w:])"),
        ipv6,
        across_lines=True,
    ),
    Rule(
        "mac",
        "MAC_ADDRESS",
        "pattern",
        r"[0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}[:\-][0-9A-Fa-f]{2}|"
        r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}",
        re.compile(
            r"(?<![\w:\-])[0-9A-Fa-f]{2}([:\-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:\-])|"
            r"(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w])(?!\.[0-9A-Fa-f])"
        ),
        lambda match: 0.4 if match.group().replace(".", "").isdigit() else 1.0,
        across_lines=True,
    ),
    Rule(
        "passport_number",
        "PASSPORT",
        "pattern",
        r"[A-Z]{1,2}[0-9]{6}",
        re.compile(r"(?<![\w\-])[A-Z]{1,2}[0-9]{6,9}(?![\w\-])"),
        lambda match: 0.3,
        across_lines=True,
    ),
    Rule(
        "prefixed_id",
        "IDENTITY_NUMBER",
        "pattern",
        r"(?:MRN|NID|SSN|EMP|POL|DL|TIN|NINO)-[0-9]{4}",
        re.compile(r"(?<![\w\-])(?:MRN|NID|SSN|EMP|POL|DL|TIN|NINO)-[0-9]{4,12}(?![\w\-])"),
    ),
    Rule(
        "username_labelled",
        "USERNAME",
        "pattern",
        r"(?i)user|login|handle|twitter|instagram|discord|telegram",
        re.compile(
            r"(?i)\b(?:(?:db|admin)?_?user(?:[ _]?(?:name|id))?|login(?:[ _]?(?:name|id))?|(?:twitter|instagram|discord|"
            r"telegram) ?(?:handle|name)?|handle)"
            r"[\"']?(?:[ \t]{0,3}[:=][ \t]{0,3}|[ \t]{1,20}is"
            r"[ \t]{1,20})[\"']?@?(?P<value>[A-Za-z][A-Za-z0-9]{0,30}(?:[_.\-][A-Za-z0-9]{1,30}){0,4})(?![\w@(.])"
        ),
        lambda match: 0.9 if any(not ch.isalpha() for ch in match["value"]) else 0.0,
    ),
    Rule(
        "user_id",
        "USERNAME",
        "pattern",
        r"[a-z]_[a-z]{2,30}_?[0-9]{2}",
        re.compile(r"(?<![\w.\-/])(?P<first>[a-z]{2,20})_[a-z]{2,20}_?[0-9]{2,6}(?![\w\-./(\[])"),
        lambda match: 0.0 if match["first"] in _OF_CODE else 0.6,
    ),
    Rule(
        "handle",
        "USERNAME",
        "pattern",
        r"@[A-Za-z_]\w{2}",
        re.compile(r"(?<![\w@./])@(?P<value>[A-Za-z_]\w{2,30})(?![\w@/(])(?!\.\w)"),
        _handle,
    ),
    Rule(
        "home_folder",
        "USERNAME",
        "pattern",
        r"(?i)/home/|[/\\]users[/\\]",
        re.compile(
            r"(?i)(?:(?<![\w.])/home/|(?<![\w.])/users/|"
            r"[a-z]:\\{1,2}users\\{1,2})(?P<value>[a-z][\w.\-]{2,30})(?=[/\\])"
        ),
        lambda match: 0.0 if match["value"].lower() in _NO_USER else 1.0,
    ),
    Rule(
        "username_told",
        "USERNAME",
        "pattern",
        r"(?i)(?:find|follow|add|reach|contact|dm|message) me (?:as|at|under|on)|known as|go by",
        re.compile(
            r"(?i)\b(?:(?:find|follow|add|reach|contact|dm|message) me (?:as|at|under|on \w{2,12} (?:as|at|under))|"
            r"known as|go by)"
            r"[ \t]{1,20}[\"'@]{0,2}(?P<value>[A-Za-z][A-Za-z0-9]{0,30}(?:[_.\-][A-Za-z0-9]{1,30}){0,4})(?![\w@(])"
        ),
        lambda match: 0.9 if any(not ch.isalpha() for ch in match["value"]) else 0.0,
    ),
    *identities.RULES,
    *birth_columns.RULES,
)
