"""The strings, numbers and keys of a field, one by one, and the field put together again with the same types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from goldworks.redaction.json_keys import PERSON_IF, KeyJudge
from goldworks.redaction.records import Field
from goldworks.redaction.tokens import TOKEN

_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN_KEY = re.compile(r"[A-Za-z]{1,40}(?:[_\-][A-Za-z]{1,40}){0,8}")


class CannotRedact(Exception):
    """A field that must be withheld; `reason` is the marker's."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Placed:
    """A token in a leaf: where it stands now, and all that its entity says."""

    __slots__ = ("end", "layer", "rule", "score", "start", "value")

    def __init__(self, start: int, end: int, value: Any, rule: str, layer: str, score: float) -> None:
        self.start, self.end, self.value = start, end, value
        self.rule, self.layer, self.score = rule, layer, score


class Leaf:
    """One string of a field, as far as it is redacted: `text` holds the tokens that `placed` tells of.

    `is_plain_key`: an object key that is nothing but words; no rule has anything to find in it. `is_token`: nothing but a
    token, or the 0 that a redacted number became. `is_changed`: not what came in.
    """

    __slots__ = ("is_changed", "is_plain_key", "is_token", "key_type", "kind", "label", "path", "placed", "text")

    def __init__(
        self, text: str, kind: Literal["text", "number", "key"], path: tuple[str, ...], label: str, key_type: str | None
    ) -> None:
        self.text, self.kind, self.path, self.label, self.key_type = text, kind, path, label, key_type
        self.placed: list[Placed] = []
        self.is_changed = False
        self.is_plain_key = kind == "key" and _PLAIN_KEY.fullmatch(text) is not None
        self.is_token = _is_token(text, kind)

    def replace(self, tokens: list[tuple[int, int, str, Placed]]) -> None:
        """Put tokens, in order, in the place of stretches of the text; move what stands there already."""
        pieces: list[str] = []
        moved: list[Placed] = []
        at = shift = 0
        waiting = iter(sorted(self.placed, key=lambda placed: placed.start))
        old = next(waiting, None)
        for start, end, token, placed in tokens:
            while old is not None and old.start < start:
                old.start, old.end = old.start + shift, old.end + shift
                moved.append(old)
                old = next(waiting, None)
            pieces += (self.text[at:start], token)
            placed.start, placed.end = start + shift, start + shift + len(token)
            moved.append(placed)
            shift += len(token) - (end - start)
            at = end
        while old is not None:
            old.start, old.end = old.start + shift, old.end + shift
            moved.append(old)
            old = next(waiting, None)
        pieces.append(self.text[at:])
        self.text, self.placed, self.is_changed = "".join(pieces), moved, True
        self.is_plain_key = False  # a token stands in it
        self.is_token = _is_token(self.text, self.kind)


def _is_token(text: str, kind: str) -> bool:
    return (kind == "number" and text == "0") or (text[:1] == "<" and TOKEN.fullmatch(text) is not None)


def clean(text: str) -> str:
    """The text without halves of surrogate pairs, which no encoder takes; same length."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def leaves(field: Field, judge: KeyJudge, depth: int, characters: int) -> list[Leaf]:
    """The leaves of a field in order. Raises `CannotRedact`."""
    found: list[Leaf] = []
    _walk(found, field.value, (), "", None, judge, depth, "")
    if sum(len(leaf.text) for leaf in found) > characters:
        raise CannotRedact("too_long")
    return found


def _walk(
    found: list[Leaf], value: Any, path: tuple[str, ...], label: str, type_: str | None, judge: KeyJudge, depth: int, parent: str
) -> None:
    if depth == 0:
        raise CannotRedact("too_deep")
    if isinstance(value, str):
        leaf = Leaf(clean(value), "text", path, label, type_)
        leaf.is_changed = leaf.text != value
        found.append(leaf)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise CannotRedact("not_json")  # no encoder of ours writes it
        found.append(Leaf(str(value), "number", path, label, type_))
    elif isinstance(value, dict):
        told = _told(value, judge)
        for key, item in value.items():
            if not isinstance(key, str):
                raise CannotRedact("not_json")
            own, words = judge.judge(key)
            if "<" in key:  # a redacted key says nothing any more
                own, words = None, ""
            if own == PERSON_IF:
                own = "PERSON" if judge.is_person(value.keys(), parent) else None
            if own is None and told is not None and key == told[0]:
                own, words = told[1], f"{told[2]} {words}"
            below = (*path, key)
            leaf = Leaf(clean(key), "key", below, "", None)
            leaf.is_changed = leaf.text != key
            found.append(leaf)
            inherited = own if own is not None else (type_ if type_ in _BELOW and not isinstance(item, dict) else None)
            _walk(found, item, below, f"{label} {words}"[-60:] if label else words, inherited, judge, depth - 1, key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _walk(found, item, (*path, str(index)), label, type_, judge, depth - 1, parent)
    else:
        raise CannotRedact("not_json")


_BELOW = frozenset({"STREET_ADDRESS"})
_NAMING = ("name", "key", "field", "label", "attribute_name", "attribute", "property", "question", "id")
_HOLDING = ("value", "answer", "content", "option", "text", "response")


def _told(value: dict[str, Any], judge: KeyJudge) -> tuple[str, str, str] | None:
    """In `{"name": "email", "value": ...}` the key that holds the value, its type and its words."""
    if len(value) > 6:
        return None
    holding = next((key for key in _HOLDING if isinstance(value.get(key), str | int)), None)
    if holding is None:
        return None
    for key in _NAMING:
        named = value.get(key)
        if isinstance(named, str) and key != holding and len(named) < 40:
            type_, words = judge.judge(named)
            if type_ == PERSON_IF:
                type_ = "PERSON"
            if type_ is not None:
                return holding, type_, words
    return None


def rebuilt(value: Any, done: Iterator[Leaf]) -> Any:
    """The value again with its leaves as they are now; `done` gives them in the order of `leaves`."""
    if isinstance(value, str):
        return next(done).text
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return 0 if next(done).placed else value
    if isinstance(value, dict):
        built: dict[str, Any] = {}
        for item in value.values():
            key = next(done).text
            while key in built:  # two spellings of one value: keep both entries
                key += "*"
            built[key] = rebuilt(item, done)
        return built
    return [rebuilt(item, done) for item in value]
