"""Rules for street addresses: a number and a name of a street as several countries write them, with what follows."""

from __future__ import annotations

import re
from dataclasses import replace

from goldworks.redaction import streets
from goldworks.redaction.postal import reaching, without_stop
from goldworks.redaction.rules import Judged, Rule

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
_CITY = r"(?-i:[A-ZÀ-ÝŁŚŻŹĆŘŠŽČ][\w.'\-]{1,20}(?:[ \t][A-ZÀ-ÝŁŚŻŹĆŘŠŽČ][\w.'\-]{1,20}){0,3})"
_TAIL = (
    rf"(?:{_UNIT}){{0,2}}"
    rf"(?:,?[\s]{{1,3}}{_CITY},?[\s]{{1,3}}(?-i:{_US}|{_CA})\b\.?(?:,?[\s]{{1,3}}(?-i:{_ZIP})\b)?|"
    rf",?[\s]{{1,3}}{_CITY},?[\s]{{1,3}}(?-i:{_ZIP})\b|,[ \t]{{1,2}}(?-i:{_ZIP})\b(?:[ \t]{_CITY})?|,"
    rf"[ \t]{{1,2}}(?-i:[0-9]{{4,5}})[ \t]{_CITY})?"
)
_WORD = r"(?:(?-i:[A-Z0-9])[\w.'’\-]{0,24}|of|the|de|la|los|las|san|mlk)"
_NUMBER = r"(?<![\w.,$€£/#:\-])[0-9]{1,6}(?:[ ]?[A-Za-z]|[\-/][0-9]{1,5}| ½| 1/2)?"
_GERMAN = (
    r"(?:stra(?:ss|ß)e|str\.|weg|gasse|platz|allee|ufer|damm|ring|steig|stieg|chaussee|gatan|vägen|gränd|stigen|gade|"
    r"vej|plads|stræde|"
    r"veien|gata|straat|laan|gracht|plein|kade|singel|dreef|dijk|hof|utca|katu|tie)"
)
_ROMANCE = (
    r"(?:rue|avenue|boulevard|place|allée|allee|chemin|quai|impasse|via|viale|piazza|corso|strada|calle|carrer|avenida|"
    r"avda|plaza|paseo|"
    r"camino|rua|travessa|largo|praça|alameda|viela|ladeira|rodovia|vicolo|borgo|contrada|rambla|ronda|glorieta|pasaje|"
    r"pasadizo|"
    r"cañada|cuesta|urbanización|acceso|alameda|cours|esplanade|sentier|passage|ulica|ul|ulice|aleja|al|plac|pl|"
    r"osiedle|os|bulevar|str|"
    r"strasse|straße)"
)

_UNITS_OF_TIME = re.compile(
    r"(?i)^[0-9/\-]+\s+(?:am|pm|min|mins|minutes?|hours?|hrs?|days?|weeks?|months?|years?|people|persons?|tickets?|rooms?|"
    r"stars?|miles?|mi|km|"
    r"th|st(?!\.?[ \t]{1,2}(?-i:[A-ZÀ-Ý]))|nd|rd|of|the(?![ \t]{1,2}(?-i:[A-ZÀ-Ý]))|percent|times|more|beds?|seats?|nights?|"
    r"dollars?|x)\b"
)
_ONLY_THE = re.compile(rf"(?i)[0-9][\w/\-]*\s+the\s+{_KIND}\b")
_POSTCODE = re.compile(rf"(?<!\w){_ZIP}(?!\w)")
_PLACE = re.compile(
    r"(?i)(?:room|gate|terminal|platform|version|step|page|chapter|part|line|port|building|floor|track|"
    r"table)\b"
)
_COMMON_KINDS = frozenset("way place park point run view hill row walk path close court circle loop square drive".split())


_IS_KIND = re.compile(f"(?i){_KIND}")
_LETTERS = re.compile(r"[A-Za-z]+")
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)\b")


def _street(match: re.Match[str]) -> float:
    text = match.group()
    if _UNITS_OF_TIME.match(text):
        return 0.0
    words = _LETTERS.findall(text)
    kind = next(filter(_IS_KIND.fullmatch, words[1:]), "")
    if kind.lower() in _COMMON_KINDS and not kind[0].isupper():
        return 0.0
    if (house := _ONLY_THE.match(text)) is not None:  # a house in The Avenue, or a film and its year
        return 1.0 if _POSTCODE.search(text, house.end()) else 0.3
    is_named = any(word[0].isupper() and not _IS_KIND.fullmatch(word) for word in words)
    return 1.0 if is_named or _ORDINAL.search(text) else 0.3


def _lower(match: re.Match[str]) -> float:
    if _UNITS_OF_TIME.match(match.group()) or re.search(
        r"\b(?:the|a|an|this|that|in|on|at|from|to|for|or|and|is|are)\b", match.group()
    ):
        return 0.0
    return 0.9


