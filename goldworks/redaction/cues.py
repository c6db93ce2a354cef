"""Names of people by what is said before them: "my name is", "Dear", "signed". They work without a language model."""

from __future__ import annotations

import re

from goldworks.redaction.rules import Judged, Rule
from goldworks.redaction.words import NAMES_AND_WORDS, NO_NAMES

_PART = r"[A-Z\u00c0-\u00de\u0391-\u042f][\w\u00c0-\u024f'’\-]{1,24}"
_NAME = (
    rf"{_PART}(?:[ \t]{{1,2}}(?:(?:van|von|de|der|den|da|di|del|la|bin|al|el|le|du|dos|of)[ \t]){{0,2}}(?:[A-Z]\.|"
    rf"{_PART})){{0,3}}"
)
_LOWER = r"[a-z\u00df-\u024f][\w\u00c0-\u024f'’\-]{1,24}(?:[ \t][a-z\u00df-\u024f][\w\u00c0-\u024f'’\-]{1,24})?"
_RELATION = (
    r"(?:wife|husband|spouse|partner|fianc[eé]e?|girlfriend|boyfriend|son|daughter|mother|father|mom|dad|mum|brother|"
    r"sister|uncle|aunt|cousin|"
    r"nephew|niece|grandmother|grandfather|grandma|grandpa|friend|boss|manager|colleague|coworker|co-worker|assistant|"
    r"secretary|doctor|dentist|"
    r"therapist|lawyer|landlord|neighbou?r|roommate|teacher|tenant|employee|client|customer)"
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Herr|Frau|Señor|Señora|Monsieur|Madame)"
_LEADING_TITLES = re.compile(rf"(?:{_TITLE}(?:\.?[ \t]{{1,2}}|\.?\Z)){{1,3}}")


_PARTS_OF_NAMES = frozenset("first last full given family middle maiden name firstname lastname fullname surname".split())
_NO_LOWER_NAMES = NO_NAMES | NAMES_AND_WORDS


def _cased(match: re.Match[str]) -> float | Judged:
    start, end = match.span("value")
    if (title := _LEADING_TITLES.match(match["value"])) is not None:
        start += title.end()
    words = match.string[start:end].split()
    if words and words[0].isupper() and len(words) == 1 and len(words[0]) <= 5:
        return 0.0  # an acronym
    while words and words[-1].lower().strip(".") in NO_NAMES:
        end = start + match.string[start:end].rindex(words[-1])
        words.pop()
    text = match.string[start:end].rstrip()
    if not words or words[0].lower().removesuffix("'s") in NO_NAMES or not any(ch.isupper() for ch in words[0][:1]):
        return 0.0
    text = text.removesuffix("'s").removesuffix("’s")
    return Judged(1.0, start, start + len(text))


def _lower(match: re.Match[str]) -> float | Judged:
    start = match.start("value")
    words = match["value"].split()
    if words[0] in _NO_LOWER_NAMES or len(words[0]) < 3:
        return 0.0
    if len(words) > 1 and (words[1] in _NO_LOWER_NAMES or len(words[1]) < 3):
        return Judged(1.0, start, start + len(words[0]))
    return 1.0


def _in_markup(match: re.Match[str]) -> float | Judged:
    """The value of a name's field, unless it only says which part of a name belongs there."""
    words = match["value"].lower().split()
    return 0.0 if words[0] in _PARTS_OF_NAMES else _cased(match)


def _foreign(match: re.Match[str]) -> float | Judged:
    return _cased(match) if match["value"][0].isupper() else _lower(match)


def _eastern(match: re.Match[str]) -> Judged:
    start, end = next(match.span(name) for name in match.re.groupindex if match[name] is not None)
    return Judged(1.0, start, end)


