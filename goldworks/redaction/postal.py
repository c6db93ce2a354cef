"""How far an address reaches from its street: the flat before and after it, then city, region, postcode and country."""

from __future__ import annotations

import re

from goldworks.redaction.rules import Check, Judged, value_of

DESIGNATOR = r"(?:apt|apartment|appartement|suite|ste|flat|unit|floor|room|rm|building|bldg|app|apto|lok)"
UNIT = (
    rf"(?:(?:{DESIGNATOR}\.?[ \t]{{0,2}}#?[ \t]?(?:[0-9]{{1,5}}[A-Za-z]?|[A-Za-z]-?[0-9]{{0,4}})|"
    rf"#[ \t]?[0-9]{{1,5}}[A-Za-z]?)(?![\w]))"
)
"""A part of a house by its number."""
POSTCODE = (
    r"(?:[0-9]{5}-[0-9]{3,4}|[0-9]{2}-[0-9]{3}|[0-9]{3} [0-9]{2}|[0-9]{4} ?[A-Z]{2}|[0-9]{4,6}|"
    r"[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})"
)

_LINES = 4
_LONGEST = 60
_WORDS = 6
_UNIT = re.compile(rf"(?i){UNIT}(?:[ \t,]{{1,3}}{UNIT})?")
_UNITS_BEHIND = re.compile(rf"(?i)(?:[ \t,(\-]{{1,3}}{UNIT}\)?){{1,2}}")
_MORE_OF_THE_STREET = re.compile(
    rf"(?:[ ][^\W\d_a-z][\w.'’\-]{{1,24}}){{1,3}}(?:[ ][0-9]{{1,4}}\.?)?(?=[ \t]?\r?\n?[ \t>|?]{{0,8}}(?i:{UNIT}))"
)
_NUMBER_BEFORE = re.compile(r"(?<![\w.,$€£/#:\-])[0-9]{1,6}[A-Za-z]?[ ]\Z")
_UNIT_BEFORE = re.compile(rf"(?i)(?<![\w]){UNIT}[ \t]?,?[ \t\r\n]{{1,3}}\Z")
_CODE = re.compile(rf"(?:(?:[A-Za-z]{{2,3}}|[A-Z]{{1,2}}-)\.?[ ]?)?{POSTCODE}")
_CODE_BEHIND = re.compile(rf"[ \t]{{1,2}}{POSTCODE}(?![\w])")
_PIECE = re.compile(r"[0-9]{2,6}(?:-[0-9]{3,4})?|[A-Z0-9]{2,4}")
_NAME = re.compile(r"[^\W\d_][\w.'’`\-/∆]{0,30}")
_BREAK = re.compile(r"[ \t]{0,3},?[ \t]{0,3}\r?\n(?P<marks>[^\w\n]{0,8})")
_PART = re.compile(r"[^,\n;:!?<>@\"=|{}\[\]]{1,60}")
_SENTENCE_ENDS = re.compile(r"(?i)(?<=[^\W_]{3})(?<!apt)(?<!ste)\.(?=\s|\Z)|(?<=[0-9])\.(?=\s|\Z)")
_SMALL = frozenset(
    "de del della di da do dos das du des la le les los las el y e i of and the on upon am an der den im in bei zu v u nad pod "
    "na ob pri ved van het ter ten aan op sur sous en lès af på og und".split()
)
_BEGINNINGS = frozenset(
    "i i'm im i'd i'll please the but my we you he she it they and thanks thank hi hello hey dear this that there what when "
    "where which who is are can could do does if then also so no yes your our phone tel telephone email e-mail mail fax mobile "
    "cell call website web regards best sincerely kind cheers order date total hours open rating price quantity monday tuesday "
    "wednesday thursday friday saturday sunday let would will how ok okay sure great name contact just not now here for from to "
    "at with it's its their his her these those all any after before free note check status sent subject".split()
)
"""Words that begin a sentence or a label more often than a city."""
_GOES_ON = frozenset(
    "by on in at before after for and with to from if or as instead please is was when because but last now today".split()
)
_COUNTRIES = frozenset(
    "argentina australia austria österreich belgium belgië belgique brazil brasil bulgaria canada chile china colombia croatia "
    "hrvatska cyprus czechia denmark danmark egypt estonia eesti finland suomi france germany deutschland greece greenland "
    "hungary magyarország iceland ísland india indonesia ireland israel italy italia japan kenya latvia lithuania luxembourg "
    "malaysia malta mexico méxico morocco nederland netherlands nigeria norway norge pakistan peru philippines poland polska "
    "portugal romania russia россия england scotland serbia singapore slovakia slovenia slovenija spain españa sweden sverige "
    "switzerland schweiz suisse svizzera thailand turkey türkiye uae uk ukraine україна uruguay usa vietnam wales".split()
) | frozenset(
    {"czech republic", "hong kong", "new zealand", "saudi arabia", "south africa", "south korea", "united arab emirates"}
    | {"united kingdom", "united states", "united states of america", "the netherlands", "northern ireland"}
)


