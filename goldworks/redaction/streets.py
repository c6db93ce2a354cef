"""Rules for addresses by their form in many countries and by what is said before them: military mail, flats, corners, cues."""

from __future__ import annotations

import re

from goldworks.redaction.postal import POSTCODE, after, before, reach
from goldworks.redaction.rules import Judged, Rule

_UP = "A-ZÀ-ÖØ-ÞĀ-ŽΆ-Ϋ∆Ѐ-Я"
_WORD = (
    rf"(?:[{_UP}]\w{{0,2}}\.(?! (?:It|The|You|They|We|This|There|Their|Please|My|He|She|Thanks|Would|Can)\b)|"
    rf"[{_UP}](?:[\w'’\-]|\.(?=\w)){{1,25}})"
)
_LOW_KIND = (
    r"(?:utca|út|útja|kapu|tér|tere|rkp|rakpart|krt|körút|köz|sétány|sor|u|gate|gata|vei|veg|vegen|veien|g|tänav|põik|tee|pst|ulica|"
    r"cesta|trg|sokak|sk|caddesi|cad|polku|kuja|katu|tie|náměstí|nám|třída|ulice|allé|alle|plads|plass)\.?"
)
_SMALL = r"(?:(?:d[aeo]s?|du|del|della|di|la|las|le|les|los|van|von|der|den|de|ten|ter|het|of|the|y|e|na|nad) ){0,2}"
_NAMES = rf"(?:{_WORD},? {_SMALL}){{0,4}}{_WORD}"
_HOUSE = r"[0-9]{1,6}(?:[/\-][0-9]{1,5})?[A-Za-z]?"
_FREE = r"(?<![\w.,$€£/#:\-])"
_HOUSE_BEHIND = r"[0-9]{1,4}(?:[/\-][0-9]{1,4})?(?:[ ]?[A-Za-z])?(?![\w/:%]|[.,][0-9])"

_NO_STREET = re.compile(
    r"(?i)\b(?:chapter|section|order|room|hotel|day|part|level|page|step|stage|episode|season|volume|version|table|gate|terminal|"
    r"platform|track|line|port|floor|channel|figure|item|phase|round|game|week|grade|class|row|seat|flight|train|bus|route|model|"
    r"windows|iphone|android|galaxy|python|office|zone|group|team|type|size|ticket|case|number|no|invoice|printer|warehouse|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|"
    r"sept|oct|nov|dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday|unit|suite|apt)\.?\s{1,2}#?[0-9]{1,5}(?!\w)"
)
"""A word whose number says which of many, not which house."""
_NOT_NAMED = re.compile(
    r"(?i)[0-9/\-]+[a-z]?,?\s+(?:am|pm|a\.m|p\.m|min|mins|minutes?|hours?|hrs?|days?|weeks?|months?|years?|people|persons?|tickets?|"
    r"rooms?|stars?|miles?|mi|km|percent|times|more|beds?|seats?|nights?|dollars?|usd|eur|gbp|large|small|medium|items?|pieces?|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|"
    r"sept|oct|nov|dec)\b"
)
_KIND = re.compile(
    r"(?i)\b(?:street|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|square|way|highway|hwy|parkway|"
    r"broadway|rue|via|calle|rua|[a-z]{2,20}(?:stra(?:ss|ß)e|straat|weg|gatan|gade|laan))\b|[0-9](?:st|nd|rd|th)\b"
)


def is_counted(said: str) -> bool:
    """Whether the number is a count or says which of many ("2 Large Pizzas", "Windows 11"): no house."""
    return _NO_STREET.search(said) is not None or _NOT_NAMED.match(said) is not None


def _certain(match: re.Match[str]) -> float | Judged:
    return Judged(1.0, *reach(match.string, *match.span()))


_WITH_FLAT = re.compile(
    rf"{_FREE}(?:{_HOUSE} (?:[0-9]{{1,5}}[A-Za-z]? )?{_SMALL}(?:{_WORD},? {_SMALL}){{0,4}}{_WORD}(?: {_LOW_KIND})?"
    rf"(?: [0-9]{{1,5}}[A-Za-z]?\.?)?|(?:{_WORD} {_SMALL}){{0,3}}{_WORD}(?: {_LOW_KIND})? [0-9]{{1,4}}[A-Za-z]?\.?"
    rf"(?: (?:{_WORD} ){{0,2}}{_WORD})?)"
    r"[ \t]?[,\-(]?(?:[ \t]{1,2}|[ \t]?\r?\n[ \t>|?]{0,8})\(?\Z"
)


def _flat(match: re.Match[str]) -> float | Judged:
    """A flat counts with the street that stands before it."""
    text, at = match.string, match.start()
    first = max(0, at - 100)
    found = _WITH_FLAT.search(text[first:at])
    if found is None or is_counted(found.group()):
        return 0.0
    return Judged(1.0, before(text, first + found.start()), after(text, first + found.start(), match.end())[0])


def _with_more(match: re.Match[str]) -> float | Judged:
    """A street that is known by the number before and behind it, or by the postcode that follows."""
    text = match.string
    start, end = match.span("value")
    if is_counted(match["value"]):
        return 0.0
    stop, is_sure = after(text, start, end)
    return Judged(1.0, before(text, start), stop) if is_sure else 0.0