_FOREIGN = (
    r"je m['’]appelle|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist|mi chiamo|il mio nome (?:è|e')|meu nome (?:é|e)|"
    r"me chamo|ik heet|mijn naam is|jag heter|jeg hedder|jeg heter|nazywam si[ęe]|mam na imi[ęe]|jmenuji se|benim ad[ıi]m|"
    r"меня зовут|мене звати|με λένε|ονομάζομαι"
)
_EAST = r"我叫|我的名字(?:是|叫)|我姓名(?:是|为)|名前は|と申します|이름은|اسمي|שמי|मेरा नाम"
_HAN = r"[\u4e00-\u9fff々\u3040-\u30ff]"


_PERSON_ELEMENT = (
    r"(?:patient|customer|client|guest|passenger|employee|student|member|person|contact|doctor|physician|nurse|recipient|sender|"
    r"applicant|subscriber|beneficiary|payee|buyer|tenant|resident|traveller|traveler|cardholder|attendee|claimant|insured)s?"
)
_NAME_FIELD = r"(?:first|last|full|given|family|middle|maiden|sur)[_ \-]?name"


RULES = (
    Rule(
        "name_introduced",
        "PERSON",
        "name",
        r"(?i)(?:name[ \t]?(?:on[ \t][^\n]{1,24})?(?:[ \t]is|'s|[ \t]was|:|[ \t]=)|name[ \t]?:|call[ \t]me|"
        r"(?:signed|sincerely|regards|cheers|truly),?|issued[ \t]to|behalf[ \t]of|name[ \t]of)"
        r"\s{1,4}[\"'“]?(?:(?-i:[A-Z])|[^\x00-\x7f])",
        re.compile(
            r"(?i)\b(?:(?:my|his|her|their|your|the|patient|customer|contact|client|passenger|guest|cardholder|account|"
            r"billing|full|first|last|holder)(?:'s)?[ \t]{1,20}"
            r"(?:(?:full|first|last|given|middle|maiden|real|legal|sur|family)[ \t]?)?name(?:[ \t](?:on[ \t][\w "
            r"]{1,24})?)?(?:[ \t]is|'s|[ \t]was|:|[ \t]=)|name[ \t]?:|call[ \t]me|"
            r"signed,?|sincerely,?\n?|regards,?\n?|cheers,\n|yours truly,?\n?|issued[ \t]to|on[ \t]behalf[ \t]of|in"
            r"[ \t]the[ \t]name[ \t]of)"
            rf"\s{{1,3}}[\"'“]?(?P<value>(?-i:{_NAME}))"
        ),
        _cased,
        across_lines=True,
    ),
    Rule(
        "name_related",
        "PERSON",
        "name",
        rf"(?i)\b{_RELATION},?\s",
        re.compile(rf"\b(?i:my|his|her|their|our|your)[ \t](?:\w{{2,12}}[ \t])?(?i:{_RELATION}),?\s{{1,2}}(?P<value>{_NAME})"),
        _cased,
        across_lines=True,
    ),
    Rule(
        "name_self",
        "PERSON",
        "name",
        r"(?i)i ?am\s|i['’]m\s|this is\s|it['’]s\s",
        re.compile(
            rf"(?:\b[Ii] am|\b[Ii]['’]m|\b[Tt]his is|\b[Ii]t['’]s)\s{{1,2}}(?P<value>{_PART}\s{{1,2}}(?:[A-Z]\."
            rf"[ \t])?{_PART})(?=[\s.,;!?)]|$)"
        ),
        _cased,
        across_lines=True,
    ),
    Rule(
        "name_lower",
        "PERSON",
        "name",
        r"(?i)my (?:full |first |last |given )?name(?:['’]s|\sis)|call me",
        re.compile(
            rf"\b(?i:my[ \t](?:full |first |last |given )?name(?:[ \t]is|['’]s)|call me)[ \t]{{1,2}}(?P<value>{_LOWER})(?![\w])"
        ),
        _lower,
    ),
    Rule(
        "name_titled",
        "PERSON",
        "name",
        rf"\b{_TITLE}\.?[ \t]",
        re.compile(rf"\b(?:{_TITLE}\.?[ \t]{{1,2}}){{1,3}}(?P<value>{_NAME})"),
        _cased,
    ),
    Rule(
        "name_greeted",
        "PERSON",
        "name",
        r"(?i)\b(?:dear|hi|hello|hey)[ \t]",
        re.compile(
            rf"(?:^|(?<=[.!?\n\"'] )|(?<=[\n\"'(]))(?:Dear|Hi|Hello|Hey|dear|hi|hello)[ \t]{{1,2}}(?P<value>{_NAME})(?="
            rf"[ \t]?[,!.:;\n]|$)"
        ),
        _cased,
    ),
    Rule(
        "name_beside",
        "PERSON",
        "name",
        r"[<(\[]\x1a|\s\x1a,\s\x1a|[|\-–—][ \t]\x1a",
        re.compile(
            rf"(?P<value>{_PART}(?:\s{{1,2}}(?:[A-Z]\.|{_PART})){{1,2}})(?:[ \t]?[<(\[]\x1a[>)\]]|,?\s{{1,2}}\x1a,\s\x1a|"
            rf"[ \t][|\-–—][ \t]\x1a)"
        ),
        _cased,
    ),
    Rule(
        "name_in_markup",
        "PERSON",
        "name",
        r"(?i)name[\"']?\s{0,2}[:=>]\s{0,3}[\"']?[^\s\"'<>]",
        re.compile(
            rf"(?i:<{_PERSON_ELEMENT}\b(?:[^<>\x1a]{{0,120}}?\sname\s?=\s?[\"']|[^<>]{{0,120}}>\s{{0,20}}<name>)|"
            rf"[\"']{_PERSON_ELEMENT}[\"']\s{{0,2}}:\s{{0,3}}\[?\s{{0,20}}\{{[^{{}}]{{0,200}}?[\"']name[\"']\s{{0,2}}:\s{{0,3}}[\"']|"
            rf"(?<![A-Za-z]){_NAME_FIELD}(?:[\"']\s{{0,2}}:\s{{0,3}}[\"']|\s{{0,2}}=\s{{0,2}}[\"']|>\s{{0,3}}))"
            rf"(?P<value>{_NAME})(?=[ \t]?[\"'<])"
        ),
        _in_markup,
    ),
    Rule(
        "name_foreign",
        "PERSON",
        "name",
        rf"(?i){_FOREIGN}",
        re.compile(rf"(?i)\b(?:{_FOREIGN})[ \t]{{1,2}}(?P<value>(?-i:{_NAME})|[^\W\d_]{{3,20}}(?=[ \t]{{0,20}}(?:[,.!?\n]|$)))"),
        _foreign,
    ),
    Rule(
        "name_east",
        "PERSON",
        "name",
        _EAST,
        re.compile(
            rf"(?:我叫|我的名字(?:是|叫)|我姓名(?:是|为))[ ]?(?P<chinese>[\u4e00-\u9fff·]{{2,6}}?)(?=[，。,.！!\s]|$)"
            rf"|名前は[ ]?(?P<japanese>{_HAN}{{2,8}}?(?:[ ]{_HAN}{{1,6}}?)?)(?=です|と申|だ|[。、\s]|$)"
            rf"|(?P<humble>(?:[\u4e00-\u9fff々]{{2,6}}|[\u30a0-\u30ff]{{2,8}}))(?=と申します)"
            rf"|이름은[ ]?(?P<korean>[\uac00-\ud7a3]{{2,5}}?)(?=입니다|이에요|예요|[ .,]|$)"
            rf"|(?:اسمي|שמי|मेरा नाम)[ ](?:هو[ ])?(?P<other>[^\W\d_][^\d\s,.،।]{{0,40}}"
            rf"(?:[ ](?!है)[^\W\d_][^\d\s,.،।]{{0,40}}){{0,2}})"
        ),
        _eastern,
    ),
)