def reaching(check: Check) -> Check:
    """The check, with the rest of the address added to what it lets pass."""

    def judge(match: re.Match[str]) -> float | Judged:
        verdict = check(match)
        factor, start, end = verdict if isinstance(verdict, Judged) else (verdict, *value_of(match))
        return Judged(factor, *reach(match.string, start, end)) if factor > 0.0 else 0.0

    return judge


_GOES_ON_BEHIND = re.compile(r"[ \t]{0,2},|[ \t]{1,2}[a-z]")
_NEXT_SENTENCE = re.compile(
    r"(?<=[\w.'’\-])[ \t]{1,2}(?i:st|ave?|rd|blvd|ln|dr|ct|pl|sq|ter|trl|pkwy|hwy|cir|cres|str)(?P<stop>\.)"
    r"\s{1,3}(?P<word>[A-Z][A-Za-z']{0,12})"
)
"""A short form of a kind of street, whose full stop may end a sentence as well."""


def without_stop(check: Check) -> Check:
    """The check, with the full stop left out that ends a sentence behind an address, and what begins the next one."""

    def judge(match: re.Match[str]) -> float | Judged:
        verdict = check(match)
        factor, start, end = verdict if isinstance(verdict, Judged) else (verdict, *value_of(match))
        text = match.string
        if factor <= 0.0:
            return verdict
        for found in _NEXT_SENTENCE.finditer(text, start, end):
            is_named = any(map(str.isalpha, text[start : found.start()]))  # not the saint of "12 St. Will Road"
            if is_named and found["word"].lower() in _BEGINNINGS:
                return Judged(factor, start, found.start("stop"))
        if text[end - 1 : end] == "." and not _GOES_ON_BEHIND.match(text, end):
            return Judged(factor, start, end - 1)
        return verdict

    return judge


