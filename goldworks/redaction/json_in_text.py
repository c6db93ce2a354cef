"""Layer 4 in texts: keys and values of JSON that stands in a string, whole or as a part of it, its quotes escaped or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goldworks.redaction.json_keys import PERSON_IF, KeyJudge
from goldworks.redaction.normalise import normalise
from goldworks.redaction.records import Span
from goldworks.redaction.secret_checks import is_placeholder

_PAIR = re.compile(
    r"(?P<quote>\\{0,15}\")(?P<key>[A-Za-z][\w .\-]{0,40})(?P=quote)\s{0,3}:\s{0,3}"
    r"(?=(?P=quote)(?P<text>(?:(?!(?<!\\)(?P=quote))[^\n]){1,300})(?P=quote)|(?P<number>[0-9]{1,20})(?![\w.]))"
)
"""The value is only looked at: what is a string here may hold pairs of its own."""
_WHOLE = re.compile(r"\s*(?:\{.*\}|\[.*\])\s*", re.DOTALL)
_SECRETS = frozenset({"PASSWORD", "API_KEY"})
"""In prose these have rules of their own, which tell examples in code from secrets."""


def spans(text: str, judge: KeyJudge, score: float) -> Iterator[Span]:
    """A span for each value whose key says what it is, also for a number: the token is then not in quotes.

    A key `name` says it of nothing here: what stands beside it is not read.
    """
    if '":' not in text and '" :' not in text:
        return
    is_whole = _WHOLE.fullmatch(text) is not None
    for pair in _PAIR.finditer(text):
        type_, _ = judge.judge(pair["key"])
        is_prose = not is_whole and pair["quote"] == '"'
        if type_ is None or type_ == PERSON_IF or (is_prose and type_ in _SECRETS):
            continue
        group = "text" if pair["text"] is not None else "number"
        said = pair[group].strip()
        value = normalise(said).text
        if value.strip() and judge.fits(type_, said) and not is_placeholder(said):
            start = text.index(said, pair.start(group))
            yield Span(start, start + len(said), type_, "json_key", "key", score, value)
