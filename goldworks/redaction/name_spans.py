"""What of a sentence is a name of a person, by what a model labelled there and how its words look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from goldworks.redaction.likeness import bare, is_given, names_in
from goldworks.redaction.name_lists import GIVEN, SURNAMES
from goldworks.redaction.names import Place, in_order
from goldworks.redaction.words import NAMES_AND_WORDS, NO_NAMES, STARTERS

_STRETCH = re.compile(r"[^,;:()\n\x1a\[\]{}<>|/\\=*\"“”@#+&!?…•\u2600-\u27bf\U0001f300-\U0001faff]+")
_WORD = re.compile(r"[^\W\d_](?:[\w'’\-]*[^\W_])?\.?")
_POSSESSIVE = re.compile(r"['’]s?$")
_RUN = re.compile(
    r"(?<![\w@#/.\-])[^\W\d_a-z][\w'’\-]+"
    r"(?:[ ](?:(?:van|von|de|der|den|da|di|del|la|bin|al|el|le|du|dos)[ ]){0,2}(?:[A-Z]\.|[^\W\d_a-z][\w'’\-]*)){0,4}"
)
_INITIAL = re.compile(r"[^\W\d_a-z]\.?")
_PARTICLES = frozenset("van von de der den da di del della la bin ibn al el le du dos das do e y ben ter ten zu af abu".split())
_SUFFIXES = frozenset("jr sr ii iii iv".split())
_WEB = re.compile(r"\d|_|https?|www\.|\.\w{2,4}$", re.I)
_KINDS = frozenset(
    "airlines airport arena associates ave avenue award awards bakery band bank bar bay beach bistro blvd boulevard brewery "
    "bridge building cafe cathedral center centre channel church city clinic close club co college company consulting corp "
    "corporation county court crescent ct cup deli disease drive enoteca enterprise enterprises family fc foundation "
    "gallery gmbh grill group gym hall harbor harbour highway holdings hospital hotel hwy inc industries industry inn "
    "institute island islands labs lake lane law library llc llp ln lodge ltd magazine media motors mount mountain museum "
    "networks orchestra palace park parkway partners pharmacy pizzeria place plaza plc prize pub quartet rd resort "
    "restaurant ristorante river road roads salon school software solutions spa square st stadium station str street "
    "streets studios sushi syndrome systems tavern technologies terrace theater theatre theorem tower town trattoria "
    "university valley".split()
)
"""What a name that belongs to a street, a firm, a school or a show ends with."""
_TITLES = frozenset("mr mrs ms miss dr prof professor sir madam lord lady king queen prince princess pope saint".split())
_ACTS = re.compile(
    r"[ ](?:lives|lived|says|said|asks|asked|told|tells|thinks|thought|wants|wanted|wrote|writes|works|worked|married|moved|"
    r"loves|loved|likes|liked|knows|knew|called|calls|was born|is from|you)\b"
)
_THING_LABEL = re.compile(
    r"(?i)\b(?:employer|company|organi[sz]ation|business|vendor|supplier|merchant|provider|brand|product|item|model|title|"
    r"school|university|hospital|bank|department|city|town|country|state|county|region|street|hotel|restaurant|airline)"
    r"(?:[ _]name)?[\"']?[ \t]{0,2}[:=][ \t]{0,4}[\"']?$"
)
_HOUSE_NUMBER = re.compile(r"[ ]\d{1,5}[a-zA-Z]?(?=[ ]*(?:$|[,.?!\n]|and\b|[A-Z]))|[ ](?:u|ut|utca|rkp|ulica)\.?[ ]\d")
_NUMBER_BEFORE = re.compile(r"(?:^|[ ])(?!(?:19|20)\d\d[ ])\d{1,5}[ ]$")
_PLACED = re.compile(r"(?i)\b(?:in|near|originally from|moved to|flew to|flying to|travel(?:l?ing)? to|fly to)[ ]$")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1\1|(?:ha|ah|lo|ke){3}")
_AND_BEFORE = re.compile(r"(?:,| &| and|, and| or)[ ]$")
_AND_AFTER = re.compile(r"(?:,| &| and|, and| or)[ ]")
_NAMES_TOO = SURNAMES | NAMES_AND_WORDS
_SURE_KINDS = _KINDS - _NAMES_TOO
_UNITS = frozenset("apt suite unit flat floor phone email tel mobile address date id".split())
_THING, _SURELY, _CERTAINLY = -0.25, 0.6, 0.9
_LEAST, _LEAST_INSIDE, _LEAST_SMALL = -0.6, -0.45, 0.0
_PLACES_AND_FIRMS = frozenset({"ORG", "GPE", "FAC", "LOC", "WORK_OF_ART", "EVENT", "LAW", "PRODUCT"})


class Labelled(NamedTuple):
    """What the model found: start, end and its label."""

    start: int
    end: int
    label: str


def _is_keyword(shown: str) -> bool:
    """A name that is a word as well, in capitals in a line that is not: SQL's GRANT, not somebody called so."""
    return shown.isupper() and shown.lower() in NAMES_AND_WORDS