def _corner(match: re.Match[str]) -> float | Judged:
    sides = match["one"], match["other"]
    if not any(_KIND.search(side) or any(map(str.isdigit, side)) for side in sides):
        return 0.0
    return Judged(1.0, match.start(), after(match.string, *match.span())[0])


_HOME = (
    r"(?:(?:my|his|her|our|their|your|new|old|home|shipping|billing|postal|mailing|delivery|secondary|current|work|office|"
    r"primary|previous|permanent|residential|full|correct|right) addres(?:s|ses)(?: is| was| to|:)?(?: now)?|"
    r"addres(?:s|ses)(?: is| was|:)|"
    r"(?:live|lives|lived|living|reside|resides|residing|resident) (?:at|on|in)|(?:moved|moving|relocated) to|"
    r"(?:taxi|cab|ride|uber) (?:from|to)|(?:located|situated|based|registered|delivered|staying) (?:at|on)|"
    r"(?:pick (?:me|us|him|her|them) up|picked up|pickup|drop (?:me|us) off|drops you off|meet (?:you|me|us)) (?:at|from)|"
    r"(?:restaurant|office|offices|shop|store|house|home|place|bakery|station|bus stop|clinic|school|flat|branch) "
    r"(?:is|are) (?:at|on|in))"
)
_SENT = (
    r"(?:(?:ship|send|sent|deliver|delivered|forward|forwarded|mail|mailed|post|posted|return|returned|shipped) "
    r"(?:(?:it|them|this|that|these|everything|back|the [a-z]{2,12}|my [a-z]{2,12}) ){0,2}to)"
)
_AT_ONCE = r"[ \t]?[:=]?[\"'“ \t\r\n]{1,8}(?:it is |it's |at |to )?"
_TOLD = re.compile(
    rf"(?i:\b(?:(?P<home>{_HOME})|{_SENT})){_AT_ONCE}(?P<value>{_HOUSE},? (?:[0-9]{{1,5}}[A-Za-z]? )?(?P<names>{_SMALL}{_NAMES})"
    rf"(?: {_LOW_KIND}(?!\w))?(?: {_HOUSE_BEHIND}\.?)?|"
    rf"(?P<behind>{_NAMES}(?: {_LOW_KIND})?,? {_HOUSE_BEHIND}))"
)


def _told(match: re.Match[str]) -> float | Judged:
    """Beside a cue for a home a number and a name are enough; beside one for a parcel there are two names, or more follows."""
    text, value = match.string, match["value"]
    if is_counted(value):
        return 0.0
    start, end = match.span("value")
    stop, is_sure = after(text, start, end)
    is_enough = match["home"] or (match["names"] and " " in match["names"])
    return Judged(1.0, before(text, start), stop) if is_enough or is_sure else 0.0


_KINDS_BEHIND = (
    r"(?:utca|út|útja|kapu|tér|tere|rkp\.|rakpart|krt\.|körút|köz|sétány|sor|u\.|gate|gata|vei|veg|vegen|veien|gatvė|g\.|iela|"
    r"tänav|põik|tee|pst\.?|maantee|ulica|cesta|trg|sokak|sokağı|sk\.|caddesi|cad\.|bulvarı|polku|kuja|katu|tie|náměstí|třída|"
    r"nábřeží|ulice|улица|проспект|переулок|бульвар|шоссе)"
)
_JOINED = (
    r"(?:polku|kuja|raitti|katu|braut|vegur|stræti|gata|vænget|toften|steeg|stien|tunet|svingen|allé|alléen|straße|strasse|gränd|"
    r"gatan|vägen|stigen|veien|gade|straat|laan|gracht|hove|erf|tänav|dori)"
)
_KINDS_BEFORE = (
    r"(?:Rua|Avenida|Av\.|Via|Viale|Piazza|Piazzetta|Piazzale|Calle|Plaza|Carrer|Rue|Boulevard|Quai|Chemin|Allée|ul\.|al\.|"
    r"Ulica|ulica|Setor|Ladeira|Travessa|Passarela|Alameda|Vale|Colônia|Rodovia|Estrada|Οδός|Λεωφόρος|Λεωφ\.|Πλατεία|Λ\.|ул\.|"
    r"улица|Улица|проспект|пр\.|пер\.|вул\.|nám\.|náměstí|Náměstí|Cours|Impasse|Place|Platz|Strada|Bulevardul|Calea|Jalan|Jl\.)"
)

