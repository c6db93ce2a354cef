"""Rules for street addresses: a number and a name of a street as several countries write them, with what follows."""

from __future__ import annotations

import re

from goldworks.redaction.rules import Rule

_KIND = (
    r"(?:street|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|terrace|ter|trail|"
    r"trl|parkway|pkwy|"
    r"highway|hwy|freeway|circle|cir|way|alley|crescent|cres|close|gardens|grove|mews|row|walk|quay|plaza|expressway|"
    r"turnpike|loop|path|pike|"
    r"commons|crossing|hill|park|point|ridge|run|view|wharf)"
)
_S = r"(?:[ \t]{1,2}|[ \t]?\r?\n[ \t]?)"
"""Between the words of an address: a space, or one line break."""
_UNIT = (
    r"(?:,?[ \t]{0,2}\(?(?:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|building|bldg|#)\.?[ \t]?#?[ \t]?"
    r"[A-Za-z0-9\-]{1,6}\)?)"
)
_US = r"(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
_CA = r"(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT)"
_ZIP = r"(?:[0-9]{5}(?:-[0-9]{4})?|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})"
_CITY = r"(?-i:[A-Z][\w.'\-]{1,20}(?:[ \t][A-Z][\w.'\-]{1,20}){0,3})"
_TAIL = (
    rf"(?:{_UNIT}){{0,2}}"
    rf"(?:,?[\s]{{1,3}}{_CITY},?[\s]{{1,3}}(?-i:{_US}|{_CA})\b\.?(?:,?[\s]{{1,3}}(?-i:{_ZIP})\b)?|"
    rf",?[\s]{{1,3}}{_CITY},?[\s]{{1,3}}(?-i:{_ZIP})\b|,[ \t]{{1,2}}(?-i:{_ZIP})\b(?:[ \t]{_CITY})?|,"
    rf"[ \t]{{1,2}}(?-i:[0-9]{{4,5}})[ \t]{_CITY})?"
)
_WORD = r"(?:(?-i:[A-Z0-9])[\w.'’\-]{0,24}|of|the|de|la|los|las|san|mlk)"
_NUMBER = r"(?<![\w.,$€£/#:\-])[0-9]{1,6}(?:[ ]?[A-Za-z]|[\-/][0-9]{1,5}| ½| 1/2)?"
_GERMAN = (
    r"(?:stra(?:ss|ß)e|str\.|weg|gasse|platz|allee|ufer|damm|ring|gatan|vägen|gade|vej|straat|laan|gracht|plein|utca|katu|tie)"
)
_ROMANCE = (
    r"(?:rue|avenue|boulevard|place|allée|allee|chemin|quai|impasse|via|viale|piazza|corso|strada|calle|carrer|avenida|"
    r"avda|plaza|paseo|"
    r"camino|rua|travessa|largo|praça|ulica|ul|ulice|bulevar|str|strasse|straße)"
)

_UNITS_OF_TIME = re.compile(
    r"(?i)^[0-9/\-]+\s+(?:am|pm|min|mins|minutes?|hours?|hrs?|days?|weeks?|months?|years?|people|persons?|tickets?|rooms?|"
    r"stars?|miles?|mi|km|"
    r"th|st|nd|rd|of|the|percent|times|more|beds?|seats?|nights?|dollars?|x)\b"
)
_COMMON_KINDS = frozenset("way place park point run view hill row walk path close court circle loop square drive".split())


def _street(match: re.Match[str]) -> float:
    text = match.group()
    if _UNITS_OF_TIME.match(text):
        return 0.0
    words = re.findall(r"[A-Za-z]+", text)
    kind = next((w for w in words[1:] if re.fullmatch(f"(?i){_KIND}", w)), "")
    if kind.lower() in _COMMON_KINDS and not kind[0].isupper():
        return 0.0
    named = [w for w in words if w[0].isupper() and not re.fullmatch(f"(?i){_KIND}", w)]
    has_ordinal = bool(re.search(r"[0-9](?:st|nd|rd|th)\b", text))
    return 1.0 if named or has_ordinal else 0.3


def _lower(match: re.Match[str]) -> float:
    if _UNITS_OF_TIME.match(match.group()) or re.search(
        r"\b(?:the|a|an|this|that|in|on|at|from|to|for|or|and|is|are)\b", match.group()
    ):
        return 0.0
    return 0.9