def reach(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the address begins and ends whose street stands at [start, end)."""
    return before(text, start), after(text, start, end)[0]


def before(text: str, start: int) -> int:
    """Where the address begins: with a second number, and the flat."""
    for form in (_NUMBER_BEFORE, _UNIT_BEFORE):
        found = form.search(text[max(0, start - 30) : start])
        if found is not None:
            start -= len(found.group())
    return start


def after(text: str, start: int, end: int) -> tuple[int, bool]:
    """Where the address ends, and whether a flat, postcode or country stands in what was added."""
    added = _same_line(text, end)
    if text[added[0] : added[0] + 1] not in ("", "\n", "\r", " ", ",", "\t"):
        return added
    return _next_lines(text, start, *added)


def _same_line(text: str, end: int) -> tuple[int, bool]:
    is_sure = False
    for form in (_MORE_OF_THE_STREET, _UNITS_BEHIND, _CODE_BEHIND):
        found = form.match(text, end)
        if found is not None:
            end, is_sure = found.end(), True
    while text[end : end + 1] == ",":
        stop, kind = _part(text, end + 1)
        if not kind:
            break
        end, is_sure = stop, is_sure or kind == "sure"
    return end, is_sure


def _next_lines(text: str, start: int, end: int, is_sure: bool) -> tuple[int, bool]:
    line = text[max(text.rfind("\n", 0, start), start - 40) + 1 : start]
    own = re.match(r"[^\w\n]{0,8}", line)
    marks = own.group().strip() if own is not None else ""
    reached, was_sure = end, is_sure
    for number in range(_LINES):
        found = _BREAK.match(text, end)
        if found is None or (found["marks"].strip(" \t>|,") not in ("", marks)) or set(found["marks"]) & set("-*•–"):
            break
        stop, kind = _line(text, found.end())
        if not kind:
            break
        end = stop
        if kind == "sure" or (number == 0 and (was_sure or _is_last(text, stop))):
            reached, is_sure = stop, is_sure or kind == "sure"
    return reached, is_sure


def _is_last(text: str, end: int) -> bool:
    return (
        not text[end:].strip()
        if len(text) - end < 20
        else re.match(r"[ \t]*\r?\n[ \t>|]*\r?\n", text[end : end + 20]) is not None
    )


def _line(text: str, at: int) -> tuple[int, str]:
    """A whole line that is city, region, postcode or country, or one that ends with a postcode or country in a sentence."""
    end, kinds = _part(text, at)
    if not kinds:
        return at, ""
    while text[end : end + 1] == ",":
        stop, kind = _part(text, end + 1)
        if not kind:
            break
        end, kinds = stop, "sure" if "sure" in (kind, kinds) else "place"
    left = text[end : end + 3].strip(" \t,")
    is_whole = not left or left[0] in "\r\n?!.;<"
    return (end, kinds) if is_whole or kinds == "sure" else (at, "")


def _part(text: str, at: int) -> tuple[int, str]:
    """What stands up to the next comma: where it ends, and `sure` (flat, postcode, country), `place` or nothing."""
    found = _PART.match(text, at)
    if found is None or text[found.end() : found.end() + 1] in (":", "@", "="):
        return at, ""
    said = found.group()
    ends = _SENTENCE_ENDS.search(said)
    said = (said[: ends.start()] if ends is not None else said).rstrip()
    kind = _kind(said.strip())
    if not kind and (cut := _before_the_sentence(said)):
        said, kind = cut, _kind(cut.strip())
    return at + len(said), kind


def _before_the_sentence(said: str) -> str:
    """The words before the first one that goes on with a sentence ("Leeds by Friday")."""
    for word in re.finditer(r"(?<=\s)[a-z]{2,12}(?=\s|\Z)", said):
        if (
            word.group() in _GOES_ON
            and word.start() > 2
            and (word.group() not in _SMALL or not said[word.end() :].strip()[:1].isupper())
        ):
            return said[: word.start()].rstrip()
    return ""


def _kind(part: str) -> str:
    if _UNIT.fullmatch(part) or _CODE.fullmatch(part):
        return "sure"
    words = re.sub(r"\([^()]{1,20}\)", "", part).split()
    if not words or len(words) > _WORDS or len(part) > _LONGEST or words[0].lower() in _BEGINNINGS:
        return ""
    if " ".join(words).lower() in _COUNTRIES:
        return "sure"
    has_name = has_number = False
    for word in words:
        if word[0].isdigit():
            has_number = has_number or len(word) > 2
            if _PIECE.fullmatch(word) is None:
                return ""
        elif word.islower():
            if word not in _SMALL or not has_name:
                return ""
        elif _NAME.fullmatch(word) is None:
            return ""
        else:
            has_name = has_name or len(word) > 1
    if not has_name or words[-1] in _SMALL:
        return ""
    return "sure" if has_number or words[-1].lower() in _COUNTRIES else "place"