RULES = (
    Rule(
        "military_mail",
        "STREET_ADDRESS",
        "pattern",
        r"(?i)(?:psc|cmr|unit|uss|usns|uscgc)[^\n]{1,90}[\s>|?]{1,14}(?:box|[adf]po)",
        re.compile(
            r"\b(?i:(?:psc|cmr|unit)[ ]{1,2}[0-9]{1,5}),?[ ]{1,2}(?i:box)[ ]{1,2}[0-9]{1,6}"
            r"(?:[ ]?,?[ \t\r\n]{1,3}[ \t>|?]{0,8}(?:APO|FPO|DPO),?[ ]{1,2}A[AEP](?:,?[ ]{1,2}[0-9]{5}(?:-[0-9]{4})?)?(?!\w))?|"
            r"\b(?:USS|USNS|USCGC)[ ][A-Z][\w.'’\-]{1,20}(?:[ ][A-Z][\w.'’\-]{1,20}){0,2}[ ]?,?[ \t\r\n]{1,3}[ \t>|?]{0,8}"
            r"(?:APO|FPO|DPO),?[ ]{1,2}A[AEP](?:,?[ ]{1,2}[0-9]{5}(?:-[0-9]{4})?)?(?!\w)"
        ),
        _certain,
    ),
    Rule(
        "flat_with_street",
        "STREET_ADDRESS",
        "pattern",
        r"(?i)[0-9a-z]\.?,?\s{1,3}[ \t>|?(]{0,9}(?:apt|apartment|suite|ste|flat|#)\.?[ \t]{0,3}#?[ \t]?[0-9]",
        re.compile(r"(?i)(?<=[\s(])(?:(?:apt|apartment|suite|ste|flat)\.?[ \t]{0,2}#?[ \t]?|#[ \t]?)[0-9]{1,5}[A-Za-z]?(?![\w])"),
        _flat,
    ),
    Rule(
        "street_two_numbers",
        "STREET_ADDRESS",
        "pattern",
        rf"[0-9][A-Za-z]? [^\n,;:?!]{{2,80}} [0-9]{{1,4}}[A-Za-z]?\.?,?\s{{1,3}}[ \t>|?]{{0,8}}[{_UP}0-9]",
        re.compile(
            rf"{_FREE}(?P<value>{_HOUSE} (?:[0-9]{{1,5}} )?{_SMALL}{_NAMES}(?: {_LOW_KIND})?"
            rf" [0-9]{{1,4}}[A-Za-z]?\.?)(?=,?[ \t]?\n|, )"
        ),
        _with_more,
    ),
    Rule(
        "street_postcode",
        "STREET_ADDRESS",
        "pattern",
        rf"[0-9][ ]?[A-Za-z]?\.?,?[ \t\r\n>|?]{{1,13}}(?:[A-Z]{{1,2}}-?)?[0-9][0-9A-Z]{{0,4}}[ \-]?[0-9A-Z]{{0,4}} [{_UP}]",
        re.compile(
            rf"(?<![\w.])(?P<value>(?:{_WORD} {_SMALL}){{0,3}}{_WORD}(?: {_LOW_KIND})? {_HOUSE_BEHIND}\.?)"
            rf"(?=,?[ \t]{{0,2}}(?:[ ]|\r?\n)[ \t>|?]{{0,8}}(?!(?:19|20)[0-9]{{2}} )(?:[A-Z]{{1,2}}-)?{POSTCODE} [{_UP}])"
        ),
        _with_more,
    ),
    Rule(
        "street_corner",
        "STREET_ADDRESS",
        "pattern",
        r"(?i)(?:corner|intersection|junction) of [^\n]{1,170}and ",
        re.compile(
            rf"\b(?i:(?:the )?(?:corner|intersection|junction) of) (?P<one>(?:{_HOUSE} )?(?:[^\W_][\w.'’\-]{{0,25}} ){{1,5}}?)"
            rf"(?i:and) (?P<other>(?:{_HOUSE} )?{_SMALL}{_NAMES}(?: [0-9]{{1,4}})?|[a-z]{{2,12}} {_NAMES}|"
            rf"[0-9]{{1,3}}(?:st|nd|rd|th)\b"
            rf"(?: {_WORD}){{0,2}})"
        ),
        _corner,
    ),
    Rule(
        "address_after_cue",
        "STREET_ADDRESS",
        "pattern",
        rf"(?i:(?:{_HOME}|{_SENT})){_AT_ONCE}(?:[0-9]{{1,6}}|[{_UP}][^\n]{{0,120}}[0-9])",
        _TOLD,
        _told,
    ),
    Rule(
        "street_kind_behind",
        "STREET_ADDRESS",
        "pattern",
        rf"(?:{_KINDS_BEHIND}|{_JOINED})[ \t]{{1,2}}[0-9]",
        re.compile(
            rf"(?<![\w])(?:{_WORD} (?:[a-z]{{1,3}}\.? )?){{0,2}}(?:{_WORD} {_KINDS_BEHIND}|[{_UP}][\w\-]{{1,25}}{_JOINED})"
            rf"[ \t]{{1,2}}"
            rf"{_HOUSE_BEHIND}\.?"
        ),
        _certain,
    ),
    Rule(
        "street_kind_before",
        "STREET_ADDRESS",
        "pattern",
        rf"{_KINDS_BEFORE} [^\n]{{2,80}}[0-9]",
        re.compile(
            rf"(?<![\w]){_KINDS_BEFORE} {_SMALL}(?:{_WORD},? {_SMALL}){{0,4}}{_WORD},? "
            rf"(?:(?:n\.?[°º]?|nr\.?|д\.|No\.?) ?)?{_HOUSE_BEHIND}"
        ),
        _certain,
    ),
)
