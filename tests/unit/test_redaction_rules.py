"""Properties of the rules: a hint misses nothing that its expression matches, and no text costs more than its length."""

from __future__ import annotations

import re
import re._parser as re_parser
import sys
from collections.abc import Callable, Iterator
from re._constants import MAX_REPEAT, MAXREPEAT, MIN_REPEAT, POSSESSIVE_REPEAT
from re._parser import SubPattern
from typing import Any

import pytest
from ambiguity import ambiguous
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.redaction.marks import Mark, Value, resolved
from goldworks.redaction.prefilter import Re2Prefilter, build
from goldworks.redaction.rules import Judged, Rule
from goldworks.redaction.scanning import BUILT_IN
from goldworks.settings import PROJECT_ROOT

HINTS = [rule.hint for rule in BUILT_IN]
PREFILTERS = [build(HINTS), Re2Prefilter(HINTS)]
PRINTED = st.characters(min_codepoint=32, max_codepoint=126, include_characters="\n\t\x1a")
SMALL = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
BY_NAME = {rule.name: rule for rule in BUILT_IN}


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(PROJECT_ROOT / "expectations" / "policies" / "redaction.yml", b"\x05" * 32, "off")


def redact(redactor: Redactor, text: str) -> str:
    (document,) = redactor.redact([Document("c", (Field("m", "user", "text", text),))])
    return str(document.fields[0].value)


def factor(rule: Rule, match: re.Match[str]) -> float:
    verdict = rule.check(match)
    return verdict.factor if isinstance(verdict, Judged) else verdict


def hits(texts: list[str]) -> list[list[set[int]]]:
    found = [prefilter.candidates(texts) for prefilter in PREFILTERS]
    return [[set(one.get(at, ())) for one in found] for at in range(len(texts))]


def shorter(regex: re.Pattern[str]) -> re.Pattern[str]:
    """The expression with small repetitions: what it matches, the whole one matches."""
    return re.compile(
        re.sub(r"(?<!\\)\{([0-9]+),([0-9]+)\}", lambda m: f"{{{m[1]},{min(int(m[2]), int(m[1]) + 2)}}}", regex.pattern),
        regex.flags,
    )


@pytest.mark.parametrize("name", sorted(rule.name for rule in BUILT_IN if rule.layer != "name"))
def test_whatever_a_rule_matches_its_hint_matches_too(name: str):
    rule = BY_NAME[name]

    @SMALL
    @given(st.from_regex(shorter(rule.regex), alphabet=PRINTED))
    def holds(text: str):
        text = text.replace("\0", " ")
        if any(factor(rule, match) > 0 for match in rule.regex.finditer(text)):
            (seen,) = hits([text])
            assert all(BUILT_IN.index(rule) in one for one in seen), text

    holds()


PIECES = [
    "a", "1 ", "1-", "a.b@", "password", "eyJ", "A1", "token=", "John ", "12 Oak ", "at x dot ", "pass ",
    "my password (", "$2b$",
    "login a / ", "wifi key ", "<password ", "cookie: sid=", "mysql -p", "docker -p ", "--token ", "sk_", "a_b-", "AB12",
    "123.456.", "12 34 ", "née le ", "passport A", "id no ", "address: Foo ", "12 Foo ",
    "x://", "Kennwort ", "as password ", "/home/", "DE12 ", "dob,1990-04-01\n", "\"patient\": {", "last_name=\"", "<patient ",
]  # fmt: skip


def steps(redactor: Redactor, text: str) -> int:
    """Calls of functions and of C functions while a text is redacted: work that does not depend on the machine."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        redact(redactor, text)
    finally:
        sys.setprofile(None)
    return count


def unbounded(parsed: Any) -> Iterator[str]:
    """The repetitions without an upper bound in a parsed expression."""
    for operator, argument in parsed:
        if operator in (MAX_REPEAT, MIN_REPEAT, POSSESSIVE_REPEAT) and argument[1] == MAXREPEAT:
            yield str(argument[2])
        for part in argument if isinstance(argument, tuple | list) else (argument,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, SubPattern):
                    yield from unbounded(inner)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_no_rule_repeats_without_bound(name: str):
    """An expression without an unbounded repetition looks at no more than so many characters from where it begins to match."""
    regex = BY_NAME[name].regex
    assert [*unbounded(re_parser.parse(regex.pattern, regex.flags & ~re.UNICODE))] == []


@pytest.mark.parametrize("pattern", [r"a+", r"(?:a|b*)", r"(?=x.*)", r"(?<!a)(?:b(?:c{2,})?)?", r"(?>a*?)", r"(a)?(?(1)b+|c)"])
def test_an_unbounded_repetition_would_be_seen(pattern: str):
    assert len([*unbounded(re_parser.parse(pattern))]) == 1


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_no_rule_can_part_a_text_in_many_ways(name: str):
    """Two rounds are parted in no more ways than the text has characters; three multiply them."""
    regex = BY_NAME[name].regex
    assert [one for one in ambiguous(regex.pattern, regex.flags) if one.most > 2] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:a+)+$",
        r"(?:[A-Z]\w{2,25}[ ]?){2,4}",
        r"(?:\w{1,9}\s?){1,20}",
        r"(?i:(?:B(?:a|b{1,3}))){1,9}",
        r"x(?=(?:a{0,9}b?){3})",
        r"((a|aa?){3})",
    ],
)
def test_rounds_without_a_border_would_be_seen(pattern: str):
    assert [one for one in ambiguous(pattern, 0) if one.most > 2]


@pytest.mark.parametrize(
    "pattern", [r"(?:a{1,9}b)+", r"(?: [A-Z]\w{2,25}){0,3}", r"(?:a{1,9}+b?){1,9}|(?:ab){1,9}", r"(?:[0-9][ ]?){9}"]
)
def test_rounds_with_a_border_are_none(pattern: str):
    assert [one for one in ambiguous(pattern, 0) if one.most > 2] == []


@pytest.mark.parametrize("piece", PIECES)
def test_work_grows_no_faster_than_the_text(redactor: Redactor, piece: str):
    short, long = (steps(redactor, piece * (size // len(piece))) for size in (4_000, 32_000))
    assert long <= 12 * short + 20_000


def crowded(count: int) -> tuple[list[Mark], str]:
    """A text of so many found values, each with a carried one that begins in it and ends in the next."""
    values = [Value(kind, kind, 0.9, kind, (), 1) for kind in ("PERSON", "EMAIL_ADDRESS")]
    found = [Mark(at * 5, at * 5 + 4, "found", "pattern", 0.9, values[0]) for at in range(count)]
    carried = [Mark(at * 5 + 2, at * 5 + 7, "carried", "propagation", 0.9, values[1]) for at in range(count - 1)]
    return found + carried, "abcd " * count


def lines_run(work: Callable[[], object]) -> int:
    """Lines of Python run by `work`: what `steps` does not see, loops without a call."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return seen

    before = sys.gettrace()
    sys.settrace(seen)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_settling_what_overlaps_is_work_by_the_number_of_values():
    few, many = (lines_run(lambda size=size: resolved(*crowded(size))) for size in (200, 1_600))
    assert few > 200
    assert many <= 10 * few


def test_a_value_that_lies_across_found_values_says_nothing_more():
    marks, text = crowded(50)
    assert resolved(marks, text) == marks[:50]