RULES = (
    Rule(
        "street_address",
        "STREET_ADDRESS",
        "pattern",
        rf"(?i)[0-9][^,;:?!()<>]*\s{_KIND}\b",
        re.compile(
            rf"(?i){_NUMBER}{_S}(?:(?:north|south|east|west|[nsew]|n\.?w|n\.?e|s\.?w|s\.?e)\b\.?{_S})?"
            rf"(?:{_WORD}{_S}){{1,4}}?{_KIND}\b\.?(?:{_S}(?:north|south|east|west|[nsew]|nw|ne|sw|se|northwest|northeast|"
            rf"southwest|southeast)\b\.?)?" + _TAIL
        ),
        _street,
        across_lines=True,
    ),
    Rule(
        "street_address_lower",
        "STREET_ADDRESS",
        "pattern",
        r"(?i)[0-9][a-z]?[ \t][\w.'\- \t]{1,60}\b(?:street|avenue|ave|road|rd|boulevard|blvd|lane|drive|court|parkway|terrace)\b",
        re.compile(
            r"(?<![\w.,$€£/#:\-])[0-9]{1,5}[a-z]?[ \t]{1,2}(?:[a-z'.]{1,20}[ \t]{1,2}){1,3}(?:street|avenue|ave|road|rd|"
            r"boulevard|blvd|lane|drive|court|parkway|terrace)\b"
        ),
        _lower,
    ),
    Rule(
        "street_address_german",
        "STREET_ADDRESS",
        "pattern",
        rf"(?i){_GERMAN}[ \t]{{1,2}}[0-9]",
        re.compile(
            rf"(?i)(?<![\w])[A-ZÄÖÜa-zäöüßåøáéíóúčšžć\-]{{2,30}}(?:[ \t][A-Za-zÄÖÜäöüß\-]{{2,20}})?[ \t]?{_GERMAN}"
            rf"[ \t]{{1,2}}[0-9]{{1,4}}[ ]?[a-z]?\b"
            rf"(?:,?[ \t]{{1,2}}(?-i:[A-Z]{{1,2}}-)?[0-9]{{4,5}}(?:[ ][A-Z]{{2}})?[ \t]{_CITY})?"
        ),
        across_lines=True,
    ),
    Rule(
        "street_address_romance",
        "STREET_ADDRESS",
        "pattern",
        rf"(?i)\b{_ROMANCE}\b",
        re.compile(
            rf"(?i)(?:(?<![\w.])[0-9]{{1,5}}(?:[ \-/]?[0-9a-z]{{1,4}})?,?[ \t]{{1,2}}{_ROMANCE}\.?[ \t](?:(?:d[eu]s?|la|"
            rf"le|les|l'|di|della|del|do|da)[ \t]?){{0,2}}"
            rf"(?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}(?:[ \t](?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}){{0,3}}|"
            rf"(?<![\w]){_ROMANCE}\.?[ \t](?:(?:d[eu]s?|la|le|les|l'|di|della|del|do|da)"
            rf"[ \t]?){{0,2}}(?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}(?:[ \t](?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}){{0,3}},?[ \t]"
            rf"(?:n[.°º]?[ ]?)?[0-9]{{1,4}}[a-z]?\b){_UNIT}?(?:,?[ \t]{{1,2}}(?:[0-9]{{4,5}})[ \t]{_CITY})?"
        ),
        across_lines=True,
    ),
    Rule(
        "po_box",
        "STREET_ADDRESS",
        "pattern",
        r"(?i)p\.? ?o\.? ?box",
        re.compile(rf"(?i)\bp\.? ?o\.? ?box[ \t]{{1,2}}[0-9]{{1,7}}{_TAIL}"),
    ),
    Rule(
        "postal_code",
        "POSTAL_CODE",
        "pattern",
        r"(?i)\bzip|postal|post ?code|plz",
        re.compile(
            rf"(?i)\b(?:zip(?:[ _-]?code)?|postal(?:[ _-]?code)?|post[ _-]?code|plz)\b(?:[ \t]+(?:is|of|was))?[\s:=|"
            rf"\"']{{0,5}}(?P<value>(?-i:{_ZIP})|[0-9]{{4,6}})(?![\w])"
        ),
    ),
    Rule(
        "state_zip",
        "STREET_ADDRESS",
        "pattern",
        r"[A-Z]{2}[\s]{1,3}[0-9]{5}",
        re.compile(
            rf"(?<![\w]){_CITY},?[ \t]{{1,2}}{_US}[\s]{{1,3}}[0-9]{{5}}(?:-[0-9]{{4}})?(?![\w\-])".replace("(?-i:", "(?:")
        ),
    ),
)