_BEFORE_A_NAME = frozenset("van von de ten ter het".split())
_OF_THE_SENTENCE = frozenset(
    "a an and are at but by came for from go he i in into is it lives meet moved my near now of off on onto or our see she that "
    "the then they this to towards visit was we you aus bei der die das den dem in ist nach sie und wir wo wohne wohnt zu en ik "
    "op woon woont".split()
)
_TWO_WORDS = re.compile(r"(?P<first>[^\W\d_]{1,20})[ \t](?P<second>[^\W\d_])")


def _named(match: re.Match[str]) -> float | Judged:
    """Of two words before the kind of a street the first may be the sentence's: "moved to Kossuth utca 12"."""
    found = _TWO_WORDS.match(match.string, *match.span())
    if found is None:
        return 1.0
    first = found["first"]
    is_small = first.islower() and found["second"].isupper() and first not in _BEFORE_A_NAME
    return Judged(1.0, found.start("second"), match.end()) if is_small or first.lower() in _OF_THE_SENTENCE else 1.0


_RARE = (
    r"(?:Annex|Arcade|Bayou|Bend|Bluffs?|Bottom|Branch|Bridge|Brooks?|Burgs?|Bypass|Camp|Canyon|Cape|Causeway|Centers?|"
    r"Circles|Cliffs?|"
    r"Club|Corners?|Course|Courts|Coves?|Creek|Crest|Crossroads?|Curve|Dale|Dam|Divide|Drives|Estates?|Extensions?|"
    r"Falls?|Ferry|"
    r"Fields?|Flats?|Fords?|Forest|Forges?|Forks?|Fort|Garden|Gateway|Glens?|Greens?|Groves|Harbors?|Haven|Heights|"
    r"Highlands?|Hills|"
    r"Hollow|Inlet|Islands?|Isle|Junctions?|Keys?|Knolls?|Lakes?|Land|Landing|Lights?|Loaf|Locks?|Lodge|Manors?|"
    r"Meadows?|Mills?|Mission|"
    r"Motorway|Mount|Mountains?|Neck|Orchard|Oval|Overpass|Parks|Passage|Pines?|Plains?|Points|Ports?|Prairie|Radial|"
    r"Ramp|Ranch|Rapids?|"
    r"Rest|Ridges|River|Roads|Route|Rue|Shoals?|Shores?|Skyway|Springs?|Spurs?|Squares|Station|Stravenue|Stream|"
    r"Streets|Summit|"
    r"Throughway|Trace|Track|Trafficway|Tunnel|Underpass|Unions?|Valleys?|Via|Viaduct|Views|Villages?|Ville|Vista|"
    r"Walks|Wall|Ways|Wells?)"
)
"""The rest of the postal service's list of kinds of streets: words that mean other things as often."""


def _rare(match: re.Match[str]) -> float:
    """A count ("12 Golden Keys") is short; a house in such a street rarely is, or more of the address follows."""
    number = re.match(r"[0-9]+", match.group())
    is_long = number is not None and len(number.group()) >= 3 and not re.match(r"(?:19|20)[0-9]{2}\b", match.group())
    return 1.0 if is_long or match["more"] else 0.3


_TITLED = r"[A-ZÀ-Ý][\w.'’\-]{2,25}"
_HUMPED = r"[A-ZÀ-Ý](?=[\w.'’\-]{2,25}[A-ZÀ-Ý][\w.'’\-]{2})[\w.'’\-]{5,77}"
"""Two words written as one: "OakRoad", "BROADWAY"."""

