"""The sentences of a text in which a name may stand, and how they are shown to a language model.

A recogniser's cost is linear in the text it reads, so it is not shown what cannot hold a name; and it reads capitals, so what
is written without them, or with nothing else, is shown as it would be printed. What is shown has the length of what it stands
for, and depends on its line alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from goldworks.redaction.likeness import is_given, names_in
from goldworks.redaction.tokens import PLACEHOLDER
from goldworks.redaction.words import NAMES_AND_WORDS

Likely = Callable[[str], float]
LONGEST = 1_000
WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_END = re.compile(
    r"(?<=[a-z0-9)\"'”’]{2}[.!?])[\"'”’)]*[ \t]+(?=[\"'“‘(]?[A-Z\u00c0-\u00de])|(?<=[!?])[ \t]+(?=[A-Z\u00c0-\u00de])"
)
_ABBREVIATION = re.compile(
    r"(?:^|[ \t(])(?:mr|mrs|ms|dr|prof|st|sr|jr|rev|hon|sgt|capt|gen|lt|col|messrs|no|vs|etc|e\.g|i\.e)\.$", re.I
)
_CUE = re.compile(
    r"(?:(?:^|[.!?,][ \t])(?:hi|hey|hello|dear|thanks|thank you|bye|ok|sorry)|\b(?:named|called|assigned to|ask for|asked for|"
    r"(?:spoke|speak|talk|talked|spoken) (?:to|with)|(?:booking|reservation|table|appointment|ticket|room) (?:for|under)))[ \t]$",
    re.I,
)
_NUMBER = re.compile(r"(?<![\w@])[+(]?\d[\d\-.:/()+ ]{4,40}\d(?!\w)")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ ]$")
_LIKELY, _NEVER, _ORDINARY = 0.45, 9.0, -0.45
_SHORTEST_LOWER = 4
_MOSTLY = 0.7


def sentences(text: str, likeness: Likely) -> Iterator[tuple[int, str, str]]:
    """Where each sentence worth asking about begins, the sentence, and the sentence as shown."""
    for start, end in _lines(text.replace(PLACEHOLDER, "_")):
        line = text[start:end].replace(PLACEHOLDER, "_")
        shown = _printed(line, likeness)
        for first, last in _cut(shown):
            if _may_hold_name(shown, first, last, likeness):
                yield start + first, line[first:last], shown[first:last]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield at, end
        at = end + 1


def _cut(line: str) -> Iterator[tuple[int, int]]:
    """Sentences, not longer than `LONGEST`."""
    at = 0
    for match in _END.finditer(line):
        if not _ABBREVIATION.search(line, at, match.start()):
            yield from _shorter(line, at, match.start())
            at = match.end()
    yield from _shorter(line, at, len(line))


def _shorter(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        cut = line.rfind(" ", start, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        yield start, cut
        start = cut
    if start < end:
        yield start, end


def _printed(line: str, likeness: Likely) -> str:
    """The line with capitals where print would have them: a line in capitals lowered, a likely name in lower case raised."""
    line = _NUMBER.sub(lambda match: "0" * len(match[0]), line)  # one token instead of seven
    upper = sum(map(str.isupper, line))
    lower = sum(map(str.islower, line))
    if upper > 4 and upper >= _MOSTLY * (upper + lower):
        return _lowered(line, likeness)
    if lower > 2:
        is_lower = upper == 0
        return WORD.sub(lambda match: _raised(match, likeness, is_lower), line)
    return line


def _lowered(line: str, likeness: Likely) -> str:
    """A line in capitals: a word that no vector and no list knows is a name only beside one that is."""
    words = [*WORD.finditer(line)]
    looks = [likeness(word[0].title()) if word[0].isupper() and len(word[0]) > 2 else None for word in words]
    shown = line
    for index, (word, look) in enumerate(zip(words, looks, strict=True)):
        if not word[0].isupper() or len(word[0]) < 2:
            continue
        beside = max((one or 0.0 for one in looks[max(0, index - 1) : index + 2]), default=0.0)
        is_name = look is not None and (look > _LIKELY or (look == 0.0 and beside > _LIKELY))
        new = word[0].title() if is_name else word[0].lower()
        if len(new) == len(word[0]):
            shown = shown[: word.start()] + new + shown[word.end() :]
    return shown


def _raised(match: re.Match[str], likeness: Likely, is_lower: bool) -> str:
    word = match[0]
    if len(word) < 3 or not word.islower():
        return word
    before = _WORD_BEFORE.search(match.string, max(0, match.start() - 30), match.start())
    if not is_lower_name(word, likeness):
        if before is not None and is_given(before[1]) and likeness(before[1]) > 0.2:
            needed = -0.4 if names_in([word]) and word not in NAMES_AND_WORDS else 0.2  # a surname
        elif _CUE.search(match.string, max(0, match.start() - 30), match.start()):
            needed = 0.0
        else:
            needed = _LIKELY if is_lower and len(word) >= _SHORTEST_LOWER else _NEVER
        if likeness(word) <= needed:
            return word
    shown = word.title()
    return shown if len(shown) == len(word) else word


def is_lower_name(word: str, likeness: Likely) -> bool:
    """A given name written small: listed, no ordinary word, and a short one not often met as one."""
    return is_given(word) and likeness(word) > (-0.3 if len(word) >= _SHORTEST_LOWER else 0.4)


def _may_hold_name(line: str, start: int, end: int, likeness: Likely) -> bool:
    """Whether a word with a capital stands there that is no ordinary word and no abbreviation."""
    return any(
        word[0].isupper() and len(word) > 1 and (len(word) > 3 or not word.isupper()) and likeness(word) > _ORDINARY
        for word in WORD.findall(line, start, end)
    )