class NameSpans:
    """Decides for one sentence at a time."""

    def __init__(self, likeness: Callable[[str], float], not_names: Iterable[str]) -> None:
        self._likeness = likeness
        self._not_names = frozenset(name.casefold() for name in not_names)

    def find(self, text: str, shown: str, labelled: Sequence[Labelled]) -> list[Place]:
        """Names in `text`, of which the model saw `shown`."""
        people = [one for one in labelled if one.label == "PERSON"]
        found = [place for one in people for place in self._of_person(shown, one.start, one.end)]
        runs = [run.span() for run in _RUN.finditer(shown)]
        others = [one for one in labelled if one.label in _PLACES_AND_FIRMS]
        for start, end in runs:
            if not any(start < last and first < end for first, last in found):
                found += self._of_run(text, shown, start, end, others)
        if found:
            found += self._listed(shown, runs, found)
        return in_order(
            place
            for place in found
            if text[slice(*place)].casefold() not in self._not_names and not _is_keyword(shown[slice(*place)])
        )

    def _of_person(self, shown: str, start: int, end: int) -> Iterator[Place]:
        """Names in what the model called a person: without what stands around them."""
        for stretch in _STRETCH.finditer(shown, start, end):
            words = [match for match in _WORD.finditer(shown, *stretch.span()) if not _WEB.search(match[0])]
            has_capital = any(word[0][0].isupper() for word in words)
            while words and self._is_no_edge(words[0][0], has_capital):
                words.pop(0)
            while words and self._is_no_edge(words[-1][0], has_capital) and not self._is_surname(words):
                words.pop()
            if words and self._is_name([word[0] for word in words], shown, words[0].start(), words[-1].end()):
                yield words[0].start(), _end(words[-1])

    def _is_no_edge(self, word: str, has_capital: bool) -> bool:
        """A word at the edge of a name that is no part of it; `has_capital`: some word of it has one."""
        plain = bare(word).strip(".")
        if plain in _SUFFIXES or _INITIAL.fullmatch(word):
            return False
        if plain in _NO_NAMES or plain in _UNITS or plain in _PARTICLES:
            return True
        look = self._likeness(word.strip("."))
        if word[0].islower():  # the model took it for a name although it is small
            return has_capital or len(word) < 3 or look <= _LEAST_SMALL
        return look < _LEAST

    @staticmethod
    def _is_surname(words: Sequence[re.Match[str]]) -> bool:
        """An ordinary word with a capital, right behind a given name or an initial: "Marty Short"."""
        if len(words) < 2 or not words[-1][0][0].isupper() or bare(words[-1][0]).strip(".") in _NO_NAMES | _UNITS:
            return False
        return is_given(words[-2][0]) or _INITIAL.fullmatch(words[-2][0]) is not None

    def _is_name(self, words: list[str], shown: str, start: int, end: int) -> bool:
        plain = [bare(word).strip(".") for word in words]
        if self._is_of_a_thing(plain, shown, start, end):
            return False
        if len(words) == 1 and (len(plain[0]) < 2 or (words[0].isupper() and len(plain[0]) < 4) or _DRAWN_OUT.search(plain[0])):
            return False
        if len(words) == 1 and plain[0] in _TITLES:
            return False
        if names_in(words):
            return True
        return max(self._likeness(word.strip(".")) for word in words) > (_THING if start == 0 else _LEAST_INSIDE)

    def _is_of_a_thing(self, plain: Sequence[str], shown: str, start: int, end: int) -> bool:
        """A name that a street, a firm or a school has, or what a label says is no person."""
        kinds = _SURE_KINDS if is_given(plain[0]) else _KINDS  # Anna Hall, but Alexandra Palace
        following = _NEXT.match(shown, end)
        if any(one in kinds for one in plain[1:]) or (following and bare(following[1]) in kinds):
            return True
        if _THING_LABEL.search(shown, max(0, start - 40), start):
            return True
        if not is_given(plain[0]):
            has_number = len(plain) > 1 and _NUMBER_BEFORE.search(shown, max(0, start - 7), start)
            if has_number or _HOUSE_NUMBER.match(shown, end):
                return True
        return (
            not names_in(plain)
            and _PLACED.search(shown, max(0, start - 16), start) is not None
            and max(self._likeness(shown[start:end]), *(self._likeness(one.title()) for one in plain)) < _SURELY
        )

    def _of_run(self, text: str, shown: str, start: int, end: int, others: Sequence[Labelled]) -> Iterator[Place]:
        """A name by its words alone, where the model saw none: words with capitals, the first a given name or like one."""
        words = [*_WORD.finditer(shown, start, end)]
        while words and bare(words[0][0]).strip(".") in _NO_NAMES:
            words.pop(0)
        if not words:
            return
        texts = [word[0].strip(".") for word in words]
        first, last = words[0].start(), _end(words[-1])
        if self._is_of_a_thing([*map(bare, texts)], shown, first, words[-1].end()) or _WEB.search(shown, first, last):
            return
        label = next((one for one in others if one.start < end and start < one.end), None)
        if len(words) == 1:
            is_alone = label is None or label.end - label.start <= len(texts[0]) + 1 or "&" in shown[label.start : label.end]
            is_found = is_alone and self._is_single(texts[0], text[first:last], shown, first, words[-1].end(), label)
        else:
            is_found = self._is_full(texts, label)
        if is_found:
            yield first, last

    def _is_single(self, word: str, written: str, shown: str, start: int, end: int, label: Labelled | None) -> bool:
        look = self._likeness(word)
        if is_given(word):
            return look > 0.2
        if written != word or word.isupper() or len(word) < 3 or bare(word) in _TITLES:
            return False
        if start == 0:
            return look > _SURELY or (look > _THING and _ACTS.match(shown, end) is not None)
        return look > _CERTAINLY and (label is None or label.label == "ORG")

    def _is_full(self, words: list[str], label: Labelled | None) -> bool:
        looks = [self._likeness(word) for word in words if not _INITIAL.fullmatch(word) and word.lower() not in _PARTICLES]
        if len(looks) < 2:
            return len(looks) == 1 and is_given(words[0])
        if is_given(words[0]):
            return looks[0] > 0.2 and (looks[-1] > _THING or bare(words[-1]) in _NAMES_TOO)
        if bare(words[0]) in GIVEN and bare(words[-1]) in SURNAMES:  # a first name that is a word as well: Heather Scott
            return True
        if len(words) == 3 and _INITIAL.fullmatch(words[1]):
            return min(looks) > _THING
        return label is None and min(looks) > _SURELY

    def _listed(self, shown: str, runs: Sequence[Place], found: Sequence[Place]) -> Iterator[Place]:
        """Beside a name in a list of names: "Wim, Anke and Joris"."""
        ends, starts = {end for _, end in found}, {start for start, _ in found}
        for start, end in runs:
            if any(start < last and first < end for first, last in found):
                continue
            words = [*_WORD.finditer(shown, start, end)]
            before = _AND_BEFORE.search(shown, max(0, start - 6), start)
            after = _AND_AFTER.match(shown, end)
            is_after = before is not None and before.start() in ends
            is_before = after is not None and after.end() in starts
            if not (is_after or is_before) or len(words) > 3:
                continue
            plain = [bare(word[0]).strip(".") for word in words]
            if plain[0] in _NO_NAMES or self._is_of_a_thing(plain, shown, start, end):
                continue
            if min(self._likeness(word[0].strip(".")) for word in words) > (_THING if is_after and is_before else 0.25):
                yield start, _end(words[-1])


def _end(word: re.Match[str]) -> int:
    """Where a name ends whose last word this is: before the possessive and the full stop."""
    possessive = _POSSESSIVE.search(word[0])
    if possessive:
        return word.start() + possessive.start()
    is_short = len(word[0]) <= 3
    return word.end() - (word[0].endswith(".") and not is_short)


_NEXT = re.compile(r"[ ]([^\W\d_]+)")
_NO_NAMES = NO_NAMES | STARTERS
