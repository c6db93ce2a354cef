"""Nested repetitions that can part the same text in many ways, found in a parsed regular expression.

In `(?:a{1,9}b?)+` a row of `a` can be cut between two rounds of the outer repetition at any place: an engine that goes back
tries them all when the rest does not match. In `(?:a{1,9}b)+` every round ends at its `b`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from re._constants import (
    ANY,
    ASSERT,
    ASSERT_NOT,
    AT,
    ATOMIC_GROUP,
    BRANCH,
    CATEGORY,
    GROUPREF,
    GROUPREF_EXISTS,
    IN,
    LITERAL,
    MAX_REPEAT,
    MIN_REPEAT,
    NEGATE,
    NOT_LITERAL,
    POSSESSIVE_REPEAT,
    RANGE,
    SUBPATTERN,
)
from re._parser import parse
from typing import Any

ALPHABET = frozenset({*map(chr, range(9, 14)), *map(chr, range(26, 127)), "\xa0", "é", "É", "ß", "я", "Я", "王"})
_CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shape:
    """What a part of an expression may begin with, what its last variable repetition takes in, and whether it may be empty."""

    first: frozenset[str]
    loose: frozenset[str]
    is_nullable: bool


@dataclass(frozen=True)
class Ambiguous:
    """A repetition whose rounds may be parted in several ways, up to `most` rounds, by these characters."""

    most: int
    characters: frozenset[str]


def ambiguous(pattern: str, flags: int) -> list[Ambiguous]:
    """The ambiguous nested repetitions of an expression."""
    found: list[Ambiguous] = []
    _shape(parse(pattern, flags & ~re.UNICODE), bool(flags & re.IGNORECASE), found)
    return found


def _shape(parts: Any, is_caseless: bool, found: list[Ambiguous]) -> Shape:
    """The shape of a sequence: seen from its end."""
    shapes = [_one(operator, argument, is_caseless, found) for operator, argument in parts]
    first, loose = NOTHING, NOTHING
    for shape in shapes:
        first |= shape.first
        if not shape.is_nullable:
            break
    for shape in reversed(shapes):
        loose |= shape.loose
        if not shape.is_nullable:
            break
    return Shape(first, loose, all(shape.is_nullable for shape in shapes))


def _one(operator: Any, argument: Any, is_caseless: bool, found: list[Ambiguous]) -> Shape:
    if operator in (AT, ASSERT, ASSERT_NOT):
        if operator is not AT:
            _shape(argument[1], is_caseless, found)
        return Shape(NOTHING, NOTHING, True)
    if operator in (LITERAL, NOT_LITERAL, ANY, IN):
        return Shape(frozenset(_members(operator, argument, is_caseless)), NOTHING, False)
    if operator is GROUPREF:
        return Shape(ALPHABET, NOTHING, True)
    if operator is SUBPATTERN:
        _, added, removed, inner = argument
        return _shape(inner, (is_caseless or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE, found)
    if operator is ATOMIC_GROUP:
        inner = _shape(argument, is_caseless, found)
        return Shape(inner.first, NOTHING, inner.is_nullable)
    if operator in (BRANCH, GROUPREF_EXISTS):
        branches = [branch for branch in argument[1:] if branch is not None]
        shapes = [_shape(branch, is_caseless, found) for branch in (branches[0] if operator is BRANCH else branches)]
        nullable = any(shape.is_nullable for shape in shapes) or (operator is GROUPREF_EXISTS and len(shapes) == 1)
        return Shape(NOTHING.union(*(s.first for s in shapes)), NOTHING.union(*(s.loose for s in shapes)), nullable)
    if operator in (MAX_REPEAT, MIN_REPEAT, POSSESSIVE_REPEAT):
        least, most, body = argument
        inner = _shape(body, is_caseless, found)
        shared = inner.loose & inner.first
        if most > 1 and shared and operator is not POSSESSIVE_REPEAT:
            found.append(Ambiguous(int(most), shared))
        own = inner.first if most > least else NOTHING
        loose = NOTHING if operator is POSSESSIVE_REPEAT else inner.loose | own  # what it took it never gives back
        return Shape(inner.first, loose, inner.is_nullable or least == 0)
    raise NotImplementedError(str(operator))


def _members(operator: Any, argument: Any, is_caseless: bool) -> Iterator[str]:
    for char in ALPHABET:
        forms = {char, char.lower(), char.upper()} if is_caseless else {char}
        if any(_is_member(operator, argument, form) for form in forms if len(form) == 1):
            yield char


def _is_member(operator: Any, argument: Any, char: str) -> bool:
    if operator is ANY:
        return char != "\n"
    if operator is LITERAL:
        return ord(char) == argument
    if operator is NOT_LITERAL:
        return ord(char) != argument
    is_negated = bool(argument) and argument[0][0] is NEGATE
    return is_negated != any(_is_in(kind, value, char) for kind, value in argument[is_negated:])


def _is_in(kind: Any, value: Any, char: str) -> bool:
    if kind is LITERAL:
        return ord(char) == value
    if kind is RANGE:
        return value[0] <= ord(char) <= value[1]
    assert kind is CATEGORY
    name = str(value).removeprefix("CATEGORY_")
    category = re.fullmatch(_CATEGORIES[name.removeprefix("NOT_")], char) is not None
    return category != name.startswith("NOT_")