_STREETS = (
    Rule(
        "street_address_rare",
        "STREET_ADDRESS",
        "pattern",
        rf"[0-9][A-Za-z]? [A-Z][^,;:?!()<>]*\s{_RARE}\b",
        re.compile(
            rf"(?<![\w.,$€£/#:\-])[0-9]{{1,6}}[A-Za-z]?[ ](?:[A-Z][\w.'’\-]{{1,20}}[ ]){{1,3}}{_RARE}\b(?P<more>"
            rf"(?i:{_TAIL}))"
        ),
        _rare,
        across_lines=True,
    ),
    Rule(
        "address_told",
        "STREET_ADDRESS",
        "pattern",
        r"(?i)liv(?:e|es|ing) at|(?:deliver|send|ship|mov)[a-z]{0,4} (?:it |them |this )?to|address|"
        r"wohnhaft|domicile|"
        r"domicilio|pick ?up|located at",
        re.compile(
            r"(?i)\b(?:liv(?:e|es|ing) at|(?:deliver|send|ship|mov)[a-z]{0,4} (?:it |them |this )?to|address(?: is|"
            r" was)?|wohnhaft(?: in)?|"
            r"domicile|domicilio|pick ?up(?: at)?|located at)[ \t]?:?\s{1,3}"
            rf"(?P<value>(?-i:[0-9]{{1,5}}[A-Za-z]?,? (?:{_TITLED}(?:[ ]{_TITLED}){{1,3}}|{_HUMPED}(?:[ ]{_TITLED}){{0,2}})|"
            r"(?:[A-ZÀ-Ý][\w.'’\-]{2,25},? (?:(?:d[aeo]s?|del|di|la|le|i|y|van|der|den) ){0,2}){1,4}[0-9]{1,4}"
            r"(?:[/\-][0-9]{1,4})?[A-Za-z]?))(?![\w.:/])"
        ),
        lambda match: 0.0 if _PLACE.match(match["value"]) or streets.is_counted(match["value"]) else 1.0,
    ),
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
        r"(?i)[0-9][a-z]?[ \t][\w.'\- \t]{1,60}\b(?:street|avenue|ave|road|rd|boulevard|blvd|lane|drive|court|parkway|"
        r"terrace)\b",
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
            rf"[ \t]{{1,2}}[0-9]{{1,4}}(?:[ ]?[a-z]\b|[/\-][0-9]{{1,4}}[a-z]?)?(?![\w])"
            rf"(?:,?[ \t]{{1,2}}(?-i:[A-Z]{{1,2}}-)?[0-9]{{4,5}}(?:[ ][A-Z]{{2}})?[ \t]{_CITY})?"
        ),
        _named,
        across_lines=True,
    ),
    Rule(
        "street_address_romance",
        "STREET_ADDRESS",
        "pattern",
        rf"(?i)\b{_ROMANCE}\b",
        re.compile(
            rf"(?i)(?:(?<![\w.])[0-9]{{1,5}}(?:[ \-/]?[0-9a-z]{{1,4}})?,?[ \t]{{1,2}}{_ROMANCE}\.?[ \t](?:(?:d[eu]s?|la|"
            rf"le|les|l'|di|della|dei|del|do|da|św\.)[ \t]?){{0,2}}"
            rf"(?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}(?:[ \t](?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}){{0,3}}|"
            rf"(?<![\w]){_ROMANCE}\.?[ \t](?:(?:d[eu]s?|la|le|les|l'|di|della|del|do|da)"
            rf"[ \t]?){{0,2}}(?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}(?:[ \t](?-i:[A-ZÀ-Ý])[\w'’\-]{{1,25}}){{0,3}},?[ \t]"
            rf"(?:n[.°º]?[ ]?)?[0-9]{{1,4}}(?:[/\-][0-9]{{1,4}})?[a-z]?\b(?:[ ,]{{1,2}}(?:puerta|piso|apt\.?|interno|"
            rf"scala|esc\.?|apto\.?|"
            rf"lok\.?|m\.)[ ]?[0-9]{{1,4}})?){_UNIT}?(?:,[ ]{_CITY}(?=,[ ][0-9]{{5}}))?"
            rf"(?:,?[ \t]{{1,2}}(?:[0-9]{{4,5}}|[0-9]{{2}}-[0-9]{{3}}|[0-9]{{5}}-[0-9]{{3}})"
            rf"(?:[ \t]{_CITY})?)?"
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
        r"(?i)\bzip|postal|post[ _-]?code|plz|postleit|\bCAP\b|\bCEP\b|pocztow|postnummer|postnr|pin ?code|eircode",
        re.compile(
            rf"(?i)\b(?:zip(?:[ _-]?code)?|(?:code )?postal(?:[ _-]?code)?|post[ _-]?code|plz|postleitzahl|(?-i:CAP)|"
            rf"(?-i:CEP)|kod pocztowy|"
            rf"postnummer|postnr\.?|pin ?code|eircode)(?![\w])(?:['’]s)?(?:[ \t]{{1,20}}(?:is|of|was|ist|est|es|è))?[\s:=|"
            rf"\"'(]{{0,5}}(?P<value>(?-i:{_ZIP})|[0-9]{{2}}-[0-9]{{3}}|[0-9]{{5}}-[0-9]{{3}}|[0-9]{{4}} ?(?-i:[A-Z]{{2}})|"
            rf"[0-9]{{3}} [0-9]{{2,3}}|[0-9]{{3}}-[0-9]{{4}}|(?-i:[A-Z][0-9]{{2}} ?[A-Z0-9]{{4}})|[0-9]{{4,8}})(?![\w])"
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

RULES = (
    *(replace(rule, check=without_stop(reaching(rule.check))) if rule.type == "STREET_ADDRESS" else rule for rule in _STREETS),
    *(replace(rule, check=without_stop(rule.check)) for rule in streets.RULES),
)
"""All rules for addresses; each takes in what follows a street, and leaves the sentence its full stop."""
